"""Does the database of today agree with what the ledger says happened?

Recomputing the chain shows that no event was altered, removed or moved. Holding the tables against it shows that
nobody changed them behind the ledger's back: every message and delivery is in the state that its last event tells,
every package still has the digest that it was accepted with, and every signature the verdict that was recorded.

Somebody who writes the database can recompute the chain, the tiles and the roots. Not the checkpoints, unless he has
the ledger's key; and with it, not those that were published: whoever holds one of them hands it in as `shown`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from hub import ledger, ledger_tree, published
from hub.errors import Fault, NotFound
from hub.ledger import LedgerReport
from hub.ledger_tree import Claim, Source
from hub.published import Published
from hub.store import checkpoints, compact, retention
from hub.store import ledger as ledger_store
from hub.store.payloads import Payloads
from hub.store.tables import deliveries, messages
from schemas.text import Text
from signing import evidence, notes, timestamp
from signing.notes import BadNote, Checkpoint, VerifierKey
from signing.trust import TrustStore
from signing.verdict import Outcome

OURS = Text(vi="Cơ sở dữ liệu", en="The database")
SHOWN = Text(vi="Bản công bố", en="What was published")


@dataclass(frozen=True, slots=True)
class Beliefs:
    """Whose checkpoints and time stamps count, and as of when."""

    keys: tuple[VerifierKey, ...]
    trust: TrustStore
    at: datetime


def verify(
    connection: sa.Connection,
    payloads: Payloads,
    beliefs: Beliefs | None = None,
    shown: Sequence[Published] = (),
    folder: Path | None = None,
) -> LedgerReport:
    """Recompute the ledger and its tree, then compare messages, deliveries and payloads with it.

    `shown` are checkpoints that were published, and `folder` the hashes beside them. Without `beliefs` the signatures
    of checkpoints are not looked at, only what they say.
    """
    if connection.dialect.name == "postgresql":
        # One picture for all that follows: the hub goes on working meanwhile. SQLite's readers have that anyway.
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
    report = LedgerReport()
    sources = [_ours(connection, beliefs, report)]
    if shown:
        sources.append(_shown(shown, folder, beliefs, report))
    ledger.verify(ledger_tree.watched(ledger_store.rows(connection), sources, report), report)
    _compare_messages(connection, payloads, report)
    _compare_deliveries(connection, report)
    return report


def _ours(connection: sa.Connection, beliefs: Beliefs | None, report: LedgerReport) -> Source:
    """Return what the checkpoints and tiles of the database say."""
    claims = []
    for each in checkpoints.every(connection):
        try:
            note = notes.parse(each.note.encode())
            head = Checkpoint.parse(note.text)
            if beliefs is not None:
                notes.verify(note, beliefs.keys)
        except BadNote as error:
            report.complain(
                f"Mốc niêm phong {each.size}: {error.text.vi}", f"Checkpoint {each.size}: {error.text.en}"
            )
            continue
        if (head.size, head.root.hex()) != (each.size, each.root):
            report.complain(
                f"Mốc niêm phong {each.size}: bảng ghi khác nội dung đã ký",
                f"Checkpoint {each.size}: the table differs from what was signed",
            )
        claims.append(Claim(head.size, head.root))
        if each.timestamp is not None:
            _judge(each.size, each.timestamp, each.note.encode(), beliefs, report)
    stored = checkpoints.tiles(connection)
    return Source(OURS, claims, tile=stored.tile, tiled=checkpoints.tiled(connection))


def _shown(
    shown: Sequence[Published], folder: Path | None, beliefs: Beliefs | None, report: LedgerReport
) -> Source:
    """Return what published checkpoints say, and the hashes beside them."""
    claims = [Claim(each.head.size, each.head.root) for each in shown]
    for each in shown:
        if each.stamp is not None:
            _judge(each.head.size, each.stamp, each.note, beliefs, report)
    newest = max(each.head.size for each in shown)
    if folder is None or not (folder / "tile").is_dir():
        return Source(SHOWN, claims)
    return Source(
        SHOWN,
        claims,
        tile=lambda level, number: published.tile_of(folder, newest, level, number),
        tiled=newest,
    )


def _judge(size: int, token: bytes, stamped: bytes, beliefs: Beliefs | None, report: LedgerReport) -> None:
    """Judge a checkpoint's time stamp: a broken one is a break, one that nobody we trust made a doubt."""
    if beliefs is None:
        return
    verdict = timestamp.verify(token, stamped, beliefs.trust, beliefs.at)
    why = verdict.reasons[0].message if verdict.reasons else Text(vi="-", en="-")
    if verdict.outcome is Outcome.VALID and verdict.time is not None:
        report.stamped = max(verdict.time, report.stamped or verdict.time)
    elif verdict.outcome is Outcome.INVALID:
        report.complain(
            f"Dấu thời gian của mốc {size}: {why.vi}", f"The time stamp of checkpoint {size}: {why.en}"
        )
    else:
        report.doubt(f"Dấu thời gian: {why.vi}", f"Time stamps: {why.en}")


def _compare_messages(connection: sa.Connection, payloads: Payloads, report: LedgerReport) -> None:
    told = dict(report.accepted)
    told_of = (messages.c.id, messages.c.sha256, messages.c.verdicts, messages.c.verdicts_small)
    for row in connection.execute(sa.select(*told_of)):
        sha256 = told.pop(row.id, None)
        if sha256 is None:
            report.complain(
                f"Văn bản {row.id} có trong bảng nhưng sổ không có sự kiện tiếp nhận",
                f"Document {row.id} is in the table, but the ledger has no event of its acceptance",
            )
            continue
        if sha256 != row.sha256:
            report.complain(
                f"Văn bản {row.id}: sổ ghi mã băm {sha256}, bảng ghi {row.sha256}",
                f"Document {row.id}: the ledger has the digest {sha256}, the table {row.sha256}",
            )
            continue
        recorded = report.verdicts.pop(row.id, [])
        if evidence.as_recorded(compact.read(row.verdicts, row.verdicts_small), recorded) != recorded:
            report.complain(
                f"Văn bản {row.id}: kết quả kiểm tra chữ ký trong bảng khác với sổ",
                f"Document {row.id}: the verdicts on its signatures differ from those in the ledger",
            )
        try:
            payloads.check(connection, row.sha256)
        except (Fault, NotFound) as error:
            # Only the ledger excuses a package that is gone, and only one that is really gone.
            if row.id not in report.removed or retention.kept(connection, row.sha256):
                report.complain(error.message.vi, error.message.en)
    for missing in told:
        report.complain(
            f"Văn bản {missing} có trong sổ nhưng không còn trong bảng",
            f"Document {missing} is in the ledger but gone from the table",
        )


def _compare_deliveries(connection: sa.Connection, report: LedgerReport) -> None:
    told = dict(report.states)
    for row in connection.execute(sa.select(deliveries.c.id, deliveries.c.state)):
        state = told.pop(row.id, None)
        if state is None:
            report.complain(
                f"Lượt chuyển {row.id} có trong bảng nhưng sổ không ghi",
                f"Delivery {row.id} is in the table, but the ledger does not tell of it",
            )
        elif state != row.state:
            report.complain(
                f"Lượt chuyển {row.id}: sổ ghi trạng thái “{state}”, bảng ghi “{row.state}”",
                f"Delivery {row.id}: the ledger has the state “{state}”, the table “{row.state}”",
            )
    for missing in told:
        report.complain(
            f"Lượt chuyển {missing} có trong sổ nhưng không còn trong bảng",
            f"Delivery {missing} is in the ledger but gone from the table",
        )
