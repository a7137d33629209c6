"""Picking packages up from a folder of the server: when one is complete, claiming it, and filing the hub's answers.

A file is complete when its name does not say otherwise (".tmp", ".part", a leading ".") and it was seen to come by
renaming (its unfinished name was there at the look before), or its size and time stay the same for a while. It is then
renamed into `.edochub/`, which nobody else writes to: what is moved away later is the very file that was read, although
the agency has dropped another one under the same name meanwhile.

    the hub took it     the answer is written to `done/`, then the file is moved there; or it is deleted
    Refusal             the letter is written to `refused/`, then the file is moved there
    Unavailable         the round ends and everything waits: a later file is not taken before an earlier one
    anything else       this file waits, longer each time, and the others go on

Whatever dies at whatever line, a file in `.edochub/` is offered again; the hub knows a repeat by its content. Several
hubs may look into one folder: each file is claimed by one of them, and offering a claimed one twice does no harm.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import structlog

from adapters.folder.arrivals import is_finished, plain_name, renamed_names
from adapters.folder.letter import letter
from adapters.sftp.address import Address, below
from adapters.sftp.line import Line, Restless, Sight
from adapters.sftp.words import Troubled
from hub.adapter import Receive
from hub.errors import Refusal, Unavailable
from hub.model import Accepted, Clock

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """How long is waited, and for what."""

    quiet_seconds: float = 3.0  # how long a file must stay the same; servers tell times in whole seconds
    first_seconds: float = 1.0  # after a failure; doubles with each that follows
    longest_seconds: float = 300.0

    def after(self, failures: int, asked: float | None = None) -> float:
        """Return the wait after the n-th failure in a row (n from 1), as long as asked to at least."""
        doubled: float = self.first_seconds * 2 ** min(failures - 1, 32)
        return min(max(doubled, asked or 0.0), self.longest_seconds)


@dataclass(slots=True)
class Rest:
    """A claimed file that something unplanned happened to, and when to try it again."""

    failures: int
    until: float


@dataclass
class Intake:
    """Takes in what arrives in `take`."""

    address: Address
    line: Line
    pauses: Pauses
    clock: Clock
    _seen: dict[str, tuple[Sight, float]] = field(default_factory=dict)
    _unfinished: frozenset[str] = frozenset()
    _resting: dict[str, Rest] = field(default_factory=dict)

    async def round(self, receive: Receive) -> float:
        """Take in everything that is complete; return after how many seconds to look again. Raises `HubError`."""
        assert self.address.take is not None
        now = asyncio.get_running_loop().time()
        listed = await self.line.listed(
            self.address.take
        )  # first: when it is missing, nothing is made beside it
        await self._make_folders()
        for name in self._complete(listed, now):
            await self._claim(below(self.address.take, name), plain_name(name))
        working = await self.line.listed(self.address.working)
        self._resting = {name: rest for name, rest in self._resting.items() if name in working}
        soon = bool(self._seen)
        for name, sight in sorted(working.items(), key=lambda each: (each[1].written, each[0])):
            if is_finished(name) and (name not in self._resting or self._resting[name].until <= now):
                soon = not await self._offer(name, sight, receive) or soon
        waits = [max(rest.until - now, 0.0) for rest in self._resting.values()]
        return min(self.address.poll_seconds, *([self.pauses.quiet_seconds] if soon else []), *waits, 3_600.0)

    def _complete(self, listed: dict[str, Sight], now: float) -> list[str]:
        """Return the names that are complete, oldest first; remember the others."""
        unfinished = frozenset(name for name in listed if not is_finished(name))
        finished = {name: sight for name, sight in listed.items() if is_finished(name)}
        renamed = renamed_names(self._unfinished - unfinished, finished.keys() - self._seen.keys())
        self._unfinished = unfinished
        before, self._seen = self._seen, {}
        complete = []
        for name, sight in sorted(finished.items(), key=lambda each: (each[1].written, each[0])):
            since = before[name][1] if name in before and before[name][0] == sight else now
            if name in renamed or now - since >= self.pauses.quiet_seconds:
                complete.append(name)
            else:
                self._seen[name] = (sight, since)
        return complete

    async def _claim(self, path: str, plain: str) -> None:
        try:
            await self.line.move(path, below(self.address.working, f"{secrets.token_hex(8)}-{plain}"))
        except Troubled as error:  # one file must not hold up the others
            log.warning("sftp.unclaimed", **self._about(plain), error=str(error))

    async def _make_folders(self) -> None:
        """Make our own folders if they are missing: only those, and only beside a `take` that is there."""
        for folder in (self.address.working, self.address.done, self.address.refused):
            if folder is not None and await self.line.seen(folder) is None:
                await self.line.make_folder(folder)

    async def _offer(self, name: str, sight: Sight, receive: Receive) -> bool:
        """Offer one claimed file and file the answer; tell whether that is all for now."""
        try:
            await self._ask(name, sight, receive)
        except Restless:
            return False
        except Exception as error:
            if isinstance(error, Unavailable) and not isinstance(error, Troubled):
                raise
            failures = self._resting[name].failures + 1 if name in self._resting else 1
            pause = self.pauses.after(failures)
            self._resting[name] = Rest(failures, asyncio.get_running_loop().time() + pause)
            log.exception("sftp.fault", **self._about(name), seconds=pause, error=str(error))
        return True

    async def _ask(self, name: str, sight: Sight, receive: Receive) -> None:
        try:
            content = await self.line.read(below(self.address.working, name), sight)
            accepted = await receive(content)
        except Refusal as refusal:
            await self._file_refused(name, refusal)
            log.info("sftp.refused", **self._about(name), refusal=refusal.id, code=refusal.code)
        else:
            await self._file_accepted(name, accepted)
            log.info("sftp.accepted", **self._about(name), message=accepted.message.id)

    async def _file_accepted(self, name: str, accepted: Accepted) -> None:
        source, done = below(self.address.working, name), self.address.done
        if done is None:
            await self.line.remove(source)
            return
        stem = below(done, accepted.message.id)
        answer = {"file": original_name(name), "at": self.clock().isoformat(), **accepted.as_json()}
        await self._write(f"{stem}.json", _json(answer))
        if not await self._put_away(source, f"{stem}.edxml"):
            await self.line.remove(source)  # the same package lies there from before

    async def _file_refused(self, name: str, refusal: Refusal) -> None:
        at, target = self.clock(), below(self.address.refused, await self._free_name(name))
        answer = {
            "file": original_name(name),
            "at": at.isoformat(),
            "error": refusal.as_json(),
            "findings": [finding.as_json() for finding in refusal.findings],
            "refusal": refusal.id,
        }
        await self._write(f"{target}.txt", letter(refusal, original_name(name), at))
        await self._write(f"{target}.json", _json(answer))
        await self._put_away(below(self.address.working, name), target)

    async def _put_away(self, source: str, target: str) -> bool:
        """Move a file to a name that is free; tell whether it was free."""
        if await self.line.seen(target) is not None:
            return False
        await self.line.move(source, target)
        return True

    async def _write(self, path: str, content: bytes) -> None:
        folder, _, name = path.rpartition("/")
        await self.line.put(below(folder, f".{name}.{secrets.token_hex(4)}.tmp"), path, content)

    async def _free_name(self, name: str) -> str:
        """Return the name that the file came with, or with our number before it if that name is taken."""
        plain = original_name(name)
        taken = [await self.line.seen(below(self.address.refused, f"{plain}{end}")) for end in ("", ".txt")]
        return plain if taken == [None, None] else name

    def _about(self, name: str) -> dict[str, str]:
        return {"server": self.address.server, "file": name}


def original_name(claimed: str) -> str:
    """Return the name that a claimed file came with, as far as it was kept."""
    return claimed.partition("-")[2] or claimed


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"
