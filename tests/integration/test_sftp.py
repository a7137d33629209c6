"""Two agencies that each have only an SFTP server exchange a document through a real hub."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.sftp import SftpAdapter
from adapters.sftp.intake import Pauses
from hub.testing import Box, eventually, hub_in_a_box, package
from tests.unit.adapters.sftp.server import DropServer, serving


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SftpAdapter, "pauses", Pauses(quiet_seconds=0.05, first_seconds=0.02))


async def connected(box: Box, server: DropServer, name: str, code: str) -> None:
    address = SftpAdapter.settle(server.address())
    await box.connect(name, code, adapter="sftp", address=address, polls=False)
    server.password = box.secrets[name]


async def test_a_document_goes_from_server_to_server_byte_for_byte(tmp_path: Path) -> None:
    content = package(sender="H49.13", to=["H49.61"])
    async with serving(tmp_path / "so") as sender, serving(tmp_path / "xa") as addressee:
        async with hub_in_a_box(tmp_path / "hub", running=True) as box:
            await connected(box, sender, "so", "H49.13")
            await connected(box, addressee, "xa", "H49.61")
            box.hub.connections.listen_as_needed()
            sender.drop("công văn.edxml", content)
            sender.drop("hỏng.edxml", b"<half")
            await eventually(lambda: addressee.contents("outbox", ".edxml") == [content])
            await eventually(lambda: sender.contents("done", ".edxml") == [content])
            await eventually(lambda: sender.contents("refused", ".edxml") == [b"<half"])
        assert "document.invalid" in sender.contents("refused", ".txt")[0].decode("utf-8-sig")
