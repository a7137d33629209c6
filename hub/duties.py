"""What is done once in a whole installation, however many nodes it has: by which of them.

    if await duties.due("ledger.checkpoint", 60): ...       # work that comes round
    if duties.holds("listen:xa-hai-son"): ...               # work that goes on, such as fetching from a mailbox

Nodes say that they live by a beat in the database, a count that goes on. Each watches the others' counts by its own
monotonic clock, so it does not matter whether their clocks agree, or jump. One that has not counted on for
`patience_seconds` is silent: another frees its duties and queues again what it was sending. A node that merely slept
finds that out before it does anything more (`lost`), and what it settles late does not count (`claimed_by`).

Each duty has one node that it falls to, by a hash of both names, so that they are spread evenly and only few move
when a node comes or goes. The database says who has a duty; the hash only who should ask for it.

With an embedded database there is one node, which has every duty; nothing is written for that.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime, timedelta

import structlog

from hub.errors import Unavailable
from hub.model import Clock
from hub.store import duties as store
from hub.store.database import Store
from hub.store.writer import Transaction

log = structlog.get_logger()

BEATS = 5  # beats within the others' patience


class Duties:
    """The duties of one node. Wishes are noted as they are asked for, and fulfilled by the next beat."""

    def __init__(
        self,
        *,
        node: str,
        store: Store,
        clock: Clock,
        patience_seconds: float,
        alone: bool,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.node = node
        self.store = store
        self.clock = clock
        self.patience_seconds = patience_seconds
        self.alone = alone
        self._monotonic = monotonic
        self._wanted: set[str] = set()
        self._held: set[str] = set()
        self._moving: set[str] = set()  # ours, but they fall to another node by now
        self._given_up: set[str] = set()  # by us; the database is still to be told
        self._round: set[str] = set()  # those that come round: nothing has to end before they move
        self._next: dict[str, tuple[datetime, datetime]] = {}  # a duty's last turn and the next
        self._watched: dict[str, tuple[int, float]] = {}  # node -> its beat, since when we have seen that one
        self._beaten_at: float | None = None
        self._looked_at = 0.0
        self._news = asyncio.Event()
        self.changed: Callable[[], None] = lambda: None  # called when what this node holds has changed

    # --- what one asks --------------------------------------------------------------------------------------------

    @property
    def lost(self) -> bool:
        """Tell whether the others may take us for dead: then nothing that we hold is certainly ours."""
        if self.alone or self._beaten_at is None:
            return False
        return self._monotonic() - self._beaten_at > self.patience_seconds / 2

    def holds(self, name: str) -> bool:
        """Tell whether this node has a duty; if not, ask for it. Who stops doing it says so with `give_up`."""
        if self.alone:
            return True
        if name not in self._wanted:
            self._wanted.add(name)
            self._news.set()
        return name in self._held - self._moving - self._given_up and not self.lost

    def give_up(self, name: str) -> None:
        """Say that this node does not do a duty any more, and does not ask for it."""
        self._wanted.discard(name)
        if name in self._held:
            self._given_up.add(name)
            self._news.set()

    async def due(self, name: str, every_seconds: float) -> bool:
        """Tell whether it is time, here, for what comes round. The first time comes one interval after it was asked.

        A turn that was told is never told again, to nobody. Raises `Unavailable`.
        """
        self._round.add(name)
        if not self.holds(name):
            return False
        now = self.clock()
        last, next_at = self._next.get(name, (now, now))
        if last <= now < next_at:
            return False
        every = timedelta(seconds=max(every_seconds, 0.001))
        node = None if self.alone else self.node
        told = await self.store.write(lambda tx: store.take_turn(tx, name, node, every), "take_turn")
        if told is None:
            self._held.discard(name)
            return False
        turn, at = told
        self._next[name] = (at, at + every)
        return turn

    # --- living ---------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            self._news.clear()
            try:
                await self.beat()
            except Unavailable as error:
                log.warning("node.unavailable", error=str(error))
                await asyncio.sleep(self.patience_seconds / BEATS / 2)
            except Exception:  # a node that beats no more loses its work: it has to go on
                log.exception("node.fault")
                await asyncio.sleep(self.patience_seconds / BEATS / 2)
            # Not `wait_for`: that of Python 3.11 forgets to be cancelled when there is news in the same instant.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.patience_seconds / BEATS):
                    await self._news.wait()

    async def beat(self) -> None:
        """Say that we live, look who else does, and come to have what falls to us. Raises `Unavailable`."""
        began = self._monotonic()
        given_up = frozenset(self._given_up)

        def say(tx: Transaction) -> None:
            store.beat(tx, self.node)
            if given_up:
                store.release(tx, given_up, self.node)

        await self.store.write(say, "beat")
        self._beaten_at = began
        self._given_up -= given_up
        self._held -= given_up
        roll = await self.store.read(store.roll)
        for silent in self._silent(roll):
            await self._take_from(silent, roll.beats[silent])
        await self._share(roll)

    async def leave(self) -> None:
        """Stop: what we had is anybody's at once."""
        if self.alone:
            return
        self._held.clear()
        self._wanted.clear()
        with contextlib.suppress(Unavailable):  # then the others find out by our silence
            await self.store.write(lambda tx: store.leave(tx, self.node), "leave")

    def _silent(self, roll: store.Roll) -> list[str]:
        """Return the nodes that have not counted on for too long while we were watching."""
        now = self._monotonic()
        if (
            now - self._looked_at > self.patience_seconds / 2
        ):  # we slept, or the database was away: for all of us
            self._watched.clear()
        self._looked_at = now
        self._watched = {
            node: self._watched[node] if self._watched.get(node, (None,))[0] == beat else (beat, now)
            for node, beat in roll.beats.items()
            if node != self.node
        }
        return [node for node, (_, since) in self._watched.items() if now - since > self.patience_seconds]

    async def _take_from(self, silent: str, beat: int) -> None:
        actor = f"hub:{self.node}"
        log.warning("node.silent", node=silent)
        while (
            await self.store.write(lambda tx: store.take_from(tx, silent, beat, actor), "take_from")
            == store.CHUNK
        ):
            pass

    async def _share(self, roll: store.Roll) -> None:
        """Take what falls to us and nobody has; let what falls to another go."""
        nodes = [self.node, *(node for node in roll.beats if node != self.node)]
        ours = {name for name in self._wanted if falls_to(name, nodes) == self.node}
        held = {name for name, node in roll.holders.items() if node == self.node}
        free = {name for name in ours if roll.holders.get(name) is None}
        if free:
            await self.store.write(lambda tx: store.claim(tx, free, self.node), "claim_duties")
            # Another may have been quicker: what is ours the next look says.
            self._news.set()
        before = self._held - self._moving
        self._held, self._moving = held, held - ours
        for name in self._moving:
            if name in self._round or name not in self._wanted:
                self._given_up.add(name)
                self._news.set()
        if held & ours != before:
            self.changed()


def falls_to(name: str, nodes: Iterable[str]) -> str:
    """Return the node that a duty falls to."""
    return max(nodes, key=lambda node: hashlib.sha256(f"{name}\0{node}".encode()).digest())


@contextlib.asynccontextmanager
async def beating(duties: Duties) -> AsyncIterator[None]:
    """Live inside the block, unless we are alone; at its end, leave."""
    if duties.alone:
        yield
        return
    await duties.beat()
    task = asyncio.create_task(duties.run(), name="beat")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await duties.leave()
