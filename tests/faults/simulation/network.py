"""The network between clients, hub nodes and far sides: slow, cut, lossy, and it repeats itself.

A question that is lost never arrives; an answer that is lost leaves whoever asked knowing nothing. Both look the same
to them. A packet that is under way arrives even if its sender has died meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import copy_context
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

from hub.app import Hub
from hub.errors import HubError
from tests.faults.simulation.loop import OWNER, Mortal

if TYPE_CHECKING:
    from tests.faults.simulation.life import Life

T = TypeVar("T")

Question = Callable[[Hub], Awaitable[T]]
Told = Callable[[str], None]


class NoAnswer(Exception):
    """Who asked knows nothing: it may have happened or not."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question, if anything did. Neither: there was no answer."""

    result: Any = None
    error: HubError | None = None
    silence: bool = False


def spawn(work: Coroutine[Any, Any, T], owner: Mortal | None) -> asyncio.Task[T]:
    """Start a task that belongs to a life, or to nobody, and dies with it."""
    context = copy_context()
    context.run(OWNER.set, owner)
    return asyncio.get_running_loop().create_task(work, context=context)


class Network:
    """Everything that is said goes through here."""

    def __init__(self, chance: Random, unplanned: Told) -> None:
        self.chance = chance
        self.unplanned = unplanned  # told of errors that the hub did not raise on purpose
        self.loss_rate = 0.0  # of questions, and of answers
        self.repeat_rate = 0.0
        self.slowest_seconds = 0.05
        self.cuts: set[tuple[str, str]] = set()

    def lost(self, here: str, there: str) -> bool:
        """Tell whether this packet gets lost."""
        return (here, there) in self.cuts or self.chance.random() < self.loss_rate

    async def travel(self) -> None:
        """Let the time pass that a packet takes."""
        await asyncio.sleep(self.chance.uniform(0.0, self.slowest_seconds))

    async def ask(self, client: str, life: Life, question: Question[T]) -> T:
        """Ask a node. Raises what it answers with, and `NoAnswer`."""
        await self.travel()
        if self.lost(client, life.name) or not life.takes_questions:
            raise NoAnswer
        reply = life.expect()
        spawn(self._answered(life, question, reply), life)
        if self.chance.random() < self.repeat_rate:
            spawn(self._answered(life, question, asyncio.get_running_loop().create_future()), life)
        answer: Answer = await reply
        await self.travel()
        if answer.silence or self.lost(life.name, client):
            raise NoAnswer
        if answer.error is not None:
            raise answer.error
        result: T = answer.result
        return result

    async def _answered(self, life: Life, question: Question[T], reply: asyncio.Future[Answer]) -> None:
        assert life.hub is not None
        try:
            answer = Answer(result=await question(life.hub))
        except HubError as error:
            answer = Answer(error=error)
        except Exception as error:
            if life.takes_questions:  # while a node stops, its web server cuts off what is late
                self.unplanned(f"a client was answered {type(error).__name__}: {error}")
            answer = Answer(silence=True)
        if not reply.done():
            reply.set_result(answer)
