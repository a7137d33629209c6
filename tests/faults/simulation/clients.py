"""The agencies' systems that come to the hub: they hand in the same bytes until they are answered, fetch and take.

What one of them was told counts: `Sent` and `Inbox` remember it, for the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from hub import findings
from hub.app import Hub
from hub.errors import NotAnswerable, NotFound, Refusal, Unavailable
from hub.model import Accepted, Delivery, Endpoint, Parcel
from hub.testing import PDF, package, status
from schemas.edxml.envelope import PackageKind, Priority
from tests.faults.simulation.network import NoAnswer, Question, T

if TYPE_CHECKING:
    from tests.faults.simulation.world import World

LARGE = PDF + b"%" * 6_000  # more than is kept in the database


@dataclass
class Sent:
    """One package, and what its sender was told of it."""

    content: bytes
    endpoint: str
    sender: str
    to: tuple[str, ...]
    kind: PackageKind
    document_id: str
    accepted: set[str] = field(default_factory=set)  # hub ids: one, if all is well
    refused: dict[str, bool] = field(default_factory=dict)  # id of a refusal -> whether it is for good


@dataclass
class Inbox:
    """What a system that fetches has."""

    fetched: dict[str, Parcel] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    declined: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)  # we were told to destroy our copy


class Client:
    """One connected system."""

    def __init__(self, world: World, endpoint: str, codes: tuple[str, ...]) -> None:
        self.world, self.endpoint, self.codes = world, endpoint, codes
        self.chance = world.chance
        self.inbox = Inbox()

    async def ask(self, question: Question[T]) -> T:
        """Ask some node until there is an answer."""
        pause = 0.1
        while True:
            try:
                return await self.world.network.ask(self.endpoint, self.world.some_node(), question)
            except (NoAnswer, Unavailable):
                await asyncio.sleep(self.chance.uniform(0.5, 1.0) * pause)
                pause = min(2 * pause, 2.0)

    # handing in

    async def hand_in(self, sent: Sent) -> None:
        """Hand in a package until it is answered, perhaps at two nodes at once, perhaps again later."""
        self.world.sent.append(sent)
        tries = [self._hand_in(sent)]
        if self.chance.random() < 0.2:
            tries.append(self._hand_in(sent))
        await asyncio.gather(*tries)
        if self.chance.random() < 0.2 and sent.accepted:
            await asyncio.sleep(self.chance.uniform(0.0, 5.0))
            await self._hand_in(sent)

    async def _hand_in(self, sent: Sent) -> None:
        async def accept(hub: Hub) -> Accepted:
            return await hub.accept(await known(hub, self.endpoint), sent.content)

        try:
            accepted = await self.ask(accept)
        except Refusal as refusal:
            self.world.say(f"{self.endpoint}: {sent.kind} {sent.document_id} refused: {refusal.code}")
            if refusal.id is None:
                self.world.problem(f"a refusal without an id: {refusal}")
            else:
                reasons = {each.code for each in refusal.findings}
                sent.refused[refusal.id] = findings.ANSWER_NOTHING_ASKED.code not in reasons
            return
        sent.accepted.add(accepted.message.id)
        self.world.say(
            f"{self.endpoint}: {sent.kind} {sent.document_id} accepted as {accepted.message.id}"
            f"{' again' if accepted.duplicate else ''}"
        )

    async def write(self, count: int, everybody: Iterable[str]) -> None:
        """Send documents, and about some of them an update, a replacement, a revocation or a recall."""
        addressees = [code for code in everybody if code not in self.codes]
        for _ in range(count):
            await asyncio.sleep(self.chance.uniform(0.0, self.world.story_seconds / count))
            sender = self.chance.choice(self.codes)
            to = tuple(self.chance.sample(addressees, self.chance.randint(1, min(3, len(addressees)))))
            document = self._package(sender, to, PackageKind.NEW, "")
            await self.hand_in(document)
            for _ in range(self.chance.choice([0, 0, 1, 1, 2])):
                if document.accepted:
                    await asyncio.sleep(self.chance.uniform(0.0, 3.0))
                    await self._follow_up(document)

    async def _follow_up(self, document: Sent) -> None:
        kind = self.chance.choice(
            [
                PackageKind.UPDATE,
                PackageKind.UPDATE,
                PackageKind.REPLACE,
                PackageKind.REVOKE,
                PackageKind.STATUS,
            ]
        )
        if kind is PackageKind.STATUS:
            asked = self.chance.choice(document.to)
            await self.hand_in(self._status(document.sender, asked, document.document_id, "13", asked))
            return
        some = self.chance.sample(document.to, self.chance.randint(1, len(document.to)))
        await self.hand_in(self._package(document.sender, tuple(some), kind, document.document_id))

    def _package(self, sender: str, to: tuple[str, ...], kind: PackageKind, about: str) -> Sent:
        self.world.written += 1
        named = f"{sender},2026/11/18,{self.world.written}/CV"
        if kind is PackageKind.UPDATE or (kind is PackageKind.REPLACE and self.chance.random() < 0.3):
            named, about = about, ""  # a later version bears the DocumentId of the first
        content = package(
            sender=sender,
            to=to,
            kind=kind,
            document_id=named,
            about=about,
            attachment=LARGE if self.chance.random() < 0.1 else PDF,
            priority=self.chance.choice(
                [Priority.NORMAL, Priority.NORMAL, Priority.NORMAL, Priority.EXPRESS]
            ),
        )
        return Sent(content, self.endpoint, sender, to, kind, named)

    def _status(self, sender: str, to: str, document_id: str, code: str, reached: str) -> Sent:
        at = self.world.now()
        self.world.written += 1
        words = f"Lần {self.world.written}"
        content = status(
            sender=sender,
            to=to,
            document_id=document_id,
            code=code,
            description=words,
            at=at + timedelta(seconds=1),
        )
        return Sent(content, self.endpoint, sender, (reached,), PackageKind.STATUS, document_id)

    async def answer(self, parcel: Parcel) -> None:
        """Say what became of a document, as addressees do: some of it, in some order."""
        message = parcel.message
        if message.kind is PackageKind.STATUS or parcel.addressee not in self.codes:
            return
        for _ in range(self.chance.choice([0, 0, 0, 1, 2])):
            await asyncio.sleep(self.chance.uniform(0.0, 3.0))
            code = self.chance.choice(["01", "03", "04", "06", "15", "16"])
            await self.hand_in(
                self._status(parcel.addressee, message.sender, message.document_id, code, message.sender)
            )

    # fetching

    async def fetch_all(self) -> None:
        """Look into the inbox again and again; fetch, take, refuse, and say so twice."""
        while True:
            await asyncio.sleep(self.chance.uniform(0.5, 4.0))
            await self.look()

    async def look(self) -> None:
        """Deal with whatever waits."""

        async def ask(hub: Hub) -> list[str]:
            return [each.delivery.id for each in await hub.waiting(await known(hub, self.endpoint))]

        for delivery in await self.ask(ask):
            if self.world.over or self.chance.random() < 0.8:
                await self._deal_with(delivery)

    async def _deal_with(self, delivery: str) -> None:
        inbox = self.inbox
        try:
            parcel: Parcel = await self.ask(lambda hub: _fetch(hub, self.endpoint, delivery))
            if delivery not in inbox.fetched:
                inbox.fetched[delivery] = parcel
                self.world.errand(self.answer(parcel))
            elif inbox.fetched[delivery].content != parcel.content:
                self.world.problem(f"{self.endpoint}: other bytes under delivery {delivery}")
            if delivery in inbox.declined or (
                delivery not in inbox.taken and self.chance.random() < self.world.profile.declines
            ):
                inbox.declined.add(delivery)
                await self.ask(lambda hub: _decline(hub, self.endpoint, delivery))
            else:
                inbox.taken.add(delivery)
                for _ in range(self.chance.choice([1, 1, 2])):
                    await self.ask(lambda hub: _take(hub, self.endpoint, delivery))
        except NotAnswerable as refusal:  # its sender has taken it back
            self.world.say(f"{self.endpoint}: {delivery} is gone: {refusal.code}")
            inbox.withdrawn.add(delivery)
        except NotFound:
            self.world.problem(f"{self.endpoint}: {delivery} was offered and is not there")


async def known(hub: Hub, endpoint: str) -> Endpoint:
    """Return an endpoint as a node knows it by now."""
    return hub.directory.endpoint(endpoint) or await hub.endpoint(endpoint)


async def _fetch(hub: Hub, endpoint: str, delivery: str) -> Parcel:
    return await hub.fetch(await known(hub, endpoint), delivery)


async def _take(hub: Hub, endpoint: str, delivery: str) -> Delivery:
    return await hub.take(await known(hub, endpoint), delivery)


async def _decline(hub: Hub, endpoint: str, delivery: str) -> Delivery:
    return await hub.decline(await known(hub, endpoint), delivery, "Không thuộc thẩm quyền")
