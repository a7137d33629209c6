"""Reading the ledger for those who look for documents: behind the journey, never in its way.

An accepted document is found once its event has been read. Reading goes in the order of the events, which is that of
the commits, so that nothing is passed over; where it has come to is written with what was read. Whoever reads looks up
and folds outside the writer, and writes a batch at a time; if somebody else was quicker, nothing is written. So nodes
may come and go at any line, and a search may read on by itself when no server runs. docs/adr/0023-search.md
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

import sqlalchemy as sa
import structlog

from hub import finding_terms as terms
from hub.duties import Duties
from hub.errors import Unavailable
from hub.store import search, search_filling
from hub.store.database import Store
from hub.store.search import ACCEPTED
from hub.store.search_filling import Entry

log = structlog.get_logger()

DUTY = "search.read"
REROUTED = frozenset({"delivery.resumed", "delivery.resent"})  # perhaps to another agency
# Of a delivery, but changing neither where it goes nor whether it ended as few do.
COMMON = frozenset(
    f"delivery.{kind}"
    for kind in (
        "attempted",
        "available",
        "claimed",
        "delivered",
        "held",
        "interrupted",
        "processing",
        "put-back",
        "queued",
        "sending",
        "suspended",
        "trace-header",
        "waiting",
    )
)
EVENTS = 300  # of one batch: who hands a document in meanwhile waits for it to be written
MOST_WORDS = 100_000  # of the vocabulary that are known to be there already
REST = 1.0  # seconds of rest for each second of work: what waits is never urgent


@dataclass(frozen=True, slots=True)
class Batch:
    """What some events tell those who look for documents."""

    before: int
    after: int
    read: tuple[Entry, ...] = ()
    again: tuple[Entry, ...] = ()  # found by something else from now on
    ends: tuple[tuple[str, int], ...] = ()


class Indexing:
    """Reads on, by one node of all."""

    def __init__(self, store: Store, duties: Duties) -> None:
        self.store = store
        self.duties = duties
        self._words: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    async def sweep(self) -> None:
        """Begin to read if there is anything new, it falls to us, and nobody here is at it."""
        if self._task is not None and not self._task.done():
            return
        if self.duties.holds(DUTY):
            self._task = asyncio.create_task(self._work(), name="indexing")

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _work(self) -> None:
        try:
            while self.duties.holds(DUTY):
                began = asyncio.get_running_loop().time()
                if await self.read_some() < EVENTS:
                    return
                await asyncio.sleep(REST * (asyncio.get_running_loop().time() - began))
        except Unavailable as error:
            log.warning("indexing.unavailable", error=str(error))
        except Exception:  # the sweep tries again
            log.exception("indexing.fault")

    async def catch_up(self, most_events: int) -> None:
        """Read on until the end, if that is no more than so many events away. Raises `Unavailable`."""
        behind = await self.store.read(
            lambda connection: search.head(connection) - search.position(connection)
        )
        while 0 < behind <= most_events:
            read = await self.read_some()
            if read < EVENTS:
                return
            behind -= read

    async def read_some(self) -> int:
        """Read a batch; return how many events it had. Raises `Unavailable`."""
        batch = await self.store.read(look)
        if batch.after == batch.before:
            return 0
        entries = (*batch.read, *batch.again)
        words = {each for entry in entries for each in terms.vocabulary(entry.terms)} - self._words
        moved = (batch.before, batch.after)
        await self.store.write(
            lambda tx: search_filling.write(tx, batch.read, batch.again, batch.ends, words, moved), "index"
        )
        self._remember(words)
        return batch.after - batch.before

    def _remember(self, words: set[str]) -> None:
        if len(self._words) > MOST_WORDS:
            self._words.clear()
        self._words |= words


def look(connection: sa.Connection) -> Batch:
    """Return what the next events tell."""
    before = search.position(connection)
    events = search_filling.since(connection, before, EVENTS)
    if not events:
        return Batch(before, before)
    accepted = {each.message: each.seq for each in events if each.kind == ACCEPTED and each.message}
    rerouted = {each.message for each in events if each.kind in REROUTED and each.message} - set(accepted)
    touched = {each.message for each in events if _rare(each.kind) and each.message} - set(accepted)
    known = search_filling.entries(connection, search.numbers(connection, touched))
    return Batch(
        before=before,
        after=events[-1].seq,
        read=tuple(search_filling.entries(connection, accepted)),
        again=tuple(each for each in known if each.message in rerouted),
        ends=tuple((state, each.seq) for each in known for state in each.ends),
    )


def _rare(kind: str) -> bool:
    """Tell whether an event may have ended a delivery as few end, or led it elsewhere."""
    return kind.startswith("delivery.") and kind not in COMMON
