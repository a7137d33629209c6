"""How long a piece of work takes an idle machine, measured on one that may be slow and busy."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

KNOWN_SECONDS = 0.006  # for a hundred thousand squares, on an idle machine


def idle_seconds(work: Callable[[], object], times: int = 5) -> float:
    """The processor time of a piece of work: the best of some, each beside a known piece of work.

    A machine that shares its caches and clock with others gives the same seconds less work. And whatever garbage
    other tests have left is not collected meanwhile.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        return min(_once(work) for _ in range(times))
    finally:
        if collects:
            gc.enable()


def _once(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    between = time.process_time()
    sum(number * number for number in range(100_000))
    pace = (time.process_time() - between) / KNOWN_SECONDS
    return (between - start) / max(1.0, pace)
