"""Two books held against each other: what is missing in either is named."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from hub import comparing
from hub.axis import Book, TheirSent, TheirWaiting
from hub.comparing import Kind, bounds, compare
from hub.errors import Unavailable
from hub.model import DeliveryState, Endpoint
from hub.store import deliveries
from hub.store.deliveries import Settlement
from hub.store.writer import Transaction
from hub.testing import Box, ManualClock, hub_in_a_box, package
from schemas.text import Text

DAY = date(2026, 11, 20)
AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
LOCAL, REMOTE = "H49.13", "G17"


@dataclass
class FarBook:
    """A far side that tells what it is told to tell."""

    sent: list[TheirSent] = field(default_factory=list)
    waiting: list[TheirWaiting] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)
    unlisted: list[TheirSent] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def book(self) -> Book:
        return Book(tuple(self.sent), tuple(self.waiting))

    async def one_sent(self, remote_id: str) -> tuple[TheirSent, ...]:
        self.asked.append(remote_id)
        return tuple(each for each in self.unlisted if each.remote_id == remote_id)

    async def package(self, waiting: TheirWaiting) -> bytes:
        if waiting.remote_id not in self.contents:
            raise Unavailable(Text(vi="Không có", en="It is not there"))
        return self.contents[waiting.remote_id]


@dataclass
class Ground:
    box: Box
    local: Endpoint
    far: FarBook = field(default_factory=FarBook)

    async def delivered(self, remote_id: str) -> str:
        """Send a document up and let the far side have it under an id; return the delivery."""
        accepted = await self.box.hub.accept(self.local, package(sender=LOCAL, to=[REMOTE]))
        [delivery] = accepted.deliveries

        def settle(tx: Transaction) -> None:
            settled = Settlement(
                state=DeliveryState.DELIVERED,
                event="delivery.delivered",
                actor="hub:test",
                remote_id=remote_id,
            )
            assert deliveries.settle(tx, delivery, settled, [delivery.state])

        await self.box.hub.store.write(settle)
        return delivery.id

    async def kinds(self, day: date = DAY) -> list[tuple[Kind, str]]:
        compared = await compare(self.box.hub, "axis", self.far, day)
        return [(each.kind, each.remote_id) for each in compared.differences]


@asynccontextmanager
async def ground(folder: Path) -> AsyncIterator[Ground]:
    async with hub_in_a_box(folder, clock=ManualClock(AT)) as box:
        local = await box.connect("so-noi-vu", LOCAL)
        await box.connect("axis", REMOTE, adapter="http", address="http://127.0.0.1:9/", polls=False)
        yield Ground(box, local)


def sent(remote_id: str, *, to: str = REMOTE, at: datetime | None = AT, refused: bool = False) -> TheirSent:
    return TheirSent(remote_id=remote_id, to=to, at=at, refused=refused)


def waits(remote_id: str, at: datetime | None = AT) -> TheirWaiting:
    return TheirWaiting(remote_id=remote_id, sender=REMOTE, to=LOCAL, at=at)


async def test_books_that_agree_have_no_differences(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        await at.delivered("r1")
        at.far.sent = [sent("r1", to=" g17 ")]
        assert await at.kinds() == []
        assert at.far.asked == []


async def test_what_was_sent_here_and_is_not_there_is_named(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        delivery = await at.delivered("r1")
        compared = await compare(at.box.hub, "axis", at.far, DAY)
        [difference] = compared.differences
        assert (difference.kind, difference.delivery) == (Kind.SENT_NOT_THERE, delivery)
        assert difference.as_json()["remote_id"] == "r1"
        assert compared.as_json()["sent"] == 1


async def test_what_the_list_does_not_have_is_asked_for_by_itself(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        await at.delivered("r1")
        at.far.unlisted = [sent("r1", at=None)]
        assert await at.kinds() == []
        assert at.far.asked == ["r1"]


async def test_a_package_that_reached_somebody_else_only_is_named(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        await at.delivered("r1")
        at.far.sent = [sent("r1", to="G99")]
        assert await at.kinds() == [(Kind.SENT_NOT_THERE, "r1")]


async def test_what_is_there_and_was_not_sent_here_is_named(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        at.far.sent = [sent("r9"), sent("r8", at=AT - timedelta(days=1)), sent("r7", at=None)]
        assert await at.kinds() == [(Kind.SENT_NOT_HERE, "r9")]


async def test_what_was_refused_there_is_named(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        await at.delivered("r1")
        at.far.sent = [sent("r1", refused=True)]
        assert await at.kinds() == [(Kind.REFUSED_THERE, "r1")]


async def test_what_waits_there_is_recorded_here_or_not_or_cannot_be_read(tmp_path: Path) -> None:
    content = package(sender=REMOTE, to=[LOCAL])
    async with ground(tmp_path) as at:
        axis = await at.box.hub.endpoint("axis")
        accepted = await at.box.hub.accept(axis, content)
        at.far.waiting = [waits("w1"), waits("w2", None), waits("w3"), waits("w4", AT + timedelta(days=1))]
        at.far.contents = {"w1": content, "w2": b"<another/>"}
        assert await at.kinds() == [
            (Kind.WAITING_RECORDED, "w1"),
            (Kind.WAITING_NOT_RECORDED, "w2"),
            (Kind.WAITING_UNREADABLE, "w3"),
        ]
        compared = await compare(at.box.hub, "axis", at.far, DAY)
        assert compared.differences[0].message == accepted.message.id


async def test_more_than_can_be_fetched_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "MOST_FETCHED", 2)
    async with ground(tmp_path) as at:
        at.far.waiting = [waits(f"w{number}") for number in range(5)]
        compared = await compare(at.box.hub, "axis", at.far, DAY)
        assert (compared.waiting, compared.unlooked, len(compared.differences)) == (5, 3, 2)


async def test_only_the_days_own_deliveries_count(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        await at.delivered("r1")
        assert await at.kinds(DAY - timedelta(days=1)) == []
        assert await at.kinds(DAY + timedelta(days=1)) == []


def test_a_day_is_vietnams() -> None:
    since, until = bounds(DAY)
    assert since == datetime(2026, 11, 19, 17, 0, tzinfo=UTC)
    assert until - since == timedelta(days=1)
