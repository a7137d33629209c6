"""An event loop on a clock of its own, which runs what is ready in an order that a seed decides.

Time passes only when nothing is ready: then it jumps to the next timer. Whatever belongs to a life of a node that has
died is dropped instead of run, at whatever line it stood: no `finally` of it has any effect, as when the power goes.
Work for threads is done here, in one piece, a moment after it was asked for.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from contextvars import ContextVar
from random import Random
from typing import Any, Protocol

MOST_STEPS = 400_000  # a story that takes more than this goes round in circles
THREAD_SECONDS = 0.002  # the longest that work for a thread waits to be done


class Mortal(Protocol):
    """What may die, and with it everything that it has begun."""

    dead: bool


OWNER: ContextVar[Mortal | None] = ContextVar("owner", default=None)


class Stuck(Exception):
    """Nothing is ready and nothing will be, or there is no end of it."""


class SimulatedLoop(asyncio.BaseEventLoop):
    """Runs callbacks in an order drawn from `chance`."""

    _ready: Any  # of the base class, which says nothing of them to a type checker
    _scheduled: list[Any]

    def __init__(self, chance: Random) -> None:
        super().__init__()
        self._chance = chance
        self._moment = 0.0
        self._steps = 0
        self._fatal: BaseException | None = None
        self.problems: list[str] = []  # what nobody caught
        # Held until the end: what belongs to the dead must not be collected, and so cleaned up, within the story.
        self.begun: list[asyncio.Task[Any]] = []
        self.set_exception_handler(self._note_problem)

    def create_task(self, coro: Any, **named: Any) -> asyncio.Task[Any]:
        """Start a task."""
        task: asyncio.Task[Any] = super().create_task(coro, **named)
        self.begun.append(task)
        return task

    def time(self) -> float:
        """Return the seconds since the story began."""
        return self._moment

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Do a thread's work here."""
        future: asyncio.Future[Any] = self.create_future()

        def work() -> None:
            if future.cancelled():
                return
            try:
                result = func(*args)
            except Exception as error:
                future.set_exception(error)
            else:
                future.set_result(result)

        self.call_later(self._chance.uniform(0.0, THREAD_SECONDS), work)
        return future

    def _run_once(self) -> None:
        self._let_time_pass()
        ready = self._ready
        if not ready:
            return
        which = self._chance.randrange(len(ready)) if len(ready) > 1 else 0
        handle = ready[which]
        del ready[which]
        if handle._cancelled:
            return
        owner = handle._context.get(OWNER)
        if owner is not None and owner.dead:
            return
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise Stuck(f"no end after {MOST_STEPS} steps")
        handle._run()
        if self._fatal is not None:
            raise self._fatal

    def _let_time_pass(self) -> None:
        """Make ready what is due; when nothing is ready, go on to the next timer."""
        scheduled = self._scheduled
        while scheduled and scheduled[0]._cancelled:
            heapq.heappop(scheduled)._scheduled = False
        if not self._ready:
            if not scheduled:
                raise Stuck("nothing is ready, and nothing will be")
            self._moment = max(self._moment, scheduled[0]._when)
        while scheduled and scheduled[0]._when <= self._moment:
            handle = heapq.heappop(scheduled)
            handle._scheduled = False
            self._ready.append(handle)

    def _check_closed(self) -> None:
        pass  # what is collected after the end may still want to call something: nobody listens

    def _write_to_self(self) -> None:
        pass

    def _process_events(self, event_list: Any) -> None:
        pass

    def _note_problem(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if error is not None and not isinstance(error, Exception):
            self._fatal = error
        self.problems.append(f"{context.get('message')}: {type(error).__name__}: {error}")
