"""The database: its engines, its one writer, its readers, and how it comes to the shape that the code expects."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from hub.errors import Unavailable
from hub.model import Clock
from hub.store.writer import Transaction, Writer
from schemas.text import Text

Result = TypeVar("Result")

MIGRATIONS = Path(__file__).parent / "migrations"
READERS = 4
BUSY_MILLISECONDS = 10_000  # how long we wait for another process's commit


class Store:
    """Reads on a few threads, writes through the one writer."""

    def __init__(
        self,
        url: str,
        clock: Clock,
        committed: Callable[[frozenset[str]], None],
        writer: type[Writer] = Writer,
    ) -> None:
        self.url = sa.make_url(url)
        self._write_engine = engine(self.url, writes=True)
        self._read_engine = engine(self.url, writes=False)
        self._writer = writer(self._write_engine, clock, committed)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="edochub-reader")

    def open(self) -> None:
        """Bring the database to the newest shape and start the writer. Raises `Unavailable`. Blocks."""
        try:
            migrate(self._write_engine)
        except SQLAlchemyError as error:
            raise cannot_reach(self.url) from error
        self._writer.start()

    async def close(self) -> None:
        """Commit what waits and let go of the database."""
        await asyncio.to_thread(self._writer.close)
        self._readers.shutdown()
        self._write_engine.dispose()
        self._read_engine.dispose()

    async def read(self, ask: Callable[[sa.Connection], Result]) -> Result:
        """Ask something of the database on a reader's thread. Raises `Unavailable` when it does not answer."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, ask)

    def _read(self, ask: Callable[[sa.Connection], Result]) -> Result:
        try:
            with self._read_engine.connect() as connection:
                return ask(connection)
        except SQLAlchemyError as error:
            raise cannot_reach(self.url) from error

    async def write(self, unit: Callable[[Transaction], Result], name: str | None = None) -> Result:
        """Run a unit in the next group commit; return its result once it is durable."""
        return await self._writer.write(unit, name or str(getattr(unit, "__name__", "unit")))


def engine(url: sa.URL, *, writes: bool) -> sa.Engine:
    """Return an engine with durability always on. What a document says never gets into an error's text."""
    if url.get_backend_name() != "sqlite":
        made = sa.create_engine(url, pool_size=READERS + 1, pool_pre_ping=True, hide_parameters=True)
        event.listen(made, "connect", _configure_postgresql)
        return made if writes else made.execution_options(isolation_level="AUTOCOMMIT")
    made = sa.create_engine(url, connect_args={"check_same_thread": False}, hide_parameters=True)

    @event.listens_for(made, "connect")
    def configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late for us
        for pragma in (
            f"busy_timeout = {BUSY_MILLISECONDS}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "cache_size = -32768",
            *(() if writes else ("query_only = ON",)),
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(made, "begin")
    def begin(connection: sa.Connection) -> None:
        # IMMEDIATE: what a unit reads (the ledger's head, a delivery's state) cannot change before it writes.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return made


def _configure_postgresql(connection: Any, _record: object) -> None:
    for setting, value in (
        ("synchronous_commit", "on"),  # whatever the server's default: accepted means durable
        ("lock_timeout", f"{BUSY_MILLISECONDS}ms"),  # how long we wait for another node's commit
        # A node that froze in the middle of its group, or was cut off, must not keep the others from writing.
        ("idle_in_transaction_session_timeout", f"{3 * BUSY_MILLISECONDS}ms"),
    ):
        connection.execute(f"SET {setting} = '{value}'")
    connection.commit()


def migrate(made: sa.Engine) -> None:
    """Bring the database to the newest shape. Several processes may try at once: one does it, the others wait."""
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with made.connect() as connection:
        if MigrationContext.configure(connection).get_current_heads() == tuple(newest()):
            return
    with made.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SET LOCAL lock_timeout = 0"))  # the one before us may take its time
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": 0x6D696772})
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")


def newest() -> list[str]:
    """Return the newest revisions that this code knows."""
    return ScriptDirectory(str(MIGRATIONS)).get_heads()


def revision(made: sa.Engine) -> str | None:
    """Return the revision that a database is at; None for an empty one."""
    with made.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def cannot_reach(url: sa.URL) -> Unavailable:
    """Return the error for a database that does not answer. The password is never shown."""
    shown = url.render_as_string(hide_password=True)
    return Unavailable(
        Text(
            vi=f"Không truy cập được cơ sở dữ liệu {shown}",
            en=f"The database {shown} cannot be reached",
        ),
        retry_after=5.0,
    )
