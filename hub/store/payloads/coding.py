"""How packages are made smaller, and read again: zstd, level 1 (docs/adr/0019 has what was measured).

Nine tenths of a package are attachments in base64, which zstd's entropy coding takes back to the three quarters that
they were. A row names its encoding, a file bears it in its name; what has neither is as it came.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable, Iterator
from typing import BinaryIO, cast

import zstandard

from schemas.spooled import PIECE_BYTES, Package, Spooled, size_of

ZSTD = "zstd"
LEVEL = 1
WORTH = 0.95  # of the size: what does not get below is kept as it came, and costs nothing to read


class _Kept(threading.local):
    """One compressor and one decompressor a thread: they are not to be shared, and take longer to make than to use."""

    def __init__(self) -> None:
        self.compressor = zstandard.ZstdCompressor(level=LEVEL)
        self.decompressor = zstandard.ZstdDecompressor()


_kept = _Kept()


def encoded(content: bytes) -> tuple[bytes, str | None]:
    """Return a package as it is kept, and the name of its encoding: None when it is kept as it came."""
    smaller = _kept.compressor.compress(content)
    return (smaller, ZSTD) if len(smaller) < len(content) * WORTH else (content, None)


def decoded(content: bytes, encoding: str | None, size: int) -> bytes | None:
    """Return the package, of `size` octets; None if nothing of that size can be read."""
    if encoding is None:
        return content
    try:
        # Before it makes room: a damaged header may speak of terabytes.
        if encoding != ZSTD or zstandard.frame_content_size(content) != size:
            return None
        return _kept.decompressor.decompress(content)
    except zstandard.ZstdError:
        return None


def pieces(package: Package) -> Iterator[bytes]:
    """Yield a package as a file of it is written."""
    shrinking = zstandard.ZstdCompressor(level=LEVEL).compressobj(size=size_of(package))
    for piece in as_it_came(package):
        if smaller := shrinking.compress(piece):
            yield smaller
    yield shrinking.flush()


def as_it_came(package: Package) -> Iterable[bytes]:
    """Return the pieces of a package, unchanged."""
    return package.pieces() if isinstance(package, Spooled) else [package]


def reading(stream: BinaryIO) -> BinaryIO:
    """Return what decodes a file while it is read. Its `read` raises `OSError` for what cannot be decoded."""
    return cast(BinaryIO, io.BufferedReader(_Decoding(stream), PIECE_BYTES))


class _Decoding(io.RawIOBase):
    """zstandard's reader, with the errors of a file, closing what it reads from."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._reader = zstandard.ZstdDecompressor().stream_reader(stream)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        try:
            return self._reader.readinto(buffer)
        except zstandard.ZstdError as error:
            raise OSError(f"zstd: {error}") from error

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()
