"""How often something is tried again, and how long is waited before.

The pauses double, each with a part of chance in it, so that a thousand systems do not come back in the same second. It
is never less than the hub asks for (`Retry-After`).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from hub.errors import Unavailable

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Patience:
    """`tries` is how often in all; the pauses begin with `first_seconds` and grow to `longest_seconds`."""

    tries: int = 6
    first_seconds: float = 0.5
    longest_seconds: float = 30.0
    sleep: Callable[[float], object] = time.sleep
    chance: Callable[[], float] = random.random  # from 0 to 1

    def over(self, unit: Callable[[], Result]) -> Result:
        """Do something, again when it is `Unavailable`; raise that if it still is at the last try."""
        tried = 1
        while True:
            try:
                return unit()
            except Unavailable as error:
                if tried >= self.tries:
                    raise
                self.sleep(self.pause(tried, error.retry_after))
            tried += 1

    def pause(self, tried: int, asked: float | None) -> float:
        """Return the seconds to wait after so many tries."""
        grown = min(self.longest_seconds, self.first_seconds * 2.0 ** min(tried - 1, 30))
        return max(grown * (0.5 + self.chance() / 2), asked or 0.0)


ONCE = Patience(tries=1)
