"""Bring a backup back: files before rows, as the hub writes them, and nothing over anything that is there.

Everything is looked at before the first thing is written: digests, keys, an empty place. What had been acknowledged
before the backup stays so, and is not sent again. What was under way then is sent again under the same delivery's id,
by which an addressee knows a repeat. What was accepted after the backup is not in it: docs/running.md says what to do.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hub.app import only_server
from hub.config import Config
from hub.durable import sync_folder
from hub.errors import HubError, Misconfigured, Unavailable
from hub.private import copy_private
from hub.running.backup import (
    TRUST,
    Manifest,
    copy_durably,
    copy_folder,
    copy_keys,
    digest,
    postgresql,
    sync,
)
from hub.store import database
from hub.store.payloads.folder import Folder
from hub.store.tables import credentials, messages
from hub.vault import Vault
from schemas.text import Text, so_many

if TYPE_CHECKING:
    from hub.app import Hub


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back."""

    manifest: Manifest
    files: int


def bring_back(config: Config, backup: Path, keys: Path | None) -> Restored:
    """Restore a backup to where the settings say. Blocks. Raises `Misconfigured` and `Unavailable`."""
    manifest = Manifest.read(backup)
    source = backup / manifest.file
    _check_kind(config, manifest)
    if not source.is_file() or digest(source) != manifest.sha256:
        raise Misconfigured(
            Text(
                vi=f"Tệp {source} bị thiếu hoặc đã thay đổi từ khi sao lưu",
                en=f"{source} is missing, or was changed since the backup was made",
            )
        )
    try:
        _keys(config, backup, keys)
        if config.embedded:
            _check_master(config, _first_sealed(source))
        with _alone(config):
            _check_empty(config)
            count = _files(config, backup.parent / "payloads", manifest)
            if (backup / TRUST).is_dir():
                copy_folder(backup / TRUST, config.path(config.trust.anchors))
            _database(config, source, manifest)
    except OSError as error:
        raise Unavailable(
            Text(
                vi=f"Không ghi được khi khôi phục: {error}",
                en=f"Something cannot be written while restoring: {error}",
            )
        ) from error
    if not config.embedded:
        _check_master(config, _first_sealed_there(config))
    return Restored(manifest, count)


async def note(hub: Hub, manifest: Manifest, actor: str) -> None:
    """Write into the ledger that a backup was brought back, and of when."""
    await hub.store.write(
        lambda tx: tx.trace("hub.restored", actor=actor, backup=manifest.at, events=manifest.events),
        "restored",
    )


def _check_kind(config: Config, manifest: Manifest) -> None:
    if (manifest.kind == "sqlite") is not config.embedded:
        raise Misconfigured(
            Text(
                vi=f"Bản sao lưu là của {manifest.kind}, nhưng storage.database là cơ sở dữ liệu loại khác",
                en=f"The backup is of {manifest.kind}, but storage.database is of another kind",
            )
        )


def _keys(config: Config, backup: Path, keys: Path | None) -> None:
    """See to it that the master key is there: it was, it is named, or it came with the backup."""
    folder = config.path(config.keys.folder)
    given = keys or (backup / "keys" if (backup / "keys").is_dir() else None)
    if given is not None:
        copy_keys(given, folder)
    if not (folder / config.keys.master).is_file():
        raise Misconfigured(
            Text(
                vi=f"Không có khóa chủ {folder / config.keys.master}: nêu thư mục khóa đã cất riêng bằng --keys",
                en=f"There is no master key {folder / config.keys.master}: name the keys that were kept apart, --keys",
            )
        )


@contextmanager
def _alone(config: Config) -> Iterator[None]:
    if config.embedded:
        Path(config.database_url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    with only_server(config):
        yield


def _check_empty(config: Config) -> None:
    url = sa.make_url(config.database_url)
    if config.embedded:
        if Path(str(url.database)).exists():
            raise _not_empty(str(url.database))
        return
    engine = database.engine(url, writes=False)
    try:
        if sa.inspect(engine).has_table(messages.name):
            raise _not_empty(url.render_as_string(hide_password=True))
    except sa.exc.SQLAlchemyError as error:
        raise database.cannot_reach(url) from error
    finally:
        engine.dispose()


def _not_empty(what: str) -> Misconfigured:
    return Misconfigured(
        Text(
            vi=f"{what} đã có dữ liệu: hãy chuyển nó đi nơi khác, hoặc đặt storage.database tới chỗ trống",
            en=f"{what} is not empty: move it away, or set storage.database to an empty place",
        )
    )


def _files(config: Config, source: Path, manifest: Manifest) -> int:
    """Copy the large packages, each read to its end; what is missing is said before any row is there."""
    if manifest.bucket:
        return 0
    from_there, here = Folder(source), Folder(config.path(config.storage.payloads))
    count, missing = 0, []
    for sha256 in manifest.large:
        held = list(from_there.find(sha256))
        for each in held:
            target = here.folder / each.name
            if not target.is_file():
                copy_durably(source / each.name, target)
                count += 1
        if not held and not list(here.find(sha256)) and sha256 not in manifest.missing:
            missing.append(sha256)
    if missing:
        raise Misconfigured(
            Text(
                vi=f"Thiếu {len(missing)} gói tin lớn trong {source}, ví dụ {missing[0]}",
                en=f"{so_many(len(missing), 'large package is', 'large packages are')} missing from {source}, "
                f"such as {missing[0]}",
            )
        )
    return count


def _database(config: Config, source: Path, manifest: Manifest) -> None:
    url = sa.make_url(config.database_url)
    if manifest.kind == "postgresql":
        arguments = ("--no-owner", "--exit-on-error", "--single-transaction", f"--dbname={url.database}")
        postgresql("pg_restore", url, *arguments, str(source))
        return
    target = Path(str(url.database))
    unfinished = target.with_name(f".{target.name}.tmp")
    copy_private(source, unfinished)
    sync(unfinished)
    unfinished.rename(target)
    sync_folder(target.parent)


def _check_master(config: Config, sealed: bytes | None) -> None:
    """See whether the master key opens a secret of the backup."""
    vault = Vault.load(config.path(config.keys.folder) / config.keys.master)
    try:
        if sealed is not None:
            vault.open(sealed)
    except HubError as error:
        raise Misconfigured(
            Text(
                vi="Khóa chủ này không mở được mã bí mật trong bản sao lưu: hãy lấy khóa của đúng hệ thống đó",
                en="This master key does not open the secrets of the backup: take the key of that installation",
            )
        ) from error


def _first_sealed(file: Path) -> bytes | None:
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?immutable=1", uri=True)) as connection:
        found = connection.execute("SELECT sealed FROM credentials LIMIT 1").fetchone()
    return bytes(found[0]) if found else None


def _first_sealed_there(config: Config) -> bytes | None:
    engine = database.engine(sa.make_url(config.database_url), writes=False)
    try:
        with engine.connect() as connection:
            found = connection.scalar(sa.select(credentials.c.sealed).limit(1))
    finally:
        engine.dispose()
    return bytes(found) if found is not None else None
