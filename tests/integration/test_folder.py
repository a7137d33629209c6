"""Two agencies that each have only a folder exchange a document through a real hub."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.folder import FolderAdapter
from adapters.folder.layout import FolderSettings, Layout
from hub.testing import Box, eventually, hub_in_a_box, package


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        FolderAdapter, "settings", FolderSettings(quiet_seconds=0.05, scan_seconds=0.1, free_bytes=1)
    )


async def connected(box: Box, folder: Path, code: str) -> Layout:
    address = FolderAdapter.settle(str(folder / code))
    await box.connect(
        f"ep-{code.lower().replace('.', '-')}", code, adapter="folder", address=address, polls=False
    )
    return Layout(Path(address))


def drop(layout: Layout, name: str, content: bytes) -> None:
    (layout.inbox / f"{name}.tmp").write_bytes(content)
    (layout.inbox / f"{name}.tmp").rename(layout.inbox / name)


async def test_a_document_goes_from_folder_to_folder_byte_for_byte(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path / "hub") as box:
        sender = await connected(box, tmp_path, "H49.13")
        addressee = await connected(box, tmp_path, "H49.61")
        content = package(sender="H49.13", to=["H49.61"])
        drop(sender, "công văn.xml", content)
        async with box.hub.running():
            await eventually(lambda: any(addressee.outbox.iterdir()))
            await eventually(lambda: any(sender.accepted.glob("*.edxml")))
    assert [path.read_bytes() for path in addressee.outbox.iterdir()] == [content]
    assert [path.read_bytes() for path in sender.accepted.glob("*.edxml")] == [content]
    answer = json.loads(next(sender.accepted.glob("*.json")).read_bytes())
    assert answer["duplicate"] is False
    assert answer["file"] == "công văn.xml"


async def test_the_same_document_dropped_again_is_known_and_not_delivered_again(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path / "hub") as box:
        sender = await connected(box, tmp_path, "H49.13")
        addressee = await connected(box, tmp_path, "H49.61")
        content = package(sender="H49.13", to=["H49.61"])
        async with box.hub.running():
            drop(sender, "first.xml", content)
            await eventually(lambda: any(addressee.outbox.iterdir()))
            next(addressee.outbox.iterdir()).unlink()
            drop(sender, "second.xml", content)
            await eventually(
                lambda: any('"second.xml"' in p.read_text() for p in sender.accepted.glob("*.json"))
            )
    assert json.loads(next(sender.accepted.glob("*.json")).read_bytes())["duplicate"] is True
    assert list(addressee.outbox.iterdir()) == []


async def test_a_broken_package_comes_back_with_a_letter_that_names_the_stored_refusal(
    tmp_path: Path,
) -> None:
    async with hub_in_a_box(tmp_path / "hub") as box:
        sender = await connected(box, tmp_path, "H49.13")
        drop(sender, "hỏng.xml", b"<edXML>\n<khong dong the")
        async with box.hub.running():
            await eventually(lambda: (sender.refused / "hỏng.xml").exists())
    answer = json.loads((sender.refused / "hỏng.xml.json").read_bytes())
    assert answer["refusal"]
    assert answer["findings"]
    letter = (sender.refused / "hỏng.xml.txt").read_text(encoding="utf-8-sig")
    assert answer["refusal"] in letter
    for finding in answer["findings"]:
        assert finding["message"]["vi"] in letter
        assert finding["remedy"]["en"] in letter
