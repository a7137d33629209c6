"""The SFTP adapter, against an SFTP server on this machine, does what every adapter must do."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.sftp import SftpAdapter
from adapters.sftp.intake import Pauses
from hub.conformance import ListeningConformance
from hub.rig import ListeningRig, endpoint, surroundings
from tests.unit.adapters.sftp.server import PASSWORD, DropServer, serving


class HastySftpAdapter(SftpAdapter):
    pauses = Pauses(quiet_seconds=0.05, first_seconds=0.02, longest_seconds=0.1)


class SftpRig(ListeningRig):
    bad_addresses = (
        None,
        "",
        "sftp://user@host/folder",
        "sftp://host/folder?hostkey=SHA256:" + "A" * 43,
        "sftp://user:password@host/folder?hostkey=SHA256:" + "A" * 43,
        "https://user@host/folder?hostkey=SHA256:" + "A" * 43,
        "sftp://user@host/a/../b?hostkey=SHA256:" + "A" * 43,
    )

    def __init__(self, server: DropServer) -> None:
        self.server = server
        self.handed_in = 0

    def open(self) -> SftpAdapter:
        address = SftpAdapter.settle(self.server.address())
        return HastySftpAdapter(endpoint("sftp", address), surroundings(PASSWORD))

    async def documents(self) -> list[bytes]:
        return self.server.contents("outbox", ".edxml")

    async def go_down(self) -> None:
        await self.server.stop()

    async def come_back(self) -> None:
        await self.server.start()

    async def strays(self) -> list[str]:
        known = {"inbox", "outbox", "done", "refused", ".edochub"}
        beside = {path.name for path in self.server.folder.iterdir()} - {"edoc"}
        inside = {path.name for path in self.server.root.iterdir()} - known
        other = {path.name for path in (self.server.root / "outbox").iterdir() if path.suffix != ".edxml"}
        return sorted(beside | inside | other)

    async def hand_in(self, content: bytes) -> None:
        self.handed_in += 1
        self.server.drop(f"document {self.handed_in}.xml", content)

    async def told_accepted(self) -> list[bytes]:
        return self.server.contents("done", ".edxml")

    async def told_refused(self) -> list[bytes]:
        for answer in self.server.contents("refused", ".json"):
            assert json.loads(answer)["error"]["message"]["vi"]
        return self.server.contents("refused", ".xml")


class TestSftp(ListeningConformance):
    @asynccontextmanager
    async def rig(self) -> AsyncIterator[SftpRig]:
        with TemporaryDirectory() as folder:
            async with serving(Path(folder)) as server:
                yield SftpRig(server)
