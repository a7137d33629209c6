"""Taking packages from an agency's queue: each acknowledged after it is recorded, never before, in the queue's order.

    the hub took it     acknowledged
    Refusal             published to `refusals`, if there is such; then rejected without requeueing, which takes it to
                        the queue's dead-letter exchange, if the agency has given it one
    Unavailable         held unacknowledged and offered again; nothing behind it is offered before
    anything else       held, and offered again later; the others go on, as far as `prefetch` lets them

A message is held rather than given back: quorum queues count how often one comes back and throw it away in the end.
If the connection breaks or the process dies, the broker has every message that was not acknowledged and sends it
again; the hub knows a repeat by its content.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog
from aio_pika import Message
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from adapters.amqp import letters, words
from adapters.amqp.line import Line
from hub.adapter import Receive
from hub.errors import HubError, Refusal, TooLarge, Unavailable
from hub.model import Accepted, Clock

log = structlog.get_logger()

Tell = Callable[[Message], Awaitable[None]]


class Broken(Exception):
    """The channel is closed, or the queue passes us over: connect anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """How long is waited, and after what."""

    first_seconds: float = 1.0  # after a failure; doubles with each that follows
    longest_seconds: float = 300.0
    idle_seconds: float = 30.0  # when nothing comes for so long, the queue is asked whether it passes us over

    def after(self, failures: int, asked: float | None = None) -> float:
        """Return the wait after the n-th failure in a row (n from 1), as long as asked to at least."""
        doubled: float = self.first_seconds * 2 ** min(failures - 1, 32)
        return min(max(doubled, asked or 0.0), self.longest_seconds)


@dataclass
class Taking:
    """Takes from one queue. `tell` publishes a refusal; None if the agency wants none."""

    line: Line
    tell: Tell | None
    pauses: Pauses
    clock: Clock
    _later: set[asyncio.Task[None]] = field(default_factory=set)
    _failures: int = 0

    async def run(self, receive: Receive) -> None:
        """Take for ever."""
        while True:
            try:
                await self._consume(receive)
            except (HubError, Broken, *words.FAILURES) as error:
                self._failures += 1
                asked = error.retry_after if isinstance(error, Unavailable) else None
                pause = self.pauses.after(self._failures, asked)
                said = str(error) if isinstance(error, HubError) else type(error).__name__
                log.warning("amqp.waiting", **self._about, seconds=pause, error=said)
                await asyncio.sleep(pause)

    async def _consume(self, receive: Receive) -> None:
        try:
            async with self._arriving() as (channel, arrived):
                while True:
                    await self._offer(await self._next(channel, arrived), channel, receive)
        finally:
            for task in self._later:
                task.cancel()
            await asyncio.gather(*self._later, return_exceptions=True)
            await self.line.close()  # gives back what is not acknowledged

    @asynccontextmanager
    async def _arriving(self) -> AsyncIterator[tuple[AbstractChannel, Arrived]]:
        """Consume for the length of a block. Raises `HubError` if there is nothing to consume from."""
        address, arrived = self.line.address, Arrived()
        channel = await self.line.channel()
        try:
            async with asyncio.timeout(self.line.limits.answer_seconds):
                await channel.set_qos(prefetch_count=address.prefetch)
                queue = await channel.get_queue(str(address.take))
                channel.close_callbacks.add(arrived.no_more)
                (await channel.get_underlay_channel()).on_consumer_cancel_callbacks.add(arrived.no_more)
                await queue.consume(arrived.one_more)
        except words.FAILURES as error:
            raise words.connecting(error, address.server, address.vhost) from error
        log.info("amqp.consuming", **self._about)
        yield channel, arrived

    async def _next(self, channel: AbstractChannel, arrived: Arrived) -> AbstractIncomingMessage:
        passed_over = 0
        while True:
            try:
                async with asyncio.timeout(self.pauses.idle_seconds):
                    message = await arrived.queue.get()
            except TimeoutError:
                passed_over = passed_over + 1 if await self._passes_us_over(channel) else 0
                if passed_over > 1:  # once may be a message that is just on its way
                    raise Broken from None
                continue
            if message is None or channel.is_closed:
                raise Broken
            return message

    async def _passes_us_over(self, channel: AbstractChannel) -> bool:
        """Tell whether the queue holds messages that it does not send us. One that was deleted has forgotten us."""
        async with asyncio.timeout(self.line.limits.answer_seconds):
            queue = await channel.get_queue(str(self.line.address.take))
        told = queue.declaration_result
        return not told.consumer_count or (bool(told.message_count) and not self._later)

    async def _offer(
        self, message: AbstractIncomingMessage, channel: AbstractChannel, receive: Receive, failures: int = 0
    ) -> None:
        """Offer a message until the hub has decided on it. Raises `Broken` if it is not ours any more."""
        waited, decision = 0, None
        while True:
            if channel.is_closed:
                raise Broken
            try:
                decision = decision or await self._decide(message, receive)
                await self._answer(message, decision)
            except Unavailable as error:
                waited += 1
                pause = self.pauses.after(waited, error.retry_after)
                log.warning("amqp.waiting", **self._about, seconds=pause, error=str(error))
                await asyncio.sleep(pause)
            except Exception as error:  # one message must not hold up the others
                if channel.is_closed:
                    raise Broken from error
                self._postpone(message, channel, receive, failures + 1)
                return
            else:
                self._failures = 0
                return

    def _postpone(
        self, message: AbstractIncomingMessage, channel: AbstractChannel, receive: Receive, failures: int
    ) -> None:
        pause = self.pauses.after(failures)
        log.exception("amqp.fault", **self._about, seconds=pause)

        async def again() -> None:
            await asyncio.sleep(pause)
            await self._offer(message, channel, receive, failures)

        task = asyncio.create_task(again())
        self._later.add(task)
        task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._later.discard(task)
        if (
            not task.cancelled() and task.exception() is not None
        ):  # the main loop meets the same closed channel
            log.info("amqp.given-back", **self._about)

    async def _decide(self, message: AbstractIncomingMessage, receive: Receive) -> Accepted | Refusal:
        try:
            if len(message.body) > self.line.limits.largest_bytes:
                raise TooLarge(self.line.limits.largest_bytes)
            return await receive(message.body)
        except Refusal as refusal:
            return refusal

    async def _answer(self, message: AbstractIncomingMessage, decision: Accepted | Refusal) -> None:
        if isinstance(decision, Refusal):
            if self.tell is not None:
                await self.tell(letters.refusal(message, decision, self.clock()))
            await message.reject(requeue=False)
            log.info("amqp.refused", **self._about, refusal=decision.id, code=decision.code)
        else:
            await message.ack()
            log.info("amqp.accepted", **self._about, message=decision.message.id)

    @property
    def _about(self) -> dict[str, str]:
        return {"endpoint": self.line.endpoint, "queue": str(self.line.address.take)}


@dataclass(slots=True)
class Arrived:
    """What the broker sent ahead, at most `prefetch` messages; None when there will be no more."""

    queue: asyncio.Queue[AbstractIncomingMessage | None] = field(default_factory=asyncio.Queue)

    async def one_more(self, message: AbstractIncomingMessage) -> None:
        """Take note of a message."""
        self.queue.put_nowait(message)

    def no_more(self, *_: object) -> None:
        """Take note that the channel is closed, or that the broker cancelled us: the queue was deleted."""
        self.queue.put_nowait(None)
