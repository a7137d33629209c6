"""What an endpoint that polls has to take: listing it, fetching it, taking it, declining it.

For these endpoints this is `deliver` and `acknowledge`: the far side comes for its documents, and its word that it has
one (`take`) is the receipt. Each may be repeated; an endpoint only ever sees what is addressed to its agencies.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import sqlalchemy as sa

from hub import findings, metrics
from hub.errors import NotAnswerable, NotFound, Sought
from hub.model import Delivery, DeliveryState, Endpoint, Message, Parcel, Routed
from hub.steps import acknowledge
from hub.store import deliveries
from hub.store.database import Store
from hub.store.payloads import Elsewhere, Payload, Payloads
from hub.store.writer import Transaction
from hub.words import STATES
from schemas.text import Text

NO_REASON = Text(vi="không nêu lý do", en="no reason given")

Found = TypeVar("Found")

# Prepares the status 02 that tells a sender of a refusal.
Word = Callable[[Delivery, Message, Text], Awaitable[tuple[Routed, Payload] | None]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One entry of an inbox."""

    delivery: Delivery
    message: Message

    def as_json(self) -> dict[str, Any]:
        """Return the shape that the API and `--json` publish."""
        message = self.message
        return {
            "id": self.delivery.id,
            "message": message.id,
            "from": message.sender,
            "from_name": message.sender_name,
            "to": self.delivery.addressee,
            "kind": str(message.kind),
            "document_id": message.document_id,
            "code": message.code,
            "subject": message.subject,
            "priority": message.priority,
            "status": message.status_code,
            "size": message.size,
            "sha256": message.sha256,
            "accepted_at": message.accepted_at.isoformat(),
            "note": self.delivery.reason.as_json() if self.delivery.reason else None,
        }


class Bells:
    """Wakes the long polls of an endpoint when something came for it."""

    def __init__(self) -> None:
        self._bells: dict[str, asyncio.Event] = {}
        self._closed = False

    def ring(self, endpoint: str) -> None:
        """Something came, or may have come."""
        bell = self._bells.pop(endpoint, None)
        if bell is not None:
            bell.set()

    def ring_all(self) -> None:
        """Have everybody look: another process may have recorded something."""
        for endpoint in list(self._bells):
            self.ring(endpoint)

    def close(self) -> None:
        """End every wait, now and from now on."""
        self._closed = True
        self.ring_all()

    @property
    def closed(self) -> bool:
        """Tell whether nobody should wait any more."""
        return self._closed

    def bell(self, endpoint: str) -> asyncio.Event:
        """Return the bell that rings next. Take it before looking, so that nothing comes in between."""
        return self._bells.setdefault(endpoint, asyncio.Event())

    async def first(
        self, endpoint: str, look: Callable[[], Awaitable[list[Found]]], wait_seconds: float
    ) -> list[Found]:
        """Look what there is for an endpoint, again at every ring of its bell, until there is some or time is up."""
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_seconds
        while True:
            bell = self.bell(endpoint)
            found = await look()
            left = until - loop.time()
            if found or left <= 0 or self.closed:
                return found
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await bell.wait()


class Inbox:
    """The inboxes of all endpoints that poll."""

    def __init__(self, store: Store, payloads: Payloads, word: Word) -> None:
        self.bells = Bells()
        self._store = store
        self._payloads = payloads
        self._word = word

    async def waiting(self, endpoint: Endpoint, limit: int, wait_seconds: float) -> list[Waiting]:
        """Return what an endpoint has to take; when that is nothing, wait for the first to come."""

        async def look() -> list[tuple[Delivery, Message]]:
            return await self._store.read(
                lambda connection: deliveries.waiting(connection, endpoint.id, limit)
            )

        found = await self.bells.first(endpoint.id, look, wait_seconds)
        return [Waiting(delivery, message) for delivery, message in found]

    async def fetch(self, endpoint: Endpoint | None, delivery: str) -> Parcel:
        """Return a delivery of this endpoint (of any, for an operator) with its bytes.

        Raises `NotFound`, and `NotAnswerable` for an endpoint when the sender has taken it back.
        """

        def ask(connection: sa.Connection) -> tuple[Delivery, Message, bytes | Elsewhere]:
            found, message = _of(endpoint, deliveries.one(connection, delivery), delivery)
            if endpoint is not None and found.state is DeliveryState.WITHDRAWN:
                raise withdrawn(found)
            return found, message, self._payloads.look(connection, message.sha256)

        found, message, looked = await self._store.look(ask)
        package = await self._payloads.opened(looked)
        return Parcel(id=found.id, message=message, addressee=found.addressee, package=package)

    async def take(self, endpoint: Endpoint, delivery: str) -> Delivery:
        """The endpoint has a delivery. Saying it again changes nothing. Raises `NotFound`, `NotAnswerable`."""

        def take(tx: Transaction) -> tuple[Delivery, bool]:
            found = _own(endpoint, deliveries.get(tx.connection, delivery), delivery)
            news = found.state is DeliveryState.AVAILABLE and acknowledge.take(
                tx, found, f"endpoint:{endpoint.id}"
            )
            if news:
                found = replace(found, state=DeliveryState.DELIVERED, reason=None, updated_at=tx.now)
            return found, news

        taken, news = await self._store.write(take, "take")
        if news:
            metrics.fetched(endpoint.adapter, "delivered")
        return _ended(taken, DeliveryState.DELIVERED)

    async def decline(self, endpoint: Endpoint, delivery: str, reason: str) -> Delivery:
        """The endpoint refuses a delivery; its sender gets a status 02 with the reason. Raises as `take` does."""
        found, message = await self.delivery(endpoint, delivery)
        if found.state is DeliveryState.AVAILABLE:
            text = Text(vi=reason, en=reason)
            word = await self._word(found, message, text)
            actor = f"endpoint:{endpoint.id}"
            if await self._store.write(
                lambda tx: acknowledge.decline(tx, found, text, actor, word), "decline"
            ):
                metrics.fetched(endpoint.adapter, "refused")
            found, _ = await self.delivery(endpoint, delivery)
        return _ended(found, DeliveryState.REFUSED)

    async def delivery(self, endpoint: Endpoint | None, delivery: str) -> tuple[Delivery, Message]:
        """Return a delivery, if it is this endpoint's, and its message. Raises `NotFound`."""
        found = await self._store.read(lambda connection: deliveries.one(connection, delivery))
        return _of(endpoint, found, delivery)


def _of(
    endpoint: Endpoint | None, found: tuple[Delivery, Message] | None, delivery: str
) -> tuple[Delivery, Message]:
    _own(endpoint, found[0] if found else None, delivery)
    assert found is not None
    return found


def _own(endpoint: Endpoint | None, found: Delivery | None, delivery: str) -> Delivery:
    if found is None or (endpoint is not None and found.endpoint != endpoint.id):
        raise NotFound(
            Text(vi=f"Không có lượt chuyển {delivery}", en=f"There is no delivery {delivery}"),
            Sought.DELIVERY,
        )
    return found


def withdrawn(delivery: Delivery) -> NotAnswerable:
    """Return the refusal for who comes too late for a delivery: its copy must be destroyed (QĐ 28/2018, art. 9)."""
    problem = findings.DELIVERY_WITHDRAWN.at(delivery=delivery.id, reason=delivery.reason or NO_REASON)
    message = Text(
        vi=f"{problem.message.vi}. {problem.remedy.vi}", en=f"{problem.message.en}. {problem.remedy.en}"
    )
    return NotAnswerable(message, [problem])


def _ended(delivery: Delivery, wanted: DeliveryState) -> Delivery:
    if delivery.state is DeliveryState.WITHDRAWN:
        raise withdrawn(delivery)
    if delivery.state is not wanted:
        raise NotAnswerable(
            Text(
                vi=f"Lượt chuyển {delivery.id} đang ở trạng thái “{STATES[delivery.state].vi}”, không thực hiện được",
                en=f"Delivery {delivery.id} is “{STATES[delivery.state].en}”: that cannot be done now",
            )
        )
    return delivery
