"""The ledger: every state change is an event, and each event's hash covers all events before it.

An event is kept as the canonical JSON that its hash is taken of:

    leaf(n) = SHA-256(0x00 || body(n))                    the leaf hash of RFC 6962, 2.1
    hash(n) = SHA-256(hash(n-1) || leaf(n)),   hash(0) = 32 zero bytes

so whoever holds one hash can tell whether any event up to it was altered, removed, added or moved. `events` grows
in the same transaction as the state that it speaks of (`store.writer.Transaction.trace`), and sequence numbers have
no gaps. The same leaves are the entries of a Merkle tree with signed checkpoints: `hub.checkpoints`, docs/ledger.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from schemas.text import Text

GENESIS = "0" * 64
REMOVED = "payload.removed"  # its time was over: hub/running/retention.py
TELL_OF_SIGNATURES = frozenset({"document.accepted", "signatures.judged", "signatures.settled"})


def canonical(value: Any) -> str:
    """Return JSON in the one form that we hash: sorted keys, no blanks, UTF-8 letters as they are."""
    return _CANONICAL.encode(value)


_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def body(
    seq: int,
    at: datetime,
    kind: str,
    message: str | None,
    delivery: str | None,
    actor: str,
    details: dict[str, Any],
) -> str:
    """Return the canonical JSON of one event."""
    return canonical(
        {
            "seq": seq,
            "at": at.astimezone(UTC).isoformat(),
            "kind": kind,
            "message": message,
            "delivery": delivery,
            "actor": actor,
            "details": details,
        }
    )


def chained(before: str, event_body: str) -> str:
    """Return the hash of the chain after an event, given the hash before it (both in hex)."""
    leaf = hashlib.sha256(b"\x00" + event_body.encode()).digest()
    return hashlib.sha256(bytes.fromhex(before) + leaf).hexdigest()


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table `events`: the hashed body, and the columns that repeat a part of it for look-ups."""

    seq: int
    at: datetime
    kind: str
    message: str | None
    delivery: str | None
    actor: str
    body: str
    hash: str


@dataclass(slots=True)
class LedgerReport:
    """What `verify` found. `broken` is empty when all is as it was written; `doubts` are what could not be told."""

    events: int = 0
    head: str = GENESIS
    root: str = ""  # of the Merkle tree over all events
    held: int = 0  # checkpoints whose signature and root hold
    stamped: datetime | None = None  # the newest time that a trusted time stamp proves
    broken: list[Text] = field(default_factory=list)
    doubts: list[Text] = field(default_factory=list)
    accepted: dict[str, str] = field(default_factory=dict)  # message -> sha256, as the ledger says
    states: dict[str, str] = field(default_factory=dict)  # delivery -> state, as the ledger says last
    removed: dict[str, datetime] = field(default_factory=dict)  # message -> when its package was removed
    verdicts: dict[str, list[Any]] = field(
        default_factory=dict
    )  # message -> its signatures, as the ledger says last

    def complain(self, vi: str, en: str) -> None:
        """Note one break, up to a hundred: after that the chain is known to be bad."""
        if len(self.broken) < 100:
            self.broken.append(Text(vi=vi, en=en))

    def doubt(self, vi: str, en: str) -> None:
        """Note what could not be told, each once, up to a hundred."""
        text = Text(vi=vi, en=en)
        if len(self.doubts) < 100 and text not in self.doubts:
            self.doubts.append(text)


def verify(rows: Iterable[Row], report: LedgerReport | None = None) -> LedgerReport:
    """Recompute the whole chain from its rows, in order of `seq`."""
    report = LedgerReport() if report is None else report
    for row in rows:
        expected = report.events + 1
        if row.seq != expected:
            report.complain(
                f"Thiếu sự kiện: cần số {expected}, gặp số {row.seq}",
                f"An event is missing: expected number {expected}, got {row.seq}",
            )
        head = chained(report.head, row.body)
        if head != row.hash:
            report.complain(
                f"Sự kiện {row.seq} không khớp chuỗi băm: đã bị sửa, thêm hoặc đổi chỗ",
                f"Event {row.seq} does not fit the hash chain: it was altered, added or moved",
            )
        if not _columns_agree(row):
            report.complain(
                f"Sự kiện {row.seq}: các cột tra cứu khác nội dung đã băm",
                f"Event {row.seq}: the look-up columns differ from the body that was hashed",
            )
        _follow(report, row)
        report.events, report.head = row.seq, row.hash
    return report


def _columns_agree(row: Row) -> bool:
    try:
        said = json.loads(row.body)
        details = said["details"]
    except (ValueError, KeyError, TypeError):
        return False
    return row.body == body(row.seq, row.at, row.kind, row.message, row.delivery, row.actor, details)


def _follow(report: LedgerReport, row: Row) -> None:
    """Keep what the events say of documents and deliveries, to be compared with the tables of today."""
    for delivery, state in states_told(row):
        report.states[delivery] = state
    if row.kind == REMOVED and row.message:
        report.removed[row.message] = row.at
    if row.kind in TELL_OF_SIGNATURES and row.message:
        details = json.loads(row.body)["details"]
        report.verdicts[row.message] = details.get("signatures", [])
        if row.kind == "document.accepted":
            report.accepted[row.message] = details.get("sha256", "")


def states_told(row: Row) -> Iterator[tuple[str, str]]:
    """Yield the (delivery, state) pairs that an event tells of."""
    try:
        details = json.loads(row.body)["details"]
    except (ValueError, KeyError, TypeError):
        return
    if row.kind == "document.accepted":
        for told in details.get("deliveries", ()):
            yield told["id"], told["state"]
    elif row.delivery and "state" in details:
        yield row.delivery, details["state"]
