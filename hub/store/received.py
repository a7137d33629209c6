"""What was sent to one agency behind an endpoint: for ways in whose far side asks agency by agency.

An endpoint may speak for several agencies, and each sees its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hub.model import DeliveryState
from hub.store.tables import deliveries, messages
from schemas.edxml.envelope import PackageKind

GIVEN = (str(DeliveryState.AVAILABLE), str(DeliveryState.DELIVERED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One message to one agency. `waits`: it has not taken it yet."""

    delivery: str
    message: str
    document_id: str
    addressee: str  # code, as written
    waits: bool


def waiting(
    connection: sa.Connection, endpoint: str, agency: str, kinds: Iterable[PackageKind], limit: int
) -> list[Received]:
    """Return what an agency has to fetch, of these kinds: the most urgent first, then the oldest."""
    query = (
        _of(endpoint, agency)
        .where(deliveries.c.state == str(DeliveryState.AVAILABLE), messages.c.kind.in_(map(str, kinds)))
        .order_by(deliveries.c.priority.desc(), deliveries.c.id)
        .limit(limit)
    )
    return _read(connection, query)


def since(
    connection: sa.Connection,
    endpoint: str,
    agency: str,
    kinds: Iterable[PackageKind],
    at: datetime,
    limit: int,
) -> list[Received]:
    """Return what was accepted for an agency since then, of these kinds, taken or not, oldest first."""
    query = (
        _of(endpoint, agency)
        .where(
            deliveries.c.state.in_(GIVEN),
            messages.c.kind.in_(map(str, kinds)),
            messages.c.accepted_at >= at,
        )
        .order_by(deliveries.c.id)
        .limit(limit)
    )
    return _read(connection, query)


def beginning(connection: sa.Connection, endpoint: str, agency: str, prefix: str) -> list[Received]:
    """Return the deliveries of an agency whose ids begin so, in their order."""
    query = (
        _of(endpoint, agency)
        .where(deliveries.c.id >= prefix, deliveries.c.id < prefix + "~")
        .order_by(deliveries.c.id)
    )
    return _read(connection, query)


def sent(connection: sa.Connection, endpoint: str, prefix: str) -> list[tuple[str, str]]:
    """Return the messages that an endpoint handed in and whose ids begin so: each id and its DocumentId."""
    query = sa.select(messages.c.id, messages.c.document_id).where(
        messages.c.endpoint == endpoint, messages.c.id >= prefix, messages.c.id < prefix + "~"
    )
    return [(row.id, row.document_id) for row in connection.execute(query)]


def _of(endpoint: str, agency: str) -> sa.Select[tuple[str, str, str, str, str]]:
    return (
        sa.select(
            deliveries.c.id,
            deliveries.c.message,
            messages.c.document_id,
            deliveries.c.addressee,
            deliveries.c.state,
        )
        .join_from(deliveries, messages, messages.c.id == deliveries.c.message)
        .where(deliveries.c.endpoint == endpoint, deliveries.c.agency == agency)
    )


def _read(connection: sa.Connection, query: sa.Select[tuple[str, str, str, str, str]]) -> list[Received]:
    return [
        Received(
            delivery=row.id,
            message=row.message,
            document_id=row.document_id,
            addressee=row.addressee,
            waits=row.state == DeliveryState.AVAILABLE,
        )
        for row in connection.execute(query)
    ]
