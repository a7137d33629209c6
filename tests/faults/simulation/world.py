"""Everything in one story: nodes, far sides, clients, people and trouble; in the end all is healed and runs dry."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, MutableMapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import structlog

from hub.config import Config
from hub.model import Endpoint, Parcel
from tests.faults.simulation.clients import Client, Sent
from tests.faults.simulation.database import Database, connection
from tests.faults.simulation.far import FarSide
from tests.faults.simulation.life import Life, Tickets
from tests.faults.simulation.loop import OWNER, SimulatedLoop, Stuck
from tests.faults.simulation.network import Network, spawn
from tests.faults.simulation.people import Operator, Profile, Trouble, drawn

BEGINNING = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
STORY_SECONDS = 12.0
DRY_SECONDS = 400.0  # after everything is healed, it has to be still by then
PUSHED = {"xa-61": ("H49.61",), "so-14": ("H49.14",), "huyen-63": ("H49.63", "H49.65")}
FETCHING = {"so-13": ("H49.13",), "xa-62": ("H49.62",)}
LATE = "H49.64"  # not connected at first
EVERYBODY = (*(code for codes in (*PUSHED.values(), *FETCHING.values()) for code in codes), LATE)
# Words of the hub's log that a bug leaves there, whatever the far sides and the database do.
BUGS = frozenset({"lane.fault", "acknowledge.fault", "settling.fault", "listen.fault", "close.fault"})
TO_DO = (
    "SELECT count(*) FROM deliveries WHERE state IN ('queued', 'sending', 'waiting_for_retry', 'suspended')"
)
WAITING = "SELECT count(*) FROM deliveries WHERE state = 'available'"


class World:
    """Everything in one story."""

    def __init__(
        self, seed: int, loop: SimulatedLoop, chance: Random, config: Config, database: Database
    ) -> None:
        self.seed, self.loop, self.chance, self.config = seed, loop, chance, config
        self.database = database
        self.profile: Profile = drawn(chance)
        self.story_seconds = STORY_SECONDS
        self.events: list[str] = []
        self.problems: list[str] = []
        self.written = 0
        self.over = False
        self.sent: list[Sent] = []
        self.network = Network(chance, self.problem)
        self.tickets = Tickets(chance)
        self.far_sides = {name: FarSide(name, self.network, chance) for name in PUSHED}
        self.clients = {name: Client(self, name, codes) for name, codes in (PUSHED | FETCHING).items()}
        self.late = Endpoint(
            id="xa-64", adapter="fetching", address=None, agencies=frozenset({LATE}), polls=True
        )
        self.clients[self.late.id] = Client(self, self.late.id, (LATE,))
        self.places = [*self.clients, "operator"]
        self.nodes: list[Life] = []
        self.lives: list[Life] = []
        self._errands: list[asyncio.Task[Any]] = []

    def now(self) -> datetime:
        """Return the right time."""
        return BEGINNING + timedelta(seconds=self.loop.time())

    def say(self, what: str) -> None:
        """Note something that happened."""
        self.events.append(f"{self.loop.time():8.3f}  {what}")

    def problem(self, what: str) -> None:
        """Note something that must not happen."""
        self.say(f"PROBLEM {what}")
        self.problems.append(what)

    def some_node(self) -> Life:
        """Return some node's present life, which may have ended."""
        return self.chance.choice(self.nodes)

    def errand(self, work: Coroutine[Any, Any, Any]) -> None:
        """Let somebody outside do something, which has to be done before the story is over."""
        self._errands.append(spawn(work, None))

    def answered_by(self, name: str, parcel: Parcel) -> None:
        """Let the system of a far side answer what it got."""
        self.errand(self.clients[name].answer(parcel))

    def log(self, _: Any, __: str, event: MutableMapping[str, Any]) -> Any:
        """Stand in for the hub's log."""
        owner = getattr(OWNER.get(), "name", "-")
        name = event.pop("event")
        error = event.pop("exc_info", None)
        self.say(f"{owner}: {name} {' '.join(f'{key}={value}' for key, value in event.items())}")
        if name in BUGS:
            self.problem(f"{name}: {error!r} {event}")
        raise structlog.DropEvent

    # --- the story ------------------------------------------------------------------------------------------------

    async def play(self) -> None:
        """Tell the story to its end."""
        self._set_trouble(self.profile)
        for number in range(self.profile.nodes):
            self.nodes.append(self._new_life(number, 0))
            spawn(self._keep(number), None)
        meanwhile = [spawn(Trouble(self).make(), None), spawn(Operator(self).work(), None)]
        for far in self.far_sides.values():
            far.on_new = partial(self.answered_by, far.name)
        for name in FETCHING:
            spawn(self.clients[name].fetch_all(), None)
        for name in ("so-13", "so-14", "xa-61"):
            self.errand(self.clients[name].write(self.chance.randint(1, 3), EVERYBODY))
        await asyncio.sleep(self.story_seconds)
        meanwhile[0].cancel()
        self._heal()
        await self._run_dry()
        meanwhile[1].cancel()

    async def _keep(self, number: int) -> None:
        """Start a node again whenever it has ended."""
        life, count = self.nodes[number], 0
        while True:
            life.start()
            await life.ended
            await asyncio.sleep(self.chance.choice([0.05, 0.5, 3.0]))
            count += 1
            life = self.nodes[number] = self._new_life(number, count)

    def _new_life(self, number: int, count: int) -> Life:
        name = f"nut-{number + 1}"
        process = 1 if self.profile.same_process else 100 * number + count + 1
        life = Life(
            name, process, replace(self.config, hub=replace(self.config.hub, code=name)), self.now, self.say
        )
        self.lives.append(life)
        return life

    def _set_trouble(self, profile: Profile) -> None:
        self.database.fault_rate, self.database.break_rate = profile.commit_faults, profile.statement_breaks
        self.network.loss_rate, self.network.repeat_rate = profile.losses, profile.repeats
        self.network.slowest_seconds = profile.slowest_seconds
        self.tickets.loss_rate, self.tickets.repeat_rate = profile.tickets_lost, profile.repeats
        for far in self.far_sides.values():
            far.trouble, far.declines = profile.far_trouble, profile.declines

    def _heal(self) -> None:
        self.say("everything is healed")
        self.over = True
        self.database.away = False
        self.network.cuts.clear()
        self._set_trouble(
            replace(
                self.profile,
                commit_faults=0,
                statement_breaks=0,
                losses=0,
                repeats=0,
                tickets_lost=0,
                far_trouble=0,
            )
        )
        for far in self.far_sides.values():
            far.up = True
        for life in self.nodes:
            life.skew = timedelta(0)

    async def _run_dry(self) -> None:
        until = self.loop.time() + DRY_SECONDS
        while not await self._still():
            if self.loop.time() > until:
                raise Stuck(f"not still after {DRY_SECONDS:g} s")
            await asyncio.sleep(1.0)

    async def _still(self) -> bool:
        if not all(each.done() for each in self._errands) or not all(
            life.takes_questions for life in self.nodes
        ):
            return False
        held = connection()
        return not held.execute(TO_DO).fetchone()[0] and not held.execute(WAITING).fetchone()[0]
