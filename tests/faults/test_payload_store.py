"""Large packages are files beside the database: what if only one of the two is written, or half of one."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Callable, Coroutine, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hub import durable
from hub.app import Hub
from hub.errors import Unavailable
from hub.model import Accepted
from hub.store.payloads import folder
from hub.store.payloads.spool import Spools
from hub.testing import package
from schemas.spooled import Package
from tests.faults.life import Fault
from tests.faults.world import FOLDER, POLLS, PUSHED, SENDER_ENDPOINT, World, world

EVERYBODY = (PUSHED, POLLS, FOLDER)


@pytest.fixture
def all_of_it(tmp_path: Path, database: str) -> Iterator[World]:
    with world(tmp_path, database, attempts=1_000) as made:
        yield made


def large() -> bytes:
    return package(to=EVERYBODY, attachment=b"%PDF-1.7\n" + secrets.token_bytes(150_000) + b"\n%%EOF\n")


def files(world: World) -> list[Path]:
    """Return what lies in the payload folder but the lock."""
    found = (world.config.folder / "payloads").rglob("*")
    return [path for path in found if path.is_file() and path.name != folder.LOCK]


def accept(world: World, content: Package) -> Accepted:
    async def hand_in(hub: Hub) -> Accepted:
        return await hub.accept(await hub.endpoint(SENDER_ENDPOINT), content)

    return world.life.ask(hand_in)


@pytest.mark.parametrize("fault", list(Fault), ids=lambda fault: str(fault.name).lower())
def test_a_file_whose_row_was_perhaps_not_kept(all_of_it: World, fault: Fault) -> None:
    content = large()
    all_of_it.plan("record", fault)
    accepted = all_of_it.hand_in(content, EVERYBODY)
    assert [fault for fault, _ in all_of_it.struck] == [fault]
    all_of_it.converge()
    all_of_it.check_delivered()
    assert [path.name for path in files(all_of_it)] == [accepted.message.sha256 + folder.SUFFIX]


def test_a_disk_that_is_full_refuses_nobody_and_keeps_no_half_of_a_file(
    all_of_it: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = large()

    def half(path: Path, written: Iterable[bytes], mode: int) -> None:
        path.write_bytes(next(iter(written))[:1000])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr(durable, "_write_synced", half)
        with pytest.raises(Unavailable) as caught:
            accept(all_of_it, content)
        assert "No space" in caught.value.message.en
        assert files(all_of_it) == []
        assert all_of_it.deliveries() == []
        small = package(to=EVERYBODY)
        all_of_it.hand_in(small, EVERYBODY)  # it has its place in the database
    all_of_it.hand_in(content, EVERYBODY)
    all_of_it.converge()
    all_of_it.check_delivered()


@pytest.mark.parametrize("dying", ["fsync", "replace"])
def test_a_spooled_package_leaves_nothing_that_counts_wherever_its_writing_ends(
    all_of_it: World, monkeypatch: pytest.MonkeyPatch, dying: str
) -> None:
    content = large()

    def die(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    spools = all_of_it.until_answered(_spools)
    spool = spools.new()
    spool.write([content])
    with monkeypatch.context() as full:
        full.setattr(os, dying, die)
        with pytest.raises(Unavailable):
            accept(all_of_it, spool.package())
    assert files(all_of_it) == []
    assert all_of_it.deliveries() == []
    accepted = all_of_it.hand_in(content, EVERYBODY)
    assert accept(all_of_it, spool.package()).duplicate
    all_of_it.converge()
    all_of_it.check_delivered()
    assert [path.name for path in files(all_of_it)] == [accepted.message.sha256 + folder.SUFFIX]


def test_a_file_that_was_cut_short_is_written_anew(all_of_it: World) -> None:
    content = large()
    sha256 = hashlib.sha256(content).hexdigest()
    path = all_of_it.until_answered(_path(sha256))
    path.parent.mkdir(parents=True)
    path.write_bytes(content[:1000])
    all_of_it.hand_in(content, EVERYBODY)
    all_of_it.converge()
    all_of_it.check_delivered()


def test_a_file_that_changed_later_is_never_delivered_and_the_ledger_tells(all_of_it: World) -> None:
    all_of_it.far.up = False
    content = large()
    accepted = all_of_it.hand_in(content, (PUSHED,))
    path = all_of_it.until_answered(_path(accepted.message.sha256))
    path.write_bytes(content[::-1])
    all_of_it.far.up = True
    all_of_it.until(lambda: all_of_it.state_of(accepted, PUSHED) == "suspended", "suspended")
    assert all_of_it.far.documents == {}
    report = all_of_it.until_answered(lambda hub: hub.verify_ledger())
    assert any(accepted.message.sha256 in text.en for text in report.broken)


def test_every_folder_on_the_way_to_the_file_is_durable_even_if_the_file_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(durable, "sync_folder", synced.append)
    monkeypatch.setattr(folder, "sync_folder", synced.append)
    store = folder.Folder(tmp_path / "payloads")
    content = b"x" * 11
    sha256 = hashlib.sha256(content).hexdigest()
    for _ in range(2):
        synced.clear()
        store.put(content, sha256)
        assert {tmp_path, store.folder, store.path(sha256).parent.parent, store.path(sha256).parent} <= set(
            synced
        )


async def _spools(hub: Hub) -> Spools:
    return hub.payloads.spools


def _path(sha256: str) -> Callable[[Hub], Coroutine[Any, Any, Path]]:
    async def ask(hub: Hub) -> Path:
        kept = hub.payloads.large
        assert isinstance(kept, folder.Folder)
        return kept.path(sha256)

    return ask
