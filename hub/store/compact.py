"""Verdicts and findings as a row keeps them: JSON, made small with the sentences that all of them share.

They are kept word for word, as they were told to the sender: a sentence that is mended later was not said then. What
they have in common is in `words-N.json`, which zstd takes as its dictionary; the first octet of what is kept is N.
Such a file is never changed, for what was made small with it is read with it; better words go into the next one.
docs/adr/0019 has what was measured.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Any, TypeVar

import orjson
import zstandard

from hub.errors import Fault
from schemas.text import Text

Made = TypeVar("Made")

LEVEL = 3
WORDS = 1  # those that are written with


class _Kept(threading.local):
    """One compressor and one decompressor a thread: they are not to be shared, and take longer to make than to use."""

    def __init__(self) -> None:
        words = (files("hub.store") / f"words-{WORDS}.json").read_bytes()
        shared = zstandard.ZstdCompressionDict(words, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        shared.precompute_compress(level=LEVEL)
        self.compressor = zstandard.ZstdCompressor(level=LEVEL, dict_data=shared)
        self.decompressor = zstandard.ZstdDecompressor(dict_data=shared)


_kept = _Kept()


def text(value: Any) -> str:
    """Return JSON as a text column keeps it. What is hashed has one form only, and that is `ledger.canonical`."""
    return _json(value).decode()


def small(value: Any) -> bytes:
    """Return JSON as a column for octets keeps it."""
    return bytes((WORDS,)) + _kept.compressor.compress(_json(value))


class Kept(Sequence[Made]):
    """What a row keeps of verdicts or findings, read when somebody looks at it: most who look at a message do not.

    Whoever does may get the `Fault` of `read`.
    """

    __slots__ = ("_kept", "_made", "_make", "_smaller")

    def __init__(self, kept: str, smaller: bytes | None, make: Callable[[Any], Made]) -> None:
        self._kept = kept
        self._smaller = smaller
        self._make = make
        self._made: tuple[Made, ...] | None = None

    def _all(self) -> tuple[Made, ...]:
        if self._made is None:
            self._made = tuple(self._make(each) for each in read(self._kept, self._smaller))
        return self._made

    def __getitem__(self, index: Any) -> Any:
        return self._all()[index]

    def __len__(self) -> int:
        return len(self._all())

    def __eq__(self, other: object) -> bool:
        return self._all() == tuple(other) if isinstance(other, Sequence) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._all())

    def __repr__(self) -> str:
        return repr(self._all())


def read(kept: str, smaller: bytes | None) -> Any:
    """Return the JSON of a row that has it as `small` made it, or else as text. Raises `Fault` if it is damaged."""
    if smaller is None:
        return orjson.loads(kept) if kept != "[]" else []
    octets = bytes(smaller)
    try:
        if octets[0] != WORDS:
            raise ValueError(f"expected words {WORDS}, got {octets[0]}")
        return orjson.loads(_kept.decompressor.decompress(octets[1:]))
    except (IndexError, ValueError, zstandard.ZstdError) as error:
        raise Fault(
            Text(
                vi=f"Kết quả kiểm tra lưu trong cơ sở dữ liệu không đọc được: {error}",
                en=f"What was found about a document cannot be read from the database: {error}",
            )
        ) from error


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
