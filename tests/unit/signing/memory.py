"""How much memory judging a package takes: the growth of the process's peak, which libxml2 cannot hide from.

    python -m tests.unit.signing.memory FILE...

prints one line for each file: the kilobytes that the peak grew by. Every file is judged in a fork of one process, after
an honest package, so that all begin alike and nothing is counted that is loaded once.
"""

from __future__ import annotations

import os
import platform
import resource
import sys
from pathlib import Path

from signing.trust import TrustStore
from tests.unit.signing.hostile import SAMPLES, judged
from tests.unit.signing.packages import NOW


def peak() -> int:
    """The most memory that this process ever had, in kilobytes."""
    told = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return told // 1024 if platform.system() == "Darwin" else told  # macOS counts in octets


def growth_of(content: bytes, small: bytes, trust: TrustStore) -> int:
    """Judge a package in a fork, and return the kilobytes by which it grew."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        judged(small, trust, NOW)  # a fork has no pages of the libraries until it touches them
        before = peak()
        judged(content, trust, NOW)
        os.write(writing, str(peak() - before).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        grown = answer.read()
    os.waitpid(child, 0)
    return int(grown)


def main() -> None:
    trust = TrustStore.from_folder(SAMPLES / "trust")
    small = (SAMPLES / "genuine.edxml").read_bytes()
    judged(small, trust, NOW)
    for file in sys.argv[1:]:
        print(growth_of(Path(file).read_bytes(), small, trust))


if __name__ == "__main__":
    main()
