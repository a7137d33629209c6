"""What was worked out a moment ago and need not be worked out again: a bounded memory, least recently used
goes first.

Safe to use from several threads. Only facts that cannot change for their key belong in it.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Remembers at most `most` values."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._values: OrderedDict[K, V] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        """Return the value of the key, or None if it was never put or has been pushed out."""
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def put(self, key: K, value: V) -> None:
        """Remember the value, and forget the one unused for longest if there are too many."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            if len(self._values) > self.most:
                self._values.popitem(last=False)

    def values(self) -> tuple[V, ...]:
        """Return what is remembered, unused for longest first."""
        with self._lock:
            return tuple(self._values.values())

    def __len__(self) -> int:
        return len(self._values)
