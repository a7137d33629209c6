"""Fetching from an axis what waits there for our agencies: each marked done after it is recorded, never before.

Documents and statuses are two lists, asked for apart and worked off each in its order, so that a correction never
overtakes what it corrects. A few packages are fetched ahead. What becomes of each:

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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from adapters.vxp.axis import Axis, Refused
from adapters.vxp.codes import unanswered
from adapters.vxp.words import ascii_only, text
from hub.adapter import Receive
from hub.errors import HubError, Refusal, Unavailable

DONE, FAIL = "done", "fail"
KINDS = ("edoc", "status")
DOC_ID = re.compile(r"[A-Za-z0-9._:-]{1,100}")
AHEAD = 4  # packages fetched before the first of them is recorded
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
        try:
            items = await self.axis.received(self.kind)
        except Refused as no:
            raise unanswered(no.code, no.words, self.axis.line.host) from no
        waiting = doc_ids(items[:MOST_A_ROUND])
        self._forget(frozenset(waiting))
        now, finished = asyncio.get_running_loop().time(), 0
        due = [each for each in waiting if each not in self.resting or self.resting[each].until <= now]
        for some in _batches(due, AHEAD):
            fetched = await asyncio.gather(*(self._fetch(each) for each in some))
            unavailable = None
            try:
                for doc_id, content in zip(some, fetched, strict=True):
                    if content is not None:
                        await self._offer(doc_id, content, receive)
            except Unavailable as error:
                unavailable = error
            finished += sum(await asyncio.gather(*(self._tell(each) for each in some if each in self.untold)))
            if unavailable is not None:  # what was recorded before is told all the same
                raise unavailable
        return finished

    async def _fetch(self, doc_id: str) -> bytes | None:
        """Return a package; None if it is decided already, or cannot be had now."""
        if doc_id in self.untold:
            return None
        try:
            return await self.axis.fetch(doc_id)
        except (Refused, Unavailable) as error:
            self._rest(doc_id, error)
            return None

    async def _offer(self, doc_id: str, content: bytes, receive: Receive) -> None:
        try:
            accepted = await receive(content)
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

    async def _tell(self, doc_id: str) -> bool:
        """Tell the axis what became of a package; remember it if the axis does not hear."""
        word = self.untold[doc_id]
        try:
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
        return min([poll_seconds, *(max(rest.until - now, 0.0) for rest in self.resting.values())])

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


def _batches(values: Sequence[str], size: int) -> list[Sequence[str]]:
    return [values[start : start + size] for start in range(0, len(values), size)]
