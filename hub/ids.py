"""The hub's own ids: ULIDs, 26 characters that sort by time and are safe in paths, URLs and file names."""

from __future__ import annotations

import secrets
from datetime import datetime

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 26


def new_id(at: datetime, after: str = "") -> str:
    """Return a ULID: 48 bits of milliseconds since 1970, then 80 bits of chance. It sorts behind `after`.

    How far behind is left to chance, for another node may go on from the same one.
    """
    made = _written(int(at.timestamp() * 1000) << 80 | secrets.randbits(80))
    return made if made > after else _written(_number(after) + 1 + secrets.randbits(64))


def first_id(at: datetime) -> str:
    """Return what no id of that millisecond, or of a later one, sorts before."""
    return _written(int(at.timestamp() * 1000) << 80)


PAIRS = tuple(first + second for first in ALPHABET for second in ALPHABET)


def _written(number: int) -> str:
    return "".join([PAIRS[number >> shift & 1023] for shift in range(5 * (LENGTH - 2), -1, -10)])


def _number(written: str) -> int:
    number = 0
    for char in written:
        number = number << 5 | ALPHABET.index(char)
    return number


def is_id(text: str) -> bool:
    """Tell whether a text has the shape of one of our ids."""
    return len(text) == LENGTH and all(char in ALPHABET for char in text)
