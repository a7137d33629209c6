"""Fetching from an axis what waits there for our agencies: each marked done after it is recorded, never before.

Documents and statuses are two lists, asked for apart and worked off each in its order, so that a correction never
overtakes what it corrects. A few packages are fetched ahead, and the axis is told while the next ones are recorded. An
axis that knows how to wait is asked to (`adapters/vxp/patience.py`). What becomes of each package:

    recorded, also as a repeat      `done`
    refused by the journey          `fail`, with the reason
    the hub cannot write now        the round ends; everything is offered again after a pause
    unreadable, or unplanned        this one rests, longer each time; the others go on

If the word to the axis is lost, what it was is remembered and said again. If the process dies before it is said, the
package is fetched again, and the hub knows it.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import structlog

from adapters.vxp.axis import Axis, Refused
from adapters.vxp.codes import unanswered
from adapters.vxp.patience import WAIT_SECONDS
from adapters.vxp.words import ascii_only, text
from hub.adapter import Receive
from hub.errors import HubError, Refusal, Unavailable
from hub.hops import Hops

DONE, FAIL = "done", "fail"
KINDS = ("edoc", "status")
DOC_ID = re.compile(r"[A-Za-z0-9._:-]{1,100}")
AHEAD = 8  # packages fetched before the first of them is recorded
TOLD_AT_ONCE = 8
MOST_A_ROUND = 10_000

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """How long is waited, and after what."""

    first_seconds: float = 1.0  # after a failure; doubles with each that follows
    longest_seconds: float = 300.0  # when the axis, or the hub, fails
    longest_rest_seconds: float = 3_600.0  # for one package that cannot be read

    def after(self, failures: int, longest: float, asked: float | None = None) -> float:
        """Return the wait after the n-th failure in a row (n from 1), as long as asked to at least."""
        doubled: float = self.first_seconds * 2 ** min(failures - 1, 32)
        return min(max(doubled, asked or 0.0), longest)


@dataclass(frozen=True, slots=True)
class Word:
    """What the axis is to be told of one package."""

    status: str
    description: str = ""


@dataclass(slots=True)
class Rest:
    """A package that cannot be taken now, and when to try it again."""

    failures: int
    until: float


@dataclass
class Downward:
    """Fetches one of the two lists of one axis."""

    axis: Axis
    kind: str
    pauses: Pauses
    untold: dict[str, Word] = field(default_factory=dict)  # docId -> what it did not hear yet
    resting: dict[str, Rest] = field(default_factory=dict)
    asked_at: float = 0.0  # the loop's time of the last look at the list
    waited: bool = False  # the axis answered it when something came, or not for long

    async def run(self, receive: Receive, poll_seconds: float) -> None:
        """Fetch for ever."""
        failures = 0
        while True:
            try:
                taken = await self.round(receive)
                failures = 0
            except HubError as error:
                failures += 1
                asked = error.retry_after if isinstance(error, Unavailable) else None
                pause = self.pauses.after(failures, self.pauses.longest_seconds, asked)
                log.warning("vxp.waiting", **self._about, seconds=pause, error=str(error))
                await asyncio.sleep(pause)
            else:
                if not taken:
                    await asyncio.sleep(self._until_next(poll_seconds))

    async def round(self, receive: Receive) -> int:
        """Work the list off once; return how many packages were finished. Raises `HubError` when it cannot go on."""
        waiting = await self._look()
        self._forget(frozenset(waiting))
        now = asyncio.get_running_loop().time()
        due = [each for each in waiting if each not in self.resting or self.resting[each].until <= now]
        room = asyncio.Semaphore(TOLD_AT_ONCE)
        telling: list[asyncio.Task[bool]] = []
        unavailable = None
        try:
            try:
                async with aclosing(self._fetched(due)) as packages:
                    async for doc_id, package in packages:
                        if package is not None:
                            await self._offer(doc_id, package, receive)
                        if doc_id in self.untold:
                            telling.append(asyncio.create_task(self._tell(doc_id, room)))
            except Unavailable as error:
                unavailable = error
            finished = sum(await asyncio.gather(*telling))
        finally:
            for task in telling:
                task.cancel()
        if unavailable is not None:  # what was recorded before is told all the same
            raise unavailable
        return finished

    async def _look(self) -> list[str]:
        """Ask for the list. While nothing is on our hands, an axis that knows how to wait may take its time."""
        wait_seconds = 0.0 if self.resting or self.untold else WAIT_SECONDS
        self.asked_at = asyncio.get_running_loop().time()
        try:
            items, self.waited = await self.axis.awaited(self.kind, wait_seconds)
        except Refused as no:
            raise unanswered(no.code, no.words, self.axis.line.host) from no
        return doc_ids(items[:MOST_A_ROUND])

    async def _fetched(
        self, due: Sequence[str]
    ) -> AsyncGenerator[tuple[str, tuple[bytes, Hops] | None], None]:
        """Yield the packages in their order, fetched a few ahead."""
        wanted = iter(due)
        ahead: deque[tuple[str, asyncio.Task[tuple[bytes, Hops] | None]]] = deque()
        try:
            while True:
                for doc_id in islice(wanted, AHEAD - len(ahead)):
                    ahead.append((doc_id, asyncio.create_task(self._fetch(doc_id))))
                if not ahead:
                    return
                doc_id, fetching = ahead.popleft()
                yield doc_id, await fetching
        finally:
            for _, fetching in ahead:
                fetching.cancel()
            await asyncio.gather(*(fetching for _, fetching in ahead), return_exceptions=True)

    async def _fetch(self, doc_id: str) -> tuple[bytes, Hops] | None:
        """Return a package; None if it is decided already, or cannot be had now."""
        if doc_id in self.untold:
            return None
        try:
            return await self.axis.fetch_travelled(doc_id)
        except (Refused, Unavailable) as error:
            self._rest(doc_id, error)
            return None

    async def _offer(self, doc_id: str, package: tuple[bytes, Hops], receive: Receive) -> None:
        try:
            accepted = await receive(*package)
        except Refusal as refusal:
            self.untold[doc_id] = Word(FAIL, ascii_only(refusal.message.vi))
            log.info("vxp.refused", **self._about, doc=doc_id, refusal=refusal.id, code=refusal.code)
        except Unavailable:
            raise
        except Exception as error:  # one package must not hold up the others
            log.exception("vxp.fault", **self._about, doc=doc_id)
            self._rest(doc_id, error)
        else:
            self.untold[doc_id] = Word(DONE)
            log.info("vxp.accepted", **self._about, doc=doc_id, message=accepted.message.id)

    async def _tell(self, doc_id: str, room: asyncio.Semaphore) -> bool:
        """Tell the axis what became of a package; remember it if the axis does not hear."""
        word = self.untold[doc_id]
        try:
            async with room:
                await self.axis.update(doc_id, word.status, word.description)
        except (Refused, Unavailable) as error:
            self._rest(doc_id, error)
            return False
        self.untold.pop(doc_id, None)
        self.resting.pop(doc_id, None)
        return True

    def _rest(self, doc_id: str, error: Exception) -> None:
        failures = self.resting[doc_id].failures + 1 if doc_id in self.resting else 1
        pause = self.pauses.after(failures, self.pauses.longest_rest_seconds)
        self.resting[doc_id] = Rest(failures, asyncio.get_running_loop().time() + pause)
        log.warning("vxp.resting", **self._about, doc=doc_id, seconds=pause, error=str(error))

    def _forget(self, waiting: frozenset[str]) -> None:
        """Keep nothing of what the axis does not list any more."""
        self.untold = {doc_id: word for doc_id, word in self.untold.items() if doc_id in waiting}
        self.resting = {doc_id: rest for doc_id, rest in self.resting.items() if doc_id in waiting}

    def _until_next(self, poll_seconds: float) -> float:
        now = asyncio.get_running_loop().time()
        pause = max(poll_seconds - (now - self.asked_at), 0.0) if self.waited else poll_seconds
        return min([pause, *(max(rest.until - now, 0.0) for rest in self.resting.values())])

    @property
    def _about(self) -> dict[str, str]:
        return {"endpoint": self.axis.line.endpoint, "kind": self.kind}


def doc_ids(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the ids of what waits, in the list's order, each once. What has none that can be used is left out."""
    found: dict[str, None] = {}
    for item in items:
        doc_id = text(item.get("docId"))
        if DOC_ID.fullmatch(doc_id) and text(item.get("status")).strip().lower() not in {DONE, FAIL}:
            found[doc_id] = None
    return list(found)
