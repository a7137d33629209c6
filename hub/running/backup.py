"""A copy of everything while the hub works: rows first, then the large packages that they name.

    DIR/payloads/ab/cd/abcd….zst        large packages, once each, for all backups in DIR
    DIR/20261122T030000Z/               one backup
        database.sqlite | database.pgdump
        edochub.toml                    the settings, as they were
        trust/                          whom the hub believes: roots, lists, what was revoked
        keys/                           only when asked for
        manifest.json                   what it is, digests, how far the ledger goes

The hub writes a large package before the row that names it, so whatever the copied rows name is there to be copied. A
backup has its name when it is complete, and not before, and only its owner reads any of it. The keys are no part of it
unless the operator says so: whoever has database and master key together has every secret of the endpoints.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hub.config import Config
from hub.durable import sync_folder
from hub.errors import Misconfigured, Unavailable
from hub.private import copy_private, make_private, touch_private
from hub.running import backup_note, postgresql_tools
from hub.store import database
from hub.store.payloads.folder import Folder
from hub.store.tables import events, payloads, settings
from schemas.text import Text

FORM = 1
MANIFEST = "manifest.json"
TRUST = "trust"
SHA256 = re.compile(r"[0-9a-f]{64}")
PIECE = 1024 * 1024
PASSWORD = "PGPASSWORD"  # noqa: S105 - the variable's name
ERROR_WORDS = 500  # of what pg_dump says


@dataclass(slots=True)
class Manifest:
    """What a backup says of itself."""

    at: str
    version: str
    kind: str  # "sqlite" or "postgresql"
    revision: str | None
    file: str
    sha256: str
    size: int
    events: int
    head: str
    keys: bool
    bucket: str
    large: list[str] = field(default_factory=list)  # SHA-256 of the large packages that the rows name
    missing: list[str] = field(default_factory=list)  # of these: not found anywhere
    tools: int | None = None  # the version of pg_dump that wrote it
    server: int | None = None  # and that of the server
    form: int = FORM

    def as_json(self) -> dict[str, Any]:
        """Return what is written to the manifest."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest of a backup. Raises `Misconfigured`."""
        try:
            said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            if said.pop("form") != FORM:
                raise ValueError("form")
            read = cls(**said)
            if read.file in {"", ".", ".."} or Path(read.file).name != read.file:
                raise ValueError("file")
            if not all(SHA256.fullmatch(each) for each in (*read.large, *read.missing)):
                raise ValueError("large")
            return read
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Misconfigured(
                Text(
                    vi=f"{folder} không phải là bản sao lưu của edochub: {error}",
                    en=f"{folder} is not a backup of edochub: {error}",
                )
            ) from error


def make(config: Config, settings_file: Path, folder: Path, now: datetime, *, with_keys: bool) -> Manifest:
    """Make a backup below a folder; return what it says of itself. Blocks. Raises `Unavailable`, `Misconfigured`."""
    name = f"{now:%Y%m%dT%H%M%SZ}"
    unfinished = folder / f".unfinished-{name}"
    try:
        make_private(folder)
        unfinished.mkdir(mode=0o700)
        manifest = _filled(config, unfinished, folder / "payloads", now, with_keys=with_keys)
        if settings_file.is_file():
            copy_private(settings_file, unfinished / "edochub.toml")
        if (trusted := config.path(config.trust.anchors)).is_dir():
            copy_folder(trusted, unfinished / TRUST)
        if with_keys:
            copy_keys(config.path(config.keys.folder), unfinished / "keys")
        text = json.dumps(manifest.as_json(), indent=1)
        touch_private(unfinished / MANIFEST).write_text(text + "\n", encoding="utf-8")
        for each in unfinished.rglob("*"):
            sync(each)
        sync(unfinished)
        unfinished.rename(folder / name)
        sync_folder(folder)
    except OSError as error:
        raise Unavailable(
            Text(
                vi=f"Không ghi được bản sao lưu vào {folder}: {error.strerror or error}",
                en=f"The backup cannot be written to {folder}: {error.strerror or error}",
            )
        ) from error
    note(config, now, str((folder / name).absolute()))
    return manifest


def _filled(config: Config, into: Path, large: Path, now: datetime, *, with_keys: bool) -> Manifest:
    url = sa.make_url(config.database_url)
    kind, tools, server = ("sqlite" if config.embedded else "postgresql"), None, None
    file = touch_private(into / ("database.sqlite" if config.embedded else "database.pgdump"))
    engine = database.engine(url, writes=False)
    try:
        if config.embedded:
            snapshot(Path(str(url.database)), file)
            copied = database.engine(sa.make_url(f"sqlite:///{file}"), writes=False)
        else:
            copied = engine
        level: Any = {} if config.embedded else {"isolation_level": "REPEATABLE READ"}
        with copied.connect().execution_options(**level) as connection:
            if not config.embedded:
                dump(connection, url, file)
                tools, server = postgresql_tools.installed(), postgresql_tools.of_server(connection)
            revision = database.revision(copied)
            last = connection.execute(
                sa.select(events.c.seq, events.c.hash).order_by(events.c.seq.desc()).limit(1)
            ).first()
            named = list(large_ones(connection))
        if copied is not engine:
            copied.dispose()
            for beside in ("-wal", "-shm"):
                Path(f"{file}{beside}").unlink(missing_ok=True)
    except sa.exc.SQLAlchemyError as error:
        raise database.cannot_reach(url) from error
    finally:
        engine.dispose()
    source = Folder(config.path(config.storage.payloads))
    missing = [sha256 for sha256 in named if not _copied(source, sha256, large)]
    return Manifest(
        at=now.isoformat(),
        version=version("edochub"),
        kind=kind,
        revision=revision,
        file=file.name,
        sha256=digest(file),
        size=file.stat().st_size,
        events=last.seq if last else 0,
        head=last.hash if last else "",
        keys=with_keys,
        bucket=config.storage.bucket,
        large=named,
        missing=[] if config.storage.bucket else missing,
        tools=tools,
        server=server,
    )


def dump(connection: sa.Connection, url: sa.URL, file: Path) -> None:
    """Copy a PostgreSQL database as it is at one moment, and let the connection see that moment from then on.

    So the manifest names the events and the large packages that are in the copy, no more and no fewer.
    """
    # This transaction waits for as long as the copy takes, and keeps nobody from writing.
    connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    moment = connection.scalar(sa.text("SELECT pg_export_snapshot()"))
    postgresql("pg_dump", url, "--format=custom", "--no-owner", f"--snapshot={moment}", f"--file={file}")


def snapshot(source: Path, target: Path) -> None:
    """Copy an SQLite database as it is at one moment; its writers go on. Raises `Unavailable`."""
    try:
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
            live.execute("PRAGMA query_only = ON")
            live.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
            found = copy.execute("PRAGMA quick_check").fetchone()
            if found != ("ok",):
                raise sqlite3.DatabaseError(str(found))
    except sqlite3.Error as error:
        raise Unavailable(
            Text(
                vi=f"Không sao chép được cơ sở dữ liệu {source}: {error}",
                en=f"The database {source} cannot be copied: {error}",
            )
        ) from error


def large_ones(connection: sa.Connection) -> Iterator[str]:
    """Yield the digests of the packages that are not in the database itself."""
    asked = sa.select(payloads.c.sha256).where(payloads.c.content.is_(None)).order_by(payloads.c.sha256)
    yield from connection.execute(asked).scalars()


def _copied(source: Folder, sha256: str, into: Path) -> bool:
    """Copy a large package unless it is there; tell whether it is there then."""
    there = False
    for held in source.find(sha256):
        target = into / held.name
        if not target.is_file() or target.stat().st_size != held.size:
            copy_durably(source.folder / held.name, target)
        there = True
    return there or any(Folder(into).find(sha256))


def copy_durably(source: Path, target: Path) -> None:
    """Copy a file so that it is there, whole, or not at all."""
    make_private(target.parent)
    unfinished = target.with_name(f".{target.name}.tmp")
    copy_private(source, unfinished)
    sync(unfinished)
    unfinished.rename(target)
    sync_folder(target.parent)


def copy_keys(source: Path, target: Path) -> None:
    """Copy the keys, readable by their owner alone. Raises `Misconfigured` when there are none."""
    if not source.is_dir():
        raise Misconfigured(
            Text(vi=f"Không có thư mục khóa {source}", en=f"There is no folder of keys {source}")
        )
    copy_folder(source, target)


def copy_folder(source: Path, target: Path) -> None:
    """Copy a folder for its owner alone; what is there stays as it is."""
    make_private(target)
    target.chmod(0o700)
    for each in sorted(source.rglob("*")):
        copy = target / each.relative_to(source)
        if each.is_dir():
            copy.mkdir(mode=0o700, exist_ok=True)
        elif not copy.exists():
            copy_private(each, copy)


def postgresql(program: str, url: sa.URL, *arguments: str) -> None:
    """Run a program of PostgreSQL against a database. The password goes through its environment alone."""
    told = url.translate_connect_args(
        host="PGHOST", port="PGPORT", username="PGUSER", password=PASSWORD, database="PGDATABASE"
    )
    beside = {f"PG{key.upper()}": str(value) for key, value in url.query.items()}
    environment = {**os.environ, **beside, **{key: str(value) for key, value in told.items()}}
    try:
        subprocess.run(  # noqa: S603 - a program and arguments of our own
            [program, *arguments], env=environment, check=True, capture_output=True, text=True
        )
    except FileNotFoundError as error:
        raise Misconfigured(
            Text(
                vi=f"Không có chương trình {program}; hãy cài gói postgresql-client cùng phiên bản với máy chủ",
                en=f"There is no program {program}; install postgresql-client of the server's version",
            )
        ) from error
    except subprocess.CalledProcessError as error:
        what = str(error.stderr).strip()[-ERROR_WORDS:]
        raise Unavailable(
            Text(vi=f"{program} không thành công: {what}", en=f"{program} failed: {what}")
        ) from error


def note(config: Config, now: datetime, folder: str) -> None:
    """Note in the database when it was backed up, without bringing it to another shape."""
    engine = database.engine(sa.make_url(config.database_url), writes=True)
    try:
        with engine.begin() as connection:
            connection.execute(sa.delete(settings).where(settings.c.key == backup_note.KEY))
            value = json.dumps({"at": now.isoformat(), "folder": folder})
            connection.execute(sa.insert(settings).values(key=backup_note.KEY, value=value))
    except sa.exc.SQLAlchemyError as error:
        raise database.cannot_reach(sa.make_url(config.database_url)) from error
    finally:
        engine.dispose()


def digest(file: Path) -> str:
    """Return the SHA-256 of a file."""
    found = hashlib.sha256()
    with file.open("rb") as stream:
        while piece := stream.read(PIECE):
            found.update(piece)
    return found.hexdigest()


def sync(path: Path) -> None:
    """Make a file or a folder durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
