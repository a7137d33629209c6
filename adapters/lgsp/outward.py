"""Sending to a front: each document once.

A front has no `to`: it brings a package to every agency that the package names. So what goes to several agencies behind
it is several deliveries here and one package there, and the key is the message's. Nor has it a list of what was sent,
so when an answer is lost only the front can tell a repeat: it gets the same key and the same bytes each time.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from adapters.lgsp.front import Front
from adapters.vxp.axis import Refused
from adapters.vxp.codes import raised
from adapters.vxp.documents import message_type
from adapters.vxp.tried import Memory
from hub.model import Parcel


@dataclass
class Tried:
    """What this process knows of sending one message."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    doc_id: str | None = None


class Outward:
    """Sends packages to one front."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._tried = Memory(Tried)

    async def deliver(self, parcel: Parcel) -> str:
        """Bring a parcel to the front; return its id there. Raises as `Adapter.deliver` does."""
        tried = self._tried.of(parcel.message.id)
        async with tried.lock:
            if tried.doc_id is None:
                kind = message_type(parcel.message.kind)
                try:
                    tried.doc_id = await self._front.hand_in(parcel.content, kind, parcel.message.id)
                except Refused as no:
                    raise raised(no.code, no.words, self._front.line.host) from no
            return tried.doc_id
