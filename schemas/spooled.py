"""A package that is too large to be held in memory: where its octets can be read from, as often as needed.

Small packages are plain `bytes` all the way; everything that takes a `Package` takes either.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

PIECE_BYTES = 262_144


@dataclass(frozen=True, slots=True)
class Spooled:
    """The octets of one package outside of memory. Whoever made it decides how long they can be read."""

    size: int  # octets
    sha256: str  # of all of them, lower-case hex
    opened: Callable[[], BinaryIO] = field(repr=False, compare=False)  # from the first octet, every time

    def pieces(self, piece_bytes: int = PIECE_BYTES) -> Iterator[bytes]:
        """Yield all octets in order, at most `piece_bytes` at a time."""
        with self.opened() as stream:
            while piece := stream.read(piece_bytes):
                yield piece

    def between(self, start: int, end: int, piece_bytes: int = PIECE_BYTES) -> Iterator[bytes]:
        """Yield the octets from `start` up to `end`, at most `piece_bytes` at a time."""
        with self.opened() as stream:
            if stream.seekable():
                stream.seek(start)
            else:
                skipped = 0
                while skipped < start and (piece := stream.read(min(piece_bytes, start - skipped))):
                    skipped += len(piece)
            while start < end and (piece := stream.read(min(piece_bytes, end - start))):
                start += len(piece)
                yield piece

    def read(self) -> bytes:
        """Return all octets: for those who know that there is room for them."""
        with self.opened() as stream:
            return stream.read()


Package = bytes | Spooled


def size_of(package: Package) -> int:
    """Return how many octets a package has."""
    return package.size if isinstance(package, Spooled) else len(package)


def digest_of(package: Package) -> str:
    """Return the SHA-256 of a package, in lower-case hex."""
    return package.sha256 if isinstance(package, Spooled) else hashlib.sha256(package).hexdigest()
