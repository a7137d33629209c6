"""How something that the hub posts proves that it comes from this hub: an HMAC over the time, an id and the bytes.

    Edochub-Signature: t=<seconds since 1970>,v1=<hex HMAC-SHA256(secret, "<t>.<id>." + body)>

The id is the delivery's, or that of a bundle of alerts. The time is signed so that a recorded push cannot be played
back next week; the id, so that one document cannot be passed off as another delivery. `verified` is the receiving
side's check, for receivers in Python and for our own tests.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from schemas.spooled import Package

HEADER = "Edochub-Signature"
TOLERANCE_SECONDS = 300

FORM = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})", re.ASCII)


def signed(secret: str, delivery: str, content: Package, at: int) -> str:
    """Return the header's value."""
    return f"t={at},v1={_mac(secret, delivery, content, at)}"


def verified(
    header: str,
    secret: str,
    delivery: str,
    content: Package,
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


def _mac(secret: str, delivery: str, content: Package, at: int) -> str:
    mac = hmac.new(secret.encode(), f"{at}.{delivery}.".encode(), hashlib.sha256)
    for piece in [content] if isinstance(content, bytes) else content.pieces():
        mac.update(piece)
    return mac.hexdigest()
