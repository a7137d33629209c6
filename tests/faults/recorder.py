"""A far side in this process that is pushed to, and its adapter, registered as a stranger's would be."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from typing import Any, ClassVar

from hub.adapter import GROUP, Adapter
from hub.errors import Declined, Unavailable
from hub.model import Parcel, Receipt
from schemas.text import Text


@dataclass
class FarSide:
    """An agency's system that knows a repeat by the delivery's id, as the contract asks of it."""

    documents: dict[str, bytes] = field(default_factory=dict)  # delivery id -> bytes: as new, once each
    calls: Counter[str] = field(default_factory=Counter)
    up: bool = True
    quota: int = 1_000_000  # how many it still takes before it is down
    declines: bool = False
    broken: bool = False
    closes_badly: bool = False
    gate: threading.Event | None = None  # while it is not set, nothing is answered
    answers: int = 0  # how many calls it answers although the gate is not open
    odd: tuple[Callable[[Parcel], bool], Callable[[Parcel], Any]] | None = None  # which, and what it does

    async def take(self, parcel: Parcel) -> Receipt:
        self.calls[parcel.id] += 1
        if self.answers > 0:
            self.answers -= 1
        else:
            while self.gate is not None and not self.gate.is_set():
                await asyncio.sleep(0.005)
        if self.odd is not None and self.odd[0](parcel):
            answer: Receipt = self.odd[1](parcel)
            return answer
        if not self.up or self.quota == 0:
            raise Unavailable(Text(vi="Hệ thống nhận không trả lời", en="The far side does not answer"))
        if self.broken:
            raise RuntimeError("a bug in an adapter")
        if self.declines:
            raise Declined(Text(vi="Không thuộc thẩm quyền", en="Not ours to handle"))
        self.quota -= 1
        before = self.documents.setdefault(parcel.id, parcel.content)
        assert before == parcel.content, "other bytes under the same delivery id"
        return Receipt(remote_id=f"far-{parcel.id}")


class Recorder(Adapter):
    """Pushes to a `FarSide` of this process. Address: its name."""

    name = "recorder"
    far_sides: ClassVar[dict[str, FarSide]] = {}

    async def deliver(self, parcel: Parcel) -> Receipt:
        return await self.far_sides[self.endpoint.address or ""].take(parcel)

    async def close(self) -> None:
        if self.far_sides[self.endpoint.address or ""].closes_badly:
            raise RuntimeError("a bug in an adapter's close")


class Broken(Recorder):
    """Cannot be made."""

    name = "broken"

    def __init__(self, *_: object) -> None:
        raise RuntimeError("a bug in an adapter's __init__")


def with_recorder(*, group: str) -> EntryPoints:
    """Stand in for `importlib.metadata.entry_points`: the registered adapters, and those of this file."""
    own = {"recorder": "tests.faults.recorder:Recorder", "broken": "tests.faults.recorder:Broken"}
    return EntryPoints(
        [*entry_points(group=group), *(EntryPoint(name, value, GROUP) for name, value in own.items())]
    )
