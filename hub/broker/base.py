"""The contract of a broker: tickets that say which endpoints have work.

A ticket is a set of endpoint ids, one for each committed group. It is a hint: announcing never blocks and never fails
the caller, tickets may come twice or not at all, in any order.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator

Ticket = frozenset[str]


class Broker(ABC):
    """Carries tickets from those who record to those who deliver."""

    async def start(self) -> None:
        """Begin to connect. A broker that is away is no error: the workers' sweep does without it meanwhile."""

    @abstractmethod
    def announce(self, ticket: Ticket) -> None:
        """Send a ticket on its way. Called in the event loop; returns at once."""

    @abstractmethod
    def tickets(self) -> AsyncIterator[Ticket]:
        """Yield tickets as they come, until `close`."""

    async def close(self) -> None:
        """Let go of the connection."""
