"""The onestop adapter, telling a portal on this machine, does what every adapter must do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.onestop import OnestopAdapter
from hub.conformance import RefusalConformance
from hub.rig import NOW, RefusingRig, endpoint, surroundings
from tests.unit.adapters.portal import Portal

SECRET = "a-shared-secret"


class OnestopRig(RefusingRig):
    bad_addresses = (
        None,
        "",
        "?dossiers=H99",
        "/path",
        "ftp://127.0.0.1/",
        "http://portal.example/?dossiers=H99",
        "https://user:word@portal.example/?dossiers=H99",
        "https://portal.example/?dossiers=",
        "https://portal.example/?dossiers=H99,,H98",
        "https://portal.example/?dossiers=(a|a)*",
        "https://portal.example/?dossiers=H99&dossiers=H98",
        "https://portal.example/?dossiers=" + ",".join(f"H{number}" for number in range(101)),
    )

    def __init__(self, portal: Portal) -> None:
        self.portal = portal

    def open(self) -> OnestopAdapter:
        address = OnestopAdapter.settle(f"{self.portal.url}?system=mcdt&dossiers=H99,000.00.13.H98")
        return OnestopAdapter(endpoint("onestop", address), surroundings(SECRET))

    async def documents(self) -> list[bytes]:
        return self.portal.packages()

    async def go_down(self) -> None:
        await self.portal.stop()

    async def come_back(self) -> None:
        await self.portal.start()

    async def refuse(self) -> None:
        self.portal.refuses = True

    async def strays(self) -> list[str]:
        return sorted(self.portal.unexpected)


class TestOnestop(RefusalConformance):
    @asynccontextmanager
    async def rig(self) -> AsyncIterator[OnestopRig]:
        portal = Portal(SECRET, NOW.timestamp())
        await portal.start()
        try:
            yield OnestopRig(portal)
        finally:
            await portal.stop()
