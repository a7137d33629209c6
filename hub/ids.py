"""The hub's own ids: ULIDs, 26 characters that sort by time and are safe in paths, URLs and file names."""

from __future__ import annotations

import secrets
from datetime import datetime

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 26


def new_id(at: datetime) -> str:
    """Return a ULID: 48 bits of milliseconds since 1970, then 80 bits of chance."""
    number = int(at.timestamp() * 1000) << 80 | secrets.randbits(80)
    return "".join(ALPHABET[number >> shift & 31] for shift in range(5 * (LENGTH - 1), -1, -5))


def is_id(text: str) -> bool:
    """Tell whether a text has the shape of one of our ids."""
    return len(text) == LENGTH and all(char in ALPHABET for char in text)
