"""What every adapter must do, as tests that any adapter can run: ours, and a stranger's in its own repository.

    class MaildirRig(Rig): ...                      # the adapter and its far side, as the suite needs them

    class TestMaildir(AdapterConformance):
        @asynccontextmanager
        async def rig(self) -> AsyncIterator[Rig]:
            with TemporaryDirectory() as folder:
                yield MaildirRig(Path(folder))

An adapter whose far side can refuse a document takes `RefusalConformance` with a `RefusingRig`; one that brings
documents in takes `ListeningConformance` with a `ListeningRig`. `docs/writing-an-adapter.md` is the tour.

This file alone of the hub needs pytest and pytest-asyncio; nothing that serves imports it.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from typing import ClassVar

import pytest

from hub.errors import Declined, HubError, Misconfigured, Refusal, Unavailable
from hub.model import Receipt, ReceiptKind
from hub.rig import (
    CONTENTS,
    HOSTILE_WORDS,
    ListeningRig,
    RefusingRig,
    Rig,
    StandInHub,
    listening,
    opened,
    parcel,
)
from schemas.text import Text


class AdapterConformance(ABC):
    """What every adapter must do that delivers."""

    pytestmark = pytest.mark.asyncio

    @abstractmethod
    def rig(self) -> AbstractAsyncContextManager[Rig]:
        """Return a fresh far side that holds nothing, and clears up after itself."""

    @pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS.keys())
    async def test_the_same_bytes_come_out(self, content: bytes) -> None:
        async with self.rig() as rig, opened(rig) as adapter:
            receipt = await adapter.deliver(parcel(content))
            assert isinstance(receipt, Receipt), f"deliver returns a Receipt, got {receipt!r}"
            assert receipt.kind is ReceiptKind.DELIVERED
            assert await rig.documents() == [content]

    async def test_five_megabytes_come_out_the_same(self) -> None:
        content = bytes(range(251)) * (5 * 1024 * 1024 // 251)
        async with self.rig() as rig, opened(rig) as adapter:
            await adapter.deliver(parcel(content))
            assert await rig.documents() == [content]

    async def test_delivering_twice_leaves_one_document(self) -> None:
        async with self.rig() as rig, opened(rig) as adapter:
            await adapter.deliver(parcel(b"<once/>"))
            await adapter.deliver(parcel(b"<once/>"))
            assert await rig.documents() == [b"<once/>"]

    async def test_a_hub_that_died_before_it_noted_the_delivery_may_repeat_it(self) -> None:
        async with self.rig() as rig:
            async with opened(rig) as before:
                await before.deliver(parcel(b"<once/>"))
            async with opened(rig) as after:
                assert isinstance(await after.deliver(parcel(b"<once/>")), Receipt)
            assert await rig.documents() == [b"<once/>"]

    async def test_a_delivery_that_was_cut_short_may_be_repeated(self) -> None:
        async with self.rig() as rig, opened(rig) as adapter:
            cut = asyncio.create_task(adapter.deliver(parcel(b"<once/>" * 50_000)))
            await asyncio.sleep(0.001)
            cut.cancel()
            with suppress(asyncio.CancelledError):
                await cut
            await adapter.deliver(parcel(b"<once/>" * 50_000))
            assert await rig.documents() == [b"<once/>" * 50_000]

    async def test_two_deliveries_of_the_same_bytes_are_two_documents(self) -> None:
        async with self.rig() as rig, opened(rig) as adapter:
            await adapter.deliver(parcel(b"<same/>", number=1))
            await adapter.deliver(parcel(b"<same/>", number=2))
            assert await rig.documents() == [b"<same/>", b"<same/>"]

    async def test_deliveries_at_the_same_time_do_not_mix(self) -> None:
        contents = [bytes([65 + number]) * (number * 10_007 + 1) for number in range(12)]
        async with self.rig() as rig, opened(rig) as adapter:
            parcels = [parcel(content, number=number) for number, content in enumerate(contents)]
            await asyncio.gather(*map(adapter.deliver, parcels))
            assert sorted(await rig.documents()) == sorted(contents)

    async def test_a_far_side_that_is_down_is_unavailable_and_gets_it_later(self) -> None:
        async with self.rig() as rig, opened(rig) as adapter:
            await rig.go_down()
            error = await failure(adapter.deliver(parcel(b"<later/>")), Unavailable)
            asked = error.retry_after if isinstance(error, Unavailable) else None
            assert asked is None or asked >= 0
            await rig.come_back()
            await adapter.deliver(parcel(b"<later/>"))
            assert await rig.documents() == [b"<later/>"]

    async def test_going_down_loses_nothing_that_was_delivered(self) -> None:
        async with self.rig() as rig, opened(rig) as adapter:
            await adapter.deliver(parcel(b"<before/>", number=1))
            await rig.go_down()
            await failure(adapter.deliver(parcel(b"<after/>", number=2)), Unavailable)
            await rig.come_back()
            await adapter.deliver(parcel(b"<after/>", number=2))
            assert sorted(await rig.documents()) == [b"<after/>", b"<before/>"]

    @pytest.mark.parametrize("words", HOSTILE_WORDS, ids=range(len(HOSTILE_WORDS)))
    async def test_what_strangers_write_never_becomes_a_path_or_a_header(self, words: str) -> None:
        async with self.rig() as rig, opened(rig) as adapter:
            before = await rig.strays()
            await adapter.deliver(parcel(b"<plain/>", words=words))
            assert await rig.documents() == [b"<plain/>"]
            assert await rig.strays() == before

    async def test_check_speaks_when_a_delivery_cannot_succeed(self) -> None:
        async with self.rig() as rig, opened(rig) as adapter:
            await adapter.check()
            await rig.go_down()
            error = await failure(adapter.check(), Unavailable, Misconfigured)
            assert error.message.vi != error.message.en, "the sentence is there in both languages"
            await rig.come_back()
            await adapter.check()

    async def test_checking_delivers_nothing(self) -> None:
        async with self.rig() as rig, opened(rig) as adapter:
            await adapter.check()
            assert await rig.documents() == []

    async def test_an_address_that_can_never_work_is_refused_at_once(self) -> None:
        async with self.rig() as rig, opened(rig) as adapter:
            for address in rig.bad_addresses:
                with pytest.raises(Misconfigured):
                    type(adapter).settle(address)

    async def test_an_address_that_is_settled_stays_as_it_is(self) -> None:
        async with self.rig() as rig, opened(rig) as adapter:
            assert type(adapter).settle(adapter.endpoint.address) == adapter.endpoint.address

    async def test_the_adapter_goes_by_the_name_in_its_endpoint(self) -> None:
        async with self.rig() as rig, opened(rig) as adapter:
            assert adapter.name == adapter.endpoint.adapter


class RefusalConformance(AdapterConformance):
    """What an adapter must do whose far side can refuse."""

    @abstractmethod
    def rig(self) -> AbstractAsyncContextManager[RefusingRig]:
        """Return a fresh far side that refuses nothing yet."""

    async def test_a_refusal_of_the_far_side_is_final_and_says_why(self) -> None:
        async with self.rig() as rig, opened(rig) as adapter:
            await rig.refuse()
            error = await failure(adapter.deliver(parcel(b"<refused/>")), Declined)
            assert error.message.vi
            assert error.message.en
            assert await rig.documents() == []


class ListeningConformance(AdapterConformance):
    """What an adapter must do that brings documents in."""

    patience_seconds: ClassVar[float] = 10.0  # how long a document may take to come in

    @abstractmethod
    def rig(self) -> AbstractAsyncContextManager[ListeningRig]:
        """Return a fresh far side that hands nothing in yet."""

    async def test_what_is_handed_in_reaches_the_hub_byte_for_byte(self) -> None:
        async with self.rig() as rig, opened(rig) as adapter:
            hub = StandInHub()
            async with listening(adapter, hub):
                for content in CONTENTS.values():
                    await rig.hand_in(content)
                await self.until(lambda: len(hub.taken) >= len(CONTENTS))
            assert sorted(hub.taken) == sorted(CONTENTS.values())

    async def test_what_was_handed_in_before_the_hub_listened_comes_in_too(self) -> None:
        async with self.rig() as rig, opened(rig) as adapter:
            hub = StandInHub()
            await rig.hand_in(b"<early/>")
            async with listening(adapter, hub):
                await self.until(lambda: hub.taken == [b"<early/>"])

    async def test_the_far_side_is_told_only_after_the_document_is_safe(self) -> None:
        async with self.rig() as rig, opened(rig) as adapter:
            hub = StandInHub(slow=asyncio.Event())
            async with listening(adapter, hub):
                await rig.hand_in(b"<slow/>")
                await self.until(lambda: hub.asked > 0)
                assert await rig.told_accepted() == []
                hub.go_on()
                await self.until_told(rig.told_accepted, [b"<slow/>"])

    async def test_a_refusal_is_told_and_the_document_is_not_offered_again(self) -> None:
        async with self.rig() as rig, opened(rig) as adapter:
            hub = StandInHub(errors=[Refusal(Text(vi="Gói tin thử bị từ chối", en="The test refuses it"))])
            async with listening(adapter, hub):
                await rig.hand_in(b"<bad/>")
                await self.until_told(rig.told_refused, [b"<bad/>"])
                await rig.hand_in(b"<good/>")
                await self.until_told(rig.told_accepted, [b"<good/>"])
            assert hub.asked == 2

    async def test_a_hub_that_is_unavailable_is_offered_the_document_again(self) -> None:
        async with self.rig() as rig, opened(rig) as adapter:
            down = Unavailable(
                Text(vi="Cơ sở dữ liệu không trả lời", en="The database does not answer"), 0.01
            )
            hub = StandInHub(errors=[down, down])
            async with listening(adapter, hub):
                await rig.hand_in(b"<kept/>")
                await self.until_told(rig.told_accepted, [b"<kept/>"])
            assert hub.asked == 3
            assert await rig.told_refused() == []

    async def test_a_fault_of_the_hub_loses_nothing_and_stops_nobody(self) -> None:
        async with self.rig() as rig, opened(rig) as adapter:
            hub = StandInHub(errors=[RuntimeError("unplanned")])
            async with listening(adapter, hub):
                await rig.hand_in(b"<unlucky/>")
                await rig.hand_in(b"<lucky/>")
                await self.until(lambda: sorted(hub.taken) == [b"<lucky/>", b"<unlucky/>"])

    async def test_a_hub_that_stopped_while_taking_is_offered_the_document_again(self) -> None:
        async with self.rig() as rig:
            stuck = StandInHub(slow=asyncio.Event())
            async with opened(rig) as before, listening(before, stuck):
                await rig.hand_in(b"<kept/>")
                await self.until(lambda: stuck.asked > 0)
            hub = StandInHub()
            async with opened(rig) as after, listening(after, hub):
                await self.until_told(rig.told_accepted, [b"<kept/>"])
            assert hub.taken == [b"<kept/>"]

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until something holds; fail when it takes too long."""
        async with asyncio.timeout(self.patience_seconds):
            while not true():  # noqa: ASYNC110  (the far side has no event to wait for)
                await asyncio.sleep(0.01)

    async def until_told(self, told: Callable[[], Awaitable[list[bytes]]], expected: list[bytes]) -> None:
        """Wait until the far side was told about exactly these documents."""
        async with asyncio.timeout(self.patience_seconds):
            while await told() != expected:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def failure(awaitable: Awaitable[object], *expected: type[HubError]) -> HubError:
    """Return the error that an action ends with, which must be one of those expected."""
    with pytest.raises(expected) as caught:
        await awaitable
    return caught.value
