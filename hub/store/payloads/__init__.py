"""The bytes of packages exactly as received, found by their SHA-256, each kept once, smaller than they came.

Small ones live in the database and are written in the message's own transaction. Large ones become a file of the
payload folder or an object of a bucket, durable before the row that names them: a crash between the two leaves a file
that nobody names, the sender, who was not answered, hands the same bytes in again, and `care.sweep` finds the file.

    coding.py    how they are made smaller, and read again
    folder.py bucket.py    where the large ones are
    spool.py     a package on its way in or out that is not held in memory
    care.py      are all of them still what was received; which files belong to none
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hub.store import retention
from hub.store.payloads import coding
from hub.store.payloads.folder import Folder
from hub.store.payloads.large import LargeStore, damaged
from hub.store.payloads.spool import Spools
from hub.store.prepared import Prepared
from hub.store.tables import payloads
from hub.store.writer import Transaction
from schemas.spooled import Package, Spooled, size_of

if TYPE_CHECKING:
    from hub.config import Config

_GET = Prepared(
    sa.select(payloads.c.size, payloads.c.content, payloads.c.encoding).where(
        payloads.c.sha256 == sa.bindparam("sha256")
    )
)


@dataclass(frozen=True, slots=True)
class Payload:
    """A package on its way into the store. `content` is None when it is durable elsewhere already."""

    sha256: str
    size: int  # of the package, octets
    content: bytes | None  # as the row has it: see `encoding`
    encoding: str | None = None
    compress: bool = True  # what is found about it too


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A package that is not in the database: `Payloads.open` brings it."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Payloads:
    """Where packages are kept: up to `inline_bytes` in the database, larger ones in `large`.

    Those above `memory_bytes` are never read whole.
    """

    large: LargeStore
    spools: Spools
    inline_bytes: int
    memory_bytes: int
    compress: bool = True

    @classmethod
    def of(cls, config: Config) -> Payloads:
        """Return the store that the settings describe. Raises `Misconfigured`."""
        storage = config.storage
        here = config.path(storage.payloads)
        spools = Spools(here)
        large: LargeStore = Folder(here, compress=storage.compress)
        if storage.bucket:
            from hub.store.payloads.bucket import Bucket  # its library is loaded by those who have a bucket

            large = Bucket.of(storage, spools, before=Folder(here))
        return cls(large, spools, storage.inline_bytes, storage.memory_bytes, storage.compress)

    def put(self, package: Package, sha256: str) -> Payload:
        """Make a package ready for its row. Blocks on the disk when it is a large one; raises `Unavailable`."""
        if isinstance(package, bytes) and len(package) <= self.inline_bytes:
            content, encoding = coding.encoded(package) if self.compress else (package, None)
            return Payload(sha256, len(package), content, encoding, self.compress)
        self.large.put(package, sha256)
        return Payload(sha256, size_of(package), None, compress=self.compress)

    def look(self, connection: sa.Connection, sha256: str) -> bytes | Elsewhere:
        """Return a package that is in the database, or where to ask for it.

        Raises `Fault` as `get` does, and `Removed` when its time was over.
        """
        row = _GET.first(connection, {"sha256": sha256})
        if row is None:
            removal = retention.of(connection, sha256)
            raise retention.Removed(removal) if removal else damaged(sha256, "-")
        if row.content is None:
            return Elsewhere(sha256, row.size)
        return _checked(coding.decoded(bytes(row.content), row.encoding, row.size), sha256)

    def open(self, found: bytes | Elsewhere) -> Package:
        """Return a package, its digest checked, in memory or not as its size asks for. Blocks.

        Raises `Fault` if it is gone or not what was received, and `Unavailable` when the store does not answer.
        """
        if isinstance(found, bytes):
            return found
        if found.size > self.memory_bytes:
            return self.large.spooled(found.sha256, found.size)
        try:
            with self.large.opened(found.sha256) as stream:
                return _checked(stream.read(found.size + 1), found.sha256)
        except OSError as error:
            raise damaged(found.sha256, str(error.strerror or error)) from error

    async def opened(self, found: bytes | Elsewhere) -> Package:
        """Return a package as `open` does; one that is elsewhere is fetched on a thread."""
        return found if isinstance(found, bytes) else await asyncio.to_thread(self.open, found)

    def get(self, connection: sa.Connection, sha256: str) -> bytes:
        """Return all bytes of a package. Raises `Fault` if they are gone or are not what was received."""
        package = self.open(self.look(connection, sha256))
        return package.read() if isinstance(package, Spooled) else package

    def check(self, connection: sa.Connection, sha256: str) -> None:
        """Read a package to its end. Raises `Fault` if it is gone or is not what was received."""
        found = self.look(connection, sha256)
        if isinstance(found, Elsewhere):
            self.large.check(found.sha256, found.size)


def keep(tx: Transaction, payload: Payload) -> None:
    """Write the row of a package."""
    tx.insert(
        payloads,
        {
            "sha256": payload.sha256,
            "size": payload.size,
            "content": payload.content,
            "encoding": payload.encoding,
            "stored_at": tx.now,
        },
    )


def _checked(content: bytes | None, sha256: str) -> bytes:
    if content is None or hashlib.sha256(content).hexdigest() != sha256:
        raise damaged(sha256, "SHA-256")
    return content
