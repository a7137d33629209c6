"""Urgent documents go first, from the sender's hand to the addressee's: past a real worker and a real inbox."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import hub.adapter
from hub.config import StorageSettings
from hub.testing import eventually, hub_in_a_box, package, settings
from schemas.edxml.envelope import Priority
from tests.faults.recorder import FarSide, Recorder, with_recorder

SENDER, PUSHED, POLLS = "H49.13", "H49.61", "H49.62"
ASKED = [
    Priority.NORMAL,
    Priority.NORMAL,
    Priority.URGENT,
    Priority.EXPRESS,
    Priority.NORMAL,
    Priority.VERY_URGENT,
    Priority.TIMED_EXPRESS,
]


async def test_what_waits_for_a_worker_goes_by_priority(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub.adapter, "entry_points", with_recorder)
    far = Recorder.far_sides["urgent"] = FarSide()
    config = settings(tmp_path)
    config = replace(
        config,
        storage=StorageSettings(database=database),
        worker=replace(config.worker, batch=3),
        limits=replace(config.limits, deliveries_at_once=1),
    )
    async with hub_in_a_box(tmp_path, config=config) as box:
        sender = await box.connect("sender", SENDER)
        polls = await box.connect("polls", POLLS)
        await box.connect("pushed", PUSHED, adapter="recorder", address="urgent", polls=False)
        urgency = {}
        for priority in ASKED:
            content = package(sender=SENDER, to=[PUSHED, POLLS], priority=priority)
            urgency[content] = priority
            await box.hub.accept(sender, content)
        waiting = await box.hub.waiting(polls)
        assert [each.message.priority for each in waiting] == sorted(ASKED, reverse=True)
        async with box.hub.running():
            await eventually(lambda: len(far.documents) == len(ASKED))
    assert [urgency[content] for content in far.documents.values()] == sorted(ASKED, reverse=True)


async def test_an_urgent_document_overtakes_what_waits_already(tmp_path: Path, database: str) -> None:
    config = replace(settings(tmp_path), storage=StorageSettings(database=database))
    async with hub_in_a_box(tmp_path, config=config) as box:
        sender, polls = await box.connect("sender", SENDER), await box.connect("polls", POLLS)
        ordinary = [await box.hub.accept(sender, package(sender=SENDER, to=[POLLS])) for _ in range(3)]
        urgent = await box.hub.accept(sender, package(sender=SENDER, to=[POLLS], priority=Priority.EXPRESS))
        (first,) = await box.hub.waiting(polls, limit=1)
        assert first.message.id == urgent.message.id
        await box.hub.take(polls, first.delivery.id)
        left = [each.message.id for each in await box.hub.waiting(polls)]
        assert left == [each.message.id for each in ordinary], "and the others by age"
