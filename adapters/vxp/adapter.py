"""The vxp adapter itself: what the hub calls, on whichever side the endpoint is."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from adapters.vxp import address as addresses
from adapters.vxp import book as books
from adapters.vxp import synchronise
from adapters.vxp import way as ways
from adapters.vxp.axis import Axis, Line, Refused
from adapters.vxp.codes import unanswered
from adapters.vxp.downward import KINDS, Downward, Pauses
from adapters.vxp.server import mounted
from adapters.vxp.upward import Upward
from hub.adapter import Adapter, Mount, Receive, Surroundings
from hub.app import Hub
from hub.axis import Book, TheirAgencies, TheirSent, TheirTaken, TheirWaiting
from hub.directory import Directory
from hub.errors import Misconfigured
from hub.model import Endpoint, Parcel, Receipt
from hub.way import Answer, Question
from schemas.text import Sentence

NOT_AN_AXIS = Sentence(
    vi="Điểm kết nối {endpoint} không có địa chỉ của trục nào: hệ thống này tự gọi đến",
    en="Endpoint {endpoint} has no address of an axis: this system calls us",
)


class VxpAdapter(Adapter):
    """A system below us that speaks the national axis's protocol, or an axis above us."""

    name = "vxp"
    pauses: ClassVar[Pauses] = Pauses()

    def __init__(self, endpoint: Endpoint, surroundings: Surroundings) -> None:
        super().__init__(endpoint, surroundings)
        self._address = addresses.read(endpoint.address)
        self._axis: Axis | None = None
        self._upward: Upward | None = None
        self._neighbour = self._line(self._address.asked_at)
        if self._address.base is not None:
            self._axis = self._neighbour or self._line(self._address.base)
            assert self._axis is not None
            self._upward = Upward(self._axis, surroundings.hops, trace_header=self._address.trace_header)

    def _line(self, base: str | None) -> Axis | None:
        """Return the calls to an address."""
        if base is None:
            return None
        return Axis(
            Line(
                endpoint=self.endpoint.id,
                base=base,
                system_id=self._address.system_id or self.endpoint.id,
                secret=self.surroundings.secret,
                clock=self.surroundings.clock,
            )
        )

    @classmethod
    def polls(cls, address: str | None) -> bool:
        """Tell whether the far side comes for its documents: a system does, an axis is sent to."""
        return not addresses.is_axis(address)

    @classmethod
    def settle(cls, address: str | None) -> str | None:
        """Return the address as it is stored. Raises `Misconfigured`."""
        return addresses.read(address).written()

    @classmethod
    def mount(cls, hub: Hub) -> Sequence[Mount]:
        """Put the axis's side of the protocol on the hub's web server."""
        return (mounted(hub),)

    @property
    def axis(self) -> Axis:
        """The axis that this endpoint is. Raises `Misconfigured` for a system that calls us."""
        if self._axis is None:
            raise Misconfigured(NOT_AN_AXIS.say(endpoint=self.endpoint.id))
        return self._axis

    @property
    def listens(self) -> bool:
        """Tell whether there is an axis to fetch from."""
        return self._axis is not None

    async def check(self) -> None:
        """Ask the axis what waits for us: it has to know us for that, and nothing changes."""
        if self._axis is None:
            return
        try:
            await self._axis.received(KINDS[0])
        except Refused as no:
            raise unanswered(no.code, no.words, self._axis.line.host) from no

    async def deliver(self, parcel: Parcel) -> Receipt:
        """Send the package up; return once the axis has an id for it."""
        if self._upward is None:
            raise Misconfigured(NOT_AN_AXIS.say(endpoint=self.endpoint.id))
        return await self._upward.deliver(parcel)

    async def listen(self, receive: Receive) -> None:
        """Fetch documents and statuses, each list by itself."""
        first = min(self.pauses.first_seconds, self._address.poll_seconds)
        pauses = replace(self.pauses, first_seconds=first)
        async with asyncio.TaskGroup() as tasks:
            for kind in KINDS:
                downward = Downward(self.axis, kind, pauses)
                tasks.create_task(downward.run(receive, self._address.poll_seconds))

    async def close(self) -> None:
        """Close the kept connections."""
        for each in {self._axis, self._neighbour} - {None}:
            assert each is not None
            await each.close()

    # --- what `edochub trace --whole` asks for --------------------------------------------------------------------

    @property
    def can_be_asked(self) -> bool:
        """Tell whether there is an address to ask the far side at."""
        return self._neighbour is not None

    async def way(self, question: Question) -> Answer:
        """Ask the far side, if it is an edochub, for the way of a document. Raises `Unavailable`."""
        if self._neighbour is None:
            raise Misconfigured(NOT_AN_AXIS.say(endpoint=self.endpoint.id))
        return await ways.ask(self._neighbour, question)

    # --- what `edochub axis` asks for -----------------------------------------------------------------------------

    async def book(self) -> Book:
        """Return what the axis says it had from us and what waits there for us: see `hub/axis.py`."""
        return await books.book(self.axis)

    async def package(self, waiting: TheirWaiting) -> bytes:
        """Return a package that waits at the axis, which stays there."""
        return await books.package(self.axis, waiting)

    async def one_sent(self, remote_id: str) -> tuple[TheirSent, ...]:
        """Return what the axis says of one package that we sent."""
        return await books.one_sent(self.axis, remote_id)

    async def taken(self, since: datetime, until: datetime) -> tuple[TheirTaken, ...] | None:
        """Return what the axis says that we took in a time; None if it cannot tell."""
        return await books.taken(self.axis, since, until)

    async def agencies(self, directory: Directory) -> TheirAgencies:
        """Return the axis's agencies as rows for the directory."""
        return await synchronise.agencies(self.axis, directory)
