"""The axis's list of what we sent: which of its lines is our package.

The list has no DocumentId. Another edochub names the digest, which settles it. From any other axis a line is ours if
sender, addressee, number and title are, and it was sent since we first tried: a correction bears the number and often
the title of what it corrects, so what was sent before does not count, and neither does what we know to be another
package. In doubt a line is not ours: sent twice is a nuisance, not sent is a loss.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from adapters.vxp.axis import Axis, Refused
from adapters.vxp.codes import unanswered
from adapters.vxp.words import read_time, text
from hub.model import Message

CLOCKS_APART = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the list: one package to one agency."""

    doc_id: str
    sender: str
    to: str
    title: str
    notation: str
    at: datetime | None
    sha256: str
    receive_status: str


def read(item: Mapping[str, Any]) -> Line | None:
    """Read a line; None for one without the axis's id."""
    doc_id = text(item.get("senderDocId")).strip()
    if not doc_id:
        return None
    return Line(
        doc_id=doc_id,
        sender=tidy(text(item.get("fromCode"))),
        to=tidy(text(item.get("toCode"))),
        title=tidy(text(item.get("title"))),
        notation=tidy(text(item.get("notation"))),
        at=read_time(text(item.get("sentTime"))),
        sha256=text(item.get("sha256")).strip().lower(),
        receive_status=text(item.get("receiveStatus")).strip().lower(),
    )


def tidy(words: str) -> str:
    """Return words as they are compared: blanks and capitals make no difference."""
    return " ".join(words.split()).casefold()


def ours(line: Line, message: Message, addressee: str, since: datetime) -> bool:
    """Tell whether a line is a message to an addressee, first sent after `since`."""
    if line.to != tidy(addressee):
        return False
    if line.sha256:
        return line.sha256 == message.sha256
    if line.sender != tidy(message.sender) or line.at is None or line.at < since - CLOCKS_APART:
        return False
    named = (line.notation, tidy(message.code)), (line.title, tidy(message.subject))
    given = [pair for pair in named if pair[0]]
    return bool(given) and all(theirs == own for theirs, own in given)


class SentList:
    """The list, asked for again when it is older than it may be. Several deliveries share one request."""

    def __init__(self, axis: Axis) -> None:
        self._axis = axis
        self._known: dict[str, tuple[float, list[Line]]] = {}  # messagetype -> when it was asked for
        self._locks: dict[str, asyncio.Lock] = {}

    async def find(
        self,
        kind: str,
        message: Message,
        addressee: str,
        *,
        since: datetime,
        not_before: float,
        not_these: Collection[str],
    ) -> str | None:
        """Return the axis's id of a message to an addressee, if it was sent. `not_before` is of the loop's clock."""
        for line in await self._lines(kind, not_before):
            if line.doc_id not in not_these and ours(line, message, addressee, since):
                return line.doc_id
        return None

    async def reached(self, kind: str, doc_id: str) -> frozenset[str]:
        """Return the agencies, tidied, that one package of ours went to."""
        lines = [read(item) for item in await self._ask(kind, docId=doc_id)]
        return frozenset(line.to for line in lines if line is not None and line.doc_id == doc_id)

    async def _lines(self, kind: str, not_before: float) -> list[Line]:
        async with self._locks.setdefault(kind, asyncio.Lock()):
            known = self._known.get(kind)
            if known is None or known[0] <= not_before:
                asked_at = asyncio.get_running_loop().time()
                lines = [read(item) for item in await self._ask(kind)]
                known = self._known[kind] = (asked_at, [line for line in lines if line is not None])
            return known[1]

    async def _ask(self, kind: str, **narrowed: str) -> list[Mapping[str, Any]]:
        try:
            return await self._axis.sent(kind, **narrowed)
        except Refused as no:  # it says nothing of the package that is to be sent
            raise unanswered(no.code, no.words, self._axis.line.host) from no
