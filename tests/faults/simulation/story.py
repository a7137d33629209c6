"""One seed from its beginning to its end: the ground it is played on, the play, and the look at what came of it."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import hashlib
import shutil
import sqlite3
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Any
from unittest import mock

import structlog

import hub.adapter
import hub.app
from hub import ledger_key
from hub.app import Hub
from hub.calendar import Calendar
from hub.config import (
    Config,
    LimitSettings,
    PolicySettings,
    RetrySettings,
    StorageSettings,
    TrustSettings,
    WorkerSettings,
)
from hub.store.database import migrate
from hub.testing import Box, settings
from tests.faults.simulation import invariants
from tests.faults.simulation.database import SimulatedWriter, connection, database, engines
from tests.faults.simulation.far import FarAdapter
from tests.faults.simulation.life import SimulatedBroker, Tickets
from tests.faults.simulation.loop import SimulatedLoop, Stuck
from tests.faults.simulation.mutations import broken
from tests.faults.simulation.real import kept_out
from tests.faults.simulation.world import BEGINNING, FETCHING, LATE, PUSHED, World

ADAPTERS = EntryPoints(
    EntryPoint(name, f"tests.faults.simulation.far:{kind}", hub.adapter.GROUP)
    for name, kind in (("far", "FarAdapter"), ("fetching", "FetchingAdapter"))
)

MOST_FINALLYS = 30


@dataclass(frozen=True, slots=True)
class Told:
    """How one seed went."""

    seed: int
    problems: tuple[str, ...]
    events: tuple[str, ...]
    digest: str  # of everything that happened, the ledger's last hash included


@dataclass(frozen=True, slots=True)
class Ground:
    """What every story begins with: a folder with keys, and a database with agencies and endpoints."""

    folder: Path
    template: sqlite3.Connection

    @property
    def config(self) -> Config:
        """The settings: waits in proportion, so that all of them matter within a story."""
        return replace(
            settings(self.folder),
            storage=StorageSettings(database="simulation://", inline_bytes=6_000),
            retry=RetrySettings(attempts=5, first_seconds=0.3, longest_seconds=3.0, timeout_seconds=2.0),
            worker=WorkerSettings(batch=6, sweep_seconds=3.0, lease_seconds=7.0, silent_seconds=5.0),
            limits=LimitSettings(deliveries_at_once=2),
            trust=TrustSettings(refresh_seconds=0.0),
            policy=PolicySettings(attachments="ignore"),
        )


def played(seed: int, mutation: str | None = None) -> Told:
    """Play a seed, with a hub that is broken on purpose if a mutation is named."""
    made = ground()
    chance = Random(f"story {seed}")
    with kept_out(seed), _surroundings(), broken(mutation), database(made.template, chance) as base:
        loop = SimulatedLoop(chance)
        config = made.config
        world = World(seed, loop, chance, config, base)
        if world.profile.embedded:
            world.config = replace(config, storage=replace(config.storage, database="sqlite:///simulated"))
        FarAdapter.far_sides = world.far_sides
        broker = mock.patch.object(hub.app, "open_broker", partial(_broker, world.tickets))
        structlog.configure(processors=[world.log], cache_logger_on_first_use=False)
        with broker:
            _tell(world, loop)
        digest = hashlib.sha256("\n".join(world.events).encode() + invariants.head(connection()))
        shutil.rmtree(config.path(config.storage.payloads), ignore_errors=True)
    return Told(seed, tuple(world.problems), tuple(world.events), digest.hexdigest())


def _broker(tickets: Tickets, _: str) -> SimulatedBroker:
    return SimulatedBroker(tickets)


def _tell(world: World, loop: SimulatedLoop) -> None:
    try:
        run(loop, world.play())
    except Stuck as error:
        world.problem(str(error))
    finally:
        for life in world.lives:
            life.dead = True
        _end(loop)
    for problem in (*loop.problems, *invariants.broken(world, connection())):
        world.problem(problem)


def run(loop: SimulatedLoop, work: Coroutine[Any, Any, Any]) -> None:
    """Run something to its end."""
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(work)
    finally:
        asyncio.set_event_loop(None)


def _end(loop: SimulatedLoop) -> None:
    """Let go of everything that stands still, without a word from anybody."""
    loop.set_exception_handler(lambda *_: None)
    for task in loop.begun:
        if not task.done():
            task._log_destroy_pending = False  # type: ignore[attr-defined]
            _close(task.get_coro())
    loop.begun.clear()
    loop.close()


def _close(standing_still: Any) -> None:
    """Close a coroutine; each `finally` of it that waits for something takes another try."""
    for _ in range(MOST_FINALLYS):
        try:
            standing_still.close()
        except BaseException:
            continue
        return


@contextlib.contextmanager
def _surroundings() -> Iterator[None]:
    """What is the same in every story and expensive to make, and what there is but one of on a machine."""
    calendar = _calendar()
    with (
        mock.patch.object(hub.adapter, "entry_points", return_value=ADAPTERS),
        mock.patch.object(Calendar, "load", return_value=calendar),
        mock.patch.object(hub.app, "only_server", return_value=contextlib.nullcontext()),
    ):
        yield


@cache
def _calendar() -> Calendar:
    return Calendar.load(None)


@cache
def ground() -> Ground:
    """Make the ground, once for all stories of this process."""
    with database(None, Random(0)):
        migrate(engines()[True])
    shm = Path("/dev/shm")
    folder = Path(mkdtemp(prefix="edochub-simulation-", dir=shm if shm.is_dir() else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    config = settings(folder)
    ledger_key.create(config.path(config.keys.folder) / ledger_key.FILE_NAME)
    template = sqlite3.connect(":memory:", check_same_thread=False)
    made = Ground(folder, template)
    chance = Random("ground")
    with kept_out(-1), _surroundings(), database(None, chance):
        loop = SimulatedLoop(chance)
        structlog.configure(processors=[_drop])
        run(loop, _settle(made.config))
        loop.close()
        connection().backup(template)
    return made


async def _settle(config: Config) -> None:
    async with Hub.open(config, clock=lambda: BEGINNING, writer=SimulatedWriter) as hub:
        box = Box(hub)
        await box.add_agencies(LATE)
        for endpoint, codes in PUSHED.items():
            await box.connect(endpoint, *codes, adapter="far", address=endpoint, polls=False)
        for endpoint, codes in FETCHING.items():
            await box.connect(endpoint, *codes, adapter="fetching")


def _drop(*_: Any) -> Any:
    raise structlog.DropEvent
