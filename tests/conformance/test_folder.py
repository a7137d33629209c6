"""The folder adapter does what every adapter must do."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.folder import FolderAdapter
from adapters.folder.layout import FolderSettings, Layout
from hub.conformance import ListeningConformance
from hub.rig import ListeningRig, endpoint, surroundings


class HastyFolderAdapter(FolderAdapter):
    settings = FolderSettings(quiet_seconds=0.05, scan_seconds=0.1, first_pause_seconds=0.02, free_bytes=1)


class FolderRig(ListeningRig):
    """An agency's folder in a folder of its own: whatever else appears in there has strayed."""

    bad_addresses = (None, "", "relative/path", "/a/../b", "/dev/null", "/proc/nowhere")

    def __init__(self, surrounding: Path) -> None:
        self.surrounding = surrounding
        self.layout = Layout(surrounding / "agency")
        self.address = FolderAdapter.settle(str(self.layout.root))
        self.handed_in = 0

    def open(self) -> FolderAdapter:
        return HastyFolderAdapter(endpoint("folder", self.address), surroundings())

    async def documents(self) -> list[bytes]:
        return contents(self.layout.outbox, ".edxml")

    async def go_down(self) -> None:
        self.layout.root.rename(self.surrounding / "not-mounted")

    async def come_back(self) -> None:
        (self.surrounding / "not-mounted").rename(self.layout.root)

    async def strays(self) -> list[str]:
        strayed = {path.name for path in self.surrounding.iterdir()} - {self.layout.root.name}
        in_root = {path for path in self.layout.root.iterdir()} - set(self.layout.folders)
        in_outbox = {path.name for path in self.layout.outbox.iterdir() if path.suffix != ".edxml"}
        return sorted([*strayed, *map(str, in_root), *in_outbox])

    async def hand_in(self, content: bytes) -> None:
        self.handed_in += 1
        name = f"document {self.handed_in}.xml"
        (self.layout.inbox / f"{name}.tmp").write_bytes(content)
        (self.layout.inbox / f"{name}.tmp").rename(self.layout.inbox / name)

    async def told_accepted(self) -> list[bytes]:
        return contents(self.layout.accepted, ".edxml")

    async def told_refused(self) -> list[bytes]:
        for answer in self.layout.refused.glob("*.json"):
            assert json.loads(answer.read_bytes())["error"]["message"]["vi"]
        return contents(self.layout.refused, ".xml")


def contents(folder: Path, suffix: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix == suffix]


class TestFolder(ListeningConformance):
    @asynccontextmanager
    async def rig(self) -> AsyncIterator[FolderRig]:
        with TemporaryDirectory() as folder:
            yield FolderRig(Path(folder))
