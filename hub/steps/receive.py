"""receive: raw bytes, and the endpoint that handed them in, become `Received`.

Nothing is durable and nothing is known of the content yet. Raises `TooLarge` and `Corrupted`.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from hub.errors import Corrupted, TooLarge
from hub.model import Endpoint, Received


def receive(
    endpoint: Endpoint, content: bytes, claimed_sha256: str | None, *, limit_bytes: int, at: datetime
) -> Received:
    """Take the bytes of a package, if they are as many as allowed and those that the sender says it sent."""
    if len(content) > limit_bytes:
        raise TooLarge(limit_bytes)
    sha256 = hashlib.sha256(content).hexdigest()
    if claimed_sha256 is not None and claimed_sha256.lower() != sha256:
        raise Corrupted(claimed_sha256.lower(), sha256)
    return Received(endpoint=endpoint, content=content, sha256=sha256, at=at)
