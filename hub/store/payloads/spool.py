"""Packages on their way that are not held in memory: files without a name, on the disk of the payload store.

Such a file is gone when nobody holds it any more, or when the process dies: a refusal, a client that left and a
SIGKILL leave nothing behind.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from hub.store.payloads.large import cannot_write
from schemas.spooled import PIECE_BYTES, Spooled


@dataclass(frozen=True, slots=True)
class Spools:
    """Where packages are spooled: a folder on a real disk, for /tmp may be memory."""

    folder: Path

    def new(self) -> Spool:
        """Begin a file. Raises `Unavailable`."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            descriptor, path = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=self.folder)
            os.unlink(path)  # noqa: PTH108
        except OSError as error:
            raise cannot_write(str(error.strerror or error)) from error
        return Spool(descriptor)


class Spool:
    """One file without a name: written from the beginning to the end, hashed on the way, then read from anywhere."""

    def __init__(self, descriptor: int) -> None:
        self.size = 0  # octets written
        self._descriptor = descriptor
        self._sha256 = hashlib.sha256()
        self._closing = weakref.finalize(self, os.close, descriptor)

    def write(self, pieces: Iterable[bytes]) -> None:
        """Append pieces. Blocks; raises `Unavailable`."""
        try:
            for piece in pieces:
                self._write(piece)
        except OSError as error:
            raise cannot_write(str(error.strerror or error)) from error

    def _write(self, piece: bytes) -> None:
        left = memoryview(piece)
        while left:
            left = left[os.write(self._descriptor, left) :]
        self._sha256.update(piece)
        self.size += len(piece)

    def package(self) -> Spooled:
        """Return what was written. It can be read for as long as somebody has it, unless this is closed."""
        return Spooled(self.size, self._sha256.hexdigest(), self.opened)

    def opened(self) -> BinaryIO:
        """Open it at its first octet, with a position of its own."""
        return cast(BinaryIO, io.BufferedReader(_Reader(self), PIECE_BYTES))

    def read_at(self, start: int, wanted: int) -> bytes:
        """Return at most `wanted` octets from `start` on."""
        return os.pread(self._descriptor, wanted, start)

    def close(self) -> None:
        """Let go of the file: nobody can read it any more."""
        self._closing()


class _Reader(io.RawIOBase):
    """A position in a spool."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._spool.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        found = self._spool.read_at(self._at, len(buffer))
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)
