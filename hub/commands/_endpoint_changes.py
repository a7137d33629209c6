"""The units of work behind `edochub endpoints`: adding one, changing it, giving it another secret, off and on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from hub.adapter import Adapter, adapter_class
from hub.errors import Misconfigured
from hub.limits import NONE_OF_ITS_OWN, EndpointLimits
from hub.model import Delivery, Endpoint, SignatureRule
from hub.store import addresses
from hub.store import directory as directory_store
from hub.vault import new_secret
from schemas.edxml.elements import Dialect
from schemas.text import Sentence

if TYPE_CHECKING:
    from hub.app import Hub

SHORTEST_TOKEN = 24  # characters of a secret that is a bearer token: what nobody guesses in a lifetime

TOO_WEAK = Sentence(
    vi="Mã bí mật của bộ kết nối {adapter} mở được API: cần ít nhất {shortest} ký tự ASCII khó đoán, không có dấu "
    "cách; hoặc để trục tự tạo",
    en="The secret of the adapter {adapter} opens the API: it needs at least {shortest} ASCII characters that nobody "
    "can guess, without blanks; or let the hub make one",
)


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
    limits: EndpointLimits = NONE_OF_ITS_OWN


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
        limits=wanted.limits,
    )
    lookup, sealed, secret = kept(hub, endpoint, adapter, wanted.secret)
    stored = await hub.store.write(
        lambda tx: directory_store.add_endpoint(tx, endpoint, lookup, sealed, actor), "add_endpoint"
    )
    await hub.refresh_directory()
    return Added(stored, secret, tuple(await hub.resume_held(stored, actor)))


def kept(hub: Hub, endpoint: Endpoint, adapter: type[Adapter], given: str | None) -> tuple[str, bytes, str]:
    """Return a secret as the database keeps it, and in the clear: the given one, or one of our own.

    What a far side dictates opens nothing here by being borne. Raises `Misconfigured` for one that would, and is weak.
    """
    if given is None:
        secret = new_secret()
        return hub.vault.lookup(secret), hub.vault.seal(secret), secret
    if not adapter.bearer:
        return hub.vault.private_lookup(endpoint.id, given), hub.vault.seal(given), given
    if len(given) < SHORTEST_TOKEN or not all("!" <= char <= "~" for char in given):
        raise Misconfigured(TOO_WEAK.say(adapter=adapter.name, shortest=SHORTEST_TOKEN))
    return hub.vault.lookup(given), hub.vault.seal(given), given


async def rotate(
    hub: Hub, endpoint: Endpoint, keep_old_until: datetime | None, actor: str, given: str | None = None
) -> str:
    """Give an endpoint a new secret, or the given one, and return it, in the clear for this once."""
    lookup, sealed, secret = kept(hub, endpoint, adapter_class(endpoint.adapter), given)
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


@dataclass(frozen=True, slots=True)
class Moved:
    """An endpoint with its new address, and how many deliveries changed between queue and inbox with it."""

    endpoint: Endpoint
    deliveries: int


async def set_address(hub: Hub, endpoint: Endpoint, address: str | None, actor: str, why: str = "") -> Moved:
    """Give an endpoint another address; an empty one is none. Saying it again changes nothing.

    Raises `Misconfigured` for an address that its adapter can never reach.
    """
    adapter = adapter_class(endpoint.adapter)
    settled, polls = adapter.settle(address or None), adapter.polls(address or None)
    moved = 0
    if (endpoint.address, endpoint.polls) != (settled, polls):
        moved = await hub.store.write(
            lambda tx: addresses.set_address(tx, endpoint, settled, actor, why, polls=polls), "set_address"
        )
        hub.worker.forgive(endpoint.id)
    return Moved(await hub.endpoint(endpoint.id), moved)


async def set_limits(hub: Hub, endpoint: Endpoint, limits: EndpointLimits, actor: str) -> Endpoint:
    """Give an endpoint limits of its own. Saying it again changes nothing."""
    if endpoint.limits != limits:
        await hub.store.write(
            lambda tx: directory_store.set_limits(tx, endpoint.id, limits, actor), "set_limits"
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
