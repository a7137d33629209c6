"""The lgsp adapter itself: what the hub calls.

Address: `lgsp+https://host/base?flavour=quang-nam|lang-son&…`, see `address.py`. Handed over when the front has said
yes and given its id. Delivering the same message twice sends the same bytes under the same key: see `outward.py`.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar

from adapters.lgsp import address as addresses
from adapters.lgsp.outward import Outward
from adapters.vxp import synchronise
from adapters.vxp.axis import Line, Refused
from adapters.vxp.codes import unanswered
from adapters.vxp.downward import KINDS, Downward, Pauses
from hub.adapter import Adapter, Receive, Surroundings
from hub.axis import TheirAgencies
from hub.directory import Directory
from hub.model import Endpoint, Parcel, Receipt


class LgspAdapter(Adapter):
    """A province's platform above us."""

    name = "lgsp"
    pauses: ClassVar[Pauses] = Pauses()

    def __init__(self, endpoint: Endpoint, surroundings: Surroundings) -> None:
        super().__init__(endpoint, surroundings)
        self._address = addresses.read(endpoint.address)
        line = Line(
            endpoint=endpoint.id,
            base=self._address.base,
            system_id=self._address.settings.get("systemid", endpoint.id),
            secret=surroundings.secret,
            clock=surroundings.clock,
        )
        self.front = addresses.FLAVOURS[self._address.flavour](line, self._address.settings)
        self._outward = Outward(self.front)

    @classmethod
    def settle(cls, address: str | None) -> str | None:
        """Return the address as it is stored. Raises `Misconfigured`."""
        return addresses.read(address).written()

    async def check(self) -> None:
        """Ask what waits for us: the front has to know us for that, and nothing changes."""
        try:
            await self.front.received(KINDS[0])
        except Refused as no:
            raise unanswered(no.code, no.words, self.front.line.host) from no

    async def deliver(self, parcel: Parcel) -> Receipt:
        """Send the package; return once the front has an id for it."""
        return Receipt(remote_id=await self._outward.deliver(parcel))

    async def listen(self, receive: Receive) -> None:
        """Fetch documents and statuses, each list by itself."""
        async with asyncio.TaskGroup() as tasks:
            for kind in KINDS:
                downward = Downward(self.front, kind, self.pauses)
                tasks.create_task(downward.run(receive, self._address.poll_seconds))

    async def close(self) -> None:
        """Close the kept connections."""
        await self.front.close()

    async def agencies(self, directory: Directory) -> TheirAgencies:
        """Return the platform's agencies as rows for the directory: `edochub axis agencies`."""
        return await synchronise.agencies(self.front, directory)
