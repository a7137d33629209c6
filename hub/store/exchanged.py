"""What an endpoint was sent and what it sent, as lists with the few columns that such lists show.

For ways in whose far side asks for lists rather than for one document, and for comparing our book with a far side's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.model import DeliveryState
from hub.store.tables import deliveries, events, messages
from hub.store.writer import Transaction
from schemas.edxml.envelope import PackageKind

BEGUN = "delivery.processing"  # the addressee's system has fetched it and is at work on it
GIVEN = "delivery.trace-header"  # a TraceHeader was put into what the addressee's system is given
MOST_ASKED = 500  # values in one IN list


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """One message to one addressee."""

    delivery: str
    message: str
    kind: PackageKind
    sender: str  # code, as written
    addressee: str  # code, as written
    state: DeliveryState
    begun: bool  # the addressee's system said that it is at work on it
    remote_id: str | None
    code: str
    subject: str
    sha256: str
    accepted_at: datetime
    updated_at: datetime


_BEGUN = (
    sa.select(events.c.seq)
    .where(
        events.c.message == deliveries.c.message,
        events.c.delivery == deliveries.c.id,
        events.c.kind == BEGUN,
    )
    .correlate(deliveries)
    .exists()
)
_LISTED = sa.select(
    deliveries.c.id.label("delivery"),
    messages.c.id.label("message"),
    messages.c.kind,
    messages.c.sender,
    deliveries.c.addressee,
    deliveries.c.state,
    _BEGUN.label("begun"),
    deliveries.c.remote_id,
    messages.c.code,
    messages.c.subject,
    messages.c.sha256,
    messages.c.accepted_at,
    deliveries.c.updated_at,
).join_from(deliveries, messages, messages.c.id == deliveries.c.message)


def waiting(
    connection: sa.Connection, endpoint: str, kinds: Iterable[PackageKind], limit: int
) -> list[Exchanged]:
    """Return what an endpoint has to fetch, of these kinds: the most urgent first, then the oldest."""
    query = (
        _LISTED.where(*_in_inbox(endpoint, kinds))
        .order_by(deliveries.c.priority.desc(), deliveries.c.id)
        .limit(limit)
    )
    return [_exchanged(row) for row in connection.execute(query)]


def count_waiting(connection: sa.Connection, endpoint: str, kinds: Iterable[PackageKind]) -> int:
    """Return how many deliveries of these kinds an endpoint has to fetch."""
    query = (
        sa.select(sa.func.count())
        .select_from(deliveries)
        .join(messages, messages.c.id == deliveries.c.message)
        .where(*_in_inbox(endpoint, kinds))
    )
    return connection.scalar(query) or 0


def sent_by(
    connection: sa.Connection,
    endpoint: str,
    kinds: Iterable[PackageKind],
    *,
    after: str = "",
    message: str | None = None,
    limit: int,
) -> list[Exchanged]:
    """Return what an endpoint handed in, newest first: all since the id `after`, or one message alone."""
    of = messages.c.id == message if message is not None else messages.c.id >= after
    query = (
        _LISTED.where(messages.c.endpoint == endpoint, messages.c.kind.in_(_names(kinds)), of)
        .order_by(messages.c.id.desc(), deliveries.c.id)
        .limit(limit)
    )
    return [_exchanged(row) for row in connection.execute(query)]


def delivered_to(
    connection: sa.Connection, endpoint: str, since: datetime, until: datetime
) -> list[Exchanged]:
    """Return what was delivered through an endpoint in a time, oldest first."""
    query = _LISTED.where(
        deliveries.c.endpoint == endpoint,
        deliveries.c.state == str(DeliveryState.DELIVERED),
        deliveries.c.updated_at >= since,
        deliveries.c.updated_at < until,
    ).order_by(deliveries.c.id)
    return [_exchanged(row) for row in connection.execute(query)]


def finished(
    connection: sa.Connection, endpoint: str, since: datetime, until: datetime, limit: int
) -> list[Exchanged]:
    """Return what an endpoint took or refused in a time, oldest first."""
    query = (
        _LISTED.where(
            deliveries.c.endpoint == endpoint,
            deliveries.c.state.in_([str(DeliveryState.DELIVERED), str(DeliveryState.REFUSED)]),
            deliveries.c.updated_at >= since,
            deliveries.c.updated_at < until,
        )
        .order_by(deliveries.c.id)
        .limit(limit)
    )
    return [_exchanged(row) for row in connection.execute(query)]


def handed_in(
    connection: sa.Connection, endpoint: str, since: datetime, until: datetime
) -> list[tuple[str, str, datetime]]:
    """Return id, digest and time of the messages that an endpoint handed in in a time, oldest first."""
    query = (
        sa.select(messages.c.id, messages.c.sha256, messages.c.accepted_at)
        .where(
            messages.c.endpoint == endpoint, messages.c.accepted_at >= since, messages.c.accepted_at < until
        )
        .order_by(messages.c.id)
    )
    return [(row.id, row.sha256, row.accepted_at) for row in connection.execute(query)]


def known_there_as(connection: sa.Connection, endpoint: str, remote_ids: Sequence[str]) -> frozenset[str]:
    """Return which of a far side's own ids stand in our deliveries to it."""
    found: set[str] = set()
    for start in range(0, len(remote_ids), MOST_ASKED):
        query = sa.select(deliveries.c.remote_id).where(
            deliveries.c.endpoint == endpoint,
            deliveries.c.remote_id.in_(remote_ids[start : start + MOST_ASKED]),
        )
        found.update(row.remote_id for row in connection.execute(query))
    return frozenset(found)


def recorded(connection: sa.Connection, endpoint: str, sha256: str) -> str | None:
    """Return the message in which this endpoint handed these bytes in; None if it never did."""
    query = sa.select(messages.c.id).where(messages.c.endpoint == endpoint, messages.c.sha256 == sha256)
    return connection.scalar(query.limit(1))


def begin(tx: Transaction, delivery: str, message: str, actor: str) -> bool:
    """Note once that an addressee's system is at work on what it fetched; tell whether that was news."""
    known = tx.execute(
        sa.select(events.c.seq).where(
            events.c.message == message, events.c.delivery == delivery, events.c.kind == BEGUN
        )
    ).first()
    if known is not None:
        return False
    tx.trace(BEGUN, actor=actor, message=message, delivery=delivery)
    return True


def note_given(
    tx: Transaction, delivery: str, message: str, actor: str, sha256: str, given_sha256: str
) -> None:
    """Note once that an endpoint is given other octets than came in: with a TraceHeader of ours. Both digests."""
    known = tx.execute(
        sa.select(events.c.seq).where(
            events.c.message == message, events.c.delivery == delivery, events.c.kind == GIVEN
        )
    ).first()
    if known is None:
        tx.trace(
            GIVEN, actor=actor, message=message, delivery=delivery, sha256=sha256, given_sha256=given_sha256
        )


def _in_inbox(endpoint: str, kinds: Iterable[PackageKind]) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        deliveries.c.endpoint == endpoint,
        deliveries.c.state == str(DeliveryState.AVAILABLE),
        messages.c.kind.in_(_names(kinds)),
    )


def _names(kinds: Iterable[PackageKind]) -> list[str]:
    return [str(kind) for kind in kinds]


def _exchanged(row: sa.Row[Any]) -> Exchanged:
    values = dict(row._mapping)
    values["kind"] = PackageKind(values["kind"])
    values["state"] = DeliveryState(values["state"])
    values["begun"] = bool(values["begun"])
    return Exchanged(**values)
