"""Which nodes work on this database, and which of them has which duty.

A node says that it lives by counting its `beat` up. Whoever sees one that counts no more takes its work from it
(`take_from`). All of it runs in the one writer's transactions, of which there is one at a time on a whole database.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from hub.model import DeliveryState
from hub.store import deliveries as delivery_store
from hub.store.deliveries import Settlement
from hub.store.tables import deliveries, duties, nodes
from hub.store.writer import Transaction

CHUNK = 500  # deliveries that one unit takes from a silent node


@dataclass(frozen=True, slots=True)
class Roll:
    """The nodes with their beats, and who has each duty: None is nobody."""

    beats: Mapping[str, int]
    holders: Mapping[str, str | None]


def roll(connection: sa.Connection) -> Roll:
    """Return who is there, and who does what."""
    beats = connection.execute(sa.select(nodes.c.id, nodes.c.beat)).all()
    holders = connection.execute(sa.select(duties.c.name, duties.c.node)).all()
    return Roll({row.id: row.beat for row in beats}, {row.name: row.node for row in holders})


def beat(tx: Transaction, node: str) -> None:
    """Say that a node lives."""
    mine = nodes.c.id == node
    if not tx.execute(sa.update(nodes).where(mine).values(beat=nodes.c.beat + 1, seen_at=tx.now)).rowcount:
        tx.insert(nodes, {"id": node, "beat": 1, "started_at": tx.now, "seen_at": tx.now})


def claim(tx: Transaction, names: Collection[str], node: str) -> None:
    """Take duties that nobody has."""
    these = duties.c.name.in_(sorted(names))
    known = {row.name for row in tx.execute(sa.select(duties.c.name).where(these))}
    tx.execute(sa.update(duties).where(these, duties.c.node.is_(None)).values(node=node))
    for name in sorted(set(names) - known):
        tx.insert(duties, {"name": name, "node": node, "last_at": None})


def release(tx: Transaction, names: Collection[str], node: str) -> None:
    """Give up duties; those that another node has by now stay its own."""
    these = duties.c.name.in_(sorted(names))
    tx.execute(sa.update(duties).where(these, duties.c.node == node).values(node=None))


def take_turn(tx: Transaction, name: str, node: str | None, every: timedelta) -> tuple[bool, datetime] | None:
    """Note that a duty is being done now, if it is time; return whether it is, and when it was last.

    Times are multiples of `every` after the first, however late we are. None: another node has the duty; a `node` of
    None asks as one that is alone.
    """
    row = tx.execute(sa.select(duties).where(duties.c.name == name)).first()
    if row is None:
        tx.insert(duties, {"name": name, "node": node, "last_at": tx.now})
        return False, tx.now
    if node is not None and row.node != node:
        return None
    last: datetime | None = row.last_at
    if last is None or last > tx.now:  # the first time, or the clock was put back
        turn, at = False, tx.now
    else:
        missed = int((tx.now - last) / every)
        turn, at = missed > 0, last + missed * every
    if at != last:
        tx.execute(sa.update(duties).where(duties.c.name == name).values(last_at=at))
    return turn, at


def leave(tx: Transaction, node: str) -> None:
    """A node stops: its duties are anybody's, and nobody waits for it."""
    tx.execute(sa.update(duties).where(duties.c.node == node).values(node=None))
    tx.execute(sa.delete(nodes).where(nodes.c.id == node))


def take_from(tx: Transaction, silent: str, beat: int, actor: str) -> int:
    """Queue again what a silent node was sending, and free its duties; return how many deliveries.

    Nothing happens if it has counted on meanwhile. Fewer than `CHUNK`: that was all, and the node is struck off.
    """
    still = sa.and_(nodes.c.id == silent, nodes.c.beat == beat)
    if tx.execute(sa.select(nodes.c.id).where(still)).first() is None:
        return 0
    sending = sa.select(deliveries).where(
        deliveries.c.state == str(DeliveryState.SENDING), deliveries.c.claimed_by == silent
    )
    found = [delivery_store.from_row(row) for row in tx.execute(sending.limit(CHUNK))]
    again = Settlement(
        state=DeliveryState.QUEUED, event="delivery.interrupted", actor=actor, next_try_at=tx.now
    )
    for delivery in found:
        delivery_store.settle(tx, delivery, again, [DeliveryState.SENDING], silent)
        tx.wake(*filter(None, [delivery.endpoint]))
    if len(found) < CHUNK:
        leave(tx, silent)
    return len(found)
