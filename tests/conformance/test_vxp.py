"""The VXP adapter, below an axis on this machine, does what every adapter must do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.vxp import VxpAdapter
from adapters.vxp.downward import Pauses
from hub.conformance import ListeningConformance, RefusalConformance
from hub.rig import ListeningRig, RefusingRig, endpoint, surroundings
from tests.unit.adapters.vxp.standin import StandInAxis


class HastyVxpAdapter(VxpAdapter):
    pauses = Pauses(first_seconds=0.02, longest_seconds=0.1, longest_rest_seconds=0.1)


class VxpRig(RefusingRig, ListeningRig):
    bad_addresses = (
        "https://axis.example/",
        "http://axis.example/?systemid=H49",
        "ftp://127.0.0.1/?systemid=H49",
        "https://user:word@axis.example/?systemid=H49",
        "/path",
        "?",
    )

    def __init__(self, axis: StandInAxis) -> None:
        self.axis = axis

    def open(self) -> VxpAdapter:
        return HastyVxpAdapter(endpoint("vxp", VxpAdapter.settle(self.axis.address)), surroundings())

    async def documents(self) -> list[bytes]:
        return [each.content for each in self.axis.sent]

    async def go_down(self) -> None:
        await self.axis.stop()

    async def come_back(self) -> None:
        await self.axis.start()

    async def refuse(self) -> None:
        self.axis.refuses = ("22", "Goi tin khong dung dinh dang")

    async def strays(self) -> list[str]:
        return sorted(self.axis.unexpected)

    async def hand_in(self, content: bytes) -> None:
        self.axis.put(content)

    async def told_accepted(self) -> list[bytes]:
        return self.axis.told("done")

    async def told_refused(self) -> list[bytes]:
        return self.axis.told("fail")


class TestVxp(RefusalConformance, ListeningConformance):
    @asynccontextmanager
    async def rig(self) -> AsyncIterator[VxpRig]:
        axis = StandInAxis()
        await axis.start()
        try:
            yield VxpRig(axis)
        finally:
            await axis.stop()
