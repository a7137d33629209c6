"""The operators, who let go on what stopped, and whoever makes the trouble of a story.

Each seed has a profile: which kinds of trouble there are, and how much. A story with one kind of it at its worst finds
other things than one with a little of everything.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from hub.app import Hub
from hub.errors import Misconfigured, NotFound, Unavailable
from hub.model import Delivery, DeliveryState, Endpoint
from hub.store import directory as directory_store
from hub.store.writer import Transaction
from tests.faults.simulation.network import NoAnswer, Question, T, spawn

if TYPE_CHECKING:
    from tests.faults.simulation.world import World

OPERATOR = "operator:simulated"


@dataclass(frozen=True, slots=True)
class Profile:
    """What a seed's story is like. Rates are probabilities."""

    nodes: int
    embedded: bool  # one node that is alone with its database
    same_process: bool  # a node's next life has the same process id, as in a container
    commit_faults: float
    statement_breaks: float
    losses: float
    repeats: float
    slowest_seconds: float
    tickets_lost: float
    far_trouble: float
    declines: float
    pause_seconds: float  # between one trouble and the next
    kinds: tuple[str, ...]  # of trouble


def drawn(chance: Random) -> Profile:
    """Draw a profile: about half of the kinds of trouble, each little or much."""

    def rate(most: float) -> float:
        return chance.choice([0.0, 0.0, most / 5, most])

    kinds = ("crash", "crash", "stop", "database", "clock", "cut", "far side", "broker")
    nodes = chance.choice([1, 2, 2, 3])
    return Profile(
        nodes=nodes,
        embedded=nodes == 1 and chance.random() < 0.7,
        same_process=chance.random() < 0.5,
        commit_faults=rate(0.1),
        statement_breaks=rate(0.01),
        losses=rate(0.25),
        repeats=rate(0.25),
        slowest_seconds=chance.choice([0.01, 0.1, 0.6]),
        tickets_lost=rate(0.6),
        far_trouble=rate(0.5),
        declines=rate(0.25),
        pause_seconds=chance.choice([0.7, 2.0, 5.0]),
        kinds=tuple(sorted({kind for kind in kinds if chance.random() < 0.5})),
    )


class Trouble:
    """Makes one trouble after another until the story is over."""

    def __init__(self, world: World) -> None:
        self.world, self.chance = world, world.chance
        self.makes: dict[str, Callable[[], None]] = {
            "crash": self._crash,
            "stop": self._stop,
            "database": self._database,
            "clock": self._clock,
            "cut": self._cut,
            "far side": self._far_side,
            "broker": self._broker,
        }

    async def make(self) -> None:
        """Go on making trouble."""
        kinds = self.world.profile.kinds
        while kinds:
            await asyncio.sleep(self.chance.expovariate(1 / self.world.profile.pause_seconds))
            self.makes[self.chance.choice(kinds)]()

    def _crash(self) -> None:
        self.world.some_node().die("of a power cut")

    def _stop(self) -> None:
        self.world.some_node().stop()

    def _database(self) -> None:
        self.world.say("the database goes away")
        self.world.database.away = True
        self._later(lambda: setattr(self.world.database, "away", False), "the database is back")

    def _clock(self) -> None:
        node = self.world.some_node()
        node.skew = timedelta(seconds=self.chance.choice([-30, -9, -1, 0, 1, 9, 30]))
        self.world.say(f"the clock of {node.name} is off by {node.skew.total_seconds():g} s")

    def _cut(self) -> None:
        here, there = self.world.some_node().name, self.chance.choice(self.world.places)
        cut = (here, there) if self.chance.random() < 0.5 else (there, here)
        self.world.say(f"nothing gets from {cut[0]} to {cut[1]}")
        self.world.network.cuts.add(cut)
        self._later(lambda: self.world.network.cuts.discard(cut), f"{cut[0]} reaches {cut[1]} again")

    def _far_side(self) -> None:
        far = self.chance.choice(list(self.world.far_sides.values()))
        self.world.say(f"{far.name} is down")
        far.up = False
        self._later(lambda: setattr(far, "up", True), f"{far.name} is up")

    def _broker(self) -> None:
        tickets = self.world.tickets
        before, tickets.loss_rate = tickets.loss_rate, 1.0
        self.world.say("the broker is gone")
        self._later(lambda: setattr(tickets, "loss_rate", min(before, 0.9)), "the broker is back")

    def _later(self, heal: Callable[[], None], told: str) -> None:
        def healed() -> None:
            self.world.say(told)
            heal()

        asyncio.get_running_loop().call_later(self.chance.uniform(0.2, 6.0), healed)


class Operator:
    """Resumes what stopped, and connects who was not connected."""

    def __init__(self, world: World) -> None:
        self.world, self.chance = world, world.chance

    async def work(self) -> None:
        """Look now and then, and put right what there is."""
        connects_at = self.chance.uniform(0.0, 2 * self.world.story_seconds)
        while True:
            await asyncio.sleep(self.chance.uniform(1.0, 6.0))
            if self.world.loop.time() > connects_at:
                await self.connect()
                connects_at = math.inf
            for state in (DeliveryState.SUSPENDED, DeliveryState.WAITING_FOR_RETRY):
                if state is DeliveryState.SUSPENDED or self.chance.random() < 0.2:
                    await self.resume_all(state)

    async def resume_all(self, state: DeliveryState) -> None:
        """Resume every delivery in a state."""
        for delivery in await self._ask(lambda hub: hub.deliveries(state, 100)):
            try:
                await self._ask(lambda hub, id_=delivery.id: hub.resume(id_, OPERATOR))  # type: ignore[misc]
            except Misconfigured:  # somebody else did, or it went on by itself
                continue

    async def connect(self) -> None:
        """Connect the agency that nobody reached so far, and let go what was held for it."""
        late = self.world.late

        async def add(hub: Hub) -> list[Delivery]:
            def unit(tx: Transaction) -> Endpoint:
                return directory_store.add_endpoint(tx, late, None, None, OPERATOR)

            await hub.refresh_directory()
            if hub.directory.endpoint(late.id) is None:
                await hub.store.write(unit)
            return await hub.resume_held(await hub.endpoint(late.id), OPERATOR)

        try:
            await self._ask(add)
        except Misconfigured as error:
            self.world.say(f"{late.id} is not added again: {error}")
        self.world.say(f"{late.id} is connected")
        spawn(self.world.clients[late.id].fetch_all(), None)

    async def _ask(self, question: Question[T]) -> T:
        while True:
            try:
                return await self.world.network.ask("operator", self.world.some_node(), question)
            except (NoAnswer, Unavailable):
                await asyncio.sleep(0.5)
            except NotFound as error:
                raise AssertionError(f"an operator is told that {error}") from error
