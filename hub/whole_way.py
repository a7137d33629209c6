"""Asking for the whole way of a document: our own part, and what the neighbours tell, all asked at once.

`Tells` is what an adapter has whose far side can be asked. A neighbour that asks is answered about documents that
passed between the two and no others; the hub that it asks goes on asking, except back.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import sqlalchemy as sa

from hub.errors import HubError
from hub.hops import MOST_HOPS
from hub.model import Delivery, Endpoint, Message
from hub.store import deliveries, ledger, messages
from hub.way import MOST_DELIVERIES, MOST_EVENTS, Answer, Moment, Part, Question, Silent, Stand
from schemas.edxml.envelope import PackageKind
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub

SECONDS = 5.0  # how long a person waits for all hubs together
OF_MINE = 0.75  # part of one's own time that a neighbour is given: its answer has to come back, too
LEAST_SECONDS = 0.2
OWN_KINDS = ("document.", "delivery.", "answer.")  # events that are told to others

LATE = Text(vi="không trả lời kịp", en="no answer in time")
NOT_ASKED = Text(vi="không có địa chỉ để hỏi", en="there is no address to ask at")


@runtime_checkable
class Tells(Protocol):
    """An adapter whose far side may be a hub that tells its part of the way."""

    @property
    def can_be_asked(self) -> bool:
        """Tell whether there is an address to ask at, and the settings allow it."""
        ...

    async def way(self, question: Question) -> Answer:
        """Ask the far side. Raises `HubError` when it does not answer, or does not tell."""
        ...


async def of_message(hub: Hub, message: Message, seconds: float = SECONDS) -> Answer:
    """Return the whole way of a document, as an operator of this hub may see it."""
    question = Question(message.document_id, message.sender, (), seconds, MOST_HOPS)
    return await whole(hub, question, None)


async def whole(hub: Hub, question: Question, asker: Endpoint | None) -> Answer:
    """Return our part and what our neighbours tell; for a neighbour, of what passed between it and us."""
    found = [
        each for each in await _known(hub, question) if asker is None or _passed_between(asker, *each[:2])
    ]
    news = [each for each in found if each[0].id not in question.seen]
    own = Answer(tuple(part for _, _, part in news))
    if not news or question.hops_left <= 0 or question.seconds < LEAST_SECONDS:
        return own
    seen = (*question.seen, *(message.id for message, _, _ in news))
    seconds = question.seconds * OF_MINE
    onward = Question(question.document_id, question.sender, seen, seconds, question.hops_left - 1)
    neighbours = _neighbours(hub, [(message, made) for message, made, _ in news], asker)
    told = await asyncio.gather(*(_ask(hub, each, onward) for each in neighbours))
    return own.with_others(list(told))


Known = tuple[Message, tuple[Delivery, ...], Part]


async def _known(hub: Hub, question: Question) -> list[Known]:
    directory, code, name = hub.directory, hub.config.hub.code, hub.config.hub.name

    def ask(connection: sa.Connection) -> list[Known]:
        found = []
        for message in messages.find(connection, question.document_id):
            if message.document_id != question.document_id or message.sender != question.sender:
                continue
            if message.kind is PackageKind.STATUS:
                continue
            made = deliveries.of_message(connection, message.id)[:MOST_DELIVERIES]
            addressees = {each.id: each.addressee for each in made}
            part = Part(
                hub=code,
                name=name,
                message=message.id,
                sha256=message.sha256,
                accepted_at=message.accepted_at,
                passed=ledger.hops_of(connection, message.id),
                stands=tuple(Stand.of(each, to_hub=_to_hub(each)) for each in made),
                moments=tuple(
                    Moment.of(event, addressees)
                    for event in ledger.of_message(connection, message.id)
                    if event.kind.startswith(OWN_KINDS)
                )[-MOST_EVENTS:],
            )
            found.append((message, made, part))
        return found

    def _to_hub(delivery: Delivery) -> bool:
        endpoint = directory.endpoint(delivery.endpoint) if delivery.endpoint else None
        return endpoint is not None and delivery.agency not in endpoint.agencies

    return await hub.store.read(ask)


def _passed_between(asker: Endpoint, message: Message, made: tuple[Delivery, ...]) -> bool:
    return message.endpoint == asker.id or any(each.endpoint == asker.id for each in made)


def _neighbours(
    hub: Hub, found: list[tuple[Message, tuple[Delivery, ...]]], asker: Endpoint | None
) -> list[Endpoint]:
    """Return the endpoints that the document came through or went to, except who asks."""
    names = {
        name: None
        for message, made in found
        for name in (message.endpoint, *(each.endpoint for each in made if each.attempts or each.state.final))
        if name is not None and (asker is None or name != asker.id)
    }
    known = [hub.directory.endpoint(name) for name in names]
    return [each for each in known if each is not None and not each.disabled]


async def _ask(hub: Hub, endpoint: Endpoint, question: Question) -> Answer:
    """Ask one neighbour. An endpoint that speaks for agencies and cannot be asked is their own system: no hub."""
    here = hub.config.hub.code
    try:
        adapter = hub.connections.adapter_for(endpoint.id)
        if not isinstance(adapter, Tells) or not adapter.can_be_asked:
            return Answer() if endpoint.agencies else Answer((), (Silent(here, endpoint.id, NOT_ASKED),))
        async with asyncio.timeout(question.seconds):
            return await adapter.way(question)
    except TimeoutError:
        return Answer((), (Silent(here, endpoint.id, LATE),))
    except HubError as error:
        return Answer((), (Silent(here, endpoint.id, error.message),))
