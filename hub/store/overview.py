"""What the console's pages ask: counts and lists over many documents, each bounded by an index or a number of rows.

A hub keeps millions of messages; nothing here looks at all of them. What people must look at and what is open have
partial indexes, which a database uses only if the states stand in the statement itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hub.ids import first_id
from hub.ledger import Row
from hub.model import Delivery, DeliveryState, Message, StoredRefusal, TraceEvent
from hub.store import deliveries as delivery_store
from hub.store import ledger as ledger_store
from hub.store import messages as message_store
from hub.store.checkpoints import Sealed
from hub.store.deliveries import read_text
from hub.store.given import had
from hub.store.tables import OPEN_STATES, STUCK_STATES, checkpoints, deliveries, events, messages, refusals
from schemas.edxml.envelope import PackageKind

# What an addressee does not see, unless it had it before.
STOPPED_STATES = frozenset(
    {DeliveryState.HELD, DeliveryState.SUSPENDED, DeliveryState.REFUSED, DeliveryState.WITHDRAWN}
)
LATEST = 20_000  # deliveries, or messages, that are looked at for when an endpoint was last heard of


@dataclass(frozen=True, slots=True)
class Stream:
    """How many deliveries go from an agency to another, in one state."""

    sender: str  # Agency.id
    receiver: str  # Agency.id
    state: DeliveryState
    count: int


@dataclass(frozen=True, slots=True)
class Queue:
    """How many deliveries of an endpoint are in a state that is not final."""

    endpoint: str | None
    state: DeliveryState
    count: int


@dataclass(frozen=True, slots=True)
class Stuck:
    """A delivery that waits for a person, with its document."""

    delivery: Delivery
    message: Message


@dataclass(frozen=True, slots=True)
class Heap:
    """Deliveries that are stuck for the same reason on the way to the same agency: the newest, and how many."""

    newest: Stuck
    count: int
    since: datetime  # the oldest was handed in then


def heaps(connection: sa.Connection, limit: int) -> list[Heap]:
    """Return what waits for a person, like things together; what was stuck last comes first."""
    newest = sa.func.max(deliveries.c.id).label("newest")
    query = (
        sa.select(newest, sa.func.count().label("many"), sa.func.min(deliveries.c.created_at).label("since"))
        .where(delivery_store.in_states(STUCK_STATES))
        .group_by(deliveries.c.state, deliveries.c.agency, deliveries.c.reason)
        .order_by(newest.desc())
        .limit(limit)
    )
    both = [(row, delivery_store.one(connection, row.newest)) for row in connection.execute(query)]
    return [Heap(Stuck(*found), row.many, row.since) for row, found in both if found is not None]


def documents_since(connection: sa.Connection, since: datetime) -> int:
    """Return how many documents were accepted since a moment; answers are none."""
    query = sa.select(sa.func.count()).where(
        messages.c.accepted_at >= since, messages.c.kind != str(PackageKind.STATUS)
    )
    return int(connection.execute(query).scalar_one())


def refused_since(connection: sa.Connection, since: datetime) -> int:
    """Return how many packages were refused since a moment."""
    query = sa.select(sa.func.count()).select_from(refusals).where(refusals.c.at >= since)
    return int(connection.execute(query).scalar_one())


def streams_since(connection: sa.Connection, since: datetime) -> list[Stream]:
    """Return who sends to whom, of the documents accepted since a moment."""
    query = (
        sa.select(
            messages.c.sender_agency, deliveries.c.agency, deliveries.c.state, sa.func.count().label("many")
        )
        .join(deliveries, deliveries.c.message == messages.c.id)
        .where(
            messages.c.accepted_at >= since,
            deliveries.c.id >= first_id(since),  # made when the document was accepted, or later
            messages.c.kind != str(PackageKind.STATUS),
        )
        .group_by(messages.c.sender_agency, deliveries.c.agency, deliveries.c.state)
    )
    return [
        Stream(row.sender_agency, row.agency, DeliveryState(row.state), row.many)
        for row in connection.execute(query)
    ]


def queues(connection: sa.Connection) -> list[Queue]:
    """Return what is open at each endpoint."""
    query = (
        sa.select(
            deliveries.c.endpoint,
            deliveries.c.state,
            sa.func.count().label("many"),
        )
        .where(delivery_store.in_states(OPEN_STATES))
        .group_by(deliveries.c.endpoint, deliveries.c.state)
    )
    return [Queue(row.endpoint, DeliveryState(row.state), row.many) for row in connection.execute(query)]


def stuck_counts(connection: sa.Connection) -> list[Queue]:
    """Return what waits for a person at each endpoint."""
    query = (
        sa.select(
            deliveries.c.endpoint,
            deliveries.c.state,
            sa.func.count().label("many"),
        )
        .where(delivery_store.in_states(STUCK_STATES))
        .group_by(deliveries.c.endpoint, deliveries.c.state)
    )
    return [Queue(row.endpoint, DeliveryState(row.state), row.many) for row in connection.execute(query)]


def stuck(
    connection: sa.Connection,
    states: Sequence[str],
    limit: int,
    endpoint: str | None = None,
    before: str | None = None,
    addressee: str | None = None,
) -> list[Stuck]:
    """Return deliveries in these states, the newest first, of all endpoints or of one; those before an id, if given.

    `addressee`: those to an agency that was written to by this code.
    """
    query = (
        sa.select(deliveries.c.id)
        .where(
            delivery_store.in_states(states),
            delivery_store.in_states(STUCK_STATES if set(states) <= set(STUCK_STATES) else OPEN_STATES),
        )
        .order_by(deliveries.c.id.desc())
        .limit(limit)
    )
    if endpoint is not None:
        query = query.where(deliveries.c.endpoint == endpoint)
    if addressee is not None:
        query = query.where(deliveries.c.addressee == addressee)
    if before is not None:
        query = query.where(deliveries.c.id < before)
    ids = [row.id for row in connection.execute(query)]
    both = [delivery_store.one(connection, each) for each in ids]
    return [Stuck(*each) for each in both if each is not None]


def reached(connection: sa.Connection) -> dict[str, datetime]:
    """Return when each endpoint last took something, of the newest deliveries."""
    newest = (
        sa.select(deliveries.c.endpoint, deliveries.c.state, deliveries.c.updated_at)
        .order_by(deliveries.c.id.desc())
        .limit(LATEST)
        .subquery()
    )
    query = (
        sa.select(newest.c.endpoint, sa.func.max(newest.c.updated_at).label("at"))
        .where(newest.c.state == str(DeliveryState.DELIVERED), newest.c.endpoint.is_not(None))
        .group_by(newest.c.endpoint)
    )
    return {row.endpoint: row.at for row in connection.execute(query)}


def heard(connection: sa.Connection) -> dict[str, datetime]:
    """Return when each endpoint last handed something in, of the newest messages."""
    newest = (
        sa.select(messages.c.endpoint, messages.c.accepted_at)
        .order_by(messages.c.id.desc())
        .limit(LATEST)
        .subquery()
    )
    query = sa.select(newest.c.endpoint, sa.func.max(newest.c.accepted_at).label("at")).group_by(
        newest.c.endpoint
    )
    return {row.endpoint: row.at for row in connection.execute(query)}


def documents(connection: sa.Connection, limit: int, before: str | None = None) -> list[Message]:
    """Return documents, no answers, the newest first; those before an id, if given."""
    query = sa.select(messages.c.id).where(messages.c.kind != str(PackageKind.STATUS))
    if before is not None:
        query = query.where(messages.c.id < before)
    ids = [row.id for row in connection.execute(query.order_by(messages.c.id.desc()).limit(limit))]
    return these(connection, ids)


def these(connection: sa.Connection, ids: Sequence[str]) -> list[Message]:
    """Return messages by their ids, in that order; those that are not there are left out."""
    found = (message_store.get(connection, each) for each in ids)
    return [each for each in found if each is not None]


def concerned(connection: sa.Connection, ids: Sequence[str], agency: str) -> frozenset[str]:
    """Return which of these messages an agency sent or was sent; not what was stopped before the agency had it."""
    sent = sa.select(messages.c.id).where(messages.c.id.in_(ids), messages.c.sender_agency == agency)
    got = sa.select(deliveries.c.message, deliveries.c.id, deliveries.c.state).where(
        deliveries.c.message.in_(ids), deliveries.c.agency == agency
    )
    its = {row.id for row in connection.execute(sent)}
    its |= {
        row.message
        for row in connection.execute(got).all()
        if row.state not in STOPPED_STATES or had(connection, row.message, row.id)
    }
    return frozenset(its)


def progress(
    connection: sa.Connection, ids: Sequence[str], agency: str | None = None
) -> dict[str, dict[DeliveryState, int]]:
    """Return for each message how many of its deliveries are in which state.

    `agency`: of those that it sent all count, of the others only the delivery to it.
    """
    query = (
        sa.select(deliveries.c.message, deliveries.c.state, sa.func.count().label("many"))
        .where(deliveries.c.message.in_(ids))
        .group_by(deliveries.c.message, deliveries.c.state)
    )
    if agency is not None:
        own = sa.select(messages.c.id).where(messages.c.id.in_(ids), messages.c.sender_agency == agency)
        query = query.where(sa.or_(deliveries.c.agency == agency, deliveries.c.message.in_(own)))
    found: dict[str, dict[DeliveryState, int]] = {each: {} for each in ids}
    for row in connection.execute(query):
        found[row.message][DeliveryState(row.state)] = row.many
    return found


def events_of(connection: sa.Connection, message: str, limit: int) -> tuple[TraceEvent, ...]:
    """Return the first events of a message and the newest, so many of each; how a try ended tells that it began."""
    query = sa.select(events).where(
        events.c.message == message, events.c.kind.not_in(["delivery.sending", "delivery.claimed"])
    )
    rows = {
        row.seq: row
        for order in (events.c.seq.asc(), events.c.seq.desc())
        for row in connection.execute(query.order_by(order).limit(limit))
    }
    return tuple(
        ledger_store.event_of(
            Row(row.seq, row.at, row.kind, row.message, row.delivery, row.actor, row.body, row.hash)
        )
        for _, row in sorted(rows.items())
    )


def newest_events(connection: sa.Connection, limit: int) -> list[TraceEvent]:
    """Return the newest events of the ledger, the newest first."""
    rows = connection.execute(sa.select(events).order_by(events.c.seq.desc()).limit(limit)).all()
    return [
        ledger_store.event_of(
            Row(row.seq, row.at, row.kind, row.message, row.delivery, row.actor, row.body, row.hash)
        )
        for row in rows
    ]


def newest_refusals(connection: sa.Connection, limit: int) -> list[StoredRefusal]:
    """Return what was refused last, the newest first."""
    query = sa.select(refusals).order_by(refusals.c.at.desc()).limit(limit)
    return [
        StoredRefusal(
            id=row.id,
            at=row.at,
            endpoint=row.endpoint,
            code=row.code,
            message=said,
            findings=message_store.read_findings(row.findings),
            sha256=row.sha256,
            size=row.size,
            sender=row.sender,
            document_id=row.document_id,
            document_code=row.document_code,
        )
        for row in connection.execute(query)
        if (said := read_text(row.message)) is not None
    ]


def newest_checkpoints(connection: sa.Connection, limit: int) -> list[Sealed]:
    """Return the newest checkpoints, the newest first."""
    query = sa.select(checkpoints).order_by(checkpoints.c.size.desc()).limit(limit)
    return [
        Sealed(
            size=row.size,
            root=row.root,
            at=row.at,
            note=row.note,
            timestamp=row.timestamp,
            published_at=row.published_at,
        )
        for row in connection.execute(query)
    ]
