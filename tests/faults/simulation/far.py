"""The systems that are pushed to. They forget nothing durable, and know a repeat by its delivery's id.

For a while they may be down, slow, broken, or die after they have taken a document and before they say so. Whether
they refuse one is decided when they first see it, and stays so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar

from hub.adapter import Adapter
from hub.errors import Declined, Fault, Unavailable
from hub.model import Parcel, Receipt
from schemas.text import Text
from tests.faults.simulation.loop import OWNER
from tests.faults.simulation.network import Network, spawn

SILENT = Text(vi="Hệ thống nhận không trả lời", en="The far side does not answer")
NOT_OURS = Text(vi="Không thuộc thẩm quyền", en="Not ours to handle")
TROUBLES = ("slow", "refuses to work", "dies", "rubbish", "raises", "odd name")
ODD_NAME = "số\x00 \x1b[31m" + "9" * 1_500  # what a far side may call a document


@dataclass(frozen=True, slots=True)
class Arrived:
    """A document that a far side has, as new."""

    parcel: Parcel
    place: int  # in the order in which documents came there


class FarSide:
    """An agency's system."""

    def __init__(self, name: str, network: Network, chance: Random) -> None:
        self.name, self.network, self.chance = name, network, chance
        self.up = True
        self.trouble = 0.0  # how much of what comes goes wrong here
        self.declines = 0.0
        self.came = 0  # how often anything came
        self.documents: dict[str, Arrived] = {}  # delivery id -> what came under it
        self.declined: dict[str, Parcel] = {}
        self.problems: list[str] = []
        self.on_new: Callable[[Parcel], None] = lambda _: None

    async def post(self, parcel: Parcel, node: str) -> Receipt:
        """Bring a parcel there from a node; return the answer, or raise it, or never come back."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        copies = 2 if self.chance.random() < self.network.repeat_rate else 1
        for _ in range(copies):
            spawn(self._arrive(parcel, node, answer), None)
        said: Receipt | Exception = await answer
        if isinstance(said, Exception):
            raise said
        return said

    async def _arrive(self, parcel: Parcel, node: str, answer: asyncio.Future[Any]) -> None:
        await self.network.travel()
        if self.network.lost(node, self.name):
            if self.chance.random() < 0.5:  # the connection breaks; otherwise there is just silence
                _say(answer, Unavailable(SILENT))
            return
        said = await self._handle(parcel)
        await self.network.travel()
        if said is not None and not self.network.lost(self.name, node):
            _say(answer, said)

    async def _handle(self, parcel: Parcel) -> object | None:
        """Take or refuse a parcel; return what is said of it, None for nothing."""
        self.came += 1
        place = self.came  # in the order of coming: how long we think about one is our own affair
        if not self.up:
            return Unavailable(SILENT, retry_after=self.chance.choice([None, 0.2, 3.0]))
        wrong = self.chance.random() < self.trouble
        how = self.chance.choice(TROUBLES) if wrong else ""
        if how == "slow":
            await asyncio.sleep(self.chance.uniform(0.1, 4.0))
        if how == "refuses to work":
            return Unavailable(SILENT)
        said = self._decided(parcel, place)
        if how == "dies":
            return None
        if how == "rubbish":
            return "OK"
        if how == "raises":
            return self.chance.choice([RuntimeError("a bug in an adapter"), Fault(SILENT), KeyError("id")])
        if how == "odd name" and isinstance(said, Receipt):
            return Receipt(remote_id=ODD_NAME)
        return said

    def _decided(self, parcel: Parcel, place: int) -> Receipt | Declined:
        if parcel.id in self.declined:
            return Declined(NOT_OURS)
        known = self.documents.get(parcel.id)
        if known is None:
            if self.chance.random() < self.declines:
                self.declined[parcel.id] = parcel
                return Declined(NOT_OURS)
            self.documents[parcel.id] = Arrived(parcel, place)
            self.on_new(parcel)
        elif known.parcel.content != parcel.content:
            self.problems.append(f"{self.name}: other bytes under delivery {parcel.id}")
        return Receipt(remote_id=f"far-{parcel.id}")


def _say(answer: asyncio.Future[Any], said: object) -> None:
    if not answer.done():
        answer.set_result(said)


class FarAdapter(Adapter):
    """Pushes to a `FarSide` of the present story. Address: its name."""

    name = "far"
    far_sides: ClassVar[dict[str, FarSide]] = {}

    async def deliver(self, parcel: Parcel) -> Receipt:
        node = str(getattr(OWNER.get(), "name", ""))
        return await self.far_sides[self.endpoint.address or ""].post(parcel, node)


class FetchingAdapter(Adapter):
    """For systems that fetch their documents."""

    name = "fetching"

    @classmethod
    def polls(cls, address: str | None) -> bool:
        return True

    async def deliver(self, parcel: Parcel) -> Receipt:
        raise AssertionError("nothing is pushed to a system that fetches")
