"""What the first page tells: counted at most every few seconds, once for all who look, and never while they wait twice.

Whoever asks first waits for the first count; later ones get the last one at once, and a new one is begun when it is
older than it should be.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Generic, TypeVar

import sqlalchemy as sa

from adapters.console.pictures import FLOW_LEVELS, Flow
from hub.app import Hub
from hub.board import Board, Watching
from hub.errors import NotFound
from hub.model import DeliveryState, Level, StoredRefusal
from hub.overdue import Overdue
from hub.show import VIETNAM
from hub.store import overview as store
from hub.store.overview import Heap, Queue, Stream

T = TypeVar("T")

STUCK_SHOWN = 6
REFUSED_SHOWN = 5
LATE_SHOWN = 200
GOOD = (DeliveryState.DELIVERED,)
WAITING = (
    DeliveryState.QUEUED,
    DeliveryState.SENDING,
    DeliveryState.WAITING_FOR_RETRY,
    DeliveryState.AVAILABLE,
)


@dataclass(frozen=True, slots=True)
class Today:
    """What happened since midnight, and what is open now."""

    at: datetime
    documents: int
    refused: int
    delivered: int
    under_way: int
    flow: Flow
    queues: tuple[Queue, ...]
    stuck_counts: tuple[Queue, ...]
    stuck: tuple[Heap, ...]
    refusals: tuple[StoredRefusal, ...]

    @property
    def open_count(self) -> int:
        """How many deliveries wait for a system, of whatever day."""
        return sum(each.count for each in self.queues)

    @property
    def retrying(self) -> int:
        """How many of those could not be sent yet."""
        return sum(each.count for each in self.queues if each.state is DeliveryState.WAITING_FOR_RETRY)

    def stuck_count(self, state: str) -> int:
        """How many deliveries are held, or suspended."""
        return sum(each.count for each in self.stuck_counts if each.state == state)


class Kept(Generic[T]):
    """Something that takes a while to count, kept for a while."""

    def __init__(self, count: Callable[[], Awaitable[T]], seconds: float) -> None:
        self._count = count
        self._seconds = seconds
        self._value: T | None = None
        self._at = float("-inf")
        self._counting: asyncio.Task[T] | None = None

    async def value(self) -> T:
        """Return it as counted last; begin a new count if that is old. Raises what counting raises, the first time."""
        loop = asyncio.get_running_loop()
        if loop.time() - self._at >= self._seconds and self._counting is None:
            self._counting = asyncio.create_task(self._counted())
        if self._value is not None and loop.time() - self._at < 6 * self._seconds:
            return self._value
        assert self._counting is not None or self._value is not None
        return await asyncio.shield(self._counting) if self._counting else self._value  # type: ignore[return-value]

    async def _counted(self) -> T:
        try:
            self._value = await self._count()
            self._at = asyncio.get_running_loop().time()
            return self._value
        finally:
            self._counting = None

    def forget(self) -> None:
        """Count anew for whoever asks next: somebody has just changed it."""
        self._at = float("-inf")


class Overview:
    """The counts of one hub, for everybody who looks at its console."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.today: Kept[Today] = Kept(self._today, 5)
        self.board: Kept[Board] = Kept(Watching(hub).look, 10)
        self.late: Kept[list[Overdue]] = Kept(self._late, 60)
        self.heard: Kept[tuple[dict[str, datetime], dict[str, datetime]]] = Kept(self._heard, 15)

    async def _today(self) -> Today:
        now = self._hub.clock()
        midnight = datetime.combine(now.astimezone(VIETNAM).date(), time(), VIETNAM)

        def ask(connection: sa.Connection) -> Today:
            streams = store.streams_since(connection, midnight)
            states: Counter[DeliveryState] = Counter()
            for each in streams:
                states[each.state] += each.count
            return Today(
                at=now,
                documents=store.documents_since(connection, midnight),
                refused=store.refused_since(connection, midnight),
                delivered=sum(states[state] for state in GOOD),
                under_way=sum(states[state] for state in WAITING),
                flow=self._flow(streams),
                queues=tuple(store.queues(connection)),
                stuck_counts=tuple(store.stuck_counts(connection)),
                stuck=tuple(store.heaps(connection, STUCK_SHOWN)),
                refusals=tuple(store.newest_refusals(connection, REFUSED_SHOWN)),
            )

        return await self._hub.store.read_alone(ask)

    def _flow(self, streams: list[Stream]) -> Flow:
        counted: Counter[tuple[Level, Level]] = Counter()
        for each in streams:
            counted[(self._level(each.sender), self._level(each.receiver))] += each.count
        return Flow(dict(counted))

    def _level(self, agency: str) -> Level:
        try:
            level = self._hub.directory.agency(agency).level
        except NotFound:  # beyond this hub
            return Level.OTHER
        return level if level in FLOW_LEVELS else Level.OTHER

    async def _late(self) -> list[Overdue]:
        return await self._hub.overdue(limit=LATE_SHOWN)

    async def _heard(self) -> tuple[dict[str, datetime], dict[str, datetime]]:
        return await self._hub.store.read_alone(
            lambda connection: (store.reached(connection), store.heard(connection))
        )


def soon(moment: datetime, now: datetime) -> bool:
    """Tell whether a certificate ends within a month."""
    return moment - now < timedelta(days=30)
