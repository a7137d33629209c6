"""The figures of the board, one grouped question each: what is open, what is not answered, what is late.

Open deliveries are counted in their partial indices, so their price is that of what is open, not of what there is. What
is not answered is looked for back to a moment, by the ids, which sort by time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from hub.ids import first_id
from hub.model import DeliveryState, StoredRefusal
from hub.store import deliveries as store
from hub.store import messages as message_store
from hub.store.overdue import DOCUMENTS, REGISTERED, THERE, overtaken, without_an_end
from hub.store.tables import (
    OPEN_STATES,
    STUCK_STATES,
    deliveries,
    messages,
    refusals,
    statuses,
)
from schemas.text import Text


@dataclass(frozen=True, slots=True)
class Group:
    """The deliveries of one agency through one endpoint in one state: how many, the oldest, and the urgent ones."""

    agency: str
    addressee: str  # one of the codes as written
    endpoint: str | None
    state: DeliveryState
    count: int
    oldest: datetime
    urgent: int


@dataclass(frozen=True, slots=True)
class Silence:
    """What an agency has and has not answered, and how much of it is late."""

    agency: str
    count: int  # delivered, and not registered
    oldest: datetime | None  # delivered then
    late: int  # with what it has not taken
    late_urgent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What was there no later than these moments is late by now: without a word, and without having registered it."""

    arrival: datetime
    arrival_urgent: datetime
    registration: datetime
    registration_urgent: datetime
    reply: date  # the last DueDate that has passed


def open_groups(connection: sa.Connection) -> list[Group]:
    """Return what is open, and what is stuck."""
    found = []
    for states in (OPEN_STATES, STUCK_STATES):
        query = (
            sa.select(
                deliveries.c.agency,
                sa.func.min(deliveries.c.addressee).label("addressee"),
                deliveries.c.endpoint,
                deliveries.c.state,
                sa.func.count().label("many"),
                sa.func.min(deliveries.c.created_at).label("oldest"),
                sa.func.sum(sa.case((deliveries.c.priority > 0, 1), else_=0)).label("urgent"),
            )
            .where(store.in_states(states))
            .group_by(deliveries.c.agency, deliveries.c.endpoint, deliveries.c.state)
        )
        found += [
            Group(
                row.agency,
                row.addressee,
                row.endpoint,
                DeliveryState(row.state),
                row.many,
                row.oldest,
                int(row.urgent),
            )
            for row in connection.execute(query)
        ]
    return found


def silences(connection: sa.Connection, since: datetime, limits: Limits) -> list[Silence]:
    """Return what every agency was given since a moment and has not registered."""
    said = sa.select(statuses.c.id).where(
        statuses.c.message == messages.c.id, statuses.c.agency == deliveries.c.agency
    )
    urgent = messages.c.priority > 0
    arrived = said.exists()
    given = deliveries.c.updated_at
    late = sa.case(
        (sa.and_(urgent, arrived), given <= limits.registration_urgent),
        (urgent, given <= limits.arrival_urgent),
        (arrived, given <= limits.registration),
        else_=given <= limits.arrival,
    )
    delivered = deliveries.c.state == str(DeliveryState.DELIVERED)
    query = (
        sa.select(
            deliveries.c.agency,
            _count(delivered).label("many"),
            sa.func.min(sa.case((delivered, given))).label("oldest"),
            _count(late).label("late"),
            _count(sa.and_(late, urgent)).label("late_urgent"),
        )
        .join_from(deliveries, messages, messages.c.id == deliveries.c.message)
        .where(
            deliveries.c.id >= first_id(since),
            messages.c.id
            >= first_id(since),  # what was accepted then; else every document is read for the join
            deliveries.c.state.in_(THERE),
            messages.c.kind.in_(DOCUMENTS),
            ~said.where(statuses.c.code.in_(REGISTERED)).exists(),
            ~overtaken(),
        )
        .group_by(deliveries.c.agency)
    )
    return [
        Silence(row.agency, int(row.many or 0), row.oldest, int(row.late or 0), int(row.late_urgent or 0))
        for row in connection.execute(query)
    ]


def unsettled(connection: sa.Connection, since: date, limits: Limits) -> dict[str, int]:
    """Return how many documents whose DueDate has passed each agency has not answered in substance."""
    query = (
        sa.select(deliveries.c.agency, sa.func.count().label("many"))
        .join_from(deliveries, messages, messages.c.id == deliveries.c.message)
        .where(*without_an_end(since, limits.reply))
        .group_by(deliveries.c.agency)
    )
    return {row.agency: row.many for row in connection.execute(query)}


def last_error(connection: sa.Connection, endpoint: str) -> Text | None:
    """Return why the latest delivery through an endpoint waits for its next try, or is suspended."""
    for states, state in (
        (OPEN_STATES, DeliveryState.WAITING_FOR_RETRY),
        (STUCK_STATES, DeliveryState.SUSPENDED),
    ):
        query = (
            sa.select(deliveries.c.reason)
            .where(
                store.in_states(states),
                store.in_states([state]),
                deliveries.c.endpoint == endpoint,
            )
            .order_by(deliveries.c.updated_at.desc())
            .limit(1)
        )
        found = store.read_text(connection.scalar(query))
        if found is not None:
            return found
    return None


def count_refusals(connection: sa.Connection, since: datetime) -> int:
    """Return how many packages the hub refused since a moment."""
    return connection.scalar(sa.select(sa.func.count()).where(refusals.c.at >= since)) or 0


def newest_refusals(connection: sa.Connection, since: datetime, limit: int) -> list[StoredRefusal]:
    """Return the packages that the hub refused since a moment, the newest first."""
    query = (
        sa.select(refusals.c.id)
        .where(refusals.c.at >= since)
        .order_by(refusals.c.at.desc(), refusals.c.id.desc())
        .limit(limit)
    )
    ids: Sequence[str] = [row.id for row in connection.execute(query)]
    return [each for refusal in ids for each in message_store.find_refusals(connection, refusal)]


def _count(condition: sa.ColumnElement[bool]) -> sa.Function[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))
