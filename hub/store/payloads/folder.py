"""Large packages as files: `ab/cd/abcd….zst` in the payload folder, or without `.zst` as older versions wrote them.

Every `put` writes the file anew and renames it into place, also when one is there: so it is whole whatever happened to
the other, and its date says that somebody is about to name it. `remove` goes by that date, and holds a lock that `put`
holds while it renames: no file can be renewed between the look at its date and its removal.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from hub.durable import sync_folder, write_durably
from hub.errors import Unavailable
from hub.store.payloads import coding
from hub.store.payloads.large import Held, cannot_read, cannot_write, check_stream, damaged
from schemas.spooled import Package, Spooled

SUFFIX = ".zst"
LOCK = ".lock"
NAME = re.compile(r"([0-9a-f]{64})(\.zst)?")
UNFINISHED = re.compile(r"\..*\.tmp")
# The store is there and has no such file, or a damaged one; anything else may heal.
GONE = (FileNotFoundError, IsADirectoryError)


@dataclass(frozen=True, slots=True)
class Folder:
    """The payload folder, on this machine or shared by the nodes."""

    folder: Path
    compress: bool = True

    def put(self, package: Package, sha256: str) -> None:
        """Write the file, and make it and every folder on the way to it durable. Raises `Unavailable`."""
        path = self.path(sha256) if self.compress else self.path(sha256).with_suffix("")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            pieces = coding.pieces(package) if self.compress else coding.as_it_came(package)
            write_durably(path, pieces, while_renaming=self._locked(fcntl.LOCK_SH))
            # Whoever made these folders may not have come so far, and we must not answer before.
            for folder in (path.parent.parent, self.folder, self.folder.parent):
                sync_folder(folder)
        except OSError as error:
            raise cannot_write(str(error.strerror or error)) from error

    def opened(self, sha256: str) -> BinaryIO:
        """Open a package. Raises `Fault` if there is no such file, and `Unavailable`."""
        path = self.path(sha256)
        try:
            with suppress(FileNotFoundError):
                return coding.reading(path.open("rb"))
            return path.with_suffix("").open("rb")
        except GONE as error:
            raise damaged(sha256, str(error.strerror)) from error
        except OSError as error:
            raise cannot_read(str(error.strerror or error)) from error

    def spooled(self, sha256: str, size: int) -> Spooled:
        """Read the file once to check it; it is read again by whoever sends it."""
        self.check(sha256, size)
        return Spooled(size, sha256, partial(self.opened, sha256))

    def check(self, sha256: str, size: int) -> None:
        """Read the file to its end."""
        check_stream(self.opened(sha256), sha256, size)

    def held(self) -> Iterator[Held]:
        """Yield every file, also those that were never finished."""
        for parent, _, names in os.walk(self.folder, onerror=_unreadable):
            for name in sorted(names):
                known = NAME.fullmatch(name)
                if known is None and not UNFINISHED.fullmatch(name):
                    continue  # not ours
                with suppress(FileNotFoundError):
                    path = Path(parent, name)
                    found = path.stat()
                    changed_at = datetime.fromtimestamp(found.st_mtime, UTC)
                    relative = str(path.relative_to(self.folder))
                    yield Held(relative, known[1] if known else None, found.st_size, changed_at)

    def find(self, sha256: str) -> Iterator[Held]:
        """Yield the files of one package: compressed, or as it came."""
        for path in (self.path(sha256), self.path(sha256).with_suffix("")):
            try:
                found = path.stat()
            except FileNotFoundError:
                continue
            except OSError as error:
                raise _as_unavailable(error) from error
            changed_at = datetime.fromtimestamp(found.st_mtime, UTC)
            yield Held(str(path.relative_to(self.folder)), sha256, found.st_size, changed_at)

    def remove(self, held: Held, before: datetime) -> bool:
        """Remove a file, unless it was written anew since it was looked at."""
        path = self.folder / held.name
        try:
            with self._locked(fcntl.LOCK_EX):
                if path.stat().st_mtime >= before.timestamp():
                    return False
                path.unlink()
        except FileNotFoundError:
            return True
        except OSError as error:
            raise cannot_write(str(error.strerror or error)) from error
        return True

    def path(self, sha256: str) -> Path:
        """Return the file of a package."""
        return self.folder / sha256[:2] / sha256[2:4] / (sha256 + SUFFIX)

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(self.folder / LOCK, flags, 0o600)
        try:
            fcntl.flock(descriptor, how)  # goes by itself when the process does
            yield
        finally:
            os.close(descriptor)


def _unreadable(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise _as_unavailable(error) from error


def _as_unavailable(error: OSError) -> Unavailable:
    return cannot_read(str(error.strerror or error))
