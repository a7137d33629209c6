"""The base64 of an attachment of which long runs are left out: is it valid, what is wrong, and what does it stand for.

A run has characters of base64 only, so for the rules of base64 it is as good as any other of the same length. In four
of them the rules repeat themselves: `abridged` has a few for each run, and is valid exactly if the whole text is.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO, cast

import pybase64

from schemas.left_out import BLANKS, LeftOut, Run
from schemas.lengthy import Lengthy
from schemas.text import Text

if TYPE_CHECKING:
    from typing_extensions import Buffer

Part = str | Run

_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/= \t\r\n]")
_BLANK_LETTERS = BLANKS.decode()


def what_is_wrong(parts: Sequence[Part]) -> Text:
    """Return why a text is no base64. What it is not said of is no longer than four characters in a run."""
    before = 0
    for part in parts:
        if isinstance(part, Run):
            before += part.characters
            continue
        stranger = _NOT_BASE64.search(part)
        if stranger:
            shown = stranger[0] if stranger[0].isprintable() else f"U+{ord(stranger[0]):04X}"
            at = before + stranger.start() + 1
            return Text(vi=f"ký tự «{shown}» ở vị trí {at}", en=f"character “{shown}” at position {at}")
        before += len(part)
    length = sum(_solid(part) for part in parts)
    if length % 4:
        return Text(
            vi=f"độ dài {length} không chia hết cho 4, có thể bị cắt cụt",
            en=f"its length {length} is no multiple of 4, it may be cut",
        )
    return Text(vi="dấu «=» sai vị trí", en="a “=” in the wrong place")


def abridged(parts: Sequence[Part]) -> str:
    """Return a short text that is valid base64 exactly if the whole one is."""
    return "".join(part if isinstance(part, str) else "A" * (4 + part.solid % 4) for part in parts)


def size_of(parts: Sequence[Part]) -> int:
    """Return how many octets a text stands for that is valid base64."""
    padding = sum(part.count("=") for part in parts if isinstance(part, str))
    return sum(_solid(part) for part in parts) // 4 * 3 - padding


def file_of(parts: Sequence[Part], left_out: LeftOut) -> Lengthy:
    """Return what a text stands for that is valid base64."""

    def opened() -> BinaryIO:
        return cast(BinaryIO, io.BufferedReader(_Decoding(parts, left_out)))

    return Lengthy(size_of(parts), opened)


def _solid(part: Part) -> int:
    if isinstance(part, Run):
        return part.solid
    return len(part) - sum(part.count(blank) for blank in _BLANK_LETTERS)


class _Decoding(io.RawIOBase):
    """Decodes while it is read, from where it is told to begin."""

    def __init__(self, parts: Sequence[Part], left_out: LeftOut) -> None:
        self._parts = parts
        self._left_out = left_out
        self._size = size_of(parts)
        self._at = 0
        self._rest = memoryview(b"")
        self._pieces: Iterator[bytes] | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        to = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if to < 0:
            raise ValueError("before the beginning")
        if to != self._at:
            self._at, self._pieces, self._rest = to, None, memoryview(b"")
        return to

    def readinto(self, into: Buffer) -> int:
        if self._pieces is None:
            self._pieces = self._decoded()
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        room = memoryview(into)
        count = min(len(room), len(self._rest))
        room[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        self._at += count
        return count

    def _decoded(self) -> Iterator[bytes]:
        fours, skip = divmod(self._at, 3)
        rest = b""
        for solid in self._solid(fours * 4):
            rest = rest + solid if rest else solid
            whole = len(rest) // 4 * 4
            piece, rest = pybase64.b64decode(memoryview(rest)[:whole], validate=True), rest[whole:]
            yield piece[skip:]
            skip = max(0, skip - len(piece))

    def _solid(self, start: int) -> Iterator[bytes]:
        """Yield the characters that are no blanks, from the one of that number on."""
        for part in self._parts:
            count = _solid(part)
            if start >= count:
                start -= count
                continue
            if isinstance(part, Run):
                yield from self._left_out.solid(part, start)
            else:
                yield part.encode("ascii").translate(None, BLANKS)[start:]
            start = 0
