"""Offering to the hub what arrived in a folder, and filing the hub's answers.

One round: see whether we are the taker, claim what is complete, then offer each claimed file, oldest first:

    the hub took it     its answer is written to `accepted/`, then the file is moved there
    Refusal             the letter is written to `refused/`, then the file is moved there
    Unavailable         the round ends and everything waits: a later file is not taken before an earlier one
    anything else       this file waits and the others go on; it is logged, and tried again for ever

A file leaves the working folder only after its answer is on disk, so whatever dies at whatever line, it is
offered again; the hub knows a repeat by its content.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from adapters.folder.arrivals import Arrivals, Restless, original_name, read_plain
from adapters.folder.layout import FolderSettings, Layout
from adapters.folder.letter import letter
from hub.adapter import Receive
from hub.durable import write_durably
from hub.errors import Refusal, Unavailable
from hub.model import Accepted, Clock

log = structlog.get_logger()

InThread = Callable[..., Awaitable[Any]]


@dataclass(slots=True)
class Resting:
    """A claimed file that something unplanned happened to, and when to try it again."""

    failures: int
    until: float


class Intake:
    """Takes in what arrives below one address."""

    def __init__(self, layout: Layout, settings: FolderSettings, clock: Clock, in_thread: InThread) -> None:
        self._layout, self._settings, self._clock, self._in_thread = layout, settings, clock, in_thread
        self._arrivals = Arrivals(layout.inbox, layout.working, settings.quiet_seconds)
        self._resting: dict[Path, Resting] = {}

    async def round(self, receive: Receive, renamed: Collection[str] = ()) -> float:
        """Take in everything that is complete; return after how many seconds to look again."""
        lock = await self._in_thread(_try_lock, self._layout.own / "taker")
        if lock is None:
            return self._settings.scan_seconds
        try:
            return await self._take_in(receive, renamed)
        finally:
            os.close(lock)

    async def _take_in(self, receive: Receive, renamed: Collection[str]) -> float:
        now = asyncio.get_running_loop().time()
        more = await self._in_thread(self._arrivals.claim, now, renamed)
        claimed = await self._in_thread(self._arrivals.claimed)
        self._resting = {path: rest for path, rest in self._resting.items() if path in claimed}
        for path in claimed:
            if path not in self._resting or self._resting[path].until <= now:
                more = not await self._offer(path, receive) or more
        return min(
            self._settings.quiet_seconds if more else self._settings.scan_seconds, *self._wake_ups(now)
        )

    def _wake_ups(self, now: float) -> list[float]:
        return [self._settings.scan_seconds, *(max(rest.until - now, 0.0) for rest in self._resting.values())]

    async def _offer(self, path: Path, receive: Receive) -> bool:
        """Offer one claimed file and file the answer; tell whether that is all for now."""
        try:
            await self._ask(path, receive)
        except Restless:
            return False
        except Unavailable:
            raise
        except Exception:
            log.exception("folder.fault", folder=str(self._layout.root), file=path.name)
            self._rest(path)
        return True

    async def _ask(self, path: Path, receive: Receive) -> None:
        try:
            content = await self._in_thread(read_plain, path, self._settings.largest_bytes)
            accepted = await receive(content)
        except Refusal as refusal:
            await self._in_thread(self._file_refused, path, refusal)
            log.info("folder.refused", folder=str(self._layout.root), refusal=refusal.id, code=refusal.code)
        else:
            await self._in_thread(self._file_accepted, path, accepted)
            log.info("folder.accepted", folder=str(self._layout.root), message=accepted.message.id)

    def _rest(self, path: Path) -> None:
        failures = self._resting[path].failures + 1 if path in self._resting else 1
        until = asyncio.get_running_loop().time() + self._settings.pause_seconds(failures)
        self._resting[path] = Resting(failures, until)

    def _file_accepted(self, path: Path, accepted: Accepted) -> None:
        stem = self._layout.accepted / accepted.message.id
        answer = {"file": original_name(path), "at": self._clock().isoformat(), **accepted.as_json()}
        write_durably(stem.with_suffix(".json"), _json(answer))
        path.replace(stem.with_suffix(".edxml"))

    def _file_refused(self, path: Path, refusal: Refusal) -> None:
        name, at = self._free_name(path), self._clock()
        target = self._layout.refused / name
        answer = {
            "file": original_name(path),
            "at": at.isoformat(),
            "error": refusal.as_json(),
            "findings": [finding.as_json() for finding in refusal.findings],
            "refusal": refusal.id,
        }
        write_durably(target.with_name(f"{name}.txt"), letter(refusal, original_name(path), at))
        write_durably(target.with_name(f"{name}.json"), _json(answer))
        path.replace(target)

    def _free_name(self, path: Path) -> str:
        """Return the name that the file came with, or with our number before it if that name is taken."""
        name = original_name(path)
        names = (name, f"{name}.txt", f"{name}.json")
        return path.name if any(os.path.lexists(self._layout.refused / taken) for taken in names) else name


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"


def _try_lock(path: Path) -> int | None:
    """Lock our place as the one that takes in, until the descriptor is closed or the process dies."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
