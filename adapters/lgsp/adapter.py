"""The lgsp adapter itself: what the hub calls.

Address: `lgsp+https://host/base?flavour=quang-nam|lang-son&…`, see `address.py`; without a host, a system that calls
this hub as it would call such a front (`server.py`). Handed over when the front has said
yes and given its id. Delivering the same message twice sends the same bytes under the same key: see `outward.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from adapters.lgsp import address as addresses
from adapters.lgsp import server
from adapters.lgsp.front import Front
from adapters.lgsp.outward import Outward
from adapters.vxp import synchronise
from adapters.vxp.axis import Line, Refused
from adapters.vxp.codes import unanswered
from adapters.vxp.downward import KINDS, Downward, Pauses
from hub.adapter import Adapter, Mount, Receive, Surroundings
from hub.app import Hub
from hub.axis import TheirAgencies
from hub.directory import Directory
from hub.errors import Misconfigured
from hub.model import Endpoint, Parcel, Receipt
from schemas.text import Sentence

NOT_A_FRONT = Sentence(
    vi="Điểm kết nối {endpoint} không có địa chỉ của cổng nào: hệ thống này tự gọi đến",
    en="Endpoint {endpoint} has no address of a front: this system calls us",
)


class LgspAdapter(Adapter):
    """A province's platform above us, or a system below us that speaks to such a platform."""

    name = "lgsp"
    pauses: ClassVar[Pauses] = Pauses()

    def __init__(self, endpoint: Endpoint, surroundings: Surroundings) -> None:
        super().__init__(endpoint, surroundings)
        self._address = addresses.read(endpoint.address)
        self._front: Front | None = None
        if self._address.base is not None:
            line = Line(
                endpoint=endpoint.id,
                base=self._address.base,
                system_id=self._address.settings.get("systemid", endpoint.id),
                secret=surroundings.secret,
                clock=surroundings.clock,
            )
            self._front = addresses.FLAVOURS[self._address.flavour](line, self._address.settings)
            self._outward = Outward(self._front)

    @classmethod
    def polls(cls, address: str | None) -> bool:
        """Tell whether the far side comes for its documents: a system does, a front is sent to."""
        return addresses.calls_us(address)

    @classmethod
    def mount(cls, hub: Hub) -> Sequence[Mount]:
        """Put the fronts' side of the protocol on the hub's web server."""
        return (server.mounted(hub),)

    @property
    def front(self) -> Front:
        """The front that this endpoint is. Raises `Misconfigured` for a system that calls us."""
        if self._front is None:
            raise Misconfigured(NOT_A_FRONT.say(endpoint=self.endpoint.id))
        return self._front

    @property
    def listens(self) -> bool:
        """Tell whether there is a front to fetch from."""
        return self._front is not None

    @classmethod
    def settle(cls, address: str | None) -> str | None:
        """Return the address as it is stored. Raises `Misconfigured`."""
        return addresses.read(address).written()

    async def check(self) -> None:
        """Ask what waits for us: the front has to know us for that, and nothing changes."""
        if self._front is None:
            return
        try:
            await self.front.received(KINDS[0])
        except Refused as no:
            raise unanswered(no.code, no.words, self.front.line.host) from no

    async def deliver(self, parcel: Parcel) -> Receipt:
        """Send the package; return once the front has an id for it."""
        if self._front is None:
            raise Misconfigured(NOT_A_FRONT.say(endpoint=self.endpoint.id))
        return Receipt(remote_id=await self._outward.deliver(parcel))

    async def listen(self, receive: Receive) -> None:
        """Fetch documents and statuses, each list by itself."""
        async with asyncio.TaskGroup() as tasks:
            for kind in KINDS:
                downward = Downward(self.front, kind, self.pauses)
                tasks.create_task(downward.run(receive, self._address.poll_seconds))

    async def close(self) -> None:
        """Close the kept connections."""
        if self._front is not None:
            await self._front.close()

    async def agencies(self, directory: Directory) -> TheirAgencies:
        """Return the platform's agencies as rows for the directory: `edochub axis agencies`."""
        return await synchronise.agencies(self.front, directory)
