"""The embedded broker: a queue in this process. At start the sweep rebuilds it from the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from hub.broker.base import Broker, Ticket


class MemoryBroker(Broker):
    """Tickets that wait are merged into one: it names endpoints, and naming one twice says no more."""

    def __init__(self) -> None:
        self._waiting: set[str] = set()
        self._news = asyncio.Event()
        self._closed = False

    def announce(self, ticket: Ticket) -> None:
        """Add to what waits."""
        self._waiting |= ticket
        self._news.set()

    async def tickets(self) -> AsyncIterator[Ticket]:
        """Yield what waits, as one ticket."""
        while True:
            await self._news.wait()
            self._news.clear()
            if self._closed:
                return
            ticket, self._waiting = frozenset(self._waiting), set()
            if ticket:
                yield ticket

    async def close(self) -> None:
        """End `tickets`."""
        self._closed = True
        self._news.set()
