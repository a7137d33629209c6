"""RabbitMQ: one durable quorum queue of tickets for all nodes, publisher confirms, reconnecting by itself.

A ticket's body is a JSON list of endpoint ids; documents never pass through the broker. Announcements that wait for a
confirm, or for a connection, are merged, so a broker that is away costs a set of ids, not a backlog.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import aio_pika
import structlog
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue, AbstractRobustConnection
from aio_pika.exceptions import AMQPError

from hub.broker.base import Broker, Ticket
from hub.errors import Unavailable
from schemas.text import Text

log = structlog.get_logger()

QUEUE = "edochub.tickets"
PREFETCH = 16
PAUSE_SECONDS = 1.0  # between tries to publish while the broker is away


class AmqpBroker(Broker):
    """Tickets through a quorum queue; each goes to one node, and the others' sweeps need not wait for it."""

    def __init__(self, url: str, queue: str = QUEUE) -> None:
        self._url = url
        self._queue_name = queue
        self._connection: AbstractRobustConnection | None = None
        self._channel: AbstractChannel | None = None
        self._queue: AbstractQueue | None = None
        self._waiting: set[str] = set()
        self._news = asyncio.Event()
        self._publisher: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect, declare the queue, start publishing."""
        try:
            self._connection = await aio_pika.connect_robust(self._url, timeout=10)
            self._channel = await self._connection.channel(publisher_confirms=True)
            await self._channel.set_qos(prefetch_count=PREFETCH)
            self._queue = await self._channel.declare_queue(
                self._queue_name, durable=True, arguments={"x-queue-type": "quorum"}
            )
        except (AMQPError, OSError, TimeoutError) as error:
            raise Unavailable(
                Text(
                    vi=f"Không kết nối được RabbitMQ: {type(error).__name__}",
                    en=f"RabbitMQ cannot be reached: {type(error).__name__}",
                )
            ) from error
        self._publisher = asyncio.create_task(self._publish())

    def announce(self, ticket: Ticket) -> None:
        """Add to what the publisher sends next."""
        self._waiting |= ticket
        self._news.set()

    async def _publish(self) -> None:
        assert self._channel is not None
        while True:
            await self._news.wait()
            self._news.clear()
            ticket, self._waiting = sorted(self._waiting), set()
            if not ticket:
                continue
            message = aio_pika.Message(
                json.dumps(ticket).encode(), delivery_mode=aio_pika.DeliveryMode.PERSISTENT
            )
            try:
                await self._channel.default_exchange.publish(message, routing_key=self._queue_name)
            except (AMQPError, OSError, TimeoutError, RuntimeError) as error:
                log.warning("broker.away", error=type(error).__name__, waiting=len(ticket))
                self._waiting |= set(ticket)
                self._news.set()
                await asyncio.sleep(PAUSE_SECONDS)

    async def tickets(self) -> AsyncIterator[Ticket]:
        """Yield tickets; each is acknowledged when the next one is asked for."""
        assert self._queue is not None
        async with self._queue.iterator() as messages:
            async for message in messages:
                yield read(message)
                await message.ack()

    async def close(self) -> None:
        """Stop publishing and let go of the connection."""
        if self._publisher is not None:
            self._publisher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._publisher
        if self._connection is not None:
            await self._connection.close()


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
