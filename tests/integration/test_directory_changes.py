"""The directory changes while the hub works: whoever loads it, and however late, the newest is what counts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import hub.adapter
from hub.app import Hub
from hub.model import DeliveryState
from hub.testing import Box, eventually, hub_in_a_box, package, settings
from tests.faults.recorder import FarSide, Recorder, with_recorder


async def test_a_snapshot_that_comes_late_does_not_replace_a_newer_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hub_in_a_box(tmp_path) as box, Hub.open(box.hub.config) as other:
        await box.connect("first", "H49.61")
        read = other.store.read
        loaded, may_end = asyncio.Event(), asyncio.Event()

        async def late(ask: Any) -> Any:
            found = await read(ask)
            loaded.set()
            await may_end.wait()
            return found

        with monkeypatch.context() as slowly:
            slowly.setattr(other.store, "read", late)
            refreshing = asyncio.create_task(other.refresh_directory())
            await loaded.wait()
        await box.connect("second", "H49.62")
        assert await other.refresh_directory()
        may_end.set()
        assert await refreshing, "it has changed since that one began, whoever noticed"
        assert other.directory.endpoint("second")


async def test_what_goes_to_an_endpoint_that_was_just_added_elsewhere_is_delivered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub.adapter, "entry_points", with_recorder)
    far = Recorder.far_sides["added"] = FarSide()
    config = settings(tmp_path)
    config = replace(config, worker=replace(config.worker, sweep_seconds=3_600.0))
    async with hub_in_a_box(tmp_path, config=config, running=True) as working, Hub.open(config) as other:
        elsewhere = Box(other)
        sender = await elsewhere.connect("sender", "H49.13")
        await elsewhere.connect("added", "H49.61", adapter="recorder", address="added", polls=False)
        accepted = await other.accept(sender, package(sender="H49.13", to=["H49.61"]))
        assert working.hub.directory.endpoint("added") is None, "it has not looked since"
        working.hub.worker.wake("added")
        await eventually(lambda: far.documents)

        async def settled() -> bool:
            return all(each.state.final for each in await other.deliveries(None, 10))

        await eventually(settled)
        [delivery] = await other.deliveries(None, 10)
        assert (delivery.message, delivery.state) == (accepted.message.id, DeliveryState.DELIVERED)
