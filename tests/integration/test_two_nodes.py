"""Several hubs on one PostgreSQL, with or without RabbitMQ: each delivery is sent by one of them, once.

Both nodes run in this process, which a real cluster's do not; they have names of their own all the same.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import sqlalchemy as sa

import hub.adapter
from hub.app import Hub
from hub.broker.amqp import AmqpBroker
from hub.config import Config, HubSettings, StorageSettings, WorkerSettings
from hub.errors import NotAnswerable
from hub.model import DeliveryState, Endpoint
from hub.store import tables
from hub.testing import Box, eventually, package, settings
from tests.conftest import Queue
from tests.faults.recorder import FarSide, Recorder, with_recorder
from tests.faults.told import check_events, one_picture

pytestmark = pytest.mark.services

SENDER, PUSHED, POLLS = "H49.13", "H49.61", "H49.62"


@dataclass
class Cluster:
    """A database, and how nodes on it are started."""

    folder: Path
    database: str
    queue: Queue | None
    far: FarSide

    def config(self, code: str, **worker: Any) -> Config:
        """Leases last unless a test is about their end: on a slow machine a short one ends by itself."""
        config = settings(self.folder)
        return replace(
            config,
            hub=HubSettings(code=code),
            storage=StorageSettings(database=self.database),
            worker=replace(WorkerSettings(sweep_seconds=0.1), **worker),
            retry=replace(config.retry, timeout_seconds=120.0, attempts=1_000),
        )

    @asynccontextmanager
    async def node(self, code: str, **worker: Any) -> AsyncIterator[Hub]:
        async with Hub.open(self.config(code, **worker)) as made:
            if self.queue is not None:
                made.broker = made.worker.broker = AmqpBroker(self.queue.url, self.queue.name)
            async with made.running():
                yield made


@pytest.fixture(params=["without a broker", "with RabbitMQ"])
async def cluster(request: pytest.FixtureRequest, tmp_path: Path, postgresql: str) -> AsyncIterator[Cluster]:
    queue = request.getfixturevalue("queue") if request.param == "with RabbitMQ" else None
    made = Cluster(tmp_path, postgresql, queue, FarSide())
    Recorder.far_sides["pushed"] = made.far
    with mock.patch.object(hub.adapter, "entry_points", with_recorder):
        async with made.node("setup") as node:
            box = Box(node)
            await box.connect("sender", SENDER)
            await box.connect("pushed", PUSHED, adapter="recorder", address="pushed", polls=False)
            await box.connect("polls", POLLS)
        yield made


async def send(node: Hub, count: int, *to: str) -> list[bytes]:
    sender = await node.endpoint("sender")
    contents = [package(to=to) for _ in range(count)]
    await asyncio.gather(*(node.accept(sender, content) for content in contents))
    return contents


async def check(node: Hub) -> None:
    assert [str(text) for text in (await node.verify_ledger()).broken] == []
    check_events(*await node.store.read_alone(one_picture))


async def test_what_either_node_takes_is_delivered_once(cluster: Cluster) -> None:
    async with cluster.node("one") as one, cluster.node("two") as two:
        assert one.node != two.node
        sent = await asyncio.gather(send(one, 60, PUSHED), send(two, 60, PUSHED))
        contents = Counter(content for each in sent for content in each)
        await eventually(lambda: len(cluster.far.documents) == 120)
        await eventually(lambda: settled(one))
        assert Counter(cluster.far.documents.values()) == contents
        assert set(cluster.far.calls.values()) == {1}, "nobody was asked twice"
        await check(one)


async def settled(node: Hub) -> bool:
    return all(each.state.final for each in await node.deliveries(None, 10_000))


async def test_the_same_package_through_both_nodes_at_once_is_one_message(cluster: Cluster) -> None:
    async with cluster.node("one") as one, cluster.node("two") as two:
        sender = await one.endpoint("sender")
        for _ in range(30):
            content = package(to=(PUSHED,))
            first, second = await asyncio.gather(one.accept(sender, content), two.accept(sender, content))
            assert first.message.id == second.message.id
            assert {first.duplicate, second.duplicate} == {True, False}
        await eventually(lambda: len(cluster.far.documents) == 30)
        await check(two)


async def test_both_nodes_offer_a_delivery_and_one_take_is_news(cluster: Cluster) -> None:
    async with cluster.node("one") as one, cluster.node("two") as two:
        await send(one, 10, POLLS)
        polls = await two.endpoint("polls")
        waiting = await two.waiting(polls, wait_seconds=5)
        assert len(waiting) == 10
        for each in waiting:
            taken = await asyncio.gather(*(node.take(polls, each.delivery.id) for node in (one, two)))
            assert {delivery.state for delivery in taken} == {DeliveryState.DELIVERED}
        await check(one)


async def test_a_long_poll_at_one_node_hears_of_what_the_other_took(cluster: Cluster) -> None:
    async with cluster.node("one") as one, cluster.node("two") as two:
        polls = await two.endpoint("polls")
        asked = asyncio.create_task(two.waiting(polls, wait_seconds=3_600))
        await asyncio.sleep(0.1)
        await send(one, 1, POLLS)
        assert len(await asyncio.wait_for(asked, 60)) == 1


async def test_taking_and_declining_at_the_same_time_ends_in_one_of_them(cluster: Cluster) -> None:
    async with cluster.node("one") as one, cluster.node("two") as two:
        await send(one, 10, POLLS)
        polls: Endpoint = await two.endpoint("polls")
        for each in await two.waiting(polls, wait_seconds=5):
            results = await asyncio.gather(
                one.take(polls, each.delivery.id),
                two.decline(polls, each.delivery.id, "Không thuộc thẩm quyền"),
                return_exceptions=True,
            )
            assert [type(result) for result in results].count(NotAnswerable) == 1
        refused = await one.deliveries(DeliveryState.REFUSED, 100)
        told = await one.waiting(await one.endpoint("sender"), limit=100)
        assert len(told) == len(refused), "the sender hears of each refusal, once"
        await check(one)


async def test_what_a_dead_node_was_sending_is_sent_by_another_when_its_lease_is_over(
    cluster: Cluster,
) -> None:
    cluster.far.gate = threading.Event()
    async with cluster.node("dead", lease_seconds=1.0) as dead:
        contents = await send(dead, 3, PUSHED)
        await eventually(lambda: len(cluster.far.calls) == 3)
        dead.worker.close = _nothing  # type: ignore[assignment, method-assign]
        dead.worker._queue_again = _nothing  # type: ignore[assignment, method-assign]
        for lane in dead.worker._lanes.values():
            task = lane.stop()
            assert task is not None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    cluster.far.gate.set()
    async with Hub.open(cluster.config("watching")) as watching:
        assert len(await watching.deliveries(DeliveryState.SENDING, 10)) == 3
    async with cluster.node("alive") as alive, cluster.node("third") as third:
        await eventually(lambda: settled(third))
        assert Counter(cluster.far.documents.values()) == Counter(contents)
        assert set(cluster.far.calls.values()) == {2}, "once by the dead node, once by one of the others"
        await check(alive)


async def _nothing(*_: object) -> None:
    pass


async def test_a_node_that_was_given_up_on_does_not_settle_what_another_sends(cluster: Cluster) -> None:
    """A far side so slow that the lease runs out meanwhile: it may hear twice, under one id; nothing is undone."""
    cluster.far.gate = threading.Event()
    async with cluster.node("one", lease_seconds=1.0) as one, cluster.node("two", lease_seconds=1.0) as two:
        contents = await send(one, 2, PUSHED)
        await eventually(lambda: cluster.far.calls.total() >= 4)
        cluster.far.gate.set()
        await eventually(lambda: settled(two))
        await eventually(lambda: not one.worker.under_way | two.worker.under_way)
        assert Counter(cluster.far.documents.values()) == Counter(contents)
        await check(two)


async def test_what_a_silent_node_was_sending_is_taken_long_before_its_lease_is_over(
    cluster: Cluster,
) -> None:
    """A node that froze wakes up when its deliveries have been settled by another: what it says then is too late."""
    cluster.far.gate = threading.Event()
    waits = {"lease_seconds": 3_600.0, "silent_seconds": 1.0}
    async with cluster.node("frozen", **waits) as frozen:
        contents = await send(frozen, 3, PUSHED)
        await eventually(lambda: len(cluster.far.calls) == 3)
        frozen.duties.beat = _no_beat  # type: ignore[method-assign]
        frozen.duties.leave = _no_beat  # type: ignore[method-assign]
        async with cluster.node("alive", **waits) as alive:
            await eventually(lambda: cluster.far.calls.total() == 6)
            assert frozen.duties.lost
            cluster.far.gate.set()
            await eventually(lambda: settled(alive))
            await eventually(lambda: not frozen.worker.under_way)
            assert Counter(cluster.far.documents.values()) == Counter(contents)
            assert await settled_by(alive) == {f"hub:{alive.node}"}
            await check(alive)


async def _no_beat() -> None:
    pass


async def settled_by(node: Hub) -> set[str]:
    """Return who says that deliveries have arrived."""
    events = tables.events
    query = sa.select(events.c.actor).where(events.c.kind == "delivery.delivered").distinct()
    return set(await node.store.read(lambda connection: connection.execute(query).scalars().all()))
