"""Offering to the hub what came by mail, and filing it.

One round, oldest mail first; each is fetched once and

    not from an allowed sender          left where it is, and marked: it is other people's
    without a package, by a machine     the same: nobody waits for an answer, and two machines would write for ever
    all its packages taken              moved to `done`
    one refused                         the refusal is mailed, then the mail is moved to `refused`
    Unavailable                         the round ends and everything waits
    anything else                       this mail waits and the others go on; it is logged, and tried again for ever

A mail leaves the folder only after the hub's answer, so whatever dies wherever, it is offered again; the hub knows a
repeat by its content. A refusal that could not be mailed yet is remembered, and the package not offered again for it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

from adapters.email.address import Address
from adapters.email.attached import Head, NoPackage, packages_in
from adapters.email.mailbox import Mailbox, Seen
from adapters.email.mails import Refused, refusal
from hub.adapter import Receive
from hub.errors import Refusal, TooLarge, Unavailable
from hub.model import Clock

T = TypeVar("T")
InThread = Callable[[Callable[[], T]], Awaitable[T]]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailSettings:
    """How the adapter looks after a mailbox."""

    first_pause_seconds: float = 5.0  # the wait after a failure; doubles with each one that follows
    longest_pause_seconds: float = 300.0
    largest_bytes: int = 160 * 1024 * 1024  # of a mail; a larger one is refused unread
    most_at_once: int = 500  # mails of one round
    step_seconds: float = 900.0  # the longest that one step in a mailbox may take

    def pause_seconds(self, failures: int, asked: float | None = None) -> float:
        """Return the wait after the n-th failure in a row (n from 1), as long as asked to at least."""
        doubled: float = self.first_pause_seconds * 2 ** min(failures - 1, 32)
        return min(max(doubled, asked or 0.0), self.longest_pause_seconds)


@dataclass(slots=True)
class Resting:
    """A mail that something unplanned happened to, and when to try it again."""

    failures: int
    until: float


@dataclass(slots=True)
class Outcome:
    """What the hub said to the packages of a mail."""

    refused: list[Refused] = field(default_factory=list)
    taken: int = 0


class Intake:
    """Takes in what comes to one mailbox."""

    def __init__(
        self,
        endpoint: str,
        address: Address,
        settings: EmailSettings,
        clock: Clock,
        answer: Callable[[bytes], Awaitable[None]],
    ) -> None:
        self._endpoint, self._address, self._settings = endpoint, address, settings
        self._clock, self._answer = clock, answer
        self._validity = ""
        self._left: set[int] = set()  # none of ours, where the server keeps no marks
        self._resting: dict[int, Resting] = {}
        self._unanswered: dict[int, Outcome] = {}  # refused, and not yet told

    async def round(self, mailbox: Mailbox, receive: Receive, in_thread: InThread[object]) -> None:
        """Take in everything that is there."""
        steps = Steps(mailbox, in_thread)
        pending = await steps.pending()
        if mailbox.validity != self._validity:  # the UIDs mean other mails now
            self._validity = mailbox.validity
            self._left, self._resting, self._unanswered = set(), {}, {}
        there = set(pending)
        self._left &= there
        self._resting = {uid: rest for uid, rest in self._resting.items() if uid in there}
        self._unanswered = {uid: outcome for uid, outcome in self._unanswered.items() if uid in there}
        now = asyncio.get_running_loop().time()
        due = [
            uid
            for uid in pending
            if uid not in self._left and (uid not in self._resting or self._resting[uid].until <= now)
        ]
        for uid in due[: self._settings.most_at_once]:
            await self._one(uid, steps, receive)

    def wake_seconds(self) -> float:
        """Return after how long a mail that rests is due; no sooner than the next look if none does."""
        now = asyncio.get_running_loop().time()
        return min(
            [self._address.poll_seconds, *(max(rest.until - now, 0.0) for rest in self._resting.values())]
        )

    async def _one(self, uid: int, steps: Steps, receive: Receive) -> None:
        try:
            await self._take(uid, steps, receive)
        except Unavailable:
            raise
        except Exception:
            log.exception("email.fault", endpoint=self._endpoint, uid=uid)
            failures = self._resting[uid].failures + 1 if uid in self._resting else 1
            until = asyncio.get_running_loop().time() + self._settings.pause_seconds(failures)
            self._resting[uid] = Resting(failures, until)

    async def _take(self, uid: int, steps: Steps, receive: Receive) -> None:
        seen = await steps.look(uid)
        if seen is None:  # somebody took it out of the folder
            return
        head = Head.of(seen.header)
        if head.sender not in self._address.senders:
            await self._leave(uid, steps)
            return
        outcome = self._unanswered.get(uid) or await self._offer(uid, seen, steps, receive)
        if outcome is None:
            return
        if (
            head.automatic
            and not outcome.taken
            and all(isinstance(r.refusal, NoPackage) for r in outcome.refused)
        ):
            await self._leave(uid, steps)
        elif outcome.refused:
            self._unanswered[uid] = outcome
            await self._tell(uid, head, outcome)
            await steps.move(uid, self._address.refused)
            self._unanswered.pop(uid, None)
            codes = [each.refusal.code for each in outcome.refused]
            log.info("email.refused", endpoint=self._endpoint, uid=uid, codes=codes)
        else:
            await steps.move(uid, self._address.done)
            log.info("email.accepted", endpoint=self._endpoint, uid=uid, packages=outcome.taken)

    async def _offer(self, uid: int, seen: Seen, steps: Steps, receive: Receive) -> Outcome | None:
        outcome, largest = Outcome(), self._settings.largest_bytes
        if seen.size > largest:
            outcome.refused.append(Refused("", TooLarge(largest)))
            return outcome
        content = await steps.content(uid, largest)
        if content is None:
            return None
        try:
            packages = await asyncio.to_thread(packages_in, content)
            if not packages:
                raise NoPackage
        except Refusal as error:
            outcome.refused.append(Refused("", error))
            return outcome
        del content
        for package in packages:
            try:
                await receive(package.content)
            except Refusal as error:
                outcome.refused.append(Refused(package.name, error))
            else:
                outcome.taken += 1
        return outcome

    async def _leave(self, uid: int, steps: Steps) -> None:
        if not await steps.leave(uid):
            self._left.add(uid)
        log.info("email.left", endpoint=self._endpoint, uid=uid)

    async def _tell(self, uid: int, head: Head, outcome: Outcome) -> None:
        box = f"{self._endpoint}/{self._address.folder}/{self._validity}/{uid}"
        key = hashlib.sha256(box.encode()).hexdigest()[:32]
        mail = refusal(
            outcome.refused, self._address, self._clock(), key, head.message_id, others=outcome.taken > 0
        )
        await self._answer(bytes(mail))


class Steps:
    """What is done in a mailbox, on its thread."""

    def __init__(self, mailbox: Mailbox, in_thread: InThread[object]) -> None:
        self._mailbox, self._in_thread = mailbox, in_thread

    async def pending(self) -> list[int]:
        """See `Mailbox.pending`."""
        found = await self._in_thread(self._mailbox.pending)
        assert isinstance(found, list)
        return found

    async def look(self, uid: int) -> Seen | None:
        """See `Mailbox.look`."""
        found = await self._in_thread(lambda: self._mailbox.look(uid))
        assert found is None or isinstance(found, Seen)
        return found

    async def content(self, uid: int, largest: int) -> bytes | None:
        """See `Mailbox.content`."""
        found = await self._in_thread(lambda: self._mailbox.content(uid, largest))
        assert found is None or isinstance(found, bytes)
        return found

    async def move(self, uid: int, folder: str) -> None:
        """See `Mailbox.move`."""
        await self._in_thread(lambda: self._mailbox.move(uid, folder))

    async def leave(self, uid: int) -> bool:
        """See `Mailbox.leave`."""
        return bool(await self._in_thread(lambda: self._mailbox.leave(uid)))
