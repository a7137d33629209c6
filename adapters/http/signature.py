"""How a push proves that it comes from this hub: an HMAC over the time, the delivery's id and the bytes.

    Edochub-Signature: t=<seconds since 1970>,v1=<hex HMAC-SHA256(secret, "<t>.<delivery id>." + body)>

The time is signed so that a recorded push cannot be played back next week; the delivery's id, so that one document
cannot be passed off as another delivery. `verified` is the receiving side's check, for receivers in Python and for our
own tests.
"""

from __future__ import annotations

import hashlib
import hmac
import re

HEADER = "Edochub-Signature"
TOLERANCE_SECONDS = 300

FORM = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})", re.ASCII)


def signed(secret: str, delivery: str, content: bytes, at: int) -> str:
    """Return the header's value."""
    return f"t={at},v1={_mac(secret, delivery, content, at)}"


def verified(
    header: str,
    secret: str,
    delivery: str,
    content: bytes,
    *,
    now: float,
    tolerance: float = TOLERANCE_SECONDS,
) -> bool:
    """Tell whether a push is the hub's, and recent."""
    form = FORM.fullmatch(header)
    if form is None:
        return False
    at = int(form[1])
    fresh = abs(now - at) <= tolerance
    return hmac.compare_digest(form[2], _mac(secret, delivery, content, at)) and fresh


def _mac(secret: str, delivery: str, content: bytes, at: int) -> str:
    mac = hmac.new(secret.encode(), f"{at}.{delivery}.".encode(), hashlib.sha256)
    mac.update(content)
    return mac.hexdigest()
