"""One life of a hub node, from its start to its clean end or its death at any line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from hub.app import Hub
from hub.broker.base import Broker, Ticket
from hub.config import Config
from hub.errors import Unavailable
from tests.faults.simulation.database import SimulatedWriter
from tests.faults.simulation.loop import OWNER, Mortal
from tests.faults.simulation.network import Answer, spawn

DRAIN_SECONDS = 3.0  # how long a stopping node lets questions end


class Life:
    """One run of a node. It dies by not going on: nothing of it has any effect afterwards."""

    def __init__(
        self,
        name: str,
        process: int,
        config: Config,
        time: Callable[[], datetime],
        told: Callable[[str], None],
    ) -> None:
        self.name = name
        self.process = process
        self.config = config
        self.skew = timedelta(0)
        self.dead = False
        self.hub: Hub | None = None
        self.task: asyncio.Task[None] | None = None
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._time, self._told = time, told
        self._replies: list[asyncio.Future[Answer]] = []
        self._stop = asyncio.Event()

    def clock(self) -> datetime:
        """Return what this node takes for the time."""
        return self._time() + self.skew

    def start(self) -> None:
        """Begin to live."""
        self.task = spawn(self._live(), self)

    @property
    def takes_questions(self) -> bool:
        """Tell whether somebody is there who answers."""
        return self.hub is not None and not self.dead and not self._stop.is_set()

    def expect(self) -> asyncio.Future[Answer]:
        """Return what a question's answer comes through; silence, if the node dies before it."""
        reply: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._replies = [each for each in self._replies if not each.done()]
        self._replies.append(reply)
        return reply

    def die(self, why: str) -> None:
        """Stand still for ever, wherever it is."""
        if not self.dead:
            self._told(f"{self.name} dies {why}")
            self._bury()

    def stop(self) -> None:
        """Ask it to end cleanly."""
        self._told(f"{self.name} is stopped")
        self._stop.set()

    def _bury(self) -> None:
        self.dead = True
        for reply in self._replies:
            if not reply.done():
                reply.set_result(Answer(silence=True))
        if not self.ended.done():
            self.ended.set_result(None)

    async def _live(self) -> None:
        try:
            async with Hub.open(self.config, clock=self.clock, writer=SimulatedWriter) as hub:
                hub.duties._monotonic = asyncio.get_running_loop().time
                async with hub.running() as working:
                    await self._serve(hub, working)
        except Unavailable:
            self._told(f"{self.name} cannot go on")
        self._bury()

    async def _serve(self, hub: Hub, working: asyncio.Task[None]) -> None:
        self.hub = hub
        self._told(f"{self.name} serves")
        stop = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait([stop, working], return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            raise AssertionError(f"the worker ended: {working}")
        if self._replies:
            await asyncio.wait(self._replies, timeout=DRAIN_SECONDS)


class Tickets:
    """The broker that all nodes share: tickets get lost, come twice, and overtake each other."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.loss_rate = 0.0
        self.repeat_rate = 0.0
        self.slowest_seconds = 0.01
        self._takers: list[tuple[asyncio.Queue[Ticket], Mortal]] = []

    def join(self, queue: asyncio.Queue[Ticket], owner: Mortal) -> None:
        """Add a node that takes tickets, until it leaves or dies."""
        self._takers.append((queue, owner))

    def leave(self, queue: asyncio.Queue[Ticket]) -> None:
        """Take a node out."""
        self._takers = [each for each in self._takers if each[0] is not queue]

    def send(self, ticket: Ticket) -> None:
        """Bring a ticket to somebody, if it gets there. What is under way to a node that dies is lost with it."""
        self._takers = [each for each in self._takers if not each[1].dead]
        for _ in range(2 if self.chance.random() < self.repeat_rate else 1):
            if self._takers and self.chance.random() >= self.loss_rate:
                queue, _owner = self.chance.choice(self._takers)
                spawn(self._bring(ticket, queue), None)

    async def _bring(self, ticket: Ticket, queue: asyncio.Queue[Ticket]) -> None:
        await asyncio.sleep(self.chance.uniform(0.0, self.slowest_seconds))
        queue.put_nowait(ticket)


class SimulatedBroker(Broker):
    """One node's way to the broker that all share."""

    def __init__(self, tickets: Tickets) -> None:
        self._tickets = tickets
        self._queue: asyncio.Queue[Any] = asyncio.Queue()

    async def start(self) -> None:
        owner = OWNER.get()
        assert owner is not None
        self._tickets.join(self._queue, owner)

    def announce(self, ticket: Ticket) -> None:
        self._tickets.send(ticket)

    async def tickets(self) -> AsyncIterator[Ticket]:
        while True:
            yield await self._queue.get()

    async def close(self) -> None:
        self._tickets.leave(self._queue)
