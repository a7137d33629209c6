"""A file that is not held in memory, with as much of `bytes` as those need who look at files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

PIECE_BYTES = 262_144


class Lengthy:
    """`size` octets that `opened` reads, from the first one every time; the stream can be told to begin elsewhere."""

    def __init__(self, size: int, opened: Callable[[], BinaryIO]) -> None:
        self._size = size
        self.opened = opened

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, wanted: slice) -> bytes:
        """Return a few of the octets, in their order."""
        start, stop, _ = wanted.indices(self._size)
        with self.opened() as stream:
            stream.seek(start)
            return stream.read(max(0, stop - start))

    def pieces(self) -> Iterator[bytes]:
        """Yield all octets in order, piece by piece."""
        with self.opened() as stream:
            while piece := stream.read(PIECE_BYTES):
                yield piece


File = bytes | Lengthy


def in_memory(file: File) -> bytes:
    """Return all octets of a file: for those who know that there is room for them."""
    return file if isinstance(file, bytes) else b"".join(file.pieces())


def pieces_of(file: File) -> Iterator[bytes]:
    """Yield all octets of a file in order; one that is in memory is one piece."""
    if isinstance(file, bytes):
        yield file
    else:
        yield from file.pieces()
