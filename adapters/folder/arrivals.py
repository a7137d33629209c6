"""Files that others drop into a folder: when one is complete, claiming it, and reading it safely.

A file is complete when its name does not say otherwise (".tmp", ".part", a leading ".") and

* it was renamed to its name: an unfinished name went as this one came, or its last write lies well before the
  last change of its name; or
* its size and its time of writing stay the same for a while.

It is claimed by renaming it into our own working folder, so that of two hubs only one gets it. What lies
there was claimed and not finished: it is offered, again if need be.

Links, folders, pipes and devices are never read. Only the last part of a stranger's name is kept, in
letters, digits and plain signs. Blocking: a coroutine calls these through `asyncio.to_thread`.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from hub.errors import Refusal, TooLarge
from schemas.text import Text

UNFINISHED = (".tmp", ".part")
LONGEST_NAME_BYTES = 150  # of the 255 that file systems take: the rest is for what we put before and after


class NotAFile(Refusal):
    """A link, a folder, a pipe or a device. Drop the package itself instead."""

    code = "file.not-plain"

    def __init__(self) -> None:
        super().__init__(
            Text(
                vi="Không phải tệp thông thường (là liên kết, thư mục hoặc thiết bị) nên trục không mở",
                en="Not a plain file (a link, a folder or a device), so the hub does not open it",
            )
        )


class Unreadable(Refusal):
    """The hub may move the file but not read it. Give the hub's user the right to read, and drop it again."""

    code = "file.unreadable"

    def __init__(self) -> None:
        super().__init__(
            Text(
                vi="Trục không có quyền đọc tệp này; hãy cấp quyền đọc cho tài khoản chạy trục",
                en="The hub may not read this file; let the user that the hub runs as read it",
            )
        )


class Restless(Exception):
    """The file was written to while it was read. Look again later."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen of a file: the same sight twice means that nobody wrote in between."""

    inode: int
    size: int
    written: int  # mtime, nanoseconds
    changed: int  # ctime, nanoseconds: the last write, or the last change of name, owner or times

    @classmethod
    def of(cls, status: os.stat_result) -> Sight:
        """Return the sight of a file."""
        return cls(status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


@dataclass(slots=True)
class Arrivals:
    """The folder that others write to, and the one where we keep what we claimed."""

    inbox: Path
    working: Path
    quiet_seconds: float
    seen: dict[str, tuple[Sight, float]] = field(default_factory=dict)

    def claim(self, now: float, renamed: Collection[str] = ()) -> bool:
        """Claim every complete file, oldest first; tell whether others may be complete soon.

        `now` is any clock that runs evenly; `renamed` are names that are known to have come by renaming.
        """
        self.seen = {name: (sight, self._since(name, sight, now)) for name, sight in self._finished()}
        complete = [
            (sight.written, name)
            for name, (sight, since) in self.seen.items()
            if name in renamed or self._moved_in(sight) or now - since >= self.quiet_seconds
        ]
        for _, name in sorted(complete):
            self._take(name)
        return bool(self.seen)

    def claimed(self) -> list[Path]:
        """Return what is claimed and not finished, oldest first."""
        return [
            self.working / name for _, name in sorted((s.st_mtime_ns, n) for n, s in _listed(self.working))
        ]

    def _finished(self) -> Iterator[tuple[str, Sight]]:
        for name, status in _listed(self.inbox):
            if is_finished(name) and stat.S_ISREG(status.st_mode):
                yield name, Sight.of(status)

    def _since(self, name: str, sight: Sight, now: float) -> float:
        before = self.seen.get(name)
        return before[1] if before and before[0] == sight else now

    def _moved_in(self, sight: Sight) -> bool:
        return sight.changed - sight.written >= self.quiet_seconds * 1e9

    def _take(self, name: str) -> None:
        self.seen.pop(name)
        with suppress(FileNotFoundError):  # another hub was faster, or the agency thought better of it
            (self.inbox / name).rename(self.working / f"{secrets.token_hex(8)}-{plain_name(name)}")


def is_finished(name: str) -> bool:
    """Tell whether a name does not say "still being written"."""
    return not name.startswith(".") and not name.lower().endswith(UNFINISHED)


def renamed_names(gone: Collection[str], come: Collection[str]) -> set[str]:
    """Return those that came as their unfinished name went: "a.xml" for "a.xml.tmp" or ".a.xml.part"."""
    written = {name.lstrip(".") for name in gone if not is_finished(name)}
    return {name for name in come if any(name + end in written for end in ("", *UNFINISHED))}


def plain_name(name: str) -> str:
    """Return a name that is safe in any folder: one part, printable, not hidden, not too long."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(char if char.isalnum() or char in "._- ()" else "_" for char in last)
    return kept.encode()[-LONGEST_NAME_BYTES:].decode(errors="ignore").strip(". ") or "package"


def original_name(claimed: Path) -> str:
    """Return the name that a claimed file came with, as far as it was kept."""
    return claimed.name.partition("-")[2] or claimed.name


def read_plain(path: Path, largest_bytes: int) -> bytes:
    """Read a file that nobody writes to. Raises `NotAFile`, `Unreadable`, `TooLarge` or `Restless`."""
    descriptor = _open_plain(path)
    with os.fdopen(descriptor, "rb") as file:
        before = Sight.of(os.fstat(descriptor))
        if before.size > largest_bytes:
            raise TooLarge(largest_bytes)
        content = file.read(before.size + 1)
        if len(content) != before.size or Sight.of(os.fstat(descriptor)) != before:
            raise Restless
        return content


def _open_plain(path: Path) -> int:
    try:
        # O_NONBLOCK: opening a pipe that nobody writes to must not wait.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except PermissionError as error:
        raise Unreadable from error
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENXIO}:  # a link; a device or socket
            raise NotAFile from error
        raise
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise NotAFile


def _listed(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                yield entry.name, entry.stat(follow_symlinks=False)
