"""Deliveries: how they are made, claimed, settled and found. Each change of state appends its event."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from hub.ledger import canonical
from hub.model import Attempt, Delivery, DeliveryState, Message
from hub.store import messages as message_store
from hub.store.tables import attempts, deliveries, messages
from hub.store.writer import Transaction
from schemas.text import Text

TO_DO = (str(DeliveryState.QUEUED), str(DeliveryState.WAITING_FOR_RETRY))


def insert(tx: Transaction, delivery: Delivery, priority: int) -> None:
    """Write a new delivery down. Its first state is told by the event of its message."""
    tx.insert(
        deliveries,
        {
            "id": delivery.id,
            "message": delivery.message,
            "addressee": delivery.addressee,
            "agency": delivery.agency,
            "endpoint": delivery.endpoint,
            "state": str(delivery.state),
            "priority": priority,
            "attempts": delivery.attempts,
            "next_try_at": delivery.next_try_at,
            "reason": stored_text(delivery.reason),
            "remote_id": delivery.remote_id,
            "created_at": delivery.created_at,
            "updated_at": delivery.updated_at,
        },
    )


def from_row(row: Any) -> Delivery:
    """Make a `Delivery` of a row."""
    return Delivery(
        id=row.id,
        message=row.message,
        addressee=row.addressee,
        agency=row.agency,
        endpoint=row.endpoint,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        next_try_at=row.next_try_at,
        reason=read_text(row.reason),
        remote_id=row.remote_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def stored_text(text: Text | None) -> str | None:
    """Return a sentence as its column keeps it."""
    return canonical(text.as_json()) if text else None


def read_text(stored: str | None) -> Text | None:
    """Read a sentence back from its column."""
    return Text.from_json(json.loads(stored)) if stored else None


def get(connection: sa.Connection, delivery: str) -> Delivery | None:
    """Return the delivery with this id."""
    row = connection.execute(sa.select(deliveries).where(deliveries.c.id == delivery)).first()
    return from_row(row) if row else None


def of_message(connection: sa.Connection, message: str) -> tuple[Delivery, ...]:
    """Return the deliveries of a message, in the order of its addressees."""
    query = sa.select(deliveries).where(deliveries.c.message == message).order_by(deliveries.c.id)
    return tuple(from_row(row) for row in connection.execute(query))


def in_state(connection: sa.Connection, state: DeliveryState | None, limit: int) -> list[Delivery]:
    """Return the newest deliveries, of one state or of all."""
    query = sa.select(deliveries).order_by(deliveries.c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(deliveries.c.state == str(state))
    return [from_row(row) for row in connection.execute(query)]


def attempts_of(connection: sa.Connection, delivery_ids: Sequence[str]) -> dict[str, tuple[Attempt, ...]]:
    """Return the attempts at each of these deliveries, first to last."""
    query = (
        sa.select(attempts)
        .where(attempts.c.delivery.in_(delivery_ids))
        .order_by(attempts.c.delivery, attempts.c.number)
    )
    found: dict[str, tuple[Attempt, ...]] = {}
    for row in connection.execute(query):
        attempt = Attempt(
            number=row.number,
            started_at=row.started_at,
            ended_at=row.ended_at,
            outcome=row.outcome,
            detail=read_text(row.detail),
        )
        found[row.delivery] = (*found.get(row.delivery, ()), attempt)
    return found


# --- inboxes ------------------------------------------------------------------------------------------------------


def waiting(connection: sa.Connection, endpoint: str, limit: int) -> list[tuple[Delivery, Message]]:
    """Return what an endpoint has to fetch: the most urgent first, then the oldest."""
    return _with_messages(
        connection,
        sa.and_(deliveries.c.endpoint == endpoint, deliveries.c.state == str(DeliveryState.AVAILABLE)),
        limit,
    )


def one(connection: sa.Connection, delivery: str) -> tuple[Delivery, Message] | None:
    """Return a delivery with its message."""
    found = _with_messages(connection, deliveries.c.id == delivery, 1)
    return found[0] if found else None


_MESSAGE_COLUMNS = tuple(column.label(f"m_{column.name}") for column in message_store.COLUMNS)


def _with_messages(
    connection: sa.Connection, condition: sa.ColumnElement[bool], limit: int
) -> list[tuple[Delivery, Message]]:
    query = (
        sa.select(deliveries, *_MESSAGE_COLUMNS)
        .join(messages, messages.c.id == deliveries.c.message)
        .where(condition)
        .order_by(deliveries.c.priority.desc(), deliveries.c.id)
        .limit(limit)
    )
    return [(from_row(row), message_store.from_row(row, "m_")) for row in connection.execute(query)]


# --- work ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that a worker has taken to itself, with its message and the number of the attempt."""

    delivery: Delivery
    message: Message
    attempt: int


def claim(tx: Transaction, endpoint: str, limit: int, node: str, lease: timedelta) -> list[Claimed]:
    """Take up to `limit` due deliveries of an endpoint for this node: the most urgent first, then the oldest."""
    due = (
        sa.select(deliveries.c.id)
        .where(
            deliveries.c.endpoint == endpoint,
            deliveries.c.state.in_(TO_DO),
            deliveries.c.next_try_at <= tx.now,
        )
        .order_by(deliveries.c.priority.desc(), deliveries.c.next_try_at, deliveries.c.id)
        .limit(limit)
    )
    ids = [row.id for row in tx.execute(due)]
    if not ids:
        return []
    tx.execute(
        sa.update(deliveries)
        .where(deliveries.c.id.in_(ids))
        .values(
            state=str(DeliveryState.SENDING),
            attempts=deliveries.c.attempts + 1,
            claimed_by=node,
            claimed_until=tx.now + lease,
            next_try_at=None,
            updated_at=tx.now,
        )
    )
    claimed = _with_messages(tx.connection, deliveries.c.id.in_(ids), len(ids))
    for delivery, message in claimed:
        tx.trace(
            "delivery.sending",
            actor=f"hub:{node}",
            message=message.id,
            delivery=delivery.id,
            state=str(DeliveryState.SENDING),
            attempt=delivery.attempts,
        )
    return [Claimed(delivery, message, delivery.attempts) for delivery, message in claimed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How a delivery stands from now on, and the event that says so."""

    state: DeliveryState
    event: str
    actor: str
    reason: Text | None = None
    remote_id: str | None = None
    next_try_at: datetime | None = None
    endpoint: str | None = None  # when a person gave it another one
    untried: bool = False  # the attempt that was counted when it was claimed never began
    details: tuple[tuple[str, Any], ...] = ()


def settle(
    tx: Transaction,
    delivery: Delivery,
    to: Settlement,
    expected: Iterable[DeliveryState],
    node: str | None = None,
) -> bool:
    """Change a delivery's state if it is still in one of the expected ones (and ours); tell whether it was."""
    values: dict[str, Any] = {
        "state": str(to.state),
        "reason": stored_text(to.reason),
        "next_try_at": to.next_try_at,
        "claimed_by": None,
        "claimed_until": None,
        "updated_at": tx.now,
    }
    if to.remote_id is not None:
        values["remote_id"] = to.remote_id
    if to.endpoint is not None:
        values["endpoint"] = to.endpoint
    if to.untried:
        values["attempts"] = deliveries.c.attempts - 1
    statement = sa.update(deliveries).where(
        deliveries.c.id == delivery.id, deliveries.c.state.in_([str(state) for state in expected])
    )
    if node is not None:
        statement = statement.where(deliveries.c.claimed_by == node)
    if tx.execute(statement.values(**values)).rowcount == 0:
        return False
    told: dict[str, Any] = {"state": str(to.state), **dict(to.details)}
    if to.reason is not None:
        told["reason"] = to.reason.as_json()
    if to.remote_id is not None:
        told["remote_id"] = to.remote_id
    if to.next_try_at is not None:
        told["next_try_at"] = to.next_try_at.isoformat()
    if to.endpoint is not None:
        told["endpoint"] = to.endpoint
    tx.trace(to.event, actor=to.actor, message=delivery.message, delivery=delivery.id, **told)
    return True


def insert_attempt(tx: Transaction, delivery: str, attempt: Attempt) -> None:
    """Write down how an attempt ended."""
    tx.insert(
        attempts,
        {
            "delivery": delivery,
            "number": attempt.number,
            "started_at": attempt.started_at,
            "ended_at": attempt.ended_at,
            "outcome": attempt.outcome,
            "detail": stored_text(attempt.detail),
        },
    )


def endpoints_with_work(connection: sa.Connection, now: datetime) -> frozenset[str]:
    """Return the endpoints that have something due."""
    query = (
        sa.select(deliveries.c.endpoint)
        .where(deliveries.c.state.in_(TO_DO), deliveries.c.next_try_at <= now)
        .distinct()
    )
    return frozenset(row.endpoint for row in connection.execute(query))


def interrupted(
    connection: sa.Connection, now: datetime, node: str, under_way: frozenset[str], *, alone: bool
) -> list[Delivery]:
    """Return deliveries marked as being sent that nobody is sending.

    Those are: of this node but not under way; of any node whose lease ran out; and, when this node is alone with the
    database (`alone`), all that are not under way here.
    """
    query = sa.select(deliveries).where(deliveries.c.state == str(DeliveryState.SENDING))
    if not alone:
        query = query.where(sa.or_(deliveries.c.claimed_by == node, deliveries.c.claimed_until < now))
    return [from_row(row) for row in connection.execute(query) if row.id not in under_way]


def stuck_for_agencies(connection: sa.Connection, agencies: Iterable[str]) -> list[Delivery]:
    """Return the held deliveries of these agencies, oldest first."""
    query = (
        sa.select(deliveries)
        .where(deliveries.c.state == str(DeliveryState.HELD), deliveries.c.agency.in_(list(agencies)))
        .order_by(deliveries.c.id)
    )
    return [from_row(row) for row in connection.execute(query)]
