"""The units of work behind `edochub endpoints`: adding one, giving it another secret, switching it off and on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hub.adapter import adapter_class
from hub.model import Delivery, Endpoint, SignatureRule
from hub.store import directory as directory_store
from hub.store import tables
from hub.store.writer import Transaction
from hub.vault import new_secret

if TYPE_CHECKING:
    from hub.app import Hub


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An endpoint as the operator asks for it. Agencies are named by any of their codes."""

    id: str
    adapter: str
    agencies: frozenset[str]
    address: str | None
    secret: str | None
    signatures: SignatureRule


@dataclass(frozen=True, slots=True)
class Added:
    """A new endpoint, its secret in the clear for this once, and the held deliveries that may now go to it."""

    endpoint: Endpoint
    secret: str
    released: tuple[Delivery, ...]


async def add(hub: Hub, wanted: Wanted, actor: str) -> Added:
    """Add an endpoint and let go what was held for its agencies. Raises `Misconfigured`."""
    adapter = adapter_class(wanted.adapter)
    endpoint = Endpoint(
        id=wanted.id,
        adapter=wanted.adapter,
        address=adapter.settle(wanted.address),
        agencies=wanted.agencies,
        polls=adapter.polls(wanted.address),
        signatures=wanted.signatures,
    )
    secret = wanted.secret or new_secret()
    lookup, sealed = hub.vault.lookup(secret), hub.vault.seal(secret)
    stored = await hub.store.write(
        lambda tx: directory_store.add_endpoint(tx, endpoint, lookup, sealed, actor), "add_endpoint"
    )
    await hub.refresh_directory()
    return Added(stored, secret, tuple(await hub.resume_held(stored, actor)))


async def rotate(hub: Hub, endpoint: Endpoint, keep_old_until: datetime | None, actor: str) -> str:
    """Give an endpoint a new secret and return it, in the clear for this once."""
    secret = new_secret()
    lookup, sealed = hub.vault.lookup(secret), hub.vault.seal(secret)
    await hub.store.write(
        lambda tx: directory_store.add_credential(tx, endpoint.id, lookup, sealed, actor, keep_old_until),
        "add_credential",
    )
    return secret


async def switch(hub: Hub, endpoint: Endpoint, actor: str, *, disabled: bool) -> Endpoint:
    """Switch an endpoint off or on. Saying it again changes nothing."""
    if endpoint.disabled is not disabled:
        await hub.store.write(
            lambda tx: _switch(tx, endpoint.id, actor, disabled=disabled), "switch_endpoint"
        )
    return await hub.endpoint(endpoint.id)


def _switch(tx: Transaction, endpoint_id: str, actor: str, *, disabled: bool) -> None:
    mine = tables.endpoints.c.id == endpoint_id
    tx.execute(sa.update(tables.endpoints).where(mine).values(disabled=disabled))
    directory_store.bump(tx)
    tx.trace("endpoint.disabled" if disabled else "endpoint.enabled", actor=actor, endpoint=endpoint_id)
