"""`hash-file`, and the package inside the body of a sendEdoc.

The SDK writes the SHA-256 of the file as hex in which each byte below 0x10 has one digit, so the text may be shorter
than 64 characters; and it appends CR LF to the file, which the hash does not cover. Packages end in CR LF of their own,
so the hash alone says whether to cut.
"""

from __future__ import annotations

import hashlib

from hub.errors import Corrupted
from schemas.findings import shortened

ENDING = b"\r\n"


def short_hex(digest: bytes) -> str:
    """Return a digest as the SDK writes it."""
    return "".join(f"{byte:x}" for byte in digest)


def package_in(body: bytes, claimed: str) -> bytes:
    """Return the package in a body: all of it, or all but one CR LF. Raises `Corrupted` if neither has the hash.

    Both the SDK's short hex and common hex are understood. A body without a hash is not protected by the signature, and
    is not taken.
    """
    wanted = claimed.strip().lower()
    sha256 = hashlib.sha256(memoryview(body)[: -len(ENDING)])
    trimmed = sha256.digest()
    sha256.update(body[-len(ENDING) :])
    whole = sha256.digest()
    if wanted in (short_hex(whole), whole.hex()):
        return body
    if body.endswith(ENDING) and wanted in (short_hex(trimmed), trimmed.hex()):
        return body[: -len(ENDING)]
    raise Corrupted(shortened(wanted) or "-", whole.hex())
