"""Handing a file over into a folder once, although the taker deletes it and the power may go at any line.

The taker's folder alone cannot tell "not yet handed over" from "handed over and taken". So a journal beside
it does, one file for each name, locked while we work on it:

1. the journal file is opened and locked: two threads, or two hubs, never work on one name at the same time;
2. without the mark in it: the content is written to `ready/` and made durable, then the mark, and that too;
3. if the content is still in `ready/`, it is renamed into the taker's folder; if not, that was done already;
4. both folders are synced, also when the rename was done before: that call may not have come so far.

However far an earlier call came, the next one finds one of three things:

    no mark, or half of one     nothing was handed over: start anew, whatever lies in `ready/`
    mark, and the file ready    it was not handed over: rename it now
    mark, and no file ready     it was handed over: nothing to do, whether or not the taker took it

What remains: if the power goes between the rename and the sync, a taker that had taken the file within these
milliseconds sees the same name once more. All the folders are on one file system.

Blocking: a coroutine calls these through `asyncio.to_thread`.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from hub.durable import sync_folder, write_durably
from schemas.spooled import Package

MARK = b"ready\n"


@dataclass(frozen=True, slots=True)
class Handover:
    """The folders of one handing over: ours, and the one that the taker reads."""

    ready: Path
    journal: Path
    outbox: Path

    def hand_over(self, name: str, content: Package) -> None:
        """Put `content` into the outbox under `name`, if no earlier call did. After `OSError`, call again."""
        ready = self.ready / name
        with _locked(self.journal / name) as mark:
            if os.pread(mark, len(MARK) + 1, 0) != MARK:
                write_durably(ready, content if isinstance(content, bytes) else content.pieces())
                _write(mark, MARK)
            os.fsync(mark)
            sync_folder(self.journal)
            if os.path.lexists(ready):
                os.replace(ready, self.outbox / name)  # noqa: PTH105
            sync_folder(self.outbox)
            sync_folder(self.ready)

    def prune(self, before: float) -> int:
        """Forget what was last touched before that time and needs no remembering; return how many files went.

        A mark whose content is still ready is kept: without the content it would say "handed over".
        """
        marks = [mark for mark in _older(self.journal, before) if not os.path.lexists(self.ready / mark.name)]
        unmarked = [
            ready for ready in _older(self.ready, before) if not os.path.lexists(self.journal / ready.name)
        ]
        for path in (*marks, *unmarked):
            path.unlink(missing_ok=True)
        return len(marks) + len(unmarked)


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # goes by itself when the process does
        yield descriptor
    finally:
        os.close(descriptor)


def _write(descriptor: int, content: bytes) -> None:
    os.ftruncate(descriptor, 0)
    if os.pwrite(descriptor, content, 0) != len(content):
        raise OSError(f"wrote only a part of {len(content)} bytes")


def _older(folder: Path, before: float) -> Iterator[Path]:
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            if path.lstat().st_mtime < before:
                yield path
