"""receive: raw bytes, and the endpoint that handed them in, become `Received`.

Nothing is durable and nothing is known of the content yet. Raises `TooLarge` and `Corrupted`.
"""

from __future__ import annotations

from datetime import datetime

from hub.errors import Corrupted, TooLarge
from hub.hops import Hops
from hub.metrics import timed
from hub.model import Endpoint, Received
from schemas.spooled import Package, digest_of, size_of


@timed("receive")
def receive(
    endpoint: Endpoint,
    content: Package,
    claimed_sha256: str | None,
    *,
    limit_bytes: int,
    at: datetime,
    hops: Hops = (),
) -> Received:
    """Take the bytes of a package, if they are as many as allowed and those that the sender says it sent."""
    if size_of(content) > limit_bytes:
        raise TooLarge(limit_bytes)
    sha256 = digest_of(content)
    if claimed_sha256 is not None and claimed_sha256.lower() != sha256:
        raise Corrupted(claimed_sha256.lower(), sha256)
    return Received(endpoint=endpoint, content=content, sha256=sha256, at=at, hops=hops)
