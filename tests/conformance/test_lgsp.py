"""The lgsp adapter, before each of the two fronts on this machine, does what every adapter must do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import ClassVar

from adapters.lgsp import LgspAdapter
from adapters.vxp.downward import Pauses
from hub.conformance import ListeningConformance, RefusalConformance
from hub.rig import ListeningRig, RefusingRig, endpoint, surroundings
from tests.unit.adapters.lgsp.standin import LangSonFront, QuangNamFront, StandInFront


class HastyLgspAdapter(LgspAdapter):
    pauses = Pauses(first_seconds=0.02, longest_seconds=0.1, longest_rest_seconds=0.1)


class LgspRig(RefusingRig, ListeningRig):
    bad_addresses = (
        None,
        "",
        "?",
        "/path",
        "https://lgsp.example/?flavour=quang-nam&consumer=k",
        "lgsp+http://lgsp.example/?flavour=quang-nam&consumer=k",
        "lgsp+https://user:word@lgsp.example/?flavour=quang-nam&consumer=k",
        "lgsp+https://lgsp.example/",
        "lgsp+https://lgsp.example/?flavour=hue",
        "lgsp+https://lgsp.example/?flavour=quang-nam",
        "lgsp+https://lgsp.example/?flavour=quang-nam&consumer=k&user=u",
        "lgsp+https://lgsp.example/?flavour=quang-nam&consumer=k&consumer=l",
        "lgsp+https://lgsp.example/?flavour=quang-nam&consumer=k&unit_in=body",
        "lgsp+https://lgsp.example/?flavour=quang-nam&consumer=k&api=../x",
        "lgsp+https://lgsp.example/?flavour=quang-nam&consumer=k&unit_name=a%0d%0ab",
        "lgsp+https://lgsp.example/?flavour=quang-nam&consumer=k&poll=0",
        "lgsp+https://lgsp.example/?flavour=quang-nam&consumer=k&poll=soon",
        "lgsp+https://lgsp.example/?flavour=lang-son&user=u&application=a",
        "lgsp+https://lgsp.example/?flavour=lang-son&user=u&application=a&systemid=s&days=0",
    )

    def __init__(self, front: StandInFront) -> None:
        self.front = front

    def open(self) -> LgspAdapter:
        address = LgspAdapter.settle(self.front.address)
        return HastyLgspAdapter(endpoint("lgsp", address), surroundings(self.front.secret))

    async def documents(self) -> list[bytes]:
        return self.front.documents()

    async def go_down(self) -> None:
        await self.front.stop()

    async def come_back(self) -> None:
        await self.front.start()

    async def refuse(self) -> None:
        self.front.refuses = ("22", "Goi tin khong dung dinh dang")

    async def strays(self) -> list[str]:
        return sorted(self.front.unexpected)

    async def hand_in(self, content: bytes) -> None:
        self.front.put(content)

    async def told_accepted(self) -> list[bytes]:
        return self.front.told("done")

    async def told_refused(self) -> list[bytes]:
        return self.front.told("fail")


class _Fronts(RefusalConformance, ListeningConformance):
    front: ClassVar[type[StandInFront]]

    @asynccontextmanager
    async def rig(self) -> AsyncIterator[LgspRig]:
        front = self.front()
        await front.start()
        try:
            yield LgspRig(front)
        finally:
            await front.stop()


class TestQuangNam(_Fronts):
    front = QuangNamFront


class TestLangSon(_Fronts):
    front = LangSonFront
