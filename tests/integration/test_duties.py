"""Duties among nodes that come, go, sleep and die. The nodes beat when the test says so, by clocks of the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from hub.duties import Duties, falls_to
from hub.store.database import Store
from hub.store.tables import nodes
from hub.testing import ManualClock, eventually

NAMES = [f"listen:xa-{number}" for number in range(40)]
PATIENCE = 15.0


@dataclass
class Installation:
    """Nodes on one database. `seconds` is what every monotonic clock shows."""

    database: str
    stack: AsyncExitStack
    seconds: float = 1_000.0
    clock: ManualClock = field(default_factory=ManualClock)

    async def node(self, name: str) -> Duties:
        return await self.stack.enter_async_context(self._node(name))

    @asynccontextmanager
    async def _node(self, name: str) -> AsyncIterator[Duties]:
        store = Store(self.database, self.clock, lambda _: None)
        store.open()
        yield Duties(
            node=name,
            store=store,
            clock=self.clock,
            patience_seconds=PATIENCE,
            alone=False,
            monotonic=lambda: self.seconds,
        )
        await store.close()

    async def beat(self, *living: Duties, times: int = 1) -> None:
        for _ in range(times):
            self.seconds += 3.0
            for each in living:
                await each.beat()


@pytest.fixture
async def installation(database: str) -> AsyncIterator[Installation]:
    async with AsyncExitStack() as stack:
        yield Installation(database, stack)


def held(*among: Duties) -> list[set[str]]:
    """Ask for every duty at every node; return what each has."""
    return [{name for name in NAMES if each.holds(name)} for each in among]


async def shared(installation: Installation, *among: Duties) -> list[set[str]]:
    """Let nodes come to have what falls to them, as listeners that stop when they are told to."""
    for _ in range(4):
        for each, mine in zip(among, held(*among), strict=True):
            for name in set(NAMES) - mine:
                each.give_up(name)
        held(*among)
        await installation.beat(*among)
    return held(*among)


async def test_one_node_comes_to_have_every_duty(installation: Installation) -> None:
    one = await installation.node("one")
    assert await shared(installation, one) == [set(NAMES)]


async def test_every_duty_is_one_nodes_at_a_time_and_nearly_as_many_are_each_ones(
    installation: Installation,
) -> None:
    among = [await installation.node(name) for name in ("one", "two", "three")]
    parts = await shared(installation, *among)
    assert sorted(name for part in parts for name in part) == sorted(NAMES)
    assert all(len(part) >= 5 for part in parts)


async def test_what_moves_to_a_node_that_comes_is_let_go_before_it_is_taken(
    installation: Installation,
) -> None:
    one, two = await installation.node("one"), await installation.node("two")
    await shared(installation, one)
    held(two)
    await installation.beat(two, one, two, one)
    mine, theirs = held(one, two)
    assert theirs == set()
    assert mine == {name for name in NAMES if falls_to(name, ["one", "two"]) == "one"}
    for name in set(NAMES) - mine:  # the listeners have ended
        one.give_up(name)
    held(one)
    await installation.beat(one, two, two)
    assert held(one, two) == [mine, set(NAMES) - mine]


async def test_a_node_that_leaves_leaves_its_duties_to_the_others_at_once(installation: Installation) -> None:
    one, two = await installation.node("one"), await installation.node("two")
    await shared(installation, one, two)
    await one.leave()
    await installation.beat(two, times=2)
    assert held(two) == [set(NAMES)]


async def test_a_dead_nodes_duties_are_taken_when_its_silence_has_lasted(installation: Installation) -> None:
    one, two = await installation.node("one"), await installation.node("two")
    _, part = await shared(installation, one, two)
    await installation.beat(two, times=5)
    assert held(two) == [part]
    await installation.beat(two, times=3)
    assert held(two) == [set(NAMES)]


async def test_whose_clock_is_wrong_by_years_lives_all_the_same(installation: Installation) -> None:
    one, two = await installation.node("one"), await installation.node("two")
    parts = await shared(installation, one, two)
    for _ in range(10):
        installation.clock.advance(days=-400)
        await one.beat()
        installation.clock.advance(days=400)
        await installation.beat(two)
    assert held(one, two) == parts


async def test_a_node_that_slept_knows_before_it_does_anything_more(installation: Installation) -> None:
    one, two = await installation.node("one"), await installation.node("two")
    await shared(installation, one, two)
    await installation.beat(two, times=8)
    slept = one.lost
    assert held(one) == [set()]
    await one.beat()
    assert (slept, one.lost) == (True, False)
    assert held(one) == [set()], "two has them"


async def test_after_the_database_was_away_nobody_is_taken_for_dead(installation: Installation) -> None:
    one, two = await installation.node("one"), await installation.node("two")
    parts = await shared(installation, one, two)
    installation.seconds += 600.0
    await two.beat()
    await one.beat()
    await installation.beat(one, two)
    assert held(one, two) == parts


async def test_what_comes_round_is_due_once_in_every_interval_wherever_it_is_asked(
    installation: Installation,
) -> None:
    one, two = await installation.node("one"), await installation.node("two")
    turns = []
    for second in range(1, 601):
        installation.clock.advance(seconds=1)
        for each in (one, two):
            if await each.due("ledger.checkpoint", 60):
                turns.append((second, each.node))
        if second % 3 == 0:
            await installation.beat(one, two)
    assert len({node for _, node in turns}) == 1
    assert [second - turns[0][0] for second, _ in turns] == [60 * number for number in range(9)]


async def test_what_comes_round_goes_on_without_its_node_and_does_not_drift(
    installation: Installation,
) -> None:
    one, two = await installation.node("one"), await installation.node("two")
    turns = []
    living = [one, two]
    dead = None
    for second in range(1, 601):
        installation.clock.advance(seconds=1)
        for each in living:
            if await each.due("ledger.checkpoint", 60):
                turns.append(second)
                if len(turns) == 3:
                    dead = each
        living = [each for each in living if each is not dead]
        if second % 3 == 0:
            await installation.beat(*living)
    assert [second - turns[0] for second in turns] == [60 * number for number in range(9)]


async def test_a_clock_that_is_put_back_does_not_stop_what_comes_round(installation: Installation) -> None:
    one = await installation.node("one")
    one.holds("x")
    await installation.beat(one, times=2)
    assert not await one.due("x", 60)
    installation.clock.advance(seconds=60)
    assert await one.due("x", 60)
    installation.clock.advance(days=-1)
    assert not await one.due("x", 60)
    installation.clock.advance(seconds=60)
    assert await one.due("x", 60)


async def test_a_node_that_is_alone_has_every_duty_and_writes_nothing(installation: Installation) -> None:
    one = await installation.node("one")
    one.alone = True
    assert held(one) == [set(NAMES)]
    assert not await one.due("x", 60)
    installation.clock.advance(seconds=61)
    assert await one.due("x", 60)
    assert await one.store.read(lambda c: c.execute(sa.select(nodes)).all()) == []


@pytest.mark.parametrize("ticks", range(6))
async def test_a_stop_that_comes_together_with_news_stops(installation: Installation, ticks: int) -> None:
    one = await installation.node("one")
    living = asyncio.create_task(one.run())
    await eventually(lambda: one._beaten_at is not None)
    await asyncio.sleep(0.05)  # it has beaten, and waits for news
    one._news.set()
    for _ in range(ticks):
        await asyncio.sleep(0)
    living.cancel()
    await asyncio.wait([living], timeout=60)
    assert living.cancelled()
