"""The units of work behind `edochub endpoints`: adding one, changing it, giving it another secret, off and on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from hub.adapter import adapter_class
from hub.model import Delivery, Endpoint, SignatureRule
from hub.store import directory as directory_store
from hub.vault import new_secret
from schemas.edxml.elements import Dialect

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
    attachments: SignatureRule = SignatureRule.DEFAULT
    dialect: Dialect = "vnpt"


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
        attachments=wanted.attachments,
        dialect=wanted.dialect,
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
            lambda tx: directory_store.switch_endpoint(tx, endpoint.id, actor, disabled=disabled),
            "switch_endpoint",
        )
    return await hub.endpoint(endpoint.id)


async def set_dialect(hub: Hub, endpoint: Endpoint, dialect: Dialect, actor: str) -> Endpoint:
    """Change the order of elements in which the hub writes to an endpoint. Saying it again changes nothing."""
    if endpoint.dialect != dialect:
        await hub.store.write(
            lambda tx: directory_store.set_dialect(tx, endpoint.id, dialect, actor), "set_dialect"
        )
    return await hub.endpoint(endpoint.id)


async def set_signature_rules(
    hub: Hub, endpoint: Endpoint, signatures: SignatureRule, attachments: SignatureRule, actor: str
) -> Endpoint:
    """Change what is demanded of the signatures of an endpoint's documents. Saying it again changes nothing."""
    if (endpoint.signatures, endpoint.attachments) != (signatures, attachments):
        await hub.store.write(
            lambda tx: directory_store.set_signature_rules(tx, endpoint.id, signatures, attachments, actor),
            "set_signature_rules",
        )
    return await hub.endpoint(endpoint.id)
