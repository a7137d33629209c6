"""Which deliveries an operator means: lists of them by endpoint, agency, state and age, one page at a time.

What is open is found in the partial indices over the open states, however many deliveries have ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hub.model import Delivery, DeliveryState
from hub.store import deliveries as store
from hub.store.given import STOPPED
from hub.store.tables import OPEN_STATES, STUCK_STATES, attempts, deliveries, events, messages
from schemas.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """What is asked for. What is not named does not count; `agency` is an `Agency.id`, `code` one as written."""

    endpoint: str | None = None
    agency: str | None = None
    code: str | None = None
    states: tuple[DeliveryState, ...] = ()  # none: all
    before: datetime | None = None  # the hub has had it since then, or longer
    after: str = ""  # the last one of the page before
    limit: int = 50
    oldest_first: bool = False
    stopped: bool = True  # those too that a person stopped


def listed(connection: sa.Connection, which: Which) -> list[Delivery]:
    """Return deliveries: the newest first, unless asked otherwise."""
    order, beyond = deliveries.c.id.desc(), deliveries.c.id < which.after
    if which.oldest_first:
        order, beyond = deliveries.c.id.asc(), deliveries.c.id > which.after
    found: list[Delivery] = []
    for conditions in _conditions(which):
        query = sa.select(*store.COLUMNS).where(*conditions)
        if which.after:
            query = query.where(beyond)
        rows = connection.execute(query.order_by(order).limit(which.limit))
        found += [store.from_row(row) for row in rows]
    return sorted(found, key=lambda each: each.id, reverse=not which.oldest_first)[: which.limit]


def counted(connection: sa.Connection, which: Which) -> int:
    """Return how many deliveries are meant, whatever the page."""
    return sum(
        connection.scalar(sa.select(sa.func.count()).select_from(deliveries).where(*conditions)) or 0
        for conditions in _conditions(which)
    )


def last_errors(connection: sa.Connection, ids: list[str]) -> dict[str, Text]:
    """Return what the last attempt at each of these deliveries ended with, where it did not go through."""
    if not ids:
        return {}
    last = (
        sa.select(attempts.c.delivery, sa.func.max(attempts.c.number).label("number"))
        .where(attempts.c.delivery.in_(ids))
        .group_by(attempts.c.delivery)
        .subquery()
    )
    query = sa.select(attempts.c.delivery, attempts.c.detail).join(
        last, sa.and_(attempts.c.delivery == last.c.delivery, attempts.c.number == last.c.number)
    )
    found = {row.delivery: store.read_text(row.detail) for row in connection.execute(query)}
    return {delivery: text for delivery, text in found.items() if text is not None}


def ahead_of(connection: sa.Connection, delivery: Delivery) -> str | None:
    """Return the delivery of an earlier version to the same addressee that goes before this one, if there is one."""
    earlier, its_message, own = (
        deliveries.alias("earlier"),
        messages.alias("its_message"),
        messages.alias("own"),
    )
    query = (
        sa.select(earlier.c.id)
        .join(its_message, its_message.c.id == earlier.c.message)
        .join(
            own,
            sa.or_(
                its_message.c.id == own.c.document,
                its_message.c.document == own.c.document,
                its_message.c.id == own.c.about,
            ),
        )
        .where(
            own.c.id == delivery.message,
            its_message.c.id < own.c.id,
            earlier.c.agency == delivery.agency,
            earlier.c.state.in_((*store.TO_DO, str(DeliveryState.SENDING))),
        )
        .order_by(earlier.c.id)
        .limit(1)
    )
    return connection.scalar(query)


def _conditions(which: Which) -> list[list[sa.ColumnElement[bool]]]:
    """Return what to look for: apart in each partial index, whose very own list of states a planner knows it by."""
    common = list(_common(which))
    if not which.states:
        return [common]
    ended = tuple(str(state) for state in DeliveryState if state not in {*OPEN_STATES, *STUCK_STATES})
    found = []
    for indexed in (OPEN_STATES, STUCK_STATES, ended):
        chosen = [str(state) for state in which.states if state in indexed]
        if chosen:
            found.append([store.in_states(indexed), store.in_states(chosen), *common])
    return found


def _common(which: Which) -> Iterator[sa.ColumnElement[bool]]:
    if which.endpoint is not None:
        yield deliveries.c.endpoint == which.endpoint
    if which.agency is not None:
        yield deliveries.c.agency == which.agency
    if which.code is not None:
        yield deliveries.c.addressee == which.code
    if which.before is not None:
        yield deliveries.c.created_at <= which.before
    if not which.stopped:
        yield ~_stopped()


def _stopped() -> sa.ColumnElement[bool]:
    """The event by which a person stopped it is of the moment of its last change."""
    return (
        sa.select(events.c.seq)
        .where(
            events.c.message == deliveries.c.message,
            events.c.delivery == deliveries.c.id,
            events.c.kind == STOPPED,
            events.c.at == deliveries.c.updated_at,
        )
        .correlate(deliveries)
        .exists()
    )
