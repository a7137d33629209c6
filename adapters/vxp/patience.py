"""How one edochub asks another to answer an empty list only when something has come: `Prefer: wait` of RFC 7240.

Between two that know it nothing is asked in vain, and what comes is fetched at once. Any other axis ignores the header
and answers without `Preference-Applied`; then it is asked as often as the address says.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

PREFER, APPLIED = "Prefer", "Preference-Applied"
WAIT_SECONDS = 20.0  # less than the client's limit for a read, and than what proxies wait


def wish(seconds: float) -> dict[str, str]:
    """Return the headers that ask for it; none for no seconds."""
    return {PREFER: f"wait={seconds:g}"} if seconds > 0 else {}


def asked(headers: Mapping[str, str]) -> float:
    """Return the seconds that a request asks for; 0 when it does not, or not readably."""
    for preference in headers.get(PREFER, "").split(","):
        name, _, value = preference.partition("=")
        if name.strip().lower() == "wait":
            try:
                seconds = float(value)
            except ValueError:
                return 0.0
            return seconds if math.isfinite(seconds) and seconds > 0 else 0.0
    return 0.0


def applied(seconds: float) -> dict[str, str]:
    """Return the headers of a reply that has waited, or would have; none for no seconds."""
    return {APPLIED.lower(): f"wait={seconds:g}"} if seconds > 0 else {}
