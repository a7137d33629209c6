"""Judging signatures after a document was accepted, off its sender's way.

Two kinds of work, both marked in `messages.judge_at`: attachments that were not looked into at acceptance, and verdicts
that may still change because it was not known whether a certificate is revoked. Both are judged as of the receipt: what
changes is what is known. A new verdict is written together with its event in the ledger; one that says the same as
before is not written again.

An errand of the worker's sweep, but never in its way: `sweep` only looks whether there is work, and the work is a task
of its own, which reads attachments on a thread. A crash at any line repeats the work; two nodes never write the same
(`hub.store.judging`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from hub import holders
from hub.config import PolicySettings
from hub.demands import demands, sha1_until
from hub.directory import Directory
from hub.errors import Fault, NotFound, Unavailable
from hub.model import Clock, Endpoint
from hub.steps.verify import expects_revocation_data
from hub.store import judging
from hub.store.database import Store
from hub.store.judging import Settled, Taken
from hub.store.payloads import Elsewhere, Payloads
from schemas import skeleton
from schemas.findings import InvalidDocument
from schemas.spooled import Package
from schemas.text import Text
from signing import algorithms, attachments, xml
from signing.policy import Policy
from signing.reading_process import Closed, ReadingProcess
from signing.trust import TrustStore
from signing.verdict import OUTCOMES, Outcome, Verdict

log = structlog.get_logger()

Told = Mapping[str, Any]  # a verdict as it is recorded: Verdict.as_json

BATCH = 20
LEASE = timedelta(hours=1)  # longer than a batch whose messages each take as long as they may
FIRST_AGAIN = timedelta(minutes=5)
LONGEST_AGAIN = timedelta(days=1)
MOST_JUDGINGS = 40  # over about a month; then what cannot be told stays untold


class Settling:
    """Judges what is left to be judged. `trust` and `directory` are asked for anew each time: they change."""

    def __init__(
        self,
        *,
        node: str,
        store: Store,
        payloads: Payloads,
        clock: Clock,
        settings: PolicySettings,
        trust: Callable[[], TrustStore],
        directory: Callable[[], Directory],
    ) -> None:
        self.node = node
        self.store = store
        self.payloads = payloads
        self.clock = clock
        self.settings = settings
        self.trust = trust
        self.directory = directory
        self.reader = ReadingProcess()
        self._task: asyncio.Task[None] | None = None

    async def sweep(self) -> None:
        """Begin to work if there is anything to do and nobody here is at it."""
        if self._task is not None and not self._task.done():
            return
        if await self.store.read(lambda connection: judging.is_due(connection, self.clock())):
            self._task = asyncio.create_task(self._work(), name="settling")

    async def hasten(self) -> None:
        """Judge again now what waits for more to be known of revocations: the trust has changed."""
        await self.store.write(judging.hasten, "hasten_judging")

    async def close(self) -> None:
        """Stop. What was begun is begun anew when its lease has run out."""
        await asyncio.to_thread(self.reader.close)
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _work(self) -> None:
        try:
            while await self.settle_some():
                pass  # there may be more
        except Unavailable as error:
            log.warning("settling.unavailable", error=str(error))
        except Closed:
            log.info("settling.stopped")
        except Exception:  # the sweep tries again; the lease keeps it from doing so at once
            log.exception("settling.fault")

    async def settle_some(self) -> int:
        """Judge a batch; return how many messages were taken."""
        taken = await self.store.write(lambda tx: judging.take(tx, BATCH, LEASE), "take_judging")
        if not taken:
            return 0
        contents = await self.store.read(
            lambda connection: [self._looked_up(connection, one) for one in taken]
        )
        trust, directory = self.trust(), self.directory()
        settled = await asyncio.to_thread(
            lambda: [self._settled(*each, trust, directory) for each in zip(taken, contents, strict=True)]
        )
        actor = f"hub:{self.node}"
        await self.store.write(lambda tx: judging.settle(tx, settled, actor), "settle_judging")
        return len(taken)

    def judged_anew(self, taken: Taken, package: Package) -> Sequence[Told]:
        """Return all verdicts on a package as of its receipt, with what is known now. Nothing is written.

        Raises `InvalidDocument` if it cannot be read.
        """
        return self._judge(replace(taken, judgings=1), package, self.trust(), self.directory())

    def _looked_up(self, connection: sa.Connection, taken: Taken) -> bytes | Elsewhere | None:
        try:
            return self.payloads.look(connection, taken.sha256)
        except Fault as error:
            _tell_of_damage(taken, error)
            return None

    def _opened(self, taken: Taken, found: bytes | Elsewhere | None) -> Package | None:
        try:
            return None if found is None else self.payloads.open(found)
        except Fault as error:
            _tell_of_damage(taken, error)
            return None

    def _settled(
        self, taken: Taken, looked_up: bytes | Elsewhere | None, trust: TrustStore, directory: Directory
    ) -> Settled:
        """Return what came of one message."""
        content = self._opened(taken, looked_up)
        if content is None:
            return Settled(taken=taken, verdicts=None, again_at=self.clock() + LONGEST_AGAIN)
        try:
            found = self._judge(taken, content, trust, directory)
        except InvalidDocument:  # it was valid when it was accepted: the parser has become stricter since
            log.warning("settling.not-parsed", message=taken.message)
            return Settled(taken=taken, verdicts=None, again_at=None)
        return self._compared(taken, found, trust)

    def _judge(self, taken: Taken, package: Package, trust: TrustStore, directory: Directory) -> list[Told]:
        """Return all verdicts on a message, as of its receipt, with what is known now."""
        content, tree = skeleton.opened(package)
        own = [verdict for verdict in taken.verdicts if verdict.get("part") is None]
        if taken.judgings:  # the first time it is as acceptance has just found it
            own = self._told(xml.verify(content, tree, trust, taken.accepted_at), taken, directory)
        if self._rule(taken, directory) is Policy.IGNORE:
            return own
        ends = algorithms.ends(sha1_until(self.settings))
        left_out = skeleton.left_out_of(content)
        inside = attachments.verify(
            tree, trust, taken.accepted_at, left_out=left_out, reader=self.reader, ends=ends
        )
        # That nothing at all is signed is said already: by the package's own verdict.
        if all(verdict.outcome is Outcome.ABSENT for verdict in inside):
            return own
        return [*own, *self._told(inside, taken, directory)]

    def _told(self, found: Sequence[Verdict], taken: Taken, directory: Directory) -> list[Told]:
        """Return verdicts as they are recorded, with whether their certificates fit the sender."""
        with contextlib.suppress(NotFound):  # the directory was restored without it
            found = holders.judged(found, directory.agency(taken.sender_agency), directory)
        return [verdict.as_json() for verdict in found]

    def _rule(self, taken: Taken, directory: Directory) -> Policy:
        endpoint = directory.endpoint(taken.endpoint) or _gone(taken.endpoint)
        try:
            level = directory.agency(taken.sender_agency).level
        except NotFound:
            return Policy.REPORT
        return demands(endpoint, level, self.settings).attachments

    def _compared(self, taken: Taken, found: Sequence[Told], trust: TrustStore) -> Settled:
        again_at = self._again_at(taken) if any(is_open(verdict, trust) for verdict in found) else None
        if said(found) == said(taken.verdicts):
            return Settled(taken=taken, verdicts=None, again_at=again_at)
        kind = "signatures.judged" if _parts(found) != _parts(taken.verdicts) else "signatures.settled"
        return Settled(taken=taken, verdicts=found, again_at=again_at, event=kind, details=told_of(found))

    def _again_at(self, taken: Taken) -> datetime | None:
        if taken.judgings >= MOST_JUDGINGS:
            return None
        doubled: int = 2 ** min(taken.judgings, 10)
        return self.clock() + min(FIRST_AGAIN * doubled, LONGEST_AGAIN)


def is_open(verdict: Told, trust: TrustStore) -> bool:
    """Tell whether a verdict may change when more is known about revocations, and somebody is going to know more."""
    answer = verdict.get("aspects", {}).get("revocation", {})
    return (
        expects_revocation_data(trust)
        and answer.get("outcome") == Outcome.UNDETERMINED
        and verdict["outcome"] != Outcome.INVALID
    )


def said(verdicts: Sequence[Told]) -> list[tuple[Any, ...]]:
    """Return what verdicts say, without when it was found and on what evidence."""
    return [
        (
            verdict.get("part"),
            verdict.get("path"),
            verdict["outcome"],
            tuple(reason["code"] for reason in verdict["reasons"]),
            tuple((name, aspect["outcome"]) for name, aspect in sorted(verdict.get("aspects", {}).items())),
        )
        for verdict in verdicts
    ]


def told_of(found: Sequence[Told]) -> dict[str, Any]:
    """Return what the ledger keeps of verdicts: which signature, how it stands, why, and by which certificate."""
    counted = Counter(Outcome(verdict["outcome"]) for verdict in found)
    return {
        "outcomes": Text(
            vi=", ".join(f"{count} {OUTCOMES[outcome].vi}" for outcome, count in sorted(counted.items())),
            en=", ".join(f"{count} {OUTCOMES[outcome].en}" for outcome, count in sorted(counted.items())),
        ).as_json(),
        "signatures": [
            {
                "part": verdict["part"],
                "form": verdict["form"],
                "outcome": verdict["outcome"],
                "reasons": [reason["code"] for reason in verdict["reasons"]],
                "certificate": verdict["certificate"]["sha256"] if verdict["certificate"] else None,
            }
            for verdict in found
        ],
    }


def _parts(verdicts: Sequence[Told]) -> list[tuple[Any, Any]]:
    return [(verdict.get("part"), verdict.get("path")) for verdict in verdicts]


def _tell_of_damage(taken: Taken, error: Fault) -> None:
    """Say that a package is damaged here. To find out more is for `edochub ledger verify`."""
    log.warning("settling.payload", message=taken.message, error=str(error))


def _gone(endpoint: str) -> Endpoint:
    """Return an endpoint that says nothing, for one that is no longer there."""
    return Endpoint(id=endpoint, adapter="", address=None, agencies=frozenset())
