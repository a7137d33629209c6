"""A far side that the hub fetches from, and that is away, is told about though nothing waits for it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.folder.adapter import FolderAdapter
from hub.adapter import Adapter
from hub.config import Config
from hub.config_running import AlertSettings
from hub.model import Endpoint, Parcel, Receipt
from hub.running import conditions, reaching
from hub.running.alerts import Alerts
from hub.running.telling import Teller
from hub.testing import ManualClock, hub_in_a_box, settings
from tests.unit.hub.running.test_alerts import NOW, SECRET, Webhook


def telling(folder: Path) -> Config:
    (folder / "secret").write_text(SECRET + "\n", encoding="utf-8")
    alerts = AlertSettings(webhook="https://hook.example/alerts", webhook_secret_file=Path("secret"))
    return replace(settings(folder), alerts=alerts)


async def test_a_folder_that_is_gone_is_told_and_its_return_too(tmp_path: Path) -> None:
    theirs, config, clock = tmp_path / "theirs", telling(tmp_path), ManualClock(NOW)
    theirs.mkdir()
    async with hub_in_a_box(tmp_path, config=config, clock=clock) as box:
        await box.add_agencies("H49.61")
        await box.connect(
            "xa-hai-son", "H49.61", adapter="folder", address=FolderAdapter.settle(str(theirs)), polls=False
        )
        webhook = Webhook()
        alerts = Alerts(box.hub, Teller(box.hub.config, clock, lambda: webhook))

        async def rounds() -> None:
            for _ in range(4):
                await alerts.round()
                clock.advance(minutes=4)

        await rounds()
        theirs.rename(tmp_path / "away")
        await rounds()
        (tmp_path / "away").rename(theirs)
        await rounds()
    told = [each for each in webhook.told() if each[0].startswith("endpoint:")]
    assert told == [("endpoint:xa-hai-son", "start"), ("endpoint:xa-hai-son", "end")]


async def test_a_far_side_that_comes_to_us_is_not_tried(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        await box.add_agencies("H49.61")
        await box.connect("xa-hai-son", "H49.61")
        assert await reaching.away(box.hub) == []


class Mute(Adapter):
    """Fetches from a far side that accepts connections and says nothing."""

    async def check(self) -> None:
        await asyncio.Event().wait()

    async def deliver(self, parcel: Parcel) -> Receipt:
        raise NotImplementedError

    async def listen(self, receive: object) -> None:
        raise NotImplementedError


async def test_who_was_reached_a_moment_ago_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    class Counting(Mute):
        async def check(self) -> None:
            tried.append(self.endpoint.id)

    monkeypatch.setattr("hub.connections.adapter_class", lambda name: Counting)
    clock = ManualClock(NOW)
    async with hub_in_a_box(tmp_path, clock=clock) as box:
        await box.add_agencies("H49.61")
        await box.connect("xa-hai-son", "H49.61")
        for _ in range(3):
            assert await reaching.away(box.hub) == []
        assert tried == ["xa-hai-son"]
        clock.advance(minutes=6)
        await reaching.away(box.hub)
        assert tried == ["xa-hai-son"] * 2


async def test_who_says_nothing_is_away_and_holds_up_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.connections.adapter_class", lambda name: Mute)
    monkeypatch.setattr(reaching, "SECONDS", 0.05)
    async with hub_in_a_box(tmp_path, clock=ManualClock(NOW)) as box:
        await box.add_agencies("H49.61")
        await box.connect("xa-hai-son", "H49.61")
        found, _ = await conditions.conditions(box.hub, ())
    (one,) = [each for each in found if each.kind == "endpoint"]
    assert one.key == "endpoint:xa-hai-son"
    assert one.words.en == "Nothing can be fetched from endpoint xa-hai-son: it does not answer in time"


async def test_an_adapter_with_a_fault_keeps_no_other_from_being_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(endpoint: Endpoint) -> None:
        if endpoint.id == "xa-hai-son":
            raise ZeroDivisionError
        await asyncio.Event().wait()

    monkeypatch.setattr(reaching, "SECONDS", 0.05)
    async with hub_in_a_box(tmp_path) as box:
        await box.add_agencies("H49.61", "H49.62")
        await box.connect("xa-hai-son", "H49.61")
        await box.connect("xa-khac", "H49.62")
        monkeypatch.setattr(box.hub.connections, "try_fetching", broken)
        assert [each.key for each in await reaching.away(box.hub)] == ["endpoint:xa-khac"]
