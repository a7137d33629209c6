"""The bytes of packages exactly as received, found by their SHA-256, each kept once.

Small ones live in the database and are written in the message's own transaction. Large ones become a file of the
payload folder, durable before the row that names them: a crash between the two leaves a file that nobody names, and
the sender, who was not answered, hands the same bytes in again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hub.durable import sync_folder, write_durably
from hub.errors import Fault, Unavailable
from hub.store.tables import payloads
from hub.store.writer import Transaction
from schemas.text import Text

_GET = sa.select(payloads.c.content).where(payloads.c.sha256 == sa.bindparam("sha256"))


@dataclass(frozen=True, slots=True)
class Payload:
    """A package on its way into the store. `content` is None when the file is written already."""

    sha256: str
    size: int
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Payloads:
    """Where packages are kept: up to `inline_bytes` in the database, larger ones in the folder."""

    folder: Path
    inline_bytes: int

    def put(self, content: bytes, sha256: str) -> Payload:
        """Make a package ready for its row. Blocks on the disk when it is a large one; raises `Unavailable`."""
        if len(content) <= self.inline_bytes:
            return Payload(sha256, len(content), content)
        path = self.path(sha256)
        try:
            if not (path.exists() and path.stat().st_size == len(content)):
                path.parent.mkdir(parents=True, exist_ok=True)
                write_durably(path, content)
            # Also when the file was there: whoever wrote it may not have come so far, and we must not answer before.
            for folder in (path.parent, path.parent.parent, self.folder, self.folder.parent):
                sync_folder(folder)
        except OSError as error:
            raise Unavailable(
                Text(
                    vi=f"Không ghi được gói tin vào kho lưu: {error.strerror or error}",
                    en=f"The package cannot be written to the payload store: {error.strerror or error}",
                ),
                retry_after=10.0,
            ) from error
        return Payload(sha256, len(content), None)

    def get(self, connection: sa.Connection, sha256: str) -> bytes:
        """Return the bytes of a package. Raises `Fault` if they are gone or are not what was received."""
        row = connection.execute(_GET, {"sha256": sha256}).first()
        if row is not None and row.content is not None:
            content = bytes(row.content)
        else:
            try:
                content = self.path(sha256).read_bytes()
            except OSError as error:
                raise self._damaged(sha256, str(error.strerror or error)) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise self._damaged(sha256, "SHA-256")
        return content

    def path(self, sha256: str) -> Path:
        """Return the file of a large package."""
        return self.folder / sha256[:2] / sha256[2:4] / sha256

    @staticmethod
    def _damaged(sha256: str, detail: str) -> Fault:
        return Fault(
            Text(
                vi=f"Gói tin {sha256} trong kho lưu bị mất hoặc bị thay đổi ({detail})",
                en=f"The stored package {sha256} is missing or was changed ({detail})",
            )
        )


def keep(tx: Transaction, payload: Payload) -> None:
    """Write the row of a package."""
    tx.insert(
        payloads,
        {"sha256": payload.sha256, "size": payload.size, "content": payload.content, "stored_at": tx.now},
    )


def stored(connection: sa.Connection) -> list[Any]:
    """Return (sha256, size, whether in the database) of every package, for a check of them all."""
    inside = payloads.c.content.is_not(None).label("inside")
    return list(connection.execute(sa.select(payloads.c.sha256, payloads.c.size, inside)))
