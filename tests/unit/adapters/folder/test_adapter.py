"""The folder adapter as the hub calls it. What every adapter must do is in tests/conformance/test_folder.py."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from watchfiles import Change

from adapters.folder import FolderAdapter, adapter, intake
from adapters.folder.adapter import Nudge
from adapters.folder.layout import FolderSettings, Layout
from hub.adapter import adapter_class
from hub.durable import write_durably
from hub.errors import Misconfigured, Unavailable
from hub.rig import StandInHub, endpoint, listening, parcel, surroundings


class HastyFolderAdapter(FolderAdapter):
    settings = FolderSettings(quiet_seconds=0.05, scan_seconds=0.05, first_pause_seconds=0.02, free_bytes=1)


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[FolderAdapter]:
    address = HastyFolderAdapter.settle(str(tmp_path / "agency"))
    opened = HastyFolderAdapter(endpoint("folder", address), surroundings())
    yield opened
    await opened.close()


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "agency")


def test_it_is_registered_as_a_strangers_adapter_would_be() -> None:
    assert adapter_class("folder") is FolderAdapter


def test_settling_an_address_makes_its_folders(tmp_path: Path) -> None:
    assert FolderAdapter.settle(f"{tmp_path}/sở//nội vụ/") == str(tmp_path / "sở" / "nội vụ")
    Layout(tmp_path / "sở" / "nội vụ").stand()


@pytest.mark.parametrize("address", [None, "", "relative", "./a", "~/a", "/a/../b", "/a\0b"])
def test_an_address_that_is_no_absolute_path_is_refused(address: str | None) -> None:
    with pytest.raises(Misconfigured, match="đường dẫn tuyệt đối"):
        FolderAdapter.settle(address)


def test_a_file_or_a_link_is_no_address(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path)
    for name in ("file", "link", "file/below"):
        with pytest.raises(Misconfigured):
            FolderAdapter.settle(str(tmp_path / name))


async def test_a_delivery_lies_in_the_outbox_under_our_id(folder: FolderAdapter, layout: Layout) -> None:
    receipt = await folder.deliver(parcel(b"<a/>", number=7))
    name = f"{parcel(b'', number=7).id}.edxml"
    assert receipt.remote_id == name
    assert (layout.outbox / name).read_bytes() == b"<a/>"


async def test_a_delivery_that_the_agency_took_is_not_delivered_again(
    folder: FolderAdapter, layout: Layout
) -> None:
    first = await folder.deliver(parcel(b"<a/>"))
    next(layout.outbox.iterdir()).unlink()
    assert await folder.deliver(parcel(b"<a/>")) == first
    assert list(layout.outbox.iterdir()) == []


async def test_a_drive_that_is_not_mounted_is_waited_for_and_never_made_anew(
    folder: FolderAdapter, layout: Layout
) -> None:
    shutil.rmtree(layout.root)
    with pytest.raises(Unavailable, match="chưa được gắn"):
        await folder.deliver(parcel(b"<a/>"))
    assert not layout.root.exists()


async def test_an_outbox_that_was_made_a_link_gets_nothing(
    folder: FolderAdapter, layout: Layout, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    layout.outbox.rmdir()
    layout.outbox.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Misconfigured):
        await folder.deliver(parcel(b"<a/>"))
    assert list((tmp_path / "elsewhere").iterdir()) == []


async def test_a_full_disk_is_unavailable(folder: FolderAdapter, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match="No space left"):
        await folder.deliver(parcel(b"<a/>"))


async def test_a_check_tells_when_the_drive_is_nearly_full(
    folder: FolderAdapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=0))
    with pytest.raises(Unavailable, match="còn 0 byte"):
        await folder.check()


async def test_a_check_tells_when_a_folder_is_not_ours_to_write_to(
    folder: FolderAdapter, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: path != layout.outbox)
    with pytest.raises(Unavailable, match="outbox"):
        await folder.check()


async def test_a_check_tells_when_the_folders_are_on_several_drives(
    folder: FolderAdapter, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.stat

    def elsewhere(path: Path, **named: bool) -> object:
        found = real(path, **named)
        return SimpleNamespace(st_dev=-1, st_mode=found.st_mode) if path == layout.outbox else found

    monkeypatch.setattr(Path, "stat", elsewhere)
    with pytest.raises(Misconfigured, match="cùng một ổ đĩa"):
        await folder.check()


async def test_checking_leaves_nothing_behind(folder: FolderAdapter, layout: Layout) -> None:
    before = sorted(layout.root.rglob("*"))
    await folder.check()
    assert sorted(layout.root.rglob("*")) == before


async def test_a_file_still_comes_in_where_the_system_tells_nothing(
    folder: FolderAdapter, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unwatchable(*arguments: object, **named: object) -> None:
        raise OSError(28, "too many watches")

    monkeypatch.setattr(adapter, "awatch", unwatchable)
    hub = StandInHub()
    async with listening(folder, hub), asyncio.timeout(60):
        (layout.inbox / "a.xml").write_bytes(b"<a/>")
        while hub.taken != [b"<a/>"]:
            await asyncio.sleep(0.01)


async def test_a_file_that_is_written_slowly_comes_in_whole(
    folder: FolderAdapter, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HastyFolderAdapter, "settings", FolderSettings(quiet_seconds=3.0))
    patient, hub = HastyFolderAdapter(folder.endpoint, folder.surroundings), StandInHub()
    async with listening(patient, hub), asyncio.timeout(60):
        with (layout.inbox / "a.xml").open("wb", buffering=0) as file:
            for _ in range(10):
                file.write(b"<part/>")
                await asyncio.sleep(0.02)
        while not hub.taken:
            await asyncio.sleep(0.01)
    assert hub.taken == [b"<part/>" * 10]
    await patient.close()


async def test_listening_goes_on_when_the_drive_comes_back(folder: FolderAdapter, layout: Layout) -> None:
    hub = StandInHub()
    away = layout.root.with_name("not-mounted")
    async with listening(folder, hub), asyncio.timeout(60):
        layout.root.rename(away)
        await asyncio.sleep(0.15)
        away.rename(layout.root)
        (layout.inbox / "a.xml").write_bytes(b"<a/>")
        while hub.taken != [b"<a/>"]:
            await asyncio.sleep(0.01)


async def test_old_notes_of_deliveries_are_forgotten_while_it_listens(
    folder: FolderAdapter, layout: Layout
) -> None:
    await folder.deliver(parcel(b"<old/>", number=1))
    await folder.deliver(parcel(b"<new/>", number=2))
    old, new = sorted(layout.journal.iterdir())
    today = surroundings().clock().timestamp()
    os.utime(old, (today - 31 * 86_400,) * 2)
    os.utime(new, (today - 29 * 86_400,) * 2)
    async with listening(folder, StandInHub()), asyncio.timeout(60):
        while old.exists():
            await asyncio.sleep(0.01)
    assert new.exists()


async def test_a_nudge_ends_the_pause_and_says_what_was_renamed_once() -> None:
    nudge = Nudge()
    nudge.notice({(Change.deleted, "/inbox/a.xml.tmp"), (Change.added, "/inbox/a.xml")})
    async with asyncio.timeout(60):
        await nudge.wait(1000)
    assert nudge.take_renamed() == {"a.xml"}
    assert nudge.take_renamed() == set()
    await nudge.wait(0.001)


@pytest.mark.parametrize("ticks", range(6))
async def test_a_stop_that_comes_together_with_a_nudge_stops(ticks: int) -> None:
    nudge = Nudge()
    waiting = asyncio.create_task(nudge.wait(1000))
    await asyncio.sleep(0.01)
    nudge.notice(set())
    for _ in range(ticks):
        await asyncio.sleep(0)
    if waiting.cancel():
        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_a_stop_waits_until_the_answer_of_the_hub_is_filed(
    folder: FolderAdapter, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    filing = threading.Event()

    def slowly(path: Path, content: bytes) -> None:
        filing.set()
        time.sleep(0.1)
        write_durably(path, content)

    monkeypatch.setattr(intake, "write_durably", slowly)
    async with listening(folder, StandInHub()), asyncio.timeout(60):
        (layout.inbox / "a.xml").write_bytes(b"<a/>")
        while not filing.is_set():
            await asyncio.sleep(0.01)
    assert [path.suffix for path in sorted(layout.accepted.iterdir())] == [".edxml", ".json"]
    assert list(layout.working.iterdir()) == []


async def test_a_stop_does_not_wait_for_ever_for_a_drive_that_hangs(
    folder: FolderAdapter, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HastyFolderAdapter, "settings", replace(folder.settings, stop_seconds=0.05))
    filing, back = threading.Event(), threading.Event()

    def hang(path: Path, content: bytes) -> None:
        filing.set()
        back.wait()

    monkeypatch.setattr(intake, "write_durably", hang)
    async with asyncio.timeout(60), listening(folder, StandInHub()):
        (layout.inbox / "a.xml").write_bytes(b"<a/>")
        while not filing.is_set():
            await asyncio.sleep(0.01)
    back.set()
