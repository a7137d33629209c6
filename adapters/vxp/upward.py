"""Delivering to an axis: once, although answers get lost, hubs die, and nobody knows whom an axis delivers to.

A package may go to several agencies behind one axis, and each is a delivery of its own here. An axis may deliver what
it gets to every To of the package, or only to the `to` of the call. So the first delivery is sent, with its `to`; for
the others the axis is asked whom that reached, and only to whom it did not reach it is sent again.

Before a package is sent whose sending may have been tried already, the list of what we sent is looked at. It may have
been: when an answer was lost here; when it was accepted before this process ran; when it has waited for long enough for
another process to have tried and died. What was accepted just now and never tried is sent at once.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import quote

from adapters.http.push import READABLE
from adapters.vxp.axis import Axis, Lost, Refused
from adapters.vxp.codes import raised
from adapters.vxp.documents import message_type
from adapters.vxp.hashes import short_hex
from adapters.vxp.sent import SentList, tidy
from adapters.vxp.tried import Memory
from hub import trace_header
from hub.errors import HubError
from hub.hops import Hops
from hub.model import Parcel, Receipt

HopsOf = Callable[[str], Awaitable[Hops]]

FRESH = timedelta(seconds=60)  # no other process has tried yet what is younger; nobody's lease is as short
LIST_SECONDS = 30.0  # how old the list of what we sent may be, where nothing newer is needed


@dataclass
class Tried:
    """What this process knows of sending one message."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    deliveries: dict[str, str] = field(default_factory=dict)  # our delivery -> the axis's id
    first_at: datetime | None = None  # when we first tried to send it
    lost_at: float | None = None  # the loop's time of the last answer that did not come

    @property
    def doc_ids(self) -> frozenset[str]:
        """The axis's ids for what was sent of it."""
        return frozenset(self.deliveries.values())


class Upward:
    """Sends packages to one axis."""

    def __init__(self, axis: Axis, hops_of: HopsOf, *, trace_header: bool = False) -> None:
        self._axis = axis
        self._hops_of = hops_of
        self._trace_header = trace_header
        self._sent = SentList(axis)
        self._clock = axis.line.clock
        self._started_at = self._clock()
        self._tried = Memory(Tried)

    async def deliver(self, parcel: Parcel) -> Receipt:
        """Bring a parcel to the axis; the receipt has its id there. Raises as `Adapter.deliver` does."""
        if not self._trace_header:
            return Receipt(remote_id=await self._deliver(parcel))
        hops = await self._hops_of(parcel.message.id)
        code, at = hops[-1].hub, hops[-1].at
        longer = await asyncio.to_thread(lambda: trace_header.inserted(parcel.content, code, at))
        given = hashlib.sha256(longer).hexdigest()
        # The axis knows what it was given, and lists that digest.
        message = replace(parcel.message, sha256=given, size=len(longer))
        remote_id = await self._deliver(replace(parcel, message=message, package=longer))
        return Receipt(remote_id=remote_id, given_sha256=given if given != parcel.message.sha256 else None)

    async def _deliver(self, parcel: Parcel) -> str:
        tried = self._tried.of(parcel.message.id)
        async with tried.lock:
            if parcel.id not in tried.deliveries:
                try:
                    tried.deliveries[parcel.id] = await self._bring(parcel, tried)
                except Refused as no:
                    raise raised(no.code, no.words, self._axis.line.host) from no
            return tried.deliveries[parcel.id]

    async def _bring(self, parcel: Parcel, tried: Tried) -> str:
        kind = message_type(parcel.message.kind)
        for doc_id in sorted(tried.doc_ids):
            if tidy(header_safe(parcel.addressee)) in await self._sent.reached(kind, doc_id):
                return doc_id
        if not self._never_tried(parcel, tried):
            found = await self._look(kind, parcel, tried)
            if found is not None:
                return found
        return await self._send(kind, parcel, tried)

    def _never_tried(self, parcel: Parcel, tried: Tried) -> bool:
        accepted_at = parcel.message.accepted_at
        young = self._clock() - accepted_at < FRESH and accepted_at - self._started_at > FRESH
        return young and tried.first_at is None

    async def _look(self, kind: str, parcel: Parcel, tried: Tried) -> str | None:
        now = asyncio.get_running_loop().time()
        return await self._sent.find(
            kind,
            parcel.message,
            header_safe(parcel.addressee),
            since=tried.first_at or parcel.message.accepted_at,
            not_before=max(now - LIST_SECONDS, tried.lost_at or 0.0),
            not_these=self._others(parcel.message.id),
        )

    def _others(self, message: str) -> frozenset[str]:
        """Return the axis's ids of what we know to be other packages."""
        return frozenset(
            doc_id for other, tried in self._tried.items() if other != message for doc_id in tried.doc_ids
        )

    async def _send(self, kind: str, parcel: Parcel, tried: Tried) -> str:
        tried.first_at = tried.first_at or self._clock()
        digest, answered = await asyncio.to_thread(digest_of, parcel.content), False
        try:
            doc_id = await self._axis.send(
                parcel.content,
                digest=digest,
                kind=kind,
                sender=header_safe(parcel.message.sender),
                to=header_safe(parcel.addressee),
                hops=await self._hops_of(parcel.message.id),
            )
            answered = True
        except Lost:
            raise
        except (Refused, HubError):
            answered = True
            raise
        finally:
            if not answered:  # lost, or cut off
                tried.lost_at = asyncio.get_running_loop().time()
        return doc_id


def digest_of(content: bytes) -> str:
    """Return `hash-file` as the SDK writes it: what the axis has always been given."""
    return short_hex(hashlib.sha256(content).digest())


def header_safe(code: str) -> str:
    """Return an agency's code as a header can hold it; codes of agencies are ASCII and stay as they are."""
    return quote(code, safe=READABLE)
