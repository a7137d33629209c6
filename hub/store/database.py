"""The database: its engines, its one writer, its readers, and how it comes to the shape that the code expects."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from hub.errors import Misconfigured, Unavailable
from hub.model import Clock
from hub.private import begin_private
from hub.store.pulse import Pulse, connecting
from hub.store.tables import settings
from hub.store.writer import LEDGER_LOCK, Transaction, Writer
from schemas.text import Text

Result = TypeVar("Result")

MIGRATIONS = Path(__file__).parent / "migrations"
READERS = 4
ASKED_AT_ONCE = 8  # questions for one reader: a slow one keeps no more than these from their answers
# The row of `settings` that a migration writes which takes something away: the oldest revision that code must know.
NEEDS = "schema.needs"
BUSY_MILLISECONDS = 10_000  # how long we wait for another process's commit


@dataclass(frozen=True, slots=True)
class Question:
    """Something asked of the database, and who waits for the answer."""

    ask: Callable[[sa.Connection], Any]
    answer: asyncio.Future[Any]


Answered = tuple[Question, Any, BaseException | None]


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
        self._pulse = Pulse(self.url, self._write_engine, self._read_engine)
        self._writer = writer(self._write_engine, clock, committed)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="edochub-reader")
        self._asked: dict[asyncio.AbstractEventLoop, list[Question]] = {}  # within this round of the loop
        self._at_hand: sa.Connection | None = None  # of `look`

    def open(self) -> None:
        """Bring the database to the newest shape and start the writer. Raises `Unavailable`. Blocks."""
        try:
            migrate(self._write_engine)
        except SQLAlchemyError as error:
            raise cannot_reach(self.url) from error
        self._writer.start()
        self._pulse.start()

    async def close(self) -> None:
        """Commit what waits and let go of the database."""
        with self._pulse.counted("write"):  # a database that is frozen does not keep us
            await asyncio.to_thread(self._writer.close)
            await asyncio.to_thread(self._readers.shutdown)
        await asyncio.to_thread(self._pulse.close)
        if self._at_hand is not None:
            self._at_hand.close()
        self._write_engine.dispose()
        self._read_engine.dispose()

    async def read(self, ask: Callable[[sa.Connection], Result]) -> Result:
        """Ask something of the database on a reader's thread. Raises `Unavailable` when it does not answer.

        What is asked within one round of the event loop goes to the readers a few at once: waking a thread, taking a
        connection and coming back cost more than a look-up.
        """
        return await self._put(ask, self._gather)

    async def look(self, ask: Callable[[sa.Connection], Result]) -> Result:
        """Ask for one thing by its key, as `read` does; SQLite is asked right here, on the event loop's thread.

        That takes less than handing the question to a reader: a WAL's reader waits for nobody (docs/adr/0027).
        """
        if self.url.get_backend_name() != "sqlite":
            return await self.read(ask)
        try:
            if self._at_hand is None:
                self._at_hand = self._read_engine.connect()
            return ask(self._at_hand)
        except SQLAlchemyError as error:
            raise cannot_reach(self.url) from error
        finally:
            if self._at_hand is not None:
                self._at_hand.rollback()

    async def read_alone(self, ask: Callable[[sa.Connection], Result]) -> Result:
        """Ask as `read` does, on a connection that nobody else asks on: what takes long, or sets up a transaction."""
        return await self._put(ask, lambda question, loop: self._submit([question], loop))

    async def _put(
        self,
        ask: Callable[[sa.Connection], Result],
        send: Callable[[Question, asyncio.AbstractEventLoop], None],
    ) -> Result:
        with self._pulse.waiting("read"):
            loop = asyncio.get_running_loop()
            question = Question(ask, loop.create_future())
            send(question, loop)
            result: Result = await question.answer
        return result

    def _gather(self, question: Question, loop: asyncio.AbstractEventLoop) -> None:
        together = self._asked.setdefault(loop, [])
        together.append(question)
        if len(together) == 1:
            loop.call_soon(self._send, loop)

    def _send(self, loop: asyncio.AbstractEventLoop) -> None:
        asked = self._asked.pop(loop)
        for start in range(0, len(asked), ASKED_AT_ONCE):
            self._submit(asked[start : start + ASKED_AT_ONCE], loop)

    def _submit(self, together: list[Question], loop: asyncio.AbstractEventLoop) -> None:
        try:
            self._readers.submit(self._read, together, loop)
        except RuntimeError as error:  # the store is closed
            _tell([(each, None, error) for each in together])

    def _read(self, asked: list[Question], loop: asyncio.AbstractEventLoop) -> None:
        ended: list[Answered] = []
        while asked:
            ended += self._answered(asked)
        if not loop.is_closed():
            loop.call_soon_threadsafe(_tell, ended)

    def _answered(self, asked: list[Question]) -> list[Answered]:
        """Ask on one connection, up to the first question that fails; what is taken is removed from `asked`."""
        ended: list[Answered] = []
        try:
            with self._read_engine.connect() as connection:
                while asked:
                    ended.append((asked[0], asked[0].ask(connection), None))
                    del asked[0]
        except SQLAlchemyError as error:
            refused = cannot_reach(self.url)
            refused.__cause__ = error
            ended.append((asked.pop(0), None, refused))
        except Exception as error:
            ended.append((asked.pop(0), None, error))
        return ended

    async def write(self, unit: Callable[[Transaction], Result], name: str | None = None) -> Result:
        """Run a unit in the next group commit; return its result once it is durable."""
        with self._pulse.waiting("write"):
            return await self._writer.write(unit, name or str(getattr(unit, "__name__", "unit")))


def _tell(ended: list[Answered]) -> None:
    for question, result, error in ended:
        if question.answer.done():  # nobody waits for it any more
            continue
        if error is not None:
            question.answer.set_exception(error)
        else:
            question.answer.set_result(result)


def engine(url: sa.URL, *, writes: bool) -> sa.Engine:
    """Return an engine with durability always on. What a document says never gets into an error's text."""
    if url.get_backend_name() != "sqlite":
        made = sa.create_engine(
            url, pool_size=READERS + 1, pool_pre_ping=True, hide_parameters=True, connect_args=connecting(url)
        )
        event.listen(made, "connect", _configure_postgresql)
        return made if writes else made.execution_options(isolation_level="AUTOCOMMIT")
    made = sa.create_engine(url, connect_args={"check_same_thread": False}, hide_parameters=True)
    if writes and url.database and Path(url.database).parent.is_dir():
        begin_private(Path(url.database))  # the documents are in it; SQLite gives its journal the same mode

    @event.listens_for(made, "connect")
    def configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late for us
        for pragma in (
            f"busy_timeout = {BUSY_MILLISECONDS}",
            # Of a new file only: what is removed later can be given back to the disk. Before WAL, or it is too late.
            *(("auto_vacuum = INCREMENTAL",) if writes else ()),
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
        # Compiling a question costs seconds where answering it takes less than one (docs/adr/0023-search.md).
        ("jit", "off"),
    ):
        connection.execute(f"SET {setting} = '{value}'")
    connection.commit()


def migrate(made: sa.Engine) -> None:
    """Bring the database to the newest shape. Several processes may try at once: one does it, the others wait.

    A database that newer code has brought further is left as it is: what came was added, and an older node goes on
    beside the newer ones. Raises `Misconfigured` when something was taken away that this code needs (`NEEDS`).
    """
    alembic = AlembicConfig()
    alembic.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with made.connect() as connection:
        if MigrationContext.configure(connection).get_current_heads() == tuple(newest()):
            return
    with made.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SET LOCAL lock_timeout = 0"))  # the one before us may take its time
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": 0x6D696772})
        if _is_further(connection):
            return
        if connection.dialect.name == "postgresql":
            # The running nodes' writers wait for us, rather than each for a table that the other has locked.
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": LEDGER_LOCK})
        alembic.attributes["connection"] = connection
        command.upgrade(alembic, "head")


def _is_further(connection: sa.Connection) -> bool:
    """Tell whether newer code has brought a database further than we know."""
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    there = set(MigrationContext.configure(connection).get_current_heads())
    if there <= known:
        return False
    needs = connection.execute(sa.select(settings.c.value).where(settings.c.key == NEEDS)).scalar()
    if needs is not None and needs not in known:
        raise Misconfigured(
            Text(
                vi=f"Cơ sở dữ liệu đã được phiên bản mới hơn thu gọn (bản {needs}); hãy nâng cấp nút này",
                en=f"Newer code has taken from the database what this version needs ({needs}); upgrade this node",
            )
        )
    return True


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
