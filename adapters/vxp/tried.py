"""What a process remembers of sending each message: bounded, and never forgetting one that is being sent."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, ItemsView
from typing import Generic, Protocol, TypeVar

MOST_REMEMBERED = 10_000  # messages


class Locked(Protocol):
    """One message's memory; its lock is held while the message is sent."""

    lock: asyncio.Lock


T = TypeVar("T", bound=Locked)


class Memory(Generic[T]):
    """The memory of each message, by its id. Beyond the limit the one unused for longest goes first."""

    def __init__(self, new: Callable[[], T]) -> None:
        self._new = new
        self._tried: OrderedDict[str, T] = OrderedDict()

    def of(self, message: str) -> T:
        """Return what is remembered of a message, begun anew if that is nothing."""
        if message not in self._tried:
            self._tried[message] = self._new()
        tried = self._tried[message]
        self._tried.move_to_end(message)
        while len(self._tried) > MOST_REMEMBERED:
            oldest = next(iter(self._tried))
            if self._tried[oldest].lock.locked():
                break
            del self._tried[oldest]
        return tried

    def items(self) -> ItemsView[str, T]:
        """Return every message's id with what is remembered of it."""
        return self._tried.items()
