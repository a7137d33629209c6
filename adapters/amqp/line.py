"""A kept connection to a broker, and the channels on it. What broke is made anew by the next who needs it.

We declare nothing on the agency's broker: its queues, exchanges and bindings are its own.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection

from adapters.amqp import words
from adapters.amqp.address import Address, Target
from hub.errors import HubError, Misconfigured


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a broker may take of our time and memory."""

    connect_seconds: float = 20.0
    answer_seconds: float = 60.0
    heartbeat_seconds: int = 30
    largest_bytes: int = 268_435_456  # a larger message is refused; the hub's own limit is mostly below


@dataclass
class Line:
    """One connection, with one channel: what goes wrong on one channel must not close another."""

    address: Address
    endpoint: str
    secret: Callable[[], Awaitable[str | None]]
    limits: Limits
    _making: asyncio.Lock = field(default_factory=asyncio.Lock)
    _connection: AbstractConnection | None = None
    _channel: AbstractChannel | None = None

    async def close(self) -> None:
        """Let go of the connection."""
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            with suppress(*words.FAILURES):
                async with asyncio.timeout(self.limits.connect_seconds):
                    await connection.close()

    async def channel(self) -> AbstractChannel:
        """Return the channel, with publisher confirms; made if need be. Raises `HubError`."""
        async with self._making:
            if self._channel is not None and not self._channel.is_closed:
                return self._channel
            try:
                async with asyncio.timeout(self.limits.connect_seconds):
                    if self._connection is None or not self._connection.connected.is_set():
                        await self.close()  # one that only broke is not closed yet
                        self._connection = await self._connect()
                    self._channel = await self._connection.channel(on_return_raises=True)
            except HubError:
                raise
            except words.FAILURES as error:
                await self.close()
                raise words.connecting(error, self.address.server, self.address.vhost) from error
            return self._channel

    async def publish(self, message: aio_pika.Message, target: Target) -> None:
        """Publish, and return once the broker has stored the message in at least one queue."""
        channel = await self.channel()
        try:
            async with asyncio.timeout(self.limits.answer_seconds):
                if target.exchange:
                    exchange = await channel.get_exchange(target.exchange, ensure=False)
                else:
                    exchange = channel.default_exchange
                await exchange.publish(message, target.routing_key, mandatory=True)
        except words.FAILURES as error:
            if isinstance(error, TimeoutError):
                await self.close()  # nothing that was not answered is waited for on this connection
            about = (self.address.server, self.address.vhost, str(target), len(message.body))
            raise words.publishing(error, *about) from error

    async def check(self) -> None:
        """Return if the broker lets us in and the queue and the exchanges of the address are there."""
        channel = await self.channel()
        targets = [target for target in (self.address.give, self.address.refusals) if target is not None]
        queues = {target.routing_key for target in targets if not target.exchange}
        try:
            async with asyncio.timeout(self.limits.answer_seconds):
                for queue in sorted({*queues, *([self.address.take] if self.address.take else [])}):
                    await channel.get_queue(queue)
                for exchange in sorted({target.exchange for target in targets} - {""}):
                    await channel.get_exchange(exchange)
        except words.FAILURES as error:
            raise words.connecting(error, self.address.server, self.address.vhost) from error

    async def _connect(self) -> AbstractConnection:
        user, password = self.address.login(await self.secret())
        secure = self.address.scheme == "amqps"
        return await aio_pika.connect(
            host=self.address.host,
            port=self.address.port,
            login=user,
            password=password,
            virtualhost=self.address.vhost,
            ssl=secure,
            ssl_context=self._tls() if secure else None,
            heartbeat=self.limits.heartbeat_seconds,
            client_properties={"connection_name": f"edochub {self.endpoint}"},
        )

    def _tls(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self.address.ca)
        except (OSError, ssl.SSLError) as error:
            raise Misconfigured(
                words.BAD_CA.say(server=self.address.server, path=self.address.ca or "-")
            ) from error
