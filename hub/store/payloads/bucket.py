"""Large packages as objects of an S3-compatible bucket: `prefix/ab/cd/abcd….zst`.

A package is fetched once to a file without a name, where its digest is checked; what is sent is that file. Credentials
and region come from where the library looks: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, or the machine's
role. What a hub wrote to its folder before it had a bucket is still read from there.

`remove` looks at the object's date right before it removes it; a bucket has no lock that would do better. An upload
that was cut off leaves parts that only the bucket's own life-cycle rule removes (docs/payloads.md).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO, cast

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from hub.errors import Fault, Misconfigured
from hub.store.payloads import coding
from hub.store.payloads.folder import NAME, SUFFIX, Folder
from hub.store.payloads.large import Held, cannot_read, cannot_write, check_stream, damaged
from hub.store.payloads.spool import Spools
from schemas.spooled import PIECE_BYTES, Package, Spooled
from schemas.text import Text

if TYPE_CHECKING:
    from obstore.store import S3Config

    from hub.config import StorageSettings

PART_BYTES = 5 * 1024 * 1024  # the smallest that S3 takes
PARTS_AT_ONCE = 2
FETCH_BYTES = 4 * 1024 * 1024  # asked for at a time
ANSWER_WITHIN = timedelta(seconds=30)
RETRY_WITHIN = timedelta(seconds=20)
RETRIES = 2


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket, or a part of it."""

    objects: S3Store
    spools: Spools
    before: Folder

    @classmethod
    def of(cls, settings: StorageSettings, spools: Spools, before: Folder) -> Bucket:
        """Return the bucket that the settings name; nothing is asked of it yet. Raises `Misconfigured`."""
        address: S3Config = {"endpoint": settings.bucket_endpoint} if settings.bucket_endpoint else {}
        try:
            objects = S3Store.from_url(
                settings.bucket,
                config=address,
                client_options={"allow_http": bool(address), "timeout": ANSWER_WITHIN},
                retry_config={"max_retries": RETRIES, "retry_timeout": RETRY_WITHIN},
            )
        except (BaseError, ValueError) as error:
            raise Misconfigured(
                Text(
                    vi=f"storage.bucket: cần dạng s3://tên/tiền_tố, nhưng gặp {settings.bucket!r}: {error}",
                    en=f"storage.bucket: expected s3://name/prefix, got {settings.bucket!r}: {error}",
                )
            ) from error
        return cls(objects, spools, before)

    def put(self, package: Package, sha256: str) -> None:
        """Make it smaller in a file without a name, and upload that. Whole or not at all; raises `Unavailable`."""
        spool = self.spools.new()
        try:
            spool.write(coding.pieces(package))
            with spool.opened() as stream:
                obstore.put(
                    self.objects, _key(sha256), stream, chunk_size=PART_BYTES, max_concurrency=PARTS_AT_ONCE
                )
        except (BaseError, OSError) as error:
            raise cannot_write(_said(error)) from error
        finally:
            spool.close()

    def opened(self, sha256: str) -> BinaryIO:
        """Open a package."""
        try:
            return coding.reading(_fetching(self.objects, _key(sha256)))
        except (NotFoundError, FileNotFoundError):
            return self.before.opened(sha256)
        except (BaseError, OSError) as error:
            raise cannot_read(_said(error)) from error

    def spooled(self, sha256: str, size: int) -> Spooled:
        """Fetch a package to a file without a name, and check it."""
        spool = self.spools.new()
        with _answering(sha256), self.opened(sha256) as stream:
            while spool.size <= size and (piece := stream.read(PIECE_BYTES)):
                spool.write([piece])
        found = spool.package()
        if found.sha256 != sha256:
            raise damaged(sha256, "SHA-256")
        return found

    def check(self, sha256: str, size: int) -> None:
        """Read an object to its end."""
        with _answering(sha256):
            check_stream(self.opened(sha256), sha256, size)

    def held(self) -> Iterator[Held]:
        """Yield every object, and what lies in the folder."""
        yield from self.before.held()
        try:
            for batch in obstore.list(self.objects):
                for found in batch:
                    known = NAME.fullmatch(found["path"].rpartition("/")[2])
                    if known is not None:
                        yield Held(found["path"], known[1], found["size"], found["last_modified"])
        except (BaseError, OSError) as error:
            raise cannot_read(_said(error)) from error

    def find(self, sha256: str) -> Iterator[Held]:
        """Yield the object of one package, and its files in the folder."""
        yield from self.before.find(sha256)
        name = f"{sha256[:2]}/{sha256[2:4]}/{sha256}{SUFFIX}"
        try:
            found = obstore.head(self.objects, name)
        except (NotFoundError, FileNotFoundError):
            return
        except (BaseError, OSError) as error:
            raise cannot_read(_said(error)) from error
        yield Held(name, sha256, found["size"], found["last_modified"])

    def remove(self, held: Held, before: datetime) -> bool:
        """Remove an object, or a file, unless it was written anew since it was looked at."""
        if held.sha256 is None or (self.before.folder / held.name).exists():
            return self.before.remove(held, before)
        try:
            if obstore.head(self.objects, held.name)["last_modified"] >= before:
                return False
            obstore.delete(self.objects, held.name)
        except (NotFoundError, FileNotFoundError):
            return True
        except (BaseError, OSError) as error:
            raise cannot_write(_said(error)) from error
        return True


@contextmanager
def _answering(sha256: str) -> Iterator[None]:
    """Tell a store that stopped answering from an object that cannot be decoded."""
    try:
        yield
    except _NoAnswer as error:
        raise cannot_read(str(error)) from error
    except Fault as error:
        if isinstance(error.__cause__, _NoAnswer):
            raise cannot_read(str(error.__cause__)) from error
        raise
    except OSError as error:
        raise damaged(sha256, str(error)) from error


class _NoAnswer(OSError):
    """The store stopped answering in the middle of an object."""


class _Fetched(io.RawIOBase):
    """An object as a file that is read from the beginning to the end."""

    def __init__(self, source: obstore.ReadableFile) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        try:
            found = bytes(self._source.read(len(buffer)))
        except (BaseError, OSError) as error:
            raise _NoAnswer(_said(error)) from error
        buffer[: len(found)] = found
        return len(found)


def _fetching(objects: S3Store, key: str) -> BinaryIO:
    source = obstore.open_reader(objects, key, buffer_size=FETCH_BYTES)
    return cast(BinaryIO, io.BufferedReader(_Fetched(source), PIECE_BYTES))


def _key(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}{SUFFIX}"


def _said(error: Exception) -> str:
    return str(error).split("\n", 1)[0][:300] or type(error).__name__
