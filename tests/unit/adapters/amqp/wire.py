"""A way to RabbitMQ that can be cut, and that reads along: what was delivered, acknowledged and rejected.

A broker does not tell anybody else which messages a consumer acknowledged; the frames between them do.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aio_pika
from aio_pika.abc import AbstractChannel
from pamqp import commands, frame, header
from pamqp.common import FieldTable

from tests.conftest import RABBITMQ


@dataclass
class Along:
    """The frames of one connection, read as they pass."""

    wire: Wire
    tags: dict[tuple[int, int], str] = field(default_factory=dict)  # channel, delivery tag -> message id
    opened: dict[int, int] = field(
        default_factory=dict
    )  # channel -> the delivery tag whose header comes next
    buffers: dict[str, bytearray] = field(default_factory=lambda: {"up": bytearray(), "down": bytearray()})

    def read(self, way: str, data: bytes) -> None:
        buffer = self.buffers[way]
        buffer += data
        if buffer.startswith(b"AMQP"):
            del buffer[:8]
        while len(buffer) >= 7 and len(buffer) >= int.from_bytes(buffer[3:7], "big") + 8:
            size = int.from_bytes(buffer[3:7], "big") + 8
            _, channel, read = frame.unmarshal(bytes(buffer[:size]))
            del buffer[:size]
            self.note(channel, read)

    def note(self, channel: int, read: object) -> None:
        match read:
            case commands.Basic.Deliver(delivery_tag=int(tag)):
                self.opened[channel] = tag
                self.wire.delivered += 1
            case commands.Basic.Cancel():
                self.wire.cancelled += 1
            case header.ContentHeader() if channel in self.opened:
                self.tags[channel, self.opened.pop(channel)] = str(read.properties.message_id)
            case commands.Basic.Ack(delivery_tag=int(tag)) if (channel, tag) in self.tags:
                self.wire.acknowledged.append(self.tags[channel, tag])
            case commands.Basic.Reject(delivery_tag=int(tag)) if (channel, tag) in self.tags:
                self.wire.rejected.append(self.tags[channel, tag])


class Wire:
    """The proxy. It listens on a port of its own, the same again after it was cut."""

    def __init__(self) -> None:
        url = urlsplit(RABBITMQ)
        self.target = (url.hostname or "127.0.0.1", url.port or 5672)
        self.port = 0
        self.acknowledged: list[str] = []
        self.rejected: list[str] = []
        self.delivered = self.cancelled = 0
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Drop every connection and take no new ones."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        along = Along(self)
        with contextlib.suppress(OSError):
            there, back = await asyncio.open_connection(*self.target)
            self._writers += [writer, back]
            await asyncio.gather(
                _pump(along, "up", reader, back), _pump(along, "down", there, writer), return_exceptions=True
            )


async def _pump(along: Along, way: str, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65_536):
            along.read(way, data)
            target.write(data)
            await target.drain()
    finally:
        target.close()


@dataclass
class Broker:
    """Queues of a RabbitMQ that belong to one test, and the agency that uses them, past the wire."""

    wire: Wire
    channel: AbstractChannel
    mark: str = field(default_factory=lambda: f"edochub.test.{secrets.token_hex(6)}")
    documents: dict[str, aio_pika.abc.AbstractIncomingMessage] = field(default_factory=dict)
    refusals: list[aio_pika.abc.AbstractIncomingMessage] = field(default_factory=list)
    dead: list[aio_pika.abc.AbstractIncomingMessage] = field(default_factory=list)

    @property
    def secret(self) -> str:
        url = urlsplit(RABBITMQ)
        return f"{url.username or 'guest'}:{url.password or 'guest'}"

    def name(self, short: str) -> str:
        return f"{self.mark}.{short}"

    def address(self, *, give: str | None = None, refusals: str | None = None) -> str:
        give = f"{self.name('exchange')}:to.hub" if give is None else give
        refusals = f":{self.name('refusals')}" if refusals is None else refusals
        query = f"take={self.name('take')}&give={give}&refusals={refusals}"
        return f"amqp://127.0.0.1:{self.wire.port}/?{query}"

    async def declare(self) -> None:
        arguments: FieldTable = {
            "x-queue-type": "quorum",
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": self.name("dead"),
        }
        await self.channel.declare_queue(self.name("take"), durable=True, arguments=arguments)
        for short in ("give", "refusals", "dead"):
            await self.channel.declare_queue(self.name(short), durable=True)
        exchange = await self.channel.declare_exchange(self.name("exchange"), "topic", durable=True)
        await (await self.channel.get_queue(self.name("give"))).bind(exchange, "to.#")

    async def delete(self) -> None:
        for short in ("take", "give", "refusals", "dead"):
            await self.channel.queue_delete(self.name(short), if_unused=False, if_empty=False)
        await self.channel.exchange_delete(self.name("exchange"), if_unused=False)

    async def hand_in(self, content: bytes, message_id: str) -> None:
        message = aio_pika.Message(content, message_id=message_id, delivery_mode=2)
        await self.channel.default_exchange.publish(message, self.name("take"))

    async def read(self) -> None:
        """Read all that came, as the agency does: what has a `message_id` that it knows is dropped."""
        for message in await self._all("give"):
            self.documents.setdefault(str(message.message_id), message)
        self.refusals += await self._all("refusals")
        self.dead += await self._all("dead")

    async def _all(self, short: str) -> list[aio_pika.abc.AbstractIncomingMessage]:
        queue, found = await self.channel.get_queue(self.name(short), ensure=False), []
        while (message := await queue.get(no_ack=True, fail=False)) is not None:
            found.append(message)
        return found


@contextlib.asynccontextmanager
async def broker() -> AsyncIterator[Broker]:
    wire = Wire()
    await wire.open()
    async with await aio_pika.connect(RABBITMQ) as connection, connection.channel() as channel:
        made = Broker(wire, channel)
        await made.declare()
        try:
            yield made
        finally:
            await wire.cut()
            await made.delete()
