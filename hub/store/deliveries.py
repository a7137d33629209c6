"""Deliveries: how they are made, claimed, settled and found. Each change of state appends its event.

What every document needs is asked with statements that are built once: building one costs more than running it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from hub.ledger import canonical
from hub.model import Attempt, Delivery, DeliveryState, Message
from hub.store import exchange as exchange_store
from hub.store import messages as message_store
from hub.store.given import given_before
from hub.store.prepared import Prepared
from hub.store.tables import OPEN_STATES, STUCK_STATES, attempts, deliveries, endpoints, messages
from hub.store.writer import Transaction
from schemas.edxml.envelope import PackageKind
from schemas.text import Text

TO_DO = (str(DeliveryState.QUEUED), str(DeliveryState.WAITING_FOR_RETRY))
# Where a delivery that was being sent may end without having been taken.
UNSENT = (
    DeliveryState.QUEUED,
    DeliveryState.WAITING_FOR_RETRY,
    DeliveryState.AVAILABLE,
    DeliveryState.SUSPENDED,
)
RECALLED_MEANWHILE = Text(
    vi="Bên gửi lấy lại văn bản trong khi trục đang gửi; không gửi thêm lần nào nữa",
    en="The sender asked for the document back while it was being sent; it is not tried again",
)


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


COLUMNS = tuple(
    deliveries.c[name]
    for name in (
        "id",
        "message",
        "addressee",
        "agency",
        "endpoint",
        "state",
        "attempts",
        "next_try_at",
        "reason",
        "remote_id",
        "created_at",
        "updated_at",
    )
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
    row = _GET.first(connection, {"delivery": delivery})
    return from_row(row) if row else None


_GET = Prepared(sa.select(*COLUMNS).where(deliveries.c.id == sa.bindparam("delivery")))


def of_message(connection: sa.Connection, message: str) -> tuple[Delivery, ...]:
    """Return the deliveries of a message, in the order of its addressees."""
    return tuple(from_row(row) for row in _OF_MESSAGE.all(connection, {"of": message}))


_OF_MESSAGE = Prepared(
    sa.select(*COLUMNS).where(deliveries.c.message == sa.bindparam("of")).order_by(deliveries.c.id)
)


def of_document(connection: sa.Connection, document: str, agency: str, code: str) -> list[Delivery]:
    """Return the deliveries of a document's versions to an agency, or to a code as written, oldest first.

    A revocation is no version: it only asks for one back.
    """
    query = (
        sa.select(deliveries)
        .join(messages, messages.c.id == deliveries.c.message)
        .where(
            sa.or_(messages.c.id == document, messages.c.document == document),
            messages.c.kind != str(PackageKind.REVOKE),
            sa.or_(deliveries.c.agency == agency, deliveries.c.addressee == code),
        )
        .order_by(deliveries.c.id)
    )
    return [from_row(row) for row in connection.execute(query)]


def in_state(connection: sa.Connection, state: DeliveryState | None, limit: int) -> list[Delivery]:
    """Return the newest deliveries, of one state or of all."""
    query = sa.select(*COLUMNS).order_by(deliveries.c.id.desc()).limit(limit)
    if state is not None:
        indexed = next((each for each in (OPEN_STATES, STUCK_STATES) if state in each), (state,))
        query = query.where(in_states(indexed), in_states([state]))
    return [from_row(row) for row in connection.execute(query)]


def in_states(states: Iterable[str]) -> sa.ColumnElement[bool]:
    """Return the condition that a delivery is in one of these states, written out.

    A planner uses a partial index where it reads the index's own list of states, and no parameter tells it that.
    """
    return deliveries.c.state.in_([_constant(state) for state in states])


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
    return _both(_WAITING.all(connection, {"of": endpoint, "most": limit}))


def one(connection: sa.Connection, delivery: str) -> tuple[Delivery, Message] | None:
    """Return a delivery with its message."""
    found = _both(_ONE.all(connection, {"delivery": delivery}))
    return found[0] if found else None


_WITH_MESSAGES = (
    sa.select(*COLUMNS, *(column.label(f"m_{column.name}") for column in message_store.COLUMNS))
    .join(messages, messages.c.id == deliveries.c.message)
    .order_by(deliveries.c.priority.desc(), deliveries.c.id)
)
_ONE = Prepared(_WITH_MESSAGES.where(deliveries.c.id == sa.bindparam("delivery")))
_THESE = _WITH_MESSAGES.where(deliveries.c.id.in_(sa.bindparam("these", expanding=True)))
_WAITING = Prepared(
    _WITH_MESSAGES.where(
        deliveries.c.endpoint == sa.bindparam("of"), deliveries.c.state == str(DeliveryState.AVAILABLE)
    ).limit(sa.bindparam("most"))
)


def _both(rows: Iterable[Any]) -> list[tuple[Delivery, Message]]:
    split = len(COLUMNS)
    return [(from_row(row), message_store.from_row(row[split:])) for row in rows]


# --- work ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that a worker has taken to itself, with its message and the number of the attempt."""

    delivery: Delivery
    message: Message
    attempt: int


def claim(tx: Transaction, endpoint: str, limit: int, node: str, lease: timedelta) -> list[Claimed]:
    """Take up to `limit` due deliveries of an endpoint for this node: the most urgent first, then the oldest.

    An update, a replacement or a recall waits until the addressee has every earlier version, correction and recall of
    the same document, or until that one waits for a person: after an outage all of them come in their order.
    """
    tx.flush()
    ids = [row.id for row in _DUE.all(tx.connection, {"of": endpoint, "now": tx.now, "most": limit})]
    if not ids:
        return []
    taken = {"node": node, "until": tx.now + lease, "now": tx.now}
    if len(ids) == 1:
        _CLAIM.changed(tx.connection, {"this": ids[0], **taken})
        claimed = _both(_ONE.all(tx.connection, {"delivery": ids[0]}))
    else:
        _CLAIM.many(tx.connection, [{"this": each, **taken} for each in ids])
        claimed = _both(tx.execute(_THESE, {"these": ids}))
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


def _constant(state: str) -> sa.ColumnElement[str]:
    """Return a state as a part of the statement: only so does a planner know that a partial index fits."""
    return sa.literal_column(f"'{state}'", sa.String)


_EARLIER = deliveries.alias("earlier")
_EARLIER_MESSAGE = messages.alias("earlier_message")
_HELD_BACK = (
    sa.select(_EARLIER.c.id)
    .join(_EARLIER_MESSAGE, _EARLIER_MESSAGE.c.id == _EARLIER.c.message)
    .join(
        messages,
        sa.or_(
            _EARLIER_MESSAGE.c.id == messages.c.document,
            _EARLIER_MESSAGE.c.document == messages.c.document,
            _EARLIER_MESSAGE.c.id == messages.c.about,  # a replacement may be a document of its own
        ),
    )
    .where(
        messages.c.id == deliveries.c.message,
        _EARLIER_MESSAGE.c.id < messages.c.id,
        _EARLIER.c.agency == deliveries.c.agency,
        _EARLIER.c.state.in_([_constant(state) for state in (*TO_DO, str(DeliveryState.SENDING))]),
    )
    .correlate(deliveries)
    .exists()
)
DUE = (
    sa.select(deliveries.c.id)
    .where(
        deliveries.c.endpoint == sa.bindparam("of"),
        deliveries.c.state.in_([_constant(state) for state in TO_DO]),
        deliveries.c.next_try_at <= sa.bindparam("now"),
        ~_HELD_BACK,
    )
    .order_by(deliveries.c.priority.desc(), deliveries.c.next_try_at, deliveries.c.id)
    .limit(sa.bindparam("most"))
)
_DUE = Prepared(DUE)
_CLAIM = Prepared(
    sa.update(deliveries)
    .where(deliveries.c.id == sa.bindparam("this"))
    .values(
        state=str(DeliveryState.SENDING),
        attempts=deliveries.c.attempts + 1,
        claimed_by=sa.bindparam("node"),
        claimed_until=sa.bindparam("until"),
        next_try_at=None,
        updated_at=sa.bindparam("now"),
    )
)


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
    agency: str | None = None  # and when it goes to another agency than it was held for
    untried: bool = False  # the attempt that was counted when it was claimed never began
    details: tuple[tuple[str, Any], ...] = ()


def settle(
    tx: Transaction,
    delivery: Delivery,
    to: Settlement,
    expected: Collection[DeliveryState],
    node: str | None = None,
) -> bool:
    """Change a delivery's state if it is still in one of the expected ones (and ours); tell whether it was.

    What was asked back while it was being sent is not sent again: after its attempt has ended, it is withdrawn.
    """
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
    if to.agency is not None:
        values["agency"] = to.agency
    settling = _settling(tuple(values), tuple(expected), untried=to.untried, ours=node is not None)
    given = {f"to_{name}": value for name, value in values.items()}
    given |= {"this": delivery.id, "node": node}
    if tx.waits(deliveries, delivery.id):
        tx.flush()
    if settling.changed(tx.connection, given) == 0:
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
    if to.state in UNSENT and DeliveryState.SENDING in expected:
        _withdraw_if_recalled(tx, delivery, to.actor)
    return True


@cache
def _settling(
    changed: tuple[str, ...], expected: tuple[DeliveryState, ...], *, untried: bool, ours: bool
) -> Prepared:
    """Return the statement that changes these columns; there are a handful of them."""
    statement = sa.update(deliveries).where(
        deliveries.c.id == sa.bindparam("this"),
        sa.or_(*(deliveries.c.state == str(state) for state in expected)),
    )
    if ours:
        statement = statement.where(deliveries.c.claimed_by == sa.bindparam("node"))
    values: dict[str, Any] = {name: sa.bindparam(f"to_{name}") for name in changed}
    if untried:
        values["attempts"] = deliveries.c.attempts - 1
    return Prepared(statement.values(**values))


def _withdraw_if_recalled(tx: Transaction, delivery: Delivery, actor: str) -> None:
    tx.flush()
    recall = exchange_store.recalled_by(tx.connection, delivery.message, delivery.agency)
    if recall is not None:
        had = given_before(tx.connection, delivery.message, delivery.id)  # and was being sent it again
        gone = Settlement(
            state=DeliveryState.DELIVERED if had else DeliveryState.WITHDRAWN,
            event="delivery.repeat-ended" if had else "delivery.withdrawn",
            actor=actor,
            reason=RECALLED_MEANWHILE,
            details=(("by", recall),),
        )
        settle(tx, delivery, gone, UNSENT)


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
    """Return the endpoints that have something due.

    Two looks into the index for each endpoint, however many of its deliveries wait.
    """
    return frozenset(row.id for row in connection.execute(WITH_WORK, {"now": now}))


def _first_due(state: str) -> sa.ScalarSelect[datetime]:
    return (
        sa.select(sa.func.min(deliveries.c.next_try_at))
        .where(deliveries.c.endpoint == endpoints.c.id, deliveries.c.state == _constant(state))
        .correlate(endpoints)
        .scalar_subquery()
    )


WITH_WORK = sa.select(endpoints.c.id).where(
    sa.or_(*(_first_due(state) <= sa.bindparam("now") for state in TO_DO))
)


def interrupted(
    connection: sa.Connection, now: datetime, node: str, under_way: frozenset[str], *, alone: bool
) -> list[Delivery]:
    """Return deliveries marked as being sent that nobody is sending.

    Those are: of this node but not under way; of any node whose lease ran out; and, when this node is alone with the
    database (`alone`), all that are not under way here.
    """
    query = sa.select(deliveries).where(deliveries.c.state == _constant(str(DeliveryState.SENDING)))
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
