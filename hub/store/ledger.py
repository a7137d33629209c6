"""The ledger's table: reading its rows in order, and an event or two of a message."""

from __future__ import annotations

import json
from collections.abc import Iterator

import sqlalchemy as sa

from hub import hops
from hub.hops import Hops
from hub.ledger import Row
from hub.model import TraceEvent
from hub.store.tables import events

CHUNK = 5_000  # rows fetched at once


def rows(connection: sa.Connection, after: int = 0) -> Iterator[Row]:
    """Yield every event after a number, first to last, without holding them all in memory."""
    query = sa.select(events).order_by(events.c.seq).limit(CHUNK)
    while True:
        chunk = connection.execute(query.where(events.c.seq > after)).all()
        for row in chunk:
            yield Row(row.seq, row.at, row.kind, row.message, row.delivery, row.actor, row.body, row.hash)
        if len(chunk) < CHUNK:
            return
        after = chunk[-1].seq


def rows_of(connection: sa.Connection, message: str) -> Iterator[Row]:
    """Yield the events of one message, or of one refused document, as they are hashed, first to last."""
    query = sa.select(events).where(events.c.message == message).order_by(events.c.seq)
    for row in connection.execute(query):
        yield Row(row.seq, row.at, row.kind, row.message, row.delivery, row.actor, row.body, row.hash)


def at(connection: sa.Connection, seq: int) -> Row | None:
    """Return one event by its number."""
    row = connection.execute(sa.select(events).where(events.c.seq == seq)).first()
    if row is None:
        return None
    return Row(row.seq, row.at, row.kind, row.message, row.delivery, row.actor, row.body, row.hash)


def of_message(connection: sa.Connection, message: str) -> tuple[TraceEvent, ...]:
    """Return what happened to one message (or to one refused document), first to last."""
    return tuple(event_of(row) for row in rows_of(connection, message))


def hops_of(connection: sa.Connection, message: str) -> Hops:
    """Return the hubs that a message had passed when it was accepted here."""
    query = sa.select(events.c.body).where(events.c.message == message, events.c.kind == "document.accepted")
    body = connection.scalar(query.limit(1))
    return hops.from_json(json.loads(body)["details"].get("hops", [])) if body else ()


def event_of(row: Row) -> TraceEvent:
    """Return a row as an event."""
    return TraceEvent(
        seq=row.seq,
        at=row.at,
        kind=row.kind,
        message=row.message,
        delivery=row.delivery,
        actor=row.actor,
        details=json.loads(row.body)["details"],
        hash=row.hash,
    )
