"""One writer that commits whatever waits as one group.

A unit of work is a function of a `Transaction`. Callers hand theirs in from the event loop; the writer's thread takes
all that wait, runs them in one database transaction and commits once, so that a hundred documents cost one fsync.

- A unit that raises takes only itself down: the group is rolled back and its units are run again, each alone.
- A commit that fails leaves us ignorant of whether it took place: every caller of the group is told Unavailable, and
  what they then repeat is harmless, because units recognise what is there already.
- A unit may therefore run twice and must have no effect but on its transaction.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from hub import ledger, metrics
from hub.errors import HubError, Unavailable
from hub.ids import new_id
from hub.model import Clock
from hub.store import tables
from hub.store.prepared import Prepared
from schemas.text import Text

Result = TypeVar("Result")

LARGEST_GROUP = 128
STOPPING = Text(vi="trục đang dừng", en="the hub is stopping")
# Serialises the ledger's head on PostgreSQL; SQLite's BEGIN IMMEDIATE does the same for the whole file.
LEDGER_LOCK = 0x65646F63


class Transaction:
    """What units write to. Rows are collected and sent as lists; the ledger is chained when the group is complete."""

    def __init__(self, connection: sa.Connection, clock: Clock, last_id: str = "") -> None:
        self.connection = connection
        self.now = clock()
        self.last_id = last_id
        self.noted: dict[str, str] = {}  # idempotency keys taken by this very group -> message id
        self.woken: set[str] = set()
        self._rows: dict[sa.Table, list[dict[str, Any]]] = {}
        self._events: list[tuple[str, str | None, str | None, str, dict[str, Any]]] = []

    def new_id(self) -> str:
        """Return a new id of the hub's own. It sorts after all that this process made before."""
        self.last_id = new_id(self.now, self.last_id)
        return self.last_id

    def go_behind(self, known_id: str) -> None:
        """Let the ids to come sort behind a known one, which a node made whose clock is ahead of ours."""
        self.last_id = max(self.last_id, known_id)

    def insert(self, table: sa.Table, row: dict[str, Any]) -> None:
        """Add a row. It reaches the database with the others of its table."""
        self._rows.setdefault(table, []).append(row)

    def waits(self, table: sa.Table, row_id: str) -> bool:
        """Tell whether the row with this id is one that the database has not been sent yet."""
        return any(row["id"] == row_id for row in self._rows.get(table, ()))

    def look(self, statement: Prepared, parameters: Mapping[str, Any]) -> Any | None:
        """Return the first row that stood there before this group, without sending the group's own rows first."""
        return statement.first(self.connection, parameters)

    def execute(self, statement: sa.Executable, parameters: Any = None) -> sa.CursorResult[Any]:
        """Run a statement that sees everything written so far."""
        self.flush()
        return self.connection.execute(statement, parameters)

    def trace(
        self,
        kind: str,
        /,
        *,
        actor: str,
        message: str | None = None,
        delivery: str | None = None,
        **details: Any,
    ) -> None:
        """Append an event to the ledger."""
        self._events.append((kind, message, delivery, actor, details))

    def wake(self, *endpoints: str) -> None:
        """After the commit, tell the workers and the inboxes of these endpoints."""
        self.woken.update(endpoints)

    def flush(self) -> None:
        """Send the collected rows, in the order in which their tables were first used."""
        rows, self._rows = self._rows, {}
        for table, waiting in rows.items():
            self._insert(table, waiting)

    def close(self) -> None:
        """Send everything that is left; called once, right before the commit."""
        self.flush()
        if self._events:
            self._append_events()

    def _append_events(self) -> None:
        events = tables.events
        last = _HEAD.first(self.connection, {})
        seq, head = (last.seq, last.hash) if last else (0, ledger.GENESIS)
        rows = []
        for kind, message, delivery, actor, details in self._events:
            seq += 1
            body = ledger.body(seq, self.now, kind, message, delivery, actor, details)
            head = ledger.chained(head, body)
            rows.append(
                {
                    "seq": seq,
                    "at": self.now,
                    "kind": kind,
                    "message": message,
                    "delivery": delivery,
                    "actor": actor,
                    "body": body,
                    "hash": head,
                }
            )
        self._insert(events, rows)

    def _insert(self, table: sa.Table, rows: list[dict[str, Any]]) -> None:
        _inserting(table, tuple(rows[0]), self.connection.dialect.name).many(self.connection, rows)


_HEAD = Prepared(
    sa.select(tables.events.c.seq, tables.events.c.hash).order_by(tables.events.c.seq.desc()).limit(1)
)


@cache
def _inserting(table: sa.Table, columns: tuple[str, ...], dialect: str) -> Prepared:
    """Return the INSERT into a table, built once. Payloads that are there already are left alone: kept once."""
    if table is not tables.payloads:
        return Prepared(sa.insert(table), columns)
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    return Prepared(insert.on_conflict_do_nothing(), columns)


Unit = Callable[[Transaction], Any]


@dataclass(slots=True)
class Job:
    """One unit that waits, and who waits for it."""

    unit: Unit
    name: str
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


@dataclass(slots=True)
class Ended:
    """How a job ended."""

    job: Job
    result: Any = None
    error: BaseException | None = None


class Writer:
    """The thread that writes. `committed` is called in the event loop with the endpoints that a group woke."""

    def __init__(self, engine: sa.Engine, clock: Clock, committed: Callable[[frozenset[str]], None]) -> None:
        self._engine = engine
        self._clock = clock
        self._committed = committed
        self._waiting: queue.SimpleQueue[list[Job] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="edochub-writer", daemon=True)
        self._handed: dict[asyncio.AbstractEventLoop, list[Job]] = {}  # within this round of the loop
        self._handing = threading.Lock()
        self._closed = False
        self._last_id = ""

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """Commit what waits, then stop. Blocks until it is done."""
        with self._handing:
            if self._closed:
                return
            self._closed = True
            for jobs in self._handed.values():
                self._waiting.put(jobs)
            self._handed.clear()
            self._waiting.put(None)
        self._thread.join()

    async def write(self, unit: Callable[[Transaction], Result], name: str) -> Result:
        """Run a unit in the next group; return its result once that group is committed.

        The units of one round of the event loop are handed over together: the thread, waiting for one, would take
        the first alone and begin a group with it.
        """
        loop = asyncio.get_running_loop()
        job = Job(unit, name, loop, loop.create_future())
        with self._handing:
            if self._closed:
                raise unavailable(STOPPING)
            together = self._handed.setdefault(loop, [])
            together.append(job)
        if len(together) == 1:
            loop.call_soon(self._hand_over, loop)
        result: Result = await job.future
        return result

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._handing:
            jobs = self._handed.pop(loop, None)
            if jobs is not None:
                self._waiting.put(jobs)

    def _run(self) -> None:
        jobs: list[Job] = []
        more = True
        while more:
            more = self._take_waiting(jobs)
            while jobs:
                self._work_off(jobs[:LARGEST_GROUP])
                del jobs[:LARGEST_GROUP]

    def _take_waiting(self, jobs: list[Job]) -> bool:
        """Wait for work, take all there is; tell whether more may come."""
        handed = self._waiting.get()
        while handed is not None:
            jobs += handed
            if self._waiting.empty():
                return True
            handed = self._waiting.get()
        return False

    def _work_off(self, jobs: Sequence[Job]) -> None:
        ended, woken = self._group(jobs)
        if ended is None:
            for job in jobs:
                alone, woke = self._group([job], alone=True)
                assert alone is not None
                self._tell(alone, woke)
        else:
            self._tell(ended, woken)

    def _group(
        self, jobs: Sequence[Job], *, alone: bool = False
    ) -> tuple[list[Ended] | None, frozenset[str]]:
        """Run jobs in one transaction. None: a unit of several raised, nothing was kept, run them singly."""
        try:
            with self._engine.connect() as connection:
                outcome = self._attempt(connection, jobs)
        except _UnitFailed as failed:
            if len(jobs) > 1 and not alone:
                return None, frozenset()
            return [Ended(jobs[0], error=failed.error)], frozenset()
        except Exception as error:
            return [Ended(job, error=translated(error)) for job in jobs], frozenset()
        return outcome

    def _attempt(self, connection: sa.Connection, jobs: Sequence[Job]) -> tuple[list[Ended], frozenset[str]]:
        begun = connection.begin()
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": LEDGER_LOCK})
        transaction = Transaction(connection, self._clock, self._last_id)
        try:
            ended = [Ended(job, result=job.unit(transaction)) for job in jobs]
            transaction.close()
            self._last_id = transaction.last_id
        except Exception as error:
            begun.rollback()
            raise _UnitFailed(translated(error)) from error
        with metrics.committing(len(jobs)):
            self._commit(begun, tuple(job.name for job in jobs))
        return ended, frozenset(transaction.woken)

    def _commit(self, begun: sa.RootTransaction, names: tuple[str, ...]) -> None:  # noqa: ARG002
        """Commit. The fault tests stand in here: they know the units by their names."""
        begun.commit()

    def _tell(self, ended: Sequence[Ended], woken: frozenset[str]) -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[Ended]] = {}
        for each in ended:
            by_loop.setdefault(each.job.loop, []).append(each)
        for loop, group in by_loop.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._resolve, group, woken)

    def _resolve(self, ended: Sequence[Ended], woken: frozenset[str]) -> None:
        for each in ended:
            if each.job.future.done():  # the caller went away; the work is done all the same
                continue
            if each.error is not None:
                each.job.future.set_exception(each.error)
            else:
                each.job.future.set_result(each.result)
        if woken:
            self._committed(woken)


class _UnitFailed(Exception):
    """A unit raised; the group was rolled back."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


def translated(error: BaseException) -> BaseException:
    """Turn a database's complaint into Unavailable; leave the hub's own errors and bugs as they are."""
    if isinstance(error, HubError):
        return error
    if isinstance(error, sa.exc.IntegrityError):
        return error
    if isinstance(error, SQLAlchemyError | OSError):
        what = type(error).__name__
        translation = unavailable(Text(vi=what, en=what))
        translation.__cause__ = error
        return translation
    return error


def unavailable(why: Text) -> Unavailable:
    """Return the error that callers see when the database does not take their unit."""
    return Unavailable(
        Text(
            vi=f"Cơ sở dữ liệu của trục tạm thời không ghi được ({why.vi}); hãy gửi lại sau",
            en=f"The hub's database cannot be written at the moment ({why.en}); please send again",
        ),
        retry_after=5.0,
    )
