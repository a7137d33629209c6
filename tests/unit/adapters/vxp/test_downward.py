"""Fetching from an axis: marked after it is recorded, never before, whatever the axis answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from adapters.vxp import VxpAdapter
from adapters.vxp.downward import Pauses, doc_ids
from hub.errors import Refusal, Unavailable
from hub.hops import Hops
from hub.model import Accepted
from hub.rig import StandInHub, endpoint, listening, surroundings
from schemas.text import Text
from tests.unit.adapters.vxp.standin import StandInAxis, Trouble
from tests.unit.adapters.vxp.test_upward import RUBBISH


class Hasty(VxpAdapter):
    pauses = Pauses(first_seconds=0.01, longest_seconds=0.05, longest_rest_seconds=0.05)


@pytest.fixture
async def axis() -> AsyncIterator[StandInAxis]:
    made = StandInAxis()
    await made.start()
    yield made
    await made.stop()


@asynccontextmanager
async def fetching(axis: StandInAxis, hub: StandInHub) -> AsyncIterator[None]:
    adapter = Hasty(endpoint("vxp", Hasty.settle(axis.address)), surroundings())
    try:
        async with listening(adapter, hub):
            yield
    finally:
        await adapter.close()


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.005)


async def test_documents_and_statuses_come_by_lists_of_their_own(axis: StandInAxis) -> None:
    axis.put(b"<document/>")
    axis.put(b"<status/>", "status")
    hub = StandInHub()
    async with fetching(axis, hub):
        await until(lambda: len(axis.finished) == 2)
    assert sorted(hub.taken) == [b"<document/>", b"<status/>"]
    assert {(content, said) for content, said, _ in axis.finished} == {
        (b"<document/>", "done"),
        (b"<status/>", "done"),
    }


async def test_statuses_come_while_documents_are_stuck(axis: StandInAxis) -> None:
    for _ in range(50):
        axis.trouble("getEdoc", b"rubbish")
    axis.put(b"<document/>")
    hub = StandInHub()
    async with fetching(axis, hub):
        await until(lambda: axis.count("getEdoc") > 1)
        axis.troubles.clear()
        axis.put(b"<status/>", "status")
        await until(lambda: len(axis.finished) == 2)


async def test_what_waits_is_recorded_in_its_order(axis: StandInAxis) -> None:
    contents = [f"<n{number}/>".encode() for number in range(40)]
    for content in contents:
        axis.put(content)
    hub = StandInHub()
    async with fetching(axis, hub):
        await until(lambda: len(axis.finished) == 40)
    assert hub.taken == contents


@pytest.mark.parametrize("operation", ["getReceivedEdocList", "getEdoc", "updateStatus"])
@pytest.mark.parametrize("trouble", RUBBISH.values(), ids=RUBBISH.keys())
async def test_rubbish_is_waited_out_and_nothing_is_lost(
    axis: StandInAxis, operation: str, trouble: Trouble
) -> None:
    if trouble in (RUBBISH["no id"], RUBBISH["a null id"]) and operation != "getEdoc":
        trouble = "drop"  # a reply that says yes is a yes here
    axis.trouble(operation, trouble, trouble, trouble, trouble)
    axis.put(b"<a/>")
    axis.put(b"<b/>")
    hub = StandInHub()
    async with fetching(axis, hub):
        await until(lambda: not axis.waiting)
    assert hub.taken == [b"<a/>", b"<b/>"] or sorted(hub.taken) == [b"<a/>", b"<b/>"]


async def test_a_word_that_was_lost_is_said_again_without_taking_the_package_again(axis: StandInAxis) -> None:
    axis.trouble("updateStatus", "drop", "drop", "drop")
    axis.put(b"<a/>")
    hub = StandInHub()
    async with fetching(axis, hub):
        await until(lambda: axis.finished)
    assert hub.asked == 1
    assert axis.count("getEdoc") == 1
    assert axis.count("updateStatus") == 4


async def test_a_word_that_arrived_although_its_answer_was_lost_is_forgotten(axis: StandInAxis) -> None:
    axis.trouble("updateStatus", "drop after")
    axis.put(b"<a/>")
    hub = StandInHub()
    async with fetching(axis, hub):
        await until(lambda: axis.finished)
        axis.put(b"<b/>")
        await until(lambda: len(axis.finished) == 2)
    assert hub.taken == [b"<a/>", b"<b/>"]
    assert axis.count("updateStatus") == 2


async def test_a_refusal_tells_its_reason_in_ascii(axis: StandInAxis) -> None:
    axis.put(b"<bad/>")
    hub = StandInHub(errors=[Refusal(Text(vi="Mã nơi nhận “H49”\nkhông có trong danh bạ", en="x"))])
    async with fetching(axis, hub):
        await until(lambda: axis.finished)
    [(content, said, description)] = axis.finished
    assert (content, said) == (b"<bad/>", "fail")
    assert description == "Ma noi nhan ?H49? khong co trong danh ba"


@pytest.mark.parametrize(
    "data",
    [None, {}, "text", 7, [None, 1, "x", []], [{"docId": None}], [{"docId": "../../x"}], [{}]],
    ids=str,
)
async def test_a_list_of_rubbish_is_an_empty_or_a_failed_one(axis: StandInAxis, data: object) -> None:
    reply = {"status": "OK", "ErrorCode": 0, "ErrorDesc": "", "data": data}
    axis.trouble("getReceivedEdocList", reply, reply)
    hub = StandInHub()
    async with fetching(axis, hub):
        await until(lambda: axis.count("getReceivedEdocList") > 3)
        axis.put(b"<a/>")
        await until(lambda: axis.finished)
    assert hub.taken == [b"<a/>"]


async def test_a_wrong_secret_is_waited_out_too(axis: StandInAxis) -> None:
    right, axis.secret = axis.secret, "another"
    axis.put(b"<a/>")
    hub = StandInHub()
    async with fetching(axis, hub):
        await until(lambda: axis.count("getReceivedEdocList") > 3)
        assert hub.asked == 0
        axis.secret = right
        await until(lambda: axis.finished)


async def test_an_axis_that_is_silent_does_not_hold_up_a_stop(axis: StandInAxis) -> None:
    axis.trouble("getReceivedEdocList", "silent", "silent")
    hub = StandInHub()
    async with asyncio.timeout(20):
        async with fetching(axis, hub):
            await until(lambda: axis.count("getReceivedEdocList") == 2)


async def test_an_axis_that_does_not_hear_does_not_hold_up_a_stop(axis: StandInAxis) -> None:
    axis.trouble("updateStatus", "silent", "silent", "silent")
    axis.put(b"<a/>")
    hub = StandInHub()
    async with asyncio.timeout(20):
        async with fetching(axis, hub):
            await until(lambda: axis.count("updateStatus"))


async def test_what_was_recorded_before_the_hub_failed_is_told_all_the_same(axis: StandInAxis) -> None:
    class Failing(StandInHub):
        async def receive(self, content: bytes, hops: Hops = ()) -> Accepted:
            if self.asked:
                raise Unavailable(Text(vi="Cơ sở dữ liệu không trả lời", en="No database"), 60.0)
            return await super().receive(content)

    axis.put(b"<a/>")
    axis.put(b"<b/>")
    hub = Failing()
    async with fetching(axis, hub):
        await until(lambda: axis.told("done") == [b"<a/>"])
    assert [each.content for each in axis.waiting.values()] == [b"<b/>"]


def test_what_is_finished_there_is_left_alone_and_each_is_named_once() -> None:
    items: list[dict[str, object]] = [
        {"docId": "1", "status": "initial"},
        {"docId": "2", "status": "DONE"},
        {"docId": "1"},
        {"docId": 3},
    ]
    assert doc_ids(items) == ["1", "3"]


def test_pauses_grow_to_an_end() -> None:
    pauses = Pauses(first_seconds=1.0)
    assert [pauses.after(n, 10.0) for n in (1, 2, 3, 4, 5, 500)] == [1, 2, 4, 8, 10, 10]
    assert pauses.after(1, 10.0, asked=5.0) == 5.0
    assert pauses.after(1, 10.0, asked=50.0) == 10.0
