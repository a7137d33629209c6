"""Our ids as the protocol's.

A package that is handed in gets our message id as its DocId, as it stands: an operator can trace it. What is to be
fetched is named by the delivery's id as a UUID, as on the axis: the client makes a file name of it, and some keep it in
a column of that type. Both are the same 128 bits, so nothing has to be remembered.
"""

from __future__ import annotations

import re

from hub.ids import ALPHABET, LENGTH, is_id

UUID = re.compile(r"([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})")
BITS = 128


def doc_id(delivery: str) -> str:
    """Return the id of a delivery as a UUID."""
    number = 0
    for char in delivery:
        number = number << 5 | ALPHABET.index(char)
    written = f"{number:032x}"
    return "-".join((written[:8], written[8:12], written[12:16], written[16:20], written[20:]))


def delivery_id(written: str) -> str | None:
    """Return the delivery that a client means, by its UUID or by our own id; None for what can be neither."""
    tidy = written.strip()
    if is_id(tidy.upper()):
        return tidy.upper()
    found = UUID.fullmatch(tidy.lower())
    if found is None:
        return None
    number = int("".join(found.groups()), 16)
    return "".join(ALPHABET[number >> shift & 31] for shift in range(5 * (LENGTH - 1), -1, -5))
