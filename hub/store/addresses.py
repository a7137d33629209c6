"""A connected system has moved: its endpoint's new address, and what waits for it goes there.

An address may change who comes to whom. What waited in an inbox is then queued, and what was queued waits in the inbox,
in the same transaction. The ledger never names an address: some carry a password.
"""

from __future__ import annotations

import sqlalchemy as sa

from hub.model import DeliveryState, Endpoint
from hub.store import deliveries as store
from hub.store.deliveries import Settlement
from hub.store.directory_version import bump
from hub.store.tables import OPEN_STATES, deliveries, endpoints
from hub.store.writer import Transaction


def set_address(
    tx: Transaction, endpoint: Endpoint, address: str | None, actor: str, why: str, *, polls: bool
) -> int:
    """Give an endpoint another address; return how many deliveries changed between queue and inbox."""
    tx.execute(sa.update(endpoints).where(endpoints.c.id == endpoint.id).values(address=address, polls=polls))
    bump(tx)
    details = {"why": why} if why else {}
    tx.trace("endpoint.address-set", actor=actor, endpoint=endpoint.id, polls=polls, **details)
    moved = _move(tx, endpoint.id, actor, polls=polls)
    tx.wake(endpoint.id)
    return moved


def _move(tx: Transaction, endpoint: str, actor: str, *, polls: bool) -> int:
    """Put what waits to where the far side comes for it, or to where we bring it from."""
    waits = (DeliveryState.QUEUED, DeliveryState.WAITING_FOR_RETRY) if polls else (DeliveryState.AVAILABLE,)
    query = (
        sa.select(*store.COLUMNS)
        .where(
            store.in_states(OPEN_STATES),
            deliveries.c.endpoint == endpoint,
            deliveries.c.state.in_([str(state) for state in waits]),
        )
        .order_by(deliveries.c.id)
    )
    found = [store.from_row(row) for row in tx.execute(query)]
    moved = Settlement(
        state=DeliveryState.AVAILABLE if polls else DeliveryState.QUEUED,
        event="delivery.available" if polls else "delivery.queued",
        actor=actor,
        next_try_at=None if polls else tx.now,
        endpoint=endpoint,
    )
    return sum(store.settle(tx, delivery, moved, waits) for delivery in found)
