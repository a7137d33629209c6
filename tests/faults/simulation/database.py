"""The database of a story: SQLite in memory, reached through the hub's own engines.

It outlives every node. It may be away for a while, or break off a transaction at any statement; and a commit may fail
without being kept, fail although it was kept, or be the last thing that a node does or does not do.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from enum import StrEnum
from functools import cache
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest import mock

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

import hub.store.database as hub_database
import hub.store.pulse as hub_pulse
from hub.store.writer import Job, Writer
from tests.faults.simulation.loop import OWNER

URL = sa.make_url("sqlite:///file:edochub-simulation?mode=memory&cache=shared&uri=true")


class Fault(StrEnum):
    """What may happen at a commit."""

    NOT_KEPT = "fails and is not kept"
    KEPT = "fails and is kept"
    DIES_BEFORE = "dies before it"
    DIES_AFTER = "dies after it"


class Died(BaseException):
    """The node died inside of a unit: passes everything that catches an `Exception`."""


class Database:
    """How the database is doing in the present story."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.away = False
        self.fault_rate = 0.0  # of commits
        self.break_rate = 0.0  # of statements in a transaction
        self.struck: list[str] = []

    def connect(self) -> None:
        """Raise when there is no way to the database now."""
        if self.away or getattr(OWNER.get(), "dead", False):
            raise gone("no connection")

    def statement(self) -> None:
        """Raise when the connection breaks at this statement."""
        if self.break_rate and self.chance.random() < self.break_rate:
            self.struck.append("a statement breaks off")
            raise gone("the connection broke off")

    def at_commit(self) -> Fault | None:
        """Return what happens at this commit."""
        if not self.fault_rate or self.chance.random() >= self.fault_rate:
            return None
        fault = self.chance.choice(list(Fault))
        self.struck.append(str(fault))
        return fault


NOW: ContextVar[Database] = ContextVar("database of the present story")


def gone(why: str) -> OperationalError:
    """Return what SQLAlchemy raises when a database goes away."""
    return OperationalError("SIMULATED", {}, Exception(why))


@cache
def engines() -> dict[bool, sa.Engine]:
    """Return the hub's own engines (writing, reading) on the database in memory: they serve all stories."""
    made = {writes: hub_database.engine(URL, writes=writes) for writes in (True, False)}
    for each in made.values():
        real = each.connect
        real().close()  # connected before a story begins: the pool looks at the clock

        def connect(real: Callable[[], sa.Connection] = real) -> sa.Connection:
            NOW.get().connect()
            return real()

        each.connect = connect  # type: ignore[method-assign]
        each.dispose = lambda close=True: None  # type: ignore[method-assign]

        @event.listens_for(each, "before_cursor_execute")
        def before(*_: Any) -> None:
            NOW.get().statement()

    return made


def connection() -> sqlite3.Connection:
    """Return the one connection that holds the database."""
    with contextlib.closing(engines()[True].raw_connection()) as held:
        driver: sqlite3.Connection = held.driver_connection  # type: ignore[assignment]
        return driver


def _simulated_seconds() -> float:
    try:
        return asyncio.get_running_loop().time()
    except RuntimeError:  # the story is over, and what still waited is taken down
        return 0.0


@contextlib.contextmanager
def database(template: sqlite3.Connection | None, chance: Random) -> Iterator[Database]:
    """Fill the database from a template and let the hub find it, for the length of a block."""
    held = connection()
    if held.in_transaction:  # a story before this one ended inside of it
        held.rollback()
    if template is not None:
        template.backup(held)
    made = Database(chance)
    token = NOW.set(made)
    try:
        with (
            mock.patch.object(hub_database, "engine", lambda _, *, writes: engines()[writes]),
            mock.patch.object(hub_database, "migrate"),
            mock.patch.object(hub_database, "ThreadPoolExecutor", Readers),
            mock.patch.object(hub_pulse, "time", SimpleNamespace(monotonic=_simulated_seconds)),
        ):
            yield made
    finally:
        NOW.reset(token)


class Readers:
    """Stands for the readers' threads: what they are asked is answered in the loop, a moment later."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self._closed = False

    def submit(self, ask: Callable[..., object], *given: Any) -> None:
        """Ask something."""
        if self._closed:
            raise RuntimeError("cannot schedule new futures after shutdown")
        asyncio.get_running_loop().call_later(NOW.get().chance.uniform(0.0, 0.002), ask, *given)

    def shutdown(self) -> None:
        """Take no more questions."""
        self._closed = True


class Jobs:
    """Stands for the queue in front of the writer's thread: what is put there is worked off a moment later."""

    def __init__(self, turn: Callable[[], None]) -> None:
        self._turn = turn
        self.waiting: list[Job] = []

    def put(self, jobs: list[Job] | None) -> None:
        """Add jobs. None: nothing more comes."""
        if jobs is None:
            self._turn()
            return
        if not self.waiting:
            asyncio.get_running_loop().call_later(NOW.get().chance.uniform(0.0, 0.004), self._turn)
        self.waiting += jobs


class Calm:
    """Stands for the writer's thread."""

    def start(self) -> None:
        """Nothing to start."""

    def join(self) -> None:
        """Nothing to wait for."""


class SimulatedWriter(Writer):
    """The hub's writer with its groups and its rules, but without its thread, and with a fate at every commit."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.jobs = Jobs(self.turn)
        self._waiting = self.jobs  # type: ignore[assignment]
        self._thread = Calm()  # type: ignore[assignment]

    def turn(self) -> None:
        """Work off what waits as one group."""
        jobs, self.jobs.waiting = self.jobs.waiting, []
        if jobs:
            with contextlib.suppress(Died):
                self._work_off(jobs)

    def _commit(self, begun: sa.RootTransaction, names: tuple[str, ...]) -> None:
        fault = NOW.get().at_commit()
        if fault in (None, Fault.KEPT, Fault.DIES_AFTER):
            super()._commit(begun, names)
        else:
            begun.rollback()
        if fault in (Fault.DIES_BEFORE, Fault.DIES_AFTER):
            owner: Any = OWNER.get()
            owner.die(f"at a commit of {', '.join(names)}: it {fault}")
            raise Died
        if fault is not None:
            raise gone("no answer to the commit")
