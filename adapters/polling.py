"""How often a far side is asked: the `poll` of an endpoint's address, the same for every adapter that has one."""

from __future__ import annotations

from schemas.text import Text

SHORTEST_SECONDS, LONGEST_SECONDS = 0.01, 86_400.0

BAD_POLL = Text(vi="poll phải là số giây, từ 0.01 đến 86400", en="poll is a number of seconds, 0.01 to 86400")


def seconds(written: str) -> float | None:
    """Return the seconds that were written; None if it is no number, or none that can be waited."""
    try:
        asked = float(written)
    except ValueError:
        return None
    return asked if SHORTEST_SECONDS <= asked <= LONGEST_SECONDS else None
