"""Who is killed when: for each kind of process waits of chance, each kind by itself, so that deaths fall together too.

The seed gives every wait and every choice; what the processes are doing at that moment is the machine's. Waits are
counted from when a process is up, so that a slow machine does as much as a fast one; now and then one is killed
while it still starts or recovers, or, a node, while it is frozen.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from random import Random

from bench.chaos.journals import Journal
from bench.chaos.nodes import Node, Nodes
from bench.chaos.outside import Outside
from bench.chaos.services import Postgres, RabbitMq, ServiceProblem, until

STARTING = 0.2  # of deaths that do not wait until what was started is up again
UP_SECONDS = 30.0  # longest wait for a node to come up: it may need a service that is away
BROKER_DISK = 0.15  # of kills of the broker that take its disk too
FROZEN_SECONDS = (0.5, 8.0)


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds that each lives, on average: one node, one service. `freeze`: between two of any node."""

    node: float = 3.0
    freeze: float = 15.0
    postgresql: float = 15.0
    rabbitmq: float = 30.0
    receiver: float = 15.0


class Killing:
    """Kills until it is told to stop, and leaves everything running."""

    def __init__(
        self,
        seed: int,
        pace: Pace,
        journal: Journal,
        *,
        nodes: Nodes,
        postgres: Postgres,
        rabbitmq: RabbitMq,
        outside: Outside,
    ) -> None:
        self.seed = seed
        self.pace = pace
        self.kills: Counter[str] = Counter()
        self.freezes = 0
        self._journal = journal
        self._nodes = nodes
        self._postgres = postgres
        self._rabbitmq = rabbitmq
        self._outside = outside

    async def run(self, enough: asyncio.Event) -> None:
        """Kill until there was enough."""
        ways: dict[str, tuple[float, Callable[[Random], Awaitable[None]]]] = {
            "freeze": (self.pace.freeze, self._freeze),
            "postgresql": (self.pace.postgresql, self._postgresql),
            "rabbitmq": (self.pace.rabbitmq, self._broker),
            "receiver": (self.pace.receiver, self._receiver),
        }
        for node in self._nodes.all:
            ways[f"node {node.number}"] = (self.pace.node, partial(self._node, node))

        async def again_and_again(what: str) -> None:
            seconds, strike = ways[what]
            chance = Random(f"{self.seed} {what}")
            while not await waited(chance.expovariate(1 / seconds), enough):
                await strike(chance)

        async with asyncio.TaskGroup() as group:
            for what in ways:
                group.create_task(again_and_again(what))

    def _note(self, kind: str, **details: object) -> None:
        self.kills[kind] += 1
        self._journal.note("killed", kind=kind, **details)

    async def _node(self, node: Node, chance: Random) -> None:
        pause, wait = chance.uniform(0, 0.4), chance.random() >= STARTING
        frozen = node.frozen
        if await self._nodes.kill(node):  # unless it has just ended by itself
            self._note("node", node=node.number, frozen=frozen)
            await asyncio.sleep(pause)
        await self._nodes.start(node)
        if wait:
            with contextlib.suppress(ServiceProblem):
                await until(node.answers, f"node {node.number}", UP_SECONDS)

    async def _freeze(self, chance: Random) -> None:
        node = chance.choice(self._nodes.all)
        seconds = chance.uniform(*FROZEN_SECONDS)
        if await self._nodes.freeze(node):
            self.freezes += 1
            self._journal.note("frozen", node=node.number, seconds=seconds)
            await asyncio.sleep(seconds)
            await self._nodes.thaw(node)

    async def _postgresql(self, chance: Random) -> None:
        pause, wait = chance.uniform(0, 1.5), chance.random() >= STARTING
        await self._postgres.kill()
        self._note("postgresql")
        await asyncio.sleep(pause)
        self._postgres.start()
        if wait:
            await self._postgres.ready()

    async def _broker(self, chance: Random) -> None:
        pause, wait, disk = chance.uniform(0, 2), chance.random() >= STARTING, chance.random() < BROKER_DISK
        await self._rabbitmq.kill(disk_too=disk)
        self._note("rabbitmq", disk=disk)
        await asyncio.sleep(pause)
        self._rabbitmq.start()
        if wait:
            await self._rabbitmq.ready()

    async def _receiver(self, chance: Random) -> None:
        pause = chance.uniform(0, 1)
        await self._outside.kill_receiver()
        self._note("receiver")
        await asyncio.sleep(pause)
        self._outside.start_receiver()


async def waited(seconds: float, enough: asyncio.Event) -> bool:
    """Wait for a time; tell whether there was enough before it was over."""
    try:
        await asyncio.wait_for(enough.wait(), seconds)
    except TimeoutError:
        return False
    return True
