"""Backup and restore: what was acknowledged before is all there, and nobody gets it a second time."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hub.config import Config, StorageSettings
from hub.errors import Misconfigured
from hub.model import DeliveryState
from hub.running import backup, backup_note, restore
from hub.store import database as store_database
from hub.store.payloads.folder import Folder
from hub.store.payloads.large import Held
from hub.store.tables import deliveries, events
from hub.testing import Box, ManualClock, hub_in_a_box, package, settings
from tests.conftest import new_postgresql

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
LARGE = b"%PDF-1.7\n" + b"x" * 40_000


def config_of(folder: Path, database: str) -> Config:
    folder.mkdir(exist_ok=True)
    made = settings(folder)
    return replace(made, storage=StorageSettings(database=database, inline_bytes=10_000))


@pytest.fixture
def elsewhere(database: str, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database of the same kind."""
    if database.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'new' / 'edochub.db'}"
    else:
        with new_postgresql() as url:
            yield url


async def filled(box: Box) -> tuple[list[bytes], list[str]]:
    """Send large and small documents; half of them are taken. Return all of them, and the taken deliveries."""
    sender = await box.connect("sender", "H49.13")
    taker = await box.connect("taker", "H49.61")
    contents, taken = [], []
    for number in range(6):
        content = package(
            sender="H49.13",
            to=["H49.61"],
            attachment=LARGE + bytes([number]) if number % 3 == 0 else LARGE[:20],
        )
        accepted = await box.hub.accept(sender, content)
        contents.append(content)
        if number % 2 == 0:
            await box.hub.take(taker, accepted.deliveries[0].id)
            taken.append(accepted.deliveries[0].id)
    return contents, taken


async def test_what_was_accepted_is_all_there_and_nothing_comes_twice(
    tmp_path: Path, database: str, elsewhere: str
) -> None:
    old = config_of(tmp_path / "old", database)
    trusted = old.path(old.trust.anchors) / "crls" / "root.crl"
    trusted.parent.mkdir(parents=True, exist_ok=True)
    trusted.write_bytes(b"what was revoked")
    async with hub_in_a_box(old.folder, config=old, clock=ManualClock(NOW)) as box:
        contents, taken = await filled(box)
        made = backup.make(old, old.folder / "edochub.toml", tmp_path / "backups", NOW, with_keys=False)
        assert (len(made.large), made.missing) == (2, [])
        late = await box.hub.accept(await box.hub.endpoint("sender"), package(sender="H49.13", to=["H49.61"]))
    new = config_of(tmp_path / "new", elsewhere)
    (new.path(new.keys.folder) / "master.key").unlink()
    keys = old.path(old.keys.folder)
    brought = restore.bring_back(new, tmp_path / "backups" / "20261120T020000Z", keys)
    assert brought.files == 2
    assert (new.path(new.trust.anchors) / "crls" / "root.crl").read_bytes() == b"what was revoked"
    async with hub_in_a_box(new.folder, config=new, clock=ManualClock(NOW)) as box:
        await restore.note(box.hub, brought.manifest, "operator:test")
        assert not (await box.hub.verify_ledger()).broken
        sender, taker = await box.hub.endpoint("sender"), await box.hub.endpoint("taker")
        for content in contents:
            again = await box.hub.accept(sender, content)  # the sender does not know better
            assert again.duplicate
        waiting = await box.hub.waiting(taker)
        assert len(waiting) == 3
        assert not {each.delivery.id for each in waiting} & set(taken)
        for each in waiting:
            assert (await box.hub.fetch(taker, each.delivery.id)).content in contents
        states = await box.hub.store.read(
            lambda c: {row.id: row.state for row in c.execute(sa.select(deliveries.c.id, deliveries.c.state))}
        )
        assert {states[each] for each in taken} == {str(DeliveryState.DELIVERED)}
        assert late.deliveries[0].id not in states
        head = await box.hub.trace(waiting[0].message.id)
        assert head[0].events


async def test_a_second_backup_copies_only_what_is_new(tmp_path: Path, database: str) -> None:
    config = config_of(tmp_path / "old", database)
    folder = tmp_path / "backups"
    async with hub_in_a_box(config.folder, config=config, clock=ManualClock(NOW)) as box:
        await filled(box)
        backup.make(config, config.folder / "edochub.toml", folder, NOW, with_keys=True)
        files = {each.name: (folder / "payloads" / each.name).stat().st_ino for each in stored(folder)}
        later = NOW.replace(hour=3)
        backup.make(config, config.folder / "edochub.toml", folder, later, with_keys=False)
        assert files == {
            each.name: (folder / "payloads" / each.name).stat().st_ino for each in stored(folder)
        }
        assert await box.hub.store.read(backup_note.last) == later
    first, second = folder / "20261120T020000Z", folder / "20261120T030000Z"
    assert (first / "keys" / "master.key").stat().st_mode & 0o777 == 0o600
    assert not (second / "keys").exists()
    assert not list(folder.glob(".unfinished*"))


async def test_only_the_owner_reads_a_backup_and_what_is_brought_back(
    tmp_path: Path, database: str, elsewhere: str
) -> None:
    config = config_of(tmp_path / "old", database)
    (config.folder / "edochub.toml").touch(mode=0o644)
    before = os.umask(0)  # as wide as can be
    try:
        async with hub_in_a_box(config.folder, config=config, clock=ManualClock(NOW)) as box:
            await filled(box)
            backup.make(
                config, config.folder / "edochub.toml", tmp_path / "a" / "backups", NOW, with_keys=True
            )
        new = config_of(tmp_path / "new", elsewhere)
        shutil.rmtree(new.path(new.keys.folder))
        new.path(new.keys.folder).mkdir(mode=0o755)
        restore.bring_back(new, tmp_path / "a" / "backups" / "20261120T020000Z", None)
    finally:
        os.umask(before)
    made = [*(tmp_path / "a").rglob("*"), tmp_path / "a"]
    made += [new.path(new.keys.folder), *new.path(new.keys.folder).rglob("*")]
    made += list(new.path(new.storage.payloads).rglob("*"))
    if database.startswith("sqlite"):
        made.append(Path(elsewhere.removeprefix("sqlite:///")))

    assert len([each for each in made if each.is_file()]) > 5
    assert [each for each in made if each.stat().st_mode & 0o077] == []


@pytest.mark.parametrize(
    "wrong",
    [{"file": "../x"}, {"file": "/etc/passwd"}, {"file": ".."}, {"large": ["../x"]}, {"missing": ["a" * 63]}],
)
def test_a_manifest_names_nothing_outside_its_backup(tmp_path: Path, wrong: dict[str, Any]) -> None:
    good: dict[str, Any] = {
        "at": "",
        "version": "1",
        "kind": "sqlite",
        "revision": None,
        "file": "database.sqlite",
    }
    good |= {"sha256": "a" * 64, "size": 1, "events": 1, "head": "", "keys": False, "bucket": "", "form": 1}
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(good))
    assert backup.Manifest.read(tmp_path).file == "database.sqlite"
    manifest.write_text(json.dumps(good | wrong))
    with pytest.raises(Misconfigured, match=r"file|large"):
        backup.Manifest.read(tmp_path)


def stored(folder: Path) -> list[Held]:
    return list(Folder(folder / "payloads").held())


async def test_a_large_package_that_is_gone_is_named(tmp_path: Path, database: str) -> None:
    config = config_of(tmp_path / "old", database)
    async with hub_in_a_box(config.folder, config=config, clock=ManualClock(NOW)) as box:
        await filled(box)
        held = next(iter(box.hub.payloads.large.held()))
        (config.path(config.storage.payloads) / held.name).unlink()
        made = backup.make(config, config.folder / "x", tmp_path / "b", NOW, with_keys=False)
    assert made.missing == [held.sha256]


async def test_nothing_is_overwritten_and_what_was_changed_is_refused(
    tmp_path: Path, sqlite_template: Path
) -> None:
    assert sqlite_template.exists()
    config = config_of(tmp_path / "old", f"sqlite:///{tmp_path / 'old' / 'edochub.db'}")
    async with hub_in_a_box(config.folder, config=config, clock=ManualClock(NOW)) as box:
        await filled(box)
        backup.make(config, config.folder / "x", tmp_path / "b", NOW, with_keys=False)
    there = tmp_path / "b" / "20261120T020000Z"
    with pytest.raises(Misconfigured, match=r"edochub\.db"):
        restore.bring_back(config, there, None)
    new = config_of(tmp_path / "new", f"sqlite:///{tmp_path / 'new' / 'edochub.db'}")
    with pytest.raises(Misconfigured, match="khóa"):
        restore.bring_back(new, there, None)  # a master key, but of another hub
    (new.path(new.keys.folder) / "master.key").unlink()
    with pytest.raises(Misconfigured, match="--keys"):
        restore.bring_back(new, there, None)
    assert not (tmp_path / "new" / "edochub.db").exists()
    keys = config.path(config.keys.folder)
    large = next(iter(stored(tmp_path / "b")))
    moved = tmp_path / "moved"
    (tmp_path / "b" / "payloads" / large.name).rename(moved)
    with pytest.raises(Misconfigured, match=large.sha256):
        restore.bring_back(new, there, keys)
    assert not (tmp_path / "new" / "edochub.db").exists()
    with (there / "database.sqlite").open("ab") as file:
        file.write(b"x")
    with pytest.raises(Misconfigured, match=r"database\.sqlite"):
        restore.bring_back(new, there, keys)


def test_a_folder_that_is_no_backup_is_said(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"manifest\.json"):
        restore.bring_back(settings(tmp_path), tmp_path, None)
    (tmp_path / "manifest.json").write_text(json.dumps({"form": 99}))
    with pytest.raises(Misconfigured, match="form"):
        restore.bring_back(settings(tmp_path), tmp_path, None)


async def test_a_backup_says_what_is_in_it_and_nothing_that_came_meanwhile(
    tmp_path: Path, database: str, elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = config_of(tmp_path / "old", database)
    async with hub_in_a_box(config.folder, config=config, clock=ManualClock(NOW)) as box:
        await filled(box)
        loop = asyncio.get_running_loop()
        sender = await box.hub.endpoint("sender")
        large = package(sender="H49.13", to=["H49.61"], attachment=LARGE + b"came later")
        copied = {name: getattr(backup, name) for name in ("postgresql", "snapshot")}

        def and_then(name: str) -> Any:
            def copies(*given: Any) -> None:
                copied[name](*given)
                asyncio.run_coroutine_threadsafe(box.hub.accept(sender, large), loop).result()

            return copies

        for name in copied:
            monkeypatch.setattr(backup, name, and_then(name))
        made = await asyncio.to_thread(
            backup.make, config, config.folder / "x", tmp_path / "b", NOW, with_keys=True
        )
    assert len(made.large) == 2
    new = config_of(tmp_path / "new", elsewhere)
    shutil.rmtree(new.path(new.keys.folder))
    restore.bring_back(new, tmp_path / "b" / "20261120T020000Z", None)
    engine = database_of(new)
    with engine.connect() as connection:
        query = sa.select(events.c.seq, events.c.hash).order_by(events.c.seq.desc()).limit(1)
        assert tuple(connection.execute(query).one()) == (made.events, made.head)
    engine.dispose()


def database_of(config: Config) -> sa.Engine:
    return store_database.engine(sa.make_url(config.database_url), writes=False)
