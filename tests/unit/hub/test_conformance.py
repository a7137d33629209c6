"""The conformance suite passes an adapter that does everything right and catches each way to do it wrong."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import ClassVar

import pytest

from hub.adapter import Adapter, Receive
from hub.conformance import AdapterConformance, ListeningConformance, RefusalConformance
from hub.errors import Declined, HubError, Misconfigured, Refusal, Unavailable
from hub.model import Parcel, Receipt
from hub.rig import ListeningRig, RefusingRig, endpoint, surroundings
from schemas.text import Text

DOWN = Text(vi="Kệ không trả lời", en="The shelf does not answer")


@dataclass
class Shelf:
    """A far side in memory."""

    documents: dict[str, bytes] = field(default_factory=dict)
    strays: list[str] = field(default_factory=list)
    waiting: list[bytes] = field(default_factory=list)
    accepted: list[bytes] = field(default_factory=list)
    refused: list[bytes] = field(default_factory=list)
    up: bool = True
    refusing: bool = False


class ShelfAdapter(Adapter):
    """Does everything right. Those below do one thing wrong each."""

    name = "shelf"
    shelf: ClassVar[Shelf]

    @classmethod
    def settle(cls, address: str | None) -> str:
        if not address:
            raise Misconfigured(DOWN)
        return address

    async def check(self) -> None:
        if not self.shelf.up:
            raise Unavailable(DOWN)

    async def deliver(self, parcel: Parcel) -> Receipt:
        await self.check()
        if self.shelf.refusing:
            raise Declined(DOWN)
        await asyncio.sleep(0)
        self.put(parcel)
        return Receipt(remote_id=parcel.id)

    def put(self, parcel: Parcel) -> None:
        self.shelf.documents[parcel.id] = parcel.content

    async def listen(self, receive: Receive) -> None:
        while True:
            for content in list(self.shelf.waiting):
                await self.offer(receive, content)
            await asyncio.sleep(0.001)

    async def offer(self, receive: Receive, content: bytes) -> None:
        try:
            await receive(content)
        except Refusal:
            self.shelf.refused.append(content)
        except Exception:
            return
        else:
            self.shelf.accepted.append(content)
        self.shelf.waiting.remove(content)


class Tidying(ShelfAdapter):
    def put(self, parcel: Parcel) -> None:
        self.shelf.documents[parcel.id] = parcel.content.replace(b"\r\n", b"\n")


class Forgetful(ShelfAdapter):
    def put(self, parcel: Parcel) -> None:
        self.shelf.documents[f"{parcel.id}-{len(self.shelf.documents)}"] = parcel.content


class ByContent(ShelfAdapter):
    def put(self, parcel: Parcel) -> None:
        self.shelf.documents[parcel.message.sha256] = parcel.content


class Mixing(ShelfAdapter):
    current: Parcel

    async def deliver(self, parcel: Parcel) -> Receipt:
        self.current = parcel
        await self.check()
        await asyncio.sleep(0)
        self.put(self.current)
        return Receipt()


class Unguarded(ShelfAdapter):
    async def deliver(self, parcel: Parcel) -> Receipt:
        if not self.shelf.up:
            raise ConnectionRefusedError
        return await super().deliver(parcel)

    async def check(self) -> None:
        return None


class Dodging(ShelfAdapter):
    async def deliver(self, parcel: Parcel) -> Receipt:
        if self.shelf.refusing:
            raise Unavailable(DOWN)
        return await super().deliver(parcel)


class Trusting(ShelfAdapter):
    def put(self, parcel: Parcel) -> None:
        super().put(parcel)
        if os.sep in parcel.message.document_id:
            self.shelf.strays.append(parcel.message.document_id)


class Gullible(ShelfAdapter):
    @classmethod
    def settle(cls, address: str | None) -> str:
        return address or "somewhere"


class Promising(ShelfAdapter):
    async def offer(self, receive: Receive, content: bytes) -> None:
        self.shelf.accepted.append(content)
        self.shelf.waiting.remove(content)
        await receive(content)


class Stubborn(ShelfAdapter):
    async def offer(self, receive: Receive, content: bytes) -> None:
        try:
            await receive(content)
        except Refusal:
            self.shelf.refused = [content]
        else:
            self.shelf.accepted.append(content)
            self.shelf.waiting.remove(content)


class Discarding(ShelfAdapter):
    async def offer(self, receive: Receive, content: bytes) -> None:
        self.shelf.waiting.remove(content)
        try:
            await receive(content)
        except Unavailable:
            return
        self.shelf.accepted.append(content)


class ShelfRig(RefusingRig, ListeningRig):
    def __init__(self, kind: type[ShelfAdapter]) -> None:
        self.shelf = Shelf()
        self.kind: type[ShelfAdapter] = type(kind.__name__, (kind,), {"shelf": self.shelf})

    def open(self) -> Adapter:
        return self.kind(endpoint("shelf", "in memory"), surroundings())

    async def documents(self) -> list[bytes]:
        return list(self.shelf.documents.values())

    async def go_down(self) -> None:
        self.shelf.up = False

    async def come_back(self) -> None:
        self.shelf.up = True

    async def strays(self) -> list[str]:
        return list(self.shelf.strays)

    async def refuse(self) -> None:
        self.shelf.refusing = True

    async def hand_in(self, content: bytes) -> None:
        self.shelf.waiting.append(content)

    async def told_accepted(self) -> list[bytes]:
        return list(self.shelf.accepted)

    async def told_refused(self) -> list[bytes]:
        return list(self.shelf.refused)


class ShelfConformance(RefusalConformance, ListeningConformance):
    kind: ClassVar[type[ShelfAdapter]] = ShelfAdapter

    @asynccontextmanager
    async def rig(self) -> AsyncIterator[ShelfRig]:
        yield ShelfRig(self.kind)


class TestAnAdapterThatDoesEverythingRight(ShelfConformance):
    pass


def suite_for(adapter: type[ShelfAdapter]) -> ShelfConformance:
    suite: ShelfConformance = type("Suite", (ShelfConformance,), {"kind": adapter, "patience_seconds": 0.2})()
    return suite


WRONG: list[tuple[type[ShelfAdapter], Callable[[ShelfConformance], Awaitable[None]]]] = [
    (Tidying, lambda suite: suite.test_the_same_bytes_come_out(b"<a>\r\n</a>")),
    (Forgetful, AdapterConformance.test_delivering_twice_leaves_one_document),
    (Forgetful, AdapterConformance.test_a_hub_that_died_before_it_noted_the_delivery_may_repeat_it),
    (ByContent, AdapterConformance.test_two_deliveries_of_the_same_bytes_are_two_documents),
    (Mixing, AdapterConformance.test_deliveries_at_the_same_time_do_not_mix),
    (Unguarded, AdapterConformance.test_a_far_side_that_is_down_is_unavailable_and_gets_it_later),
    (Unguarded, AdapterConformance.test_check_speaks_when_a_delivery_cannot_succeed),
    (Dodging, RefusalConformance.test_a_refusal_of_the_far_side_is_final_and_says_why),
    (Trusting, lambda suite: suite.test_what_strangers_write_never_becomes_a_path_or_a_header("../../a")),
    (Gullible, AdapterConformance.test_an_address_that_can_never_work_is_refused_at_once),
    (Promising, ListeningConformance.test_the_far_side_is_told_only_after_the_document_is_safe),
    (Promising, ListeningConformance.test_a_fault_of_the_hub_loses_nothing_and_stops_nobody),
    (Stubborn, ListeningConformance.test_a_refusal_is_told_and_the_document_is_not_offered_again),
    (Discarding, ListeningConformance.test_a_hub_that_is_unavailable_is_offered_the_document_again),
    (Discarding, ListeningConformance.test_a_hub_that_stopped_while_taking_is_offered_the_document_again),
]


@pytest.mark.parametrize(("adapter", "asked"), WRONG, ids=[adapter.__name__ for adapter, _ in WRONG])
async def test_what_an_adapter_does_wrong_is_caught(
    adapter: type[ShelfAdapter], asked: Callable[[ShelfConformance], Awaitable[None]]
) -> None:
    with pytest.raises((AssertionError, pytest.fail.Exception, HubError, OSError, RuntimeError)):
        await asked(suite_for(adapter))
