"""What the database says about how the hub is doing: queues, ledger, nodes and duties. For metrics and alerts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hub.model import DeliveryState
from hub.store.tables import (
    OPEN_STATES,
    STUCK_STATES,
    agency_certificates,
    checkpoints,
    deliveries,
    duties,
    events,
    nodes,
)


@dataclass(frozen=True, slots=True)
class Queue:
    """The deliveries of one endpoint in one state; an endpoint of "" has those that have none yet."""

    endpoint: str
    state: str
    count: int
    oldest: datetime  # when the oldest was recorded


@dataclass(frozen=True, slots=True)
class LedgerState:
    """How far the ledger goes, and how far it is sealed."""

    events: int
    sealed: int  # events under the newest checkpoint
    sealed_at: datetime | None
    unsealed_since: datetime | None  # the time of the first event that no checkpoint covers


@dataclass(frozen=True, slots=True)
class Failing:
    """An endpoint to which a delivery failed and is to be tried again."""

    endpoint: str
    count: int
    since: datetime  # when the oldest of these deliveries was recorded


def queues(connection: sa.Connection) -> list[Queue]:
    """Return what waits, by endpoint and state."""
    columns = (deliveries.c.endpoint, deliveries.c.state)
    asked = (
        sa.select(*columns, sa.func.count(), sa.func.min(deliveries.c.created_at))
        .where(deliveries.c.state.in_([*OPEN_STATES, *STUCK_STATES]))
        .group_by(*columns)
    )
    return [Queue(row[0] or "", row[1], row[2], row[3]) for row in connection.execute(asked)]


def failing(connection: sa.Connection) -> list[Failing]:
    """Return the endpoints that did not answer last time, also while one more try is under way."""
    tried = sa.and_(
        deliveries.c.state.in_([str(DeliveryState.SENDING), str(DeliveryState.QUEUED)]),
        deliveries.c.attempts > sa.case((deliveries.c.state == str(DeliveryState.SENDING), 1), else_=0),
        deliveries.c.reason.is_not(None),
    )
    asked = (
        sa.select(deliveries.c.endpoint, sa.func.count(), sa.func.min(deliveries.c.created_at))
        .where(
            deliveries.c.state.in_(OPEN_STATES),
            sa.or_(deliveries.c.state == str(DeliveryState.WAITING_FOR_RETRY), tried),
            deliveries.c.endpoint.is_not(None),
        )
        .group_by(deliveries.c.endpoint)
    )
    return [Failing(*row) for row in connection.execute(asked)]


def ledger_state(connection: sa.Connection) -> LedgerState:
    """Return how far the ledger goes and is sealed."""
    height = connection.scalar(sa.select(sa.func.max(events.c.seq))) or 0
    last = connection.execute(
        sa.select(checkpoints.c.size, checkpoints.c.at).order_by(checkpoints.c.size.desc()).limit(1)
    ).first()
    sealed = last.size if last else 0
    since = connection.scalar(sa.select(events.c.at).where(events.c.seq == sealed + 1))
    return LedgerState(height, sealed, last.at if last else None, since)


def holders(connection: sa.Connection) -> dict[str, str | None]:
    """Return which node has each duty."""
    return {row.name: row.node for row in connection.execute(sa.select(duties.c.name, duties.c.node))}


def nodes_seen(connection: sa.Connection) -> dict[str, datetime]:
    """Return the nodes that live, and when each was seen by its own clock."""
    return {row.id: row.seen_at for row in connection.execute(sa.select(nodes.c.id, nodes.c.seen_at))}


def certificates_ending(connection: sa.Connection, after: datetime, before: datetime) -> dict[str, datetime]:
    """Return the ends of agencies' certificates within a time, by "AGENCY SUBJECT"; of renewed ones the newest."""
    asked = sa.select(
        agency_certificates.c.agency,
        agency_certificates.c.subject,
        sa.func.max(agency_certificates.c.not_after).label("ends"),
    ).group_by(agency_certificates.c.agency, agency_certificates.c.subject)
    return {
        f"{row.agency} {row.subject}": row.ends
        for row in connection.execute(asked)
        if after < row.ends <= before
    }


def bytes_of(connection: sa.Connection) -> int:
    """Return how large the database is, octets."""
    if connection.dialect.name == "postgresql":
        return int(connection.scalar(sa.text("SELECT pg_database_size(current_database())")) or 0)
    pages = int(connection.exec_driver_sql("PRAGMA page_count").scalar() or 0)
    return pages * int(connection.exec_driver_sql("PRAGMA page_size").scalar() or 0)
