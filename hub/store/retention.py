"""Which packages are no longer kept, which may go, and how they go: the rows of `hub.running.retention`.

A package goes when all is done with every message that has it: each delivery has ended, every signature is settled, no
due date is ahead, and the days of the policy are over. What stays is the message, its verdicts, its deliveries and all
events: one more of them says that the package was removed, when, by which policy, and where the evidence went.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from hub.errors import NotFound
from hub.model import DeliveryState
from hub.store.tables import deliveries, messages, payloads, removals
from hub.store.writer import Transaction
from schemas.text import Text

FINAL = [str(state) for state in DeliveryState if state.final]
# A package that comes again is written before its row: so long may lie between the two, and much longer than it does.
ON_ITS_WAY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Policy:
    """How long packages of one kind are kept."""

    kind: str
    days: int  # 0: for ever

    @property
    def words(self) -> str:
        """The setting, as the ledger names it."""
        return f"retention.{self.kind}_days={self.days}"

    def before(self, now: datetime) -> datetime:
        """Return what was accepted before which may go."""
        return now - timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Due:
    """A message whose package may go."""

    id: str
    document_id: str
    sha256: str
    size: int
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class Removal:
    """That the package of a message was removed."""

    message: str
    sha256: str
    at: datetime
    policy: str
    exported: str | None

    @property
    def words(self) -> Text:
        """What people are told."""
        day = f"{self.at:%Y-%m-%d}"
        where_vi = f"; chứng cứ ở {self.exported}" if self.exported else ""
        where_en = f"; the evidence is in {self.exported}" if self.exported else ""
        return Text(
            vi=f"Nội dung gói tin đã được xóa ngày {day} theo thời hạn lưu trữ ({self.policy}){where_vi}",
            en=f"The package was removed on {day} when its time was over ({self.policy}){where_en}",
        )


def _open(message: sa.FromClause, policy: Policy, now: datetime) -> sa.ColumnElement[bool]:
    """Say of a message (the table or an alias of it) that something is still to be done with it."""
    unfinished = sa.exists().where(deliveries.c.message == message.c.id, deliveries.c.state.not_in(FINAL))
    return sa.or_(
        message.c.accepted_at >= policy.before(now),
        message.c.judge_at.is_not(None),
        sa.and_(message.c.due_on.is_not(None), message.c.due_on >= now.date()),
        unfinished,
    )


def _may_go(policy: Policy, now: datetime) -> sa.ColumnElement[bool]:
    twin = messages.alias("twin")
    gone = sa.exists().where(removals.c.message == messages.c.id)
    # The same bytes have the same DocumentId, which has an index.
    served = sa.exists().where(
        twin.c.document_id == messages.c.document_id,
        twin.c.sha256 == messages.c.sha256,
        twin.c.id != messages.c.id,
        _open(twin, policy, now),
    )
    return sa.and_(messages.c.kind == policy.kind, ~gone, ~_open(messages, policy, now), ~served)


def due(connection: sa.Connection, policy: Policy, now: datetime, after: str, limit: int) -> list[Due]:
    """Return the next messages whose packages may go, by their ids."""
    columns = (
        messages.c.id,
        messages.c.document_id,
        messages.c.sha256,
        messages.c.size,
        messages.c.accepted_at,
    )
    asked = sa.select(*columns).where(messages.c.id > after, _may_go(policy, now))
    return [Due(*row) for row in connection.execute(asked.order_by(messages.c.id).limit(limit))]


def planned(connection: sa.Connection, policy: Policy, now: datetime) -> tuple[int, int, int]:
    """Return how many packages may go, their octets, and how many are old enough but not done with."""
    asked = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(messages.c.size), 0))
    count, octets = connection.execute(asked.where(_may_go(policy, now))).one()
    old = sa.and_(
        messages.c.kind == policy.kind,
        messages.c.accepted_at < policy.before(now),
        ~sa.exists().where(removals.c.message == messages.c.id),
    )
    all_old = connection.scalar(sa.select(sa.func.count()).select_from(messages).where(old)) or 0
    return count, octets, all_old - count


def remove(
    tx: Transaction, these: Sequence[Due], policy: Policy, actor: str, exported: str | None = None
) -> int:
    """The unit of work: remove packages that may still go, with every message that has them; return how many."""
    count = 0
    for each in these:
        same = (messages.c.document_id == each.document_id, messages.c.sha256 == each.sha256)
        still = tx.execute(sa.select(messages.c.id).where(*same, _may_go(policy, tx.now))).scalars().all()
        if each.id not in still:
            continue
        payload = tx.execute(
            sa.select(payloads.c.content.is_(None).label("elsewhere")).where(payloads.c.sha256 == each.sha256)
        ).first()
        for message in still:
            tx.trace(
                "payload.removed",
                actor=actor,
                message=message,
                sha256=each.sha256,
                size=each.size,
                policy=policy.words,
                exported=exported,
            )
            tx.insert(
                removals,
                {
                    "message": message,
                    "sha256": each.sha256,
                    "at": tx.now,
                    "policy": policy.words,
                    "exported": exported,
                    "file_left": bool(payload and payload.elsewhere),
                },
            )
        tx.execute(sa.delete(payloads).where(payloads.c.sha256 == each.sha256))
        count += 1
    return count


def of(connection: sa.Connection, sha256: str) -> Removal | None:
    """Return that a package was removed, if it was."""
    row = connection.execute(sa.select(removals).where(removals.c.sha256 == sha256).limit(1)).first()
    return Removal(row.message, row.sha256, row.at, row.policy, row.exported) if row else None


def kept(connection: sa.Connection, sha256: str) -> bool:
    """Tell whether a package has a row."""
    return connection.scalar(sa.select(sa.literal(1)).where(payloads.c.sha256 == sha256)) is not None


def files_left(connection: sa.Connection, limit: int) -> list[tuple[str, datetime]]:
    """Return large packages whose files are still to be removed: digest, and when the row went."""
    again = sa.exists().where(payloads.c.sha256 == removals.c.sha256)
    asked = sa.select(removals.c.sha256, removals.c.at).where(removals.c.file_left, ~again)
    return [(row.sha256, row.at) for row in connection.execute(asked.order_by(removals.c.at).limit(limit))]


def file_gone(tx: Transaction, sha256: str) -> None:
    """Note that the file of a large package is removed."""
    tx.execute(sa.update(removals).where(removals.c.sha256 == sha256).values(file_left=False))


class Removed(NotFound):
    """A package is not there because its time was over, as the ledger says."""

    def __init__(self, removal: Removal) -> None:
        super().__init__(removal.words)
        self.removal = removal
