"""The writer: groups, failures of one unit and of the commit, the ledger's chain, stopping."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError

from hub import ledger
from hub.errors import NotFound, Unavailable
from hub.store import ledger as ledger_store
from hub.store.database import engine
from hub.store.prepared import Prepared
from hub.store.tables import events, payloads, settings
from hub.store.writer import LARGEST_GROUP, Transaction, Writer
from hub.testing import ManualClock
from schemas.text import Text


class Slow(Writer):
    """Waits before it begins and before each commit until it is let go; notes what each commit had in it."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.go = threading.Event()
        self.commits: list[tuple[str, ...]] = []
        self.fails: Callable[[sa.RootTransaction], None] | None = None

    def _run(self) -> None:
        self.go.wait()
        super()._run()

    def _commit(self, begun: sa.RootTransaction, names: tuple[str, ...]) -> None:
        self.commits.append(names)
        if self.fails is not None:
            self.fails(begun)
        super()._commit(begun, names)


@asynccontextmanager
async def writing(database: str) -> AsyncIterator[tuple[Slow, sa.Engine, list[frozenset[str]]]]:
    woken: list[frozenset[str]] = []
    made = engine(sa.make_url(database), writes=True)
    writer = Slow(made, ManualClock(), woken.append)
    writer.start()
    try:
        yield writer, made, woken
    finally:
        writer.go.set()
        await asyncio.to_thread(writer.close)
        made.dispose()


def put(key: str, value: str = "1") -> Callable[[Transaction], str]:
    """Return a unit that sets a setting, tells of it, and returns its key."""

    def unit(tx: Transaction) -> str:
        tx.insert(settings, {"key": key, "value": value})
        tx.trace("setting.put", actor="operator:test", key=key)
        tx.wake(key)
        return key

    return unit


def refuse(tx: Transaction) -> None:
    tx.insert(settings, {"key": "never", "value": ""})
    raise NotFound(Text(vi="Không có", en="Not there"))


def keys(made: sa.Engine) -> list[str]:
    with made.connect() as connection:
        return list(connection.execute(sa.select(settings.c.key).order_by(settings.c.key)).scalars())


def chain(made: sa.Engine) -> ledger.LedgerReport:
    with made.connect() as connection:
        return ledger.verify(ledger_store.rows(connection))


async def together(writer: Slow, *units: Callable[[Transaction], Any]) -> list[Any]:
    """Hand units in before the writer begins, so that they form one group; return results and errors."""
    tasks = [asyncio.create_task(writer.write(unit, f"unit{n}")) for n, unit in enumerate(units)]
    await asyncio.sleep(0)
    writer.go.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_waits_is_committed_as_one_group(database: str) -> None:
    async with writing(database) as (writer, made, _):
        assert await together(writer, put("a"), put("b"), put("c")) == ["a", "b", "c"]
        assert writer.commits == [("unit0", "unit1", "unit2")]
        assert keys(made) == ["a", "b", "c"]


async def test_a_group_has_a_largest_size(database: str) -> None:
    async with writing(database) as (writer, made, _):
        await together(writer, *(put(f"{number:03}") for number in range(LARGEST_GROUP + 2)))
        assert [len(names) for names in writer.commits] == [LARGEST_GROUP, 2]
        assert len(keys(made)) == LARGEST_GROUP + 2


async def test_a_unit_that_raises_takes_only_itself_down(database: str) -> None:
    async with writing(database) as (writer, made, _):
        first, second, third = await together(writer, put("a"), refuse, put("c"))
        assert (first, third) == ("a", "c")
        assert isinstance(second, NotFound)
        assert keys(made) == ["a", "c"]
        assert chain(made).events == 2


async def test_a_broken_rule_of_the_database_takes_only_its_unit_down(database: str) -> None:
    async with writing(database) as (writer, made, _):
        first, second, third = await together(writer, put("a"), put("a", "2"), put("c"))
        assert (first, third) == ("a", "c")
        assert isinstance(second, IntegrityError)
        assert keys(made) == ["a", "c"]


async def test_a_unit_that_raises_alone_leaves_nothing_behind(database: str) -> None:
    async with writing(database) as (writer, made, woken):
        (only,) = await together(writer, refuse)
        assert isinstance(only, NotFound)
        assert keys(made) == []
        assert woken == []


async def test_a_commit_that_fails_tells_everybody_to_send_again(database: str) -> None:
    def fail(begun: sa.RootTransaction) -> None:
        begun.rollback()
        raise OperationalError("COMMIT", {}, Exception("no answer"))

    async with writing(database) as (writer, made, woken):
        writer.fails = fail
        answers = await together(writer, put("a"), put("b"))
        assert [type(answer) for answer in answers] == [Unavailable, Unavailable]
        assert keys(made) == []
        assert woken == []
        writer.fails = None
        assert await writer.write(put("a"), "again") == "a"
        assert chain(made).broken == []


async def test_a_commit_that_failed_but_was_kept_leaves_the_chain_whole(database: str) -> None:
    def fail(begun: sa.RootTransaction) -> None:
        begun.commit()
        raise OperationalError("COMMIT", {}, Exception("no answer"))

    async with writing(database) as (writer, made, _):
        writer.fails = fail
        (answer,) = await together(writer, put("a"))
        assert isinstance(answer, Unavailable)
        writer.fails = None
        await writer.write(put("b"), "next")
        assert keys(made) == ["a", "b"]
        report = chain(made)
        assert (report.events, report.broken) == (2, [])


async def test_a_unit_that_runs_again_does_not_remember_its_first_run(database: str) -> None:
    def notes(tx: Transaction) -> str | None:
        before = tx.noted.get("key")
        tx.noted["key"] = "mine"
        return before

    async with writing(database) as (writer, _, _):
        first, _, third = await together(writer, notes, refuse, notes)
        assert (first, third) == (None, None), "each ran alone, in a transaction of its own"


async def test_units_of_one_group_see_what_the_others_noted(database: str) -> None:
    def notes(tx: Transaction) -> str | None:
        return tx.noted.setdefault("key", "first")

    async with writing(database) as (writer, _, _):
        assert await together(writer, notes, notes) == ["first", "first"]


async def test_a_statement_sees_the_rows_that_were_collected_before_it(database: str) -> None:
    def unit(tx: Transaction) -> tuple[int, int]:
        count = sa.select(sa.func.count().label("rows")).select_from(settings)
        tx.insert(settings, {"key": "a", "value": ""})
        before = tx.look(Prepared(count), {})
        assert before is not None
        return before.rows, tx.execute(count).scalar_one()

    async with writing(database) as (writer, _, _):
        assert await together(writer, unit) == [(0, 1)]


async def test_the_same_bytes_are_kept_once(database: str) -> None:
    def keep(tx: Transaction) -> None:
        tx.insert(payloads, {"sha256": "0" * 64, "size": 1, "content": b"x", "stored_at": tx.now})

    async with writing(database) as (writer, made, _):
        assert await together(writer, keep, keep) == [None, None]
        await writer.write(keep, "once more")
        with made.connect() as connection:
            assert connection.execute(sa.select(sa.func.count()).select_from(payloads)).scalar_one() == 1


async def test_the_events_of_several_groups_form_one_chain(database: str) -> None:
    async with writing(database) as (writer, made, _):
        await together(writer, put("a"), put("b"))
        await writer.write(put("c"), "later")
        report = chain(made)
        assert (report.events, report.broken) == (3, [])
        with made.connect() as connection:
            assert list(connection.execute(sa.select(events.c.seq)).scalars()) == [1, 2, 3]


async def test_endpoints_are_woken_after_the_commit_and_once_for_a_group(database: str) -> None:
    async with writing(database) as (writer, _, woken):
        await together(writer, put("a"), put("b"))
        await asyncio.sleep(0)
        assert woken == [frozenset({"a", "b"})]


async def test_a_caller_that_went_away_does_not_stop_its_unit(database: str) -> None:
    async with writing(database) as (writer, made, _):
        gone = asyncio.create_task(writer.write(put("a"), "gone"))
        await asyncio.sleep(0)
        gone.cancel()
        assert await together(writer, put("b")) == ["b"]
        assert keys(made) == ["a", "b"]


async def test_closing_commits_what_waits_and_takes_nothing_more(database: str) -> None:
    async with writing(database) as (writer, made, _):
        waiting = [asyncio.create_task(writer.write(put(key), key)) for key in "abc"]
        await asyncio.sleep(0)
        writer.go.set()
        await asyncio.to_thread(writer.close)
        assert await asyncio.gather(*waiting) == ["a", "b", "c"]
        with pytest.raises(Unavailable):
            await writer.write(put("late"), "late")
        assert keys(made) == ["a", "b", "c"]


async def test_a_database_that_does_not_answer_is_unavailable() -> None:
    nobody = engine(sa.make_url("postgresql+psycopg://nobody@127.0.0.1:1/nothing"), writes=True)
    writer = Writer(nobody, ManualClock(), lambda _: None)
    writer.start()
    with pytest.raises(Unavailable) as caught:
        await writer.write(put("a"), "a")
    await asyncio.to_thread(writer.close)
    assert caught.value.retry_after
    assert caught.value.message.vi != caught.value.message.en


async def test_ids_sort_in_the_order_in_which_they_were_made(database: str) -> None:
    def make(tx: Transaction) -> list[str]:
        return [tx.new_id() for _ in range(50)]

    async with writing(database) as (writer, _, _):
        groups = await together(writer, make, make)
        groups.append(await writer.write(make, "another group, in the same millisecond"))
        made = [each for group in groups for each in group]
        assert made == sorted(set(made))


async def test_what_one_round_of_the_loop_hands_in_is_one_group(database: str) -> None:
    """Also when the thread is waiting for work: it would take the first unit and begin without the others."""
    async with writing(database) as (writer, made, _):
        writer.go.set()
        await writer.write(put("first"), "first")  # the thread is waiting from here on
        await asyncio.gather(*(writer.write(put(f"{number}"), f"{number}") for number in range(20)))
        assert writer.commits == [("first",), tuple(str(number) for number in range(20))]
        assert len(keys(made)) == 21
