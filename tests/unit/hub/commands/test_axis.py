"""What the operator asks of an axis: whether the books agree, and who there is."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.app import Hub
from hub.config import FILE_NAME, load
from hub.reconciling import every
from hub.testing import ManualClock, eventually
from tests.unit.adapters.vxp.standin import Sent, StandInAxis
from tests.unit.hub.commands.door import Command


@pytest.fixture
def axis() -> Iterator[StandInAxis]:
    """An axis that runs beside the commands, each of which has an event loop of its own."""
    made, loop = StandInAxis(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(made.start(), loop).result(10)
    yield made
    asyncio.run_coroutine_threadsafe(made.stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def connected(edochub: Command, hub_folder: Path, axis: StandInAxis) -> None:
    arguments = ("--adapter", "vxp", "--next-hub", "--address", axis.address, "--secret", axis.secret)
    assert edochub("endpoints", "add", "axis", *arguments).code == 0


def test_books_that_agree(edochub: Command, connected: None) -> None:
    ran = edochub("axis", "reconcile", "axis", "--date", "2026-03-02")
    assert ran.code == 0
    assert "agree" in ran.out


def test_a_difference_is_named_and_is_a_no(edochub: Command, connected: None, axis: StandInAxis) -> None:
    at = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
    axis.sent.append(Sent(doc_id="stranger-1", content=b"<a/>", sender="Z99", to=["G01"], kind="edoc", at=at))
    waiting = axis.put(b"<never-seen/>")
    ran = edochub("axis", "reconcile", "axis", "--date", "02/03/2026")
    assert ran.code == 1
    assert "stranger-1" in ran.out
    assert waiting in ran.out
    found = edochub("axis", "reconcile", "axis", "--date", "2026-03-02", "--json").json["differences"]
    assert {each["kind"] for each in found} == {"sent-not-here", "waiting-not-recorded"}
    assert axis.waiting, "asking changes nothing"


def test_without_a_date_it_is_yesterday(edochub: Command, connected: None, axis: StandInAxis) -> None:
    at = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
    axis.sent.append(Sent(doc_id="old", content=b"<a/>", sender="Z99", to=["G01"], kind="edoc", at=at))
    ran = edochub("axis", "reconcile", "axis", language="vi")
    assert ran.code == 0
    assert "khớp" in ran.out


def test_an_axis_that_does_not_answer_is_unreachable(
    edochub: Command, connected: None, axis: StandInAxis
) -> None:
    axis.trouble("getSentEdocList", "drop")
    assert edochub("axis", "reconcile", "axis").code == 4


def test_only_an_axis_can_be_asked(edochub: Command, connected: None) -> None:
    for verb in ("reconcile", "agencies"):
        assert edochub("axis", verb, "so-noi-vu").code == 2
        assert edochub("axis", verb, "nobody").code == 1


def test_the_axiss_agencies_come_into_the_directory(
    edochub: Command, connected: None, axis: StandInAxis
) -> None:
    axis.agencies = [
        {"id": "1", "code": "G17", "name": "Bộ Thử", "pid": ""},
        {"id": "2", "code": "Z99.13", "name": "Kẻ khác"},
        {"id": "3"},
    ]
    ran = edochub("axis", "agencies", "axis")
    assert ran.code == 0
    assert "1 added" in ran.out
    assert "usable code or name: 1" in ran.out
    assert "Sở Nội vụ Thử Nghiệm" in edochub("agencies", "show", "Z99.13").out
    again = edochub("axis", "agencies", "axis", "--json").json
    assert (again["added"], again["changed"], again["unusable"]) == (0, 0, 1)
    axis.agencies, axis.units = [], [{"code": "G17", "deleted": True}]
    assert edochub("axis", "agencies", "axis", "--json").json["changed"] == 1
    assert edochub("agencies", "show", "G17", "--json").json["state"] == "closed"


def test_a_system_that_calls_us_is_added_without_an_address(edochub: Command, hub_folder: Path) -> None:
    ran = edochub("endpoints", "add", "000.00.01.Z99", "--adapter", "vxp", "--agency", "Z99.62", "--json")
    assert ran.code == 0
    assert ran.json["secret"]
    assert edochub("axis", "reconcile", "000.00.01.Z99").code == 2


# --- the daily comparison ---------------------------------------------------------------------------------------------


def sweep(folder: Path, clock: ManualClock, *, until_kept: bool) -> None:
    """Let a hub look once whether the comparison is due."""

    async def once() -> None:
        async with Hub.open(load(folder / FILE_NAME), clock=clock) as hub:
            before = await hub.store.read(every)
            await hub.reconciling.sweep()

            async def kept() -> bool:
                return await hub.store.read(every) != before

            if until_kept:
                await eventually(kept)
            await hub.reconciling.close()
            assert until_kept or await hub.store.read(every) == before

    asyncio.run(once())


def test_what_the_daily_comparison_found_is_kept_and_shown(
    edochub: Command, connected: None, hub_folder: Path, axis: StandInAxis
) -> None:
    at = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
    axis.sent.append(Sent(doc_id="stranger-1", content=b"<a/>", sender="Z99", to=["G01"], kind="edoc", at=at))
    clock = ManualClock(datetime(2026, 3, 2, 19, 0, tzinfo=UTC))  # 02:00 in Vietnam, on the day after
    sweep(hub_folder, clock, until_kept=False)
    clock.advance(hours=1)
    sweep(hub_folder, clock, until_kept=True)
    clock.advance(hours=1)
    sweep(hub_folder, clock, until_kept=False)

    shown = edochub("axis", "compared")
    assert shown.code == 1
    assert "stranger-1" in shown.out
    [kept] = edochub("axis", "compared", "--json").json["comparisons"]
    assert (kept["endpoint"], kept["day"]) == ("axis", "2026-03-02")
    assert [each["kind"] for each in kept["differences"]] == ["sent-not-here"]
    assert "edochub axis compared" in edochub("doctor").out

    clock.advance(days=1)
    sweep(hub_folder, clock, until_kept=True)
    agreed = edochub("axis", "compared")
    assert agreed.code == 0
    assert "stranger-1" not in agreed.out
    assert "edochub axis compared" not in edochub("doctor").out
