"""How many deliveries one process has under way: no more than `worker.at_once`, and none after an endpoint failed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

import hub.adapter
from hub.errors import Unavailable
from hub.model import DeliveryState, Parcel, Receipt
from hub.testing import Box, eventually, hub_in_a_box, package, settings
from schemas.text import Text
from tests.faults.recorder import FarSide, Recorder, with_recorder

SENDER = "H49.13"
AT_ONCE = 4  # deliveries under way to one endpoint


@dataclass
class Counting(FarSide):
    """Takes everything while it is open; knows how many deliveries were under way at once."""

    open: asyncio.Event = field(default_factory=asyncio.Event)
    under_way: int = 0
    most: int = 0

    async def take(self, parcel: Parcel) -> Receipt:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await self.open.wait()
            return await super().take(parcel)
        finally:
            self.under_way -= 1


@asynccontextmanager
async def pushing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> AsyncIterator[tuple[Box, Counting]]:
    monkeypatch.setattr(hub.adapter, "entry_points", with_recorder)
    far = Counting()
    Recorder.far_sides["places"] = far
    config = settings(folder)
    config = replace(
        config,
        worker=replace(config.worker, at_once=at_once),
        limits=replace(config.limits, deliveries_at_once=AT_ONCE),
    )
    async with hub_in_a_box(folder, config=config) as box:
        yield box, far


@pytest.mark.parametrize(("at_once", "most"), [(3, 3), (0, 8)])
async def test_no_more_are_under_way_than_there_are_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int, most: int
) -> None:
    async with pushing(tmp_path, monkeypatch, at_once) as (box, far):
        sender = await box.connect("sender", SENDER)
        codes = [f"H49.7{number}" for number in range(8)]
        for code in codes:
            await box.connect(code, code, adapter="recorder", address="places", polls=False)
        await box.hub.accept(sender, package(sender=SENDER, to=codes))
        async with box.hub.running():
            await eventually(lambda: far.under_way == most)
            states = [each.state for each in await box.hub.deliveries(None, 100)]
            assert states.count(DeliveryState.SENDING) == most, "what waits for a place is not claimed"
            far.open.set()
            await eventually(lambda: len(far.documents) == len(codes))
    assert far.most == most
    assert set(far.calls.values()) == {1}


async def test_after_a_failure_nothing_more_of_the_batch_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However short the wait is: it may have run out before the failure is written down."""
    async with pushing(tmp_path, monkeypatch, 64) as (box, far):
        box.hub.worker.retry = replace(box.hub.worker.retry, first_seconds=0.0, longest_seconds=0.0)
        sender = await box.connect("sender", SENDER)
        await box.connect("one", "H49.71", adapter="recorder", address="places", polls=False)
        first = await box.hub.accept(sender, package(sender=SENDER, to=["H49.71"]))
        failures = iter(range(AT_ONCE))
        far.odd = (
            lambda parcel: parcel.message.id != first.message.id and next(failures, None) is not None,
            fail,
        )
        async with box.hub.running():
            await eventually(lambda: far.under_way == 1)
            sent = [await box.hub.accept(sender, package(sender=SENDER, to=["H49.71"])) for _ in range(12)]
            far.open.set()  # the endpoint takes one, so that all the others are claimed together
            await eventually(lambda: len(far.documents) == 13)
        traces = [trace for each in sent for trace in await box.hub.trace(each.message.id)]
    kinds = Counter(event.kind for trace in traces for event in trace.events)
    assert kinds["delivery.waiting"] == AT_ONCE
    assert kinds["delivery.put-back"] == 12 - AT_ONCE


def fail(_: Parcel) -> Receipt:
    raise Unavailable(Text(vi="Hệ thống nhận không trả lời", en="The far side does not answer"))
