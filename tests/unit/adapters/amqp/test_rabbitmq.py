"""Against a RabbitMQ: what its answers mean, and what is taken from a queue whatever breaks in between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pamqp.common import FieldTable

from adapters.amqp import AmqpAdapter
from adapters.amqp.line import Limits
from adapters.amqp.taking import Pauses
from hub.adapter import Adapter
from hub.errors import Misconfigured, Refusal, Unavailable
from hub.rig import StandInHub, endpoint, listening, parcel, surroundings
from hub.testing import eventually
from schemas.text import Text
from tests.unit.adapters.amqp.wire import Broker, broker

pytestmark = pytest.mark.services

NO = Refusal(Text(vi="Gói tin thử bị từ chối", en="The test refuses it"))
DOWN = Unavailable(Text(vi="Cơ sở dữ liệu không trả lời", en="The database does not answer"))


class Hasty(AmqpAdapter):
    pauses = Pauses(first_seconds=0.02, longest_seconds=0.1, idle_seconds=0.2)
    limits = Limits(connect_seconds=5.0, answer_seconds=5.0, largest_bytes=1_000)


@pytest.fixture
async def agency() -> AsyncIterator[Broker]:
    async with broker() as made:
        yield made


@asynccontextmanager
async def adapter(
    agency: Broker, address: str | None = None, secret: str | None = None
) -> AsyncIterator[Adapter]:
    settled = AmqpAdapter.settle(address or agency.address())
    made = Hasty(endpoint("amqp", settled), surroundings(secret or agency.secret))
    try:
        yield made
    finally:
        await made.close()


async def test_a_document_that_no_queue_takes_is_returned_and_waits(agency: Broker) -> None:
    async with adapter(agency, agency.address(give=f"{agency.name('exchange')}:nowhere")) as made:
        with pytest.raises(Unavailable, match="trả lại") as caught:
            await made.deliver(parcel(b"<a/>"))
        assert "nowhere" in caught.value.message.en
        queue = await agency.channel.get_queue(agency.name("give"))
        await queue.bind(agency.name("exchange"), "nowhere")
        await made.deliver(parcel(b"<a/>"))
    await agency.read()
    assert [message.body for message in agency.documents.values()] == [b"<a/>"]


@pytest.mark.parametrize("missing", ["exchange:key", ":queue"])
async def test_an_exchange_or_queue_that_is_not_there_is_waited_for(agency: Broker, missing: str) -> None:
    before, _, after = missing.partition(":")
    give = f"{agency.name('no-' + before)}:{after}" if before else f":{agency.name('no-' + after)}"
    async with adapter(agency, agency.address(give=give)) as made:
        for asked in (made.check(), made.deliver(parcel(b"<a/>"))):
            with pytest.raises(Unavailable):
                await asked


async def test_a_full_queue_is_waited_for(agency: Broker) -> None:
    name = agency.name("full")
    arguments: FieldTable = {"x-max-length": 1, "x-overflow": "reject-publish"}
    await agency.channel.declare_queue(name, exclusive=False, auto_delete=False, arguments=arguments)
    try:
        async with adapter(agency, agency.address(give=f":{name}")) as made:
            await made.deliver(parcel(b"<a/>", number=1))
            with pytest.raises(Unavailable, match="không lưu được"):
                await made.deliver(parcel(b"<b/>", number=2))
    finally:
        await agency.channel.queue_delete(name)


async def test_a_wrong_password_is_an_operators_matter_and_not_repeated(agency: Broker) -> None:
    for secret in ("guest:not-the-password", "no-colon"):
        async with adapter(agency, secret=secret) as made:
            with pytest.raises(Misconfigured) as caught:
                await made.deliver(parcel(b"<a/>"))
            assert "not-the-password" not in caught.value.message.vi + caught.value.message.en


async def test_a_vhost_that_is_not_there_is_named(agency: Broker) -> None:
    async with adapter(agency, agency.address().replace("/?", "/no-such-vhost?")) as made:
        with pytest.raises(Unavailable, match="no-such-vhost"):
            await made.check()


async def test_many_deliveries_at_once_share_one_connection(agency: Broker) -> None:
    async with adapter(agency) as made:
        await asyncio.gather(*(made.deliver(parcel(b"<a/>", number=number)) for number in range(50)))
        await agency.read()
        assert len(agency.documents) == 50


async def test_a_refusal_says_why_and_the_package_goes_to_the_dead_letters(agency: Broker) -> None:
    hub = StandInHub(errors=[NO])
    async with adapter(agency) as made, listening(made, hub):
        await agency.hand_in(b"<bad/>", "cv-12")
        await eventually(lambda: agency.wire.rejected == ["cv-12"])

        async def dead() -> bool:
            await agency.read()
            return len(agency.dead) == 1

        await eventually(dead)
    (refusal,) = agency.refusals
    body = json.loads(refusal.body)
    assert refusal.correlation_id == body["message_id"] == "cv-12"
    assert body["error"]["message"] == NO.message.as_json()
    assert refusal.headers["edochub-code"] == NO.code
    assert agency.dead[0].body == b"<bad/>"
    assert agency.wire.acknowledged == []


async def test_without_refusals_a_refused_package_is_only_rejected(agency: Broker) -> None:
    address = agency.address().partition("&refusals")[0]
    async with adapter(agency, address) as made, listening(made, StandInHub(errors=[NO])):
        await agency.hand_in(b"<bad/>", "cv-12")
        await eventually(lambda: agency.wire.rejected == ["cv-12"])
    await agency.read()
    assert agency.refusals == []


async def test_a_refusal_that_cannot_be_told_is_told_later_and_the_hub_is_asked_once(agency: Broker) -> None:
    hub = StandInHub(errors=[NO])
    address = agency.address(refusals=f"{agency.name('exchange')}:why")
    async with adapter(agency, address) as made, listening(made, hub):
        await agency.hand_in(b"<bad/>", "cv-12")
        await eventually(lambda: hub.asked == 1)
        assert agency.wire.rejected == []
        queue = await agency.channel.get_queue(agency.name("refusals"))
        await queue.bind(agency.name("exchange"), "why")
        await eventually(lambda: agency.wire.rejected == ["cv-12"])
    await agency.read()
    assert len(agency.refusals) == 1
    assert hub.asked == 1


async def test_a_message_that_is_too_large_is_refused_without_asking_the_hub(agency: Broker) -> None:
    hub = StandInHub()
    async with adapter(agency) as made, listening(made, hub):
        await agency.hand_in(b"x" * 1_001, "large")
        await agency.hand_in(b"x" * 1_000, "fits")
        await eventually(lambda: agency.wire.acknowledged == ["fits"])
    await agency.read()
    assert hub.taken == [b"x" * 1_000]
    assert [json.loads(message.body)["error"]["code"] for message in agency.refusals] == [
        "document.too-large"
    ]


async def test_the_broker_sends_no_more_ahead_than_it_may(agency: Broker) -> None:
    hub = StandInHub(slow=asyncio.Event())
    for number in range(10):
        await agency.hand_in(b"<a/>", str(number))
    async with adapter(agency, agency.address() + "&prefetch=2") as made, listening(made, hub):
        await eventually(lambda: hub.asked == 1 and agency.wire.delivered == 2)
        hub.go_on()
        await eventually(lambda: len(agency.wire.acknowledged) == 10)
    assert agency.wire.acknowledged == [str(number) for number in range(10)]


async def test_while_the_hub_is_down_a_message_is_held_and_not_sent_again(agency: Broker) -> None:
    hub = StandInHub(errors=[DOWN] * 30)
    async with adapter(agency) as made, listening(made, hub):
        await agency.hand_in(b"<a/>", "first")
        await agency.hand_in(b"<b/>", "second")
        await eventually(lambda: agency.wire.acknowledged == ["first", "second"])
    assert hub.taken == [b"<a/>", b"<b/>"]
    assert agency.wire.delivered == 2  # a quorum queue would throw it away after twenty


async def test_what_was_in_hand_when_the_connection_broke_comes_again(agency: Broker) -> None:
    hub = StandInHub(slow=asyncio.Event())
    async with adapter(agency) as made, listening(made, hub):
        await agency.hand_in(b"<a/>", "in-hand")
        await eventually(lambda: hub.asked == 1)
        await agency.wire.cut()
        await agency.wire.open()
        hub.go_on()
        await eventually(lambda: agency.wire.acknowledged[-1:] == ["in-hand"] and len(hub.taken) >= 2)
        await agency.hand_in(b"<b/>", "after")
        await eventually(lambda: agency.wire.acknowledged[-1:] == ["after"])
    assert hub.taken[-1] == b"<b/>"


async def test_a_queue_that_was_deleted_and_made_anew_is_found_again(agency: Broker) -> None:
    hub = StandInHub()
    async with adapter(agency) as made, listening(made, hub):
        await agency.hand_in(b"<a/>", "before")
        await eventually(lambda: agency.wire.acknowledged == ["before"])
        await agency.channel.queue_delete(agency.name("take"), if_unused=False, if_empty=False)
        await eventually(lambda: agency.wire.cancelled == 1)
        await agency.declare()
        await agency.hand_in(b"<b/>", "after")
        await eventually(lambda: hub.taken == [b"<a/>", b"<b/>"])


async def test_a_message_that_the_hub_stumbles_over_holds_nobody_up_and_comes_in_later(
    agency: Broker,
) -> None:
    hub = StandInHub(errors=[RuntimeError("unplanned"), DOWN])
    async with adapter(agency) as made, listening(made, hub):
        await agency.hand_in(b"<unlucky/>", "unlucky")
        await agency.hand_in(b"<lucky/>", "lucky")
        await eventually(lambda: sorted(agency.wire.acknowledged) == ["lucky", "unlucky"])
    assert sorted(hub.taken) == [b"<lucky/>", b"<unlucky/>"]
