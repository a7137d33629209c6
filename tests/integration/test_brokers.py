"""What every broker must do: carry tickets without blocking anybody, merge what waits, end when it is closed.

The memory broker in `make test`, RabbitMQ in `make test-services`: there also cut connections, strangers' messages in
the queue, and a broker that does not answer.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika
import httpx
import pytest
from aio_pika.abc import AbstractIncomingMessage, AbstractQueue

from hub.broker.amqp import DELIVERY_LIMIT, AmqpBroker, declared
from hub.broker.base import Broker
from hub.broker.memory import MemoryBroker
from tests.conftest import Queue

PATIENCE_SECONDS = 60.0


@pytest.fixture(params=["memory", pytest.param("amqp", marks=pytest.mark.services)])
async def broker(request: pytest.FixtureRequest) -> AsyncIterator[Broker]:
    if request.param == "memory":
        made: Broker = MemoryBroker()
    else:
        queue: Queue = request.getfixturevalue("queue")
        made = AmqpBroker(queue.url, queue.name)
    await made.start()
    yield made
    await made.close()


class Hearing:
    """Somebody who follows the tickets."""

    def __init__(self, broker: Broker) -> None:
        self.heard: list[str] = []
        self.task = asyncio.create_task(self._follow(broker))

    async def _follow(self, broker: Broker) -> None:
        async for ticket in broker.tickets():
            self.heard.extend(sorted(ticket))

    async def until(self, *names: str) -> None:
        """Wait until all of these were named."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not set(names) <= set(self.heard):
                await asyncio.sleep(0.01)


@asynccontextmanager
async def hearing(broker: Broker) -> AsyncIterator[Hearing]:
    made = Hearing(broker)
    try:
        yield made
    finally:
        made.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await made.task


async def test_a_ticket_arrives(broker: Broker) -> None:
    async with hearing(broker) as ear:
        broker.announce(frozenset({"a", "b"}))
        await ear.until("a", "b")


async def test_what_was_announced_before_anybody_listened_arrives(broker: Broker) -> None:
    broker.announce(frozenset({"early"}))
    async with hearing(broker) as ear:
        await ear.until("early")


async def test_every_endpoint_that_is_announced_is_named_at_least_once(broker: Broker) -> None:
    async with hearing(broker) as ear:
        for number in range(300):
            broker.announce(frozenset({f"e{number}"}))
            if number % 50 == 0:
                await asyncio.sleep(0)
        await ear.until(*(f"e{number}" for number in range(300)))


async def test_naming_one_endpoint_a_thousand_times_costs_few_tickets(broker: Broker) -> None:
    for _ in range(1_000):
        broker.announce(frozenset({"busy"}))
    async with hearing(broker) as ear:
        await ear.until("busy")
        await asyncio.sleep(0.1)
        assert len(ear.heard) < 10


async def test_closing_ends_the_tickets(broker: Broker) -> None:
    ear = Hearing(broker)
    broker.announce(frozenset({"a"}))
    await ear.until("a")
    await broker.close()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.wait_for(ear.task, PATIENCE_SECONDS)


# --- RabbitMQ alone -----------------------------------------------------------------------------------------------


class Proxy:
    """A way to RabbitMQ that can be cut."""

    def __init__(self, url: str) -> None:
        self._target = httpx.URL(url)
        self._open: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None
        self.port = 0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Drop every connection and take no new ones."""
        assert self._server is not None
        self._server.close()
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()
        await asyncio.sleep(0.05)

    @property
    def url(self) -> str:
        return str(self._target.copy_with(host="127.0.0.1", port=self.port))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._target.host, self._target.port or 5672)
        self._open += [writer, back]
        with contextlib.suppress(OSError):
            await asyncio.gather(_pump(reader, back), _pump(there, writer))


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()
    target.close()


@pytest.mark.services
async def test_a_connection_that_is_cut_comes_back_by_itself(queue: Queue) -> None:
    proxy = Proxy(queue.url)
    await proxy.open()
    broker = AmqpBroker(proxy.url, queue.name)
    await broker.start()
    async with hearing(broker) as ear:
        broker.announce(frozenset({"before"}))
        await ear.until("before")
        await proxy.cut()
        broker.announce(frozenset({"while it is away"}))
        await asyncio.sleep(0.3)
        broker.announce(frozenset({"still away"}))
        await proxy.open()
        await ear.until("while it is away", "still away")
        broker.announce(frozenset({"after"}))
        await ear.until("after")
        assert not ear.task.done()
    await broker.close()
    await proxy.cut()


@pytest.mark.services
async def test_tickets_wait_in_the_queue_for_the_next_node(queue: Queue) -> None:
    first = AmqpBroker(queue.url, queue.name)
    await first.start()
    first.announce(frozenset({"kept"}))
    async with asyncio.timeout(PATIENCE_SECONDS):
        while first._arrived.empty():  # it went through the queue, and nobody has taken it in hand
            await asyncio.sleep(0.05)
    await first.close()
    second = AmqpBroker(queue.url, queue.name)
    await second.start()
    async with hearing(second) as ear:
        await ear.until("kept")
    await second.close()


@pytest.mark.services
async def test_a_ticket_that_a_node_died_with_goes_to_another(queue: Queue) -> None:
    first, second = AmqpBroker(queue.url, queue.name), AmqpBroker(queue.url, queue.name)
    await first.start()
    first.announce(frozenset({"in hand"}))
    tickets = aiter(first.tickets())
    assert await anext(tickets) == {"in hand"}  # it is acknowledged only when the next one is asked for
    await first.close()
    await second.start()
    async with hearing(second) as ear:
        await ear.until("in hand")
    await second.close()


@pytest.mark.services
async def test_two_nodes_share_the_tickets(queue: Queue) -> None:
    first, second = AmqpBroker(queue.url, queue.name), AmqpBroker(queue.url, queue.name)
    await first.start()
    await second.start()
    async with hearing(first) as one, hearing(second) as other:
        announced = 0
        async with asyncio.timeout(PATIENCE_SECONDS):
            # RabbitMQ may close the connection of one that declares the queue in the same instant: it comes back.
            while not (one.heard and other.heard):
                first.announce(frozenset({f"e{announced}"}))
                announced += 1
                await asyncio.sleep(0.005)
            while len({*one.heard, *other.heard}) < announced:
                await asyncio.sleep(0.01)
    await first.close()
    await second.close()


@pytest.mark.services
@pytest.mark.parametrize("stray", [b"", b"\xff\xfe", b"{}", b'"a"', b"[1, null, {}]", b"[" * 100_000])
async def test_what_is_no_ticket_stops_nobody(queue: Queue, stray: bytes) -> None:
    broker = AmqpBroker(queue.url, queue.name)
    await broker.start()
    async with await aio_pika.connect(queue.url) as connection, connection.channel() as channel:
        await channel.default_exchange.publish(aio_pika.Message(stray), routing_key=queue.name)
    async with hearing(broker) as ear:
        broker.announce(frozenset({"good"}))
        await ear.until("good")
        assert ear.heard == ["good"]
    await broker.close()


@pytest.mark.services
async def test_a_broker_that_is_away_at_the_start_is_found_when_it_comes(queue: Queue) -> None:
    proxy = Proxy(queue.url)
    await proxy.open()
    await proxy.cut()
    broker = AmqpBroker(proxy.url, queue.name)
    await broker.start()
    broker.announce(frozenset({"early"}))
    async with hearing(broker) as ear:
        await asyncio.sleep(0.2)
        assert ear.heard == []
        await proxy.open()
        await ear.until("early")
    await broker.close()
    await proxy.cut()


@pytest.mark.services
async def test_a_broker_that_lost_its_disk_gets_its_queues_again(queue: Queue) -> None:
    proxy = Proxy(queue.url)
    await proxy.open()
    broker = AmqpBroker(proxy.url, queue.name)
    await broker.start()
    async with hearing(broker) as ear:
        broker.announce(frozenset({"before"}))
        await ear.until("before")
        await proxy.cut()
        await wipe(queue)
        broker.announce(frozenset({"meanwhile"}))
        await proxy.open()
        await ear.until("meanwhile")
        assert await arguments_fit(queue)
    await broker.close()
    await proxy.cut()


@pytest.mark.services
async def test_a_queue_that_is_deleted_under_a_living_connection_is_declared_again(queue: Queue) -> None:
    broker = AmqpBroker(queue.url, queue.name)
    await broker.start()
    async with hearing(broker) as ear:
        broker.announce(frozenset({"before"}))
        await ear.until("before")
        await wipe(queue)
        broker.announce(frozenset({"after"}))
        await ear.until("after")
    await broker.close()


@pytest.mark.services
async def test_a_ticket_that_every_node_dies_of_is_laid_aside(queue: Queue) -> None:
    async with await aio_pika.connect(queue.url) as connection, connection.channel() as channel:
        tickets = await declared(channel, queue.name)
        await channel.default_exchange.publish(aio_pika.Message(b'["deadly"]'), routing_key=queue.name)
        for _ in range(DELIVERY_LIMIT + 1):
            await (await there(tickets)).reject(requeue=True)
        laid = await there(await channel.get_queue(f"{queue.name}.dead"))
        assert laid.body == b'["deadly"]'
        await laid.ack()
        assert await tickets.get(fail=False) is None


async def there(waiting: AbstractQueue) -> AbstractIncomingMessage:
    """Return the next message of a queue, as soon as it is there."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (found := await waiting.get(fail=False)) is None:
            await asyncio.sleep(0.05)
    return found


async def wipe(queue: Queue) -> None:
    """Take the queues away, as a disk that is gone does."""
    async with await aio_pika.connect(queue.url) as connection, connection.channel() as channel:
        for name in (queue.name, f"{queue.name}.dead"):
            await channel.queue_delete(name, if_unused=False, if_empty=False)


async def arguments_fit(queue: Queue) -> bool:
    """Tell whether the queue has the arguments that we declare: RabbitMQ refuses others."""
    async with await aio_pika.connect(queue.url) as connection, connection.channel() as channel:
        return (await declared(channel, queue.name)).name == queue.name
