"""Messages whose signatures are still to be judged, or judged again: `messages.judge_at` says when.

A node that takes some puts their time off by a lease, so that others leave them alone; if it dies, the lease runs out
and somebody else takes them. What it found is written only if its lease still stands (`judge_at` as it left it), so a
verdict is never written twice, nor over a newer one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from hub.store import compact
from hub.store.messages import told
from hub.store.tables import messages
from hub.store.writer import Transaction

MOST_BYTES = 64 * 1024 * 1024  # of the packages of one batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A message that this node has taken to judge."""

    message: str
    sha256: str
    endpoint: str
    sender_agency: str
    accepted_at: datetime
    verdicts: tuple[Mapping[str, Any], ...]  # as they are recorded
    compressed: bool  # so recorded: its reader is of this version
    judgings: int  # how often it was judged before
    until: datetime  # the lease


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What came of one message. `verdicts` is None if they are as they were."""

    taken: Taken
    verdicts: Sequence[Mapping[str, Any]] | None
    again_at: datetime | None
    event: str = ""
    details: Mapping[str, Any] | None = None


def is_due(connection: sa.Connection, now: datetime) -> bool:
    """Tell whether there is anything to judge."""
    return connection.execute(_ANY, {"now": now}).first() is not None


_ANY = sa.select(messages.c.id).where(messages.c.judge_at <= sa.bindparam("now")).limit(1)


def take(tx: Transaction, limit: int, lease: timedelta) -> list[Taken]:
    """Take messages that are due, the longest due first."""
    until = tx.now + lease
    due = (
        sa.select(
            messages.c.id,
            messages.c.sha256,
            messages.c.size,
            messages.c.endpoint,
            messages.c.sender_agency,
            messages.c.accepted_at,
            messages.c.verdicts,
            messages.c.verdicts_small,
            messages.c.judgings,
        )
        .where(messages.c.judge_at <= tx.now)
        .order_by(messages.c.judge_at, messages.c.id)
        .limit(limit)
    )
    rows = _bearable(tx.execute(due).all())
    if rows:
        mine = messages.c.id.in_([row.id for row in rows])
        tx.execute(sa.update(messages).where(mine).values(judge_at=until))
    return [
        Taken(
            message=row.id,
            sha256=row.sha256,
            endpoint=row.endpoint,
            sender_agency=row.sender_agency,
            accepted_at=row.accepted_at,
            verdicts=tuple(compact.read(row.verdicts, row.verdicts_small)),
            compressed=row.verdicts_small is not None,
            judgings=row.judgings,
            until=until,
        )
        for row in rows
    ]


def hasten(tx: Transaction) -> None:
    """Let what was judged before, and still waits for something, be judged again now: more is known.

    Whoever is at one of them loses its lease, and with it only the work.
    """
    waiting = sa.and_(messages.c.judge_at > tx.now, messages.c.judgings > 0)
    tx.execute(sa.update(messages).where(waiting).values(judge_at=tx.now))


def _bearable(rows: Sequence[Any]) -> Sequence[Any]:
    """Return as many, from the first on, as may be in memory together; one at least."""
    total = 0
    for number, row in enumerate(rows):
        total += row.size
        if number and total > MOST_BYTES:
            return rows[:number]
    return rows


def settle(tx: Transaction, settled: Sequence[Settled], actor: str) -> list[str]:
    """Write down what came of messages, but for those whose lease was lost; return the ids of those with news."""
    _forget(tx, [each for each in settled if each.verdicts is None and each.again_at is None])
    telling = [each for each in settled if each.verdicts is not None or each.again_at is not None]
    return [each.taken.message for each in telling if _settle(tx, each, actor)]


def _forget(tx: Transaction, settled: Sequence[Settled]) -> None:
    """Take messages of which nothing more is to be told off the list: most of them, so all at once."""
    if not settled:
        return
    until = {each.taken.until for each in settled}  # one batch, one lease
    ids = [each.taken.message for each in settled]
    held = sa.and_(messages.c.id.in_(ids), messages.c.judge_at.in_(until))
    tx.execute(sa.update(messages).where(held).values(judge_at=None, judgings=messages.c.judgings + 1))


def _settle(tx: Transaction, settled: Settled, actor: str) -> bool:
    taken = settled.taken
    values: dict[str, Any] = {"judge_at": settled.again_at, "judgings": taken.judgings + 1}
    if settled.verdicts is not None:
        values |= told("verdicts", list(settled.verdicts), compress=taken.compressed)
    held = sa.and_(messages.c.id == taken.message, messages.c.judge_at == taken.until)
    if not tx.execute(sa.update(messages).where(held).values(**values)).rowcount:
        return False
    if settled.verdicts is not None:
        tx.trace(settled.event, actor=actor, message=taken.message, **dict(settled.details or {}))
    return True
