"""RabbitMQ: one durable quorum queue of tickets for all nodes, with publisher confirms.

A ticket's body is a JSON list of endpoint ids; documents never pass through the broker. Announcements that wait for a
confirm, or for a connection, are merged, so a broker that is away costs a set of ids, not a backlog.

One task keeps a connection for as long as the hub runs: it connects, declares the queues, and starts over whenever
the connection, the channel or the queue is gone. So a hub starts without its broker, and a broker that lost its disk
gets its queues again. Meanwhile the workers' sweep finds in the database what no ticket names.

A ticket that was handed out `DELIVERY_LIMIT` times and never acknowledged (a node dies of it, say) goes to a second
queue, `….dead`, for a person to look at. The same arguments hold on RabbitMQ 3.10, which knows no limit of its own, and
on 4.x, whose own is 20.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import aio_pika
import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage, AbstractQueue
from aio_pika.exceptions import AMQPError
from aiormq.exceptions import ChannelInvalidStateError

from hub.broker.base import Broker, Ticket

log = structlog.get_logger()

QUEUE = "edochub.work"
PREFETCH = 16
PAUSE_SECONDS = 1.0  # between tries while the broker is away
TIMEOUT_SECONDS = 10.0  # for a connection, and for a confirm
DELIVERY_LIMIT = 20
MOST_TICKETS = 10_000  # then publishers are told no, and go on merging: the database has it all anyway
MOST_DEAD = 1_000

AWAY = (AMQPError, ChannelInvalidStateError, OSError, TimeoutError, RuntimeError)


class AmqpBroker(Broker):
    """Tickets through a quorum queue; each goes to one node, and the others' sweeps need not wait for it."""

    def __init__(self, url: str, queue: str = QUEUE) -> None:
        self._url = url
        self._queue_name = queue
        self._waiting: set[str] = set()
        self._news = asyncio.Event()
        self._arrived: asyncio.Queue[AbstractIncomingMessage | None] = asyncio.Queue()
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to connect; return at once, whether the broker is there or not."""
        self._keeper = asyncio.create_task(self._keep(), name="broker")

    def announce(self, ticket: Ticket) -> None:
        """Add to what is published next."""
        self._waiting |= ticket
        self._news.set()

    async def tickets(self) -> AsyncIterator[Ticket]:
        """Yield tickets; each is acknowledged when the next one is asked for."""
        while (message := await self._arrived.get()) is not None:
            yield read(message)
            with contextlib.suppress(*AWAY):  # its connection is gone: it comes again, to somebody
                await message.ack()

    async def close(self) -> None:
        """Stop publishing, let go of the connection and end `tickets`."""
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        self._arrived.put_nowait(None)

    async def _keep(self) -> None:
        while True:
            try:
                await self._use()
            except AWAY as error:
                log.warning("broker.away", error=type(error).__name__, waiting=len(self._waiting))
            await asyncio.sleep(PAUSE_SECONDS)

    async def _use(self) -> None:
        """Connect, and publish and consume until something breaks."""
        async with await aio_pika.connect(self._url, timeout=TIMEOUT_SECONDS) as connection:
            channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
            await channel.set_qos(prefetch_count=PREFETCH)
            queue = await declared(channel, self._queue_name)
            gone = await _end_of(connection, channel)
            await queue.consume(self._arrived.put)
            log.info("broker.ready", queue=self._queue_name)
            await self._publish(channel, gone)

    async def _publish(self, channel: AbstractChannel, gone: asyncio.Event) -> None:
        """Publish what is announced until the connection, the channel or the queue is gone."""
        over = asyncio.create_task(gone.wait())
        try:
            while not gone.is_set():
                news = asyncio.create_task(self._news.wait())
                await asyncio.wait([news, over], return_when=asyncio.FIRST_COMPLETED)
                news.cancel()
                self._news.clear()
                ticket, self._waiting = sorted(self._waiting), set()
                if ticket:
                    await self._send(channel, ticket)
        finally:
            over.cancel()

    async def _send(self, channel: AbstractChannel, ticket: list[str]) -> None:
        """Publish one ticket. One that was not confirmed waits to be published again."""
        message = aio_pika.Message(
            json.dumps(ticket).encode(), delivery_mode=aio_pika.DeliveryMode.PERSISTENT
        )
        try:
            # Mandatory: a queue that is gone is an error, and declared anew with the next connection.
            await channel.default_exchange.publish(
                message, routing_key=self._queue_name, mandatory=True, timeout=TIMEOUT_SECONDS
            )
        except BaseException:
            self._waiting |= set(ticket)
            self._news.set()
            raise


async def declared(channel: AbstractChannel, name: str) -> AbstractQueue:
    """Declare the queue of tickets, and the one for those that nobody could handle."""
    await channel.declare_queue(
        f"{name}.dead",
        durable=True,
        arguments={"x-queue-type": "quorum", "x-max-length": MOST_DEAD},
    )
    return await channel.declare_queue(
        name,
        durable=True,
        arguments={
            "x-queue-type": "quorum",
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-max-length": MOST_TICKETS,
            # Without these two, quorum queues lose what they dead-letter when the other queue is away.
            "x-overflow": "reject-publish",
            "x-dead-letter-strategy": "at-least-once",
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": f"{name}.dead",
        },
    )


async def _end_of(connection: AbstractConnection, channel: AbstractChannel) -> asyncio.Event:
    """Return what is set when the connection or the channel ends, or the broker takes our consumer away."""
    gone = asyncio.Event()

    def over(*_: object) -> None:
        gone.set()

    connection.close_callbacks.add(over)
    channel.close_callbacks.add(over)
    (await channel.get_underlay_channel()).on_consumer_cancel_callbacks.add(over)
    return gone


def read(message: AbstractIncomingMessage) -> Ticket:
    """Return the ticket in a message; one that is no ticket names nobody."""
    try:
        named = json.loads(message.body)
    except (ValueError, RecursionError):
        log.warning("broker.not-a-ticket", size=len(message.body))
        return frozenset()
    return (
        frozenset(name for name in named if isinstance(name, str)) if isinstance(named, list) else frozenset()
    )
