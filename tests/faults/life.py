"""One life of a hub, and what it dies of.

The hub is the real one, in a thread and an event loop of its own. When it dies, its writer stops for good before or
after a commit and every task of its loop is cancelled: nothing that it had in memory has any further effect on the
database or on a far side, which is all that a process leaves behind when the power goes.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
import time
from collections.abc import Callable, Coroutine
from enum import StrEnum
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from hub.app import Hub
from hub.config import Config
from hub.errors import Unavailable
from hub.model import Clock
from hub.store.writer import Transaction, Writer
from schemas.text import Text

T = TypeVar("T")

PATIENCE_SECONDS = 120.0  # what is to happen happens sooner; a machine may be busy with other things


class Fault(StrEnum):
    """What may happen at a commit."""

    NOT_KEPT = "fails and is not kept"
    KEPT = "fails and is kept"
    DIES_BEFORE = "dies before it"
    DIES_AFTER = "dies after it"


class NoAnswer(Exception):
    """The hub died before it answered: the asker knows nothing."""


class Fate:
    """What is going to happen to one life of a hub."""

    def __init__(self, died: Callable[[], None]) -> None:
        self.dead = False
        self.struck: list[tuple[Fault, tuple[str, ...]]] = []
        self._planned: tuple[str | None, Fault] | None = None
        self._died = died

    def plan(self, unit: str | None, fault: Fault) -> None:
        """Let the next commit fail that has a unit of this name, or any."""
        self._planned = (unit, fault)

    def at_commit(self, names: tuple[str, ...]) -> Fault | None:
        """Return what happens at the commit of these units."""
        if self._planned is None or self._planned[0] not in (None, *names):
            return None
        fault, self._planned = self._planned[1], None
        self.struck.append((fault, names))
        return fault

    def die(self) -> None:
        """From now on nothing is written and nothing answers."""
        self.dead = True
        self._died()


class _Died(BaseException):
    """Ends the writer's thread, past everything that catches an `Exception`."""


def writer_with(fate: Fate) -> type[Writer]:
    """Return a writer that has this fate."""

    class Fated(Writer):
        def _run(self) -> None:
            with contextlib.suppress(_Died):
                super()._run()

        async def write(self, unit: Callable[[Transaction], T], name: str) -> T:
            if fate.dead:
                raise Unavailable(Text(vi="Trục đã chết", en="The hub is dead"))
            return await super().write(unit, name)

        def _commit(self, begun: sa.RootTransaction, names: tuple[str, ...]) -> None:
            fault = fate.at_commit(names)
            if fault in (Fault.KEPT, Fault.DIES_AFTER) or (fault is None and not fate.dead):
                super()._commit(begun, names)
            else:
                begun.rollback()
            if fault in (Fault.DIES_BEFORE, Fault.DIES_AFTER):
                fate.die()
            if fate.dead:
                raise _Died
            if fault is not None:
                raise OperationalError("COMMIT", {}, Exception("no answer to the commit"))

    return Fated


class Life:
    """One run of a hub, from its start to its clean stop or its death."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self.config, self.clock = config, clock
        self.fate = Fate(self._cut)
        self.hub: Hub | None = None
        self._started = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None
        self._problem: BaseException | None = None
        # A daemon: one that hangs fails its test, and must not keep the whole run from ending.
        self._thread = threading.Thread(target=self._live, name="a hub's life", daemon=True)

    def start(self) -> None:
        """Return when it runs. Raises what it failed with, or `NoAnswer` when it died of it."""
        self._thread.start()
        assert self._started.wait(PATIENCE_SECONDS), "the hub does not start"
        if self.hub is None:
            self.bury()
            raise NoAnswer if self.fate.dead else self._problem or NoAnswer

    def ask(self, question: Callable[[Hub], Coroutine[Any, Any, T]]) -> T:
        """Ask the hub something. Raises what it answers with, or `NoAnswer` if it dies meanwhile."""
        if self.fate.dead or self.hub is None or self._loop is None:
            raise NoAnswer
        asked = question(self.hub)
        try:
            answer = asyncio.run_coroutine_threadsafe(asked, self._loop)
        except RuntimeError:  # it has died and its loop is closed, since we looked
            asked.close()
            raise NoAnswer from None
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return answer.result(0.2)
            except concurrent.futures.CancelledError as error:
                raise NoAnswer from error
            except TimeoutError:
                if self.fate.dead:
                    raise NoAnswer from None
                assert time.monotonic() < deadline, "the hub does not answer"
            except Unavailable:
                if self.fate.dead:
                    raise NoAnswer from None
                raise

    def stop(self) -> None:
        """Stop cleanly."""
        assert self._loop is not None
        assert self._end is not None
        with contextlib.suppress(RuntimeError):  # it has died and its loop is closed, since we looked
            self._loop.call_soon_threadsafe(self._end.set)
        self.bury()
        if self._problem is not None and not self.fate.dead:
            raise self._problem

    def is_alive(self) -> bool:
        """Tell whether anything of it still runs."""
        return self._thread.is_alive()

    def bury(self) -> None:
        """Wait until nothing of it is left."""
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive(), "the hub does not end"

    def _live(self) -> None:
        try:
            asyncio.run(self._run())
        except BaseException as error:
            self._problem = error
        finally:
            self._started.set()

    async def _run(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        async with (
            Hub.open(self.config, clock=self.clock, writer=writer_with(self.fate)) as hub,
            hub.running(),
        ):
            self.hub = hub
            self._started.set()
            await self._end.wait()

    def _cut(self) -> None:
        def cancel_all() -> None:
            for task in asyncio.all_tasks():
                task.cancel()

        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended already
                self._loop.call_soon_threadsafe(cancel_all)
