"""What a store of large packages does, and how it says that it cannot."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

from hub.errors import Fault, Unavailable
from schemas.spooled import PIECE_BYTES, Package, Spooled
from schemas.text import Text

AGAIN_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Held:
    """A file or object of the store. `sha256` is None for one that was never finished."""

    name: str
    sha256: str | None
    size: int  # octets, as it is kept
    changed_at: datetime


class LargeStore(Protocol):
    """Packages by their SHA-256, outside of the database. Everything blocks, and may be called from any thread."""

    def put(self, package: Package, sha256: str) -> None:
        """Keep a package; durable, and dated today, when it returns. Raises `Unavailable`."""

    def opened(self, sha256: str) -> BinaryIO:
        """Open a package at its first octet. Raises `Fault` if it is not here, and `Unavailable`."""

    def spooled(self, sha256: str, size: int) -> Spooled:
        """Return a package that is not read into memory, its digest checked. Raises `Fault` and `Unavailable`."""

    def check(self, sha256: str, size: int) -> None:
        """Read a package to its end. Raises `Fault` if it is not here or not what was received, and `Unavailable`."""

    def held(self) -> Iterator[Held]:
        """Yield everything that lies in the store. Raises `Unavailable`."""

    def find(self, sha256: str) -> Iterator[Held]:
        """Yield what lies in the store of one package, in whatever form. Raises `Unavailable`."""

    def remove(self, held: Held, before: datetime) -> bool:
        """Remove something, unless it was written since `before`; tell whether it is gone. Raises `Unavailable`."""


def check_stream(stream: BinaryIO, sha256: str, size: int) -> None:
    """Read a package to its end and close it. Raises `Fault` if it is not what was received."""
    found, left = hashlib.sha256(), size
    try:
        with stream:
            while left >= 0 and (piece := stream.read(PIECE_BYTES)):
                found.update(piece)
                left -= len(piece)
    except OSError as error:
        raise damaged(sha256, str(error.strerror or error)) from error
    if left != 0 or found.hexdigest() != sha256:
        raise damaged(sha256, "SHA-256")


def damaged(sha256: str, detail: str) -> Fault:
    """Return the error for a package that is gone or changed."""
    return Fault(
        Text(
            vi=f"Gói tin {sha256} trong kho lưu bị mất hoặc bị thay đổi ({detail})",
            en=f"The stored package {sha256} is missing or was changed ({detail})",
        )
    )


def cannot_write(detail: str) -> Unavailable:
    """Return the error for a store that takes nothing: a full disk, most often."""
    return Unavailable(
        Text(
            vi=f"Không ghi được gói tin vào kho lưu: {detail}",
            en=f"The package cannot be written to the payload store: {detail}",
        ),
        retry_after=AGAIN_SECONDS,
    )


def cannot_read(detail: str) -> Unavailable:
    """Return the error for a store that does not answer."""
    return Unavailable(
        Text(
            vi=f"Kho lưu gói tin không trả lời: {detail}",
            en=f"The payload store does not answer: {detail}",
        ),
        retry_after=AGAIN_SECONDS,
    )
