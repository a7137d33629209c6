"""A digest as the header `Content-Digest` writes it."""

from __future__ import annotations

import base64


def content_digest(sha256: str) -> str:
    """Return the header's value for a SHA-256 in hex (RFC 9530, 2)."""
    return f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"
