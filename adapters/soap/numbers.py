"""Our ids as numbers: the protocol has a Java `long` where we have a ULID of 128 bits.

The number is the id's 48 bits of milliseconds (42 of which are enough until 2109) and the last 21 of its 80 random
bits. So it is the same for ever, needs no table, and goes back to the few ids of one millisecond, of which the asking
system's own are looked at: `sought`. That two deliveries to one system in the same millisecond get the same number
happens once in two million times; then they are handed out one after the other.
"""

from __future__ import annotations

from hub.ids import ALPHABET, is_id

LOW_BITS = 21
LOW = (1 << LOW_BITS) - 1
TIME_BITS = 42
PREFIX_LENGTH = 10  # characters of a ULID that are its time
MOST = (1 << (TIME_BITS + LOW_BITS)) - 1


def number_of(id_: str) -> int:
    """Return the number of one of our ids."""
    if not is_id(id_):
        raise ValueError(f"not one of our ids: {id_!r}")
    value = 0
    for char in id_:
        value = value << 5 | ALPHABET.index(char)
    return (value >> 80) << LOW_BITS | (value & LOW)


def prefix_of(number: int) -> str:
    """Return how an id with this number begins."""
    milliseconds = number >> LOW_BITS
    return "".join(ALPHABET[milliseconds >> shift & 31] for shift in range(5 * (PREFIX_LENGTH - 1), -1, -5))


def read(written: str) -> int | None:
    """Return the number that somebody wrote; None if it can be none of ours."""
    text = written.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        return None
    number = int(text)
    return number if 0 < number <= MOST else None
