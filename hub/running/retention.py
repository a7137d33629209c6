"""Packages whose time is over: their evidence is written to an archive, their bytes are removed, the space comes back.

Once a day by one node, or by `edochub retention run`. Each removal is an event of the ledger, in the transaction that
removes. A large package's file goes after its row: a crash between the two leaves a file that the next run removes. One
that was written anew meanwhile (the same package came again) stays, and `edochub payloads sweep` looks after it.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog

from hub import evidence
from hub.config_running import RetentionSettings
from hub.durable import write_durably
from hub.errors import HubError
from hub.private import make_private
from hub.store import retention as store
from hub.store.payloads.large import Held, LargeStore
from hub.store.retention import ON_ITS_WAY, Due, Policy
from hub.store.writer import Transaction

if TYPE_CHECKING:
    from hub.app import Hub

log = structlog.get_logger()

DUTY = "retention"
KINDS = ("new", "update", "replace", "revoke", "status")
BATCH = 50
PAGES = 500  # of an SQLite file, given back in one unit: some milliseconds
AGAIN = timedelta(minutes=30)  # after a run that failed


@dataclass(slots=True)
class Outcome:
    """What a run did, or would do."""

    kind: str
    days: int
    count: int = 0
    octets: int = 0
    not_done: int = 0  # old enough, but something of them is still open
    failed: list[str] = field(default_factory=list)  # could not be exported: they stay

    def as_json(self) -> dict[str, Any]:
        """Return the shape that `--json` publishes."""
        return {
            "kind": self.kind,
            "days": self.days,
            "count": self.count,
            "bytes": self.octets,
            "not_done": self.not_done,
            "failed": self.failed,
        }


def policies(settings: RetentionSettings) -> list[Policy]:
    """Return the policies of the settings that remove anything."""
    every = [Policy(kind, getattr(settings, f"{kind}_days")) for kind in KINDS]
    return [policy for policy in every if policy.days]


async def plan(hub: Hub) -> list[Outcome]:
    """Return what a run would remove now. Changes nothing."""
    made = []
    for policy in policies(hub.config.retention):
        now = hub.clock()
        count, octets, not_done = await hub.store.read_alone(_planning(policy, now))
        made.append(Outcome(policy.kind, policy.days, count, octets, not_done))
    return made


def _planning(policy: Policy, now: datetime) -> Any:
    return lambda connection: store.planned(connection, policy, now)


async def run(hub: Hub, actor: str, most: int | None = None) -> list[Outcome]:
    """Export and remove what may go, at most so many packages; give the space back. Raises `Unavailable`."""
    made = []
    left = most
    for policy in policies(hub.config.retention):
        outcome = Outcome(policy.kind, policy.days)
        await _one(hub, policy, actor, outcome, left)
        left = None if left is None else left - outcome.count
        made.append(outcome)
    await remove_files(hub)
    await give_back(hub)
    return made


async def _one(hub: Hub, policy: Policy, actor: str, outcome: Outcome, most: int | None) -> None:
    after = ""
    while most is None or outcome.count < most:
        limit = BATCH if most is None else min(BATCH, most - outcome.count)
        these = await hub.store.read_alone(_asking(policy, hub.clock(), after, limit))
        if not these:
            return
        after = these[-1].id
        if hub.config.retention.export is None:
            await _remove(hub, policy, actor, outcome, these, None)
            continue
        for each in these:
            try:
                file = await export(hub, each, hub.config.path(hub.config.retention.export))
            except (HubError, OSError) as error:
                log.warning("retention.not-exported", message=each.id, error=str(error))
                outcome.failed.append(each.id)
                continue
            await _remove(hub, policy, actor, outcome, [each], str(file))


def _asking(policy: Policy, now: datetime, after: str, limit: int) -> Any:
    return lambda connection: store.due(connection, policy, now, after, limit)


async def _remove(
    hub: Hub, policy: Policy, actor: str, outcome: Outcome, these: list[Due], exported: str | None
) -> None:
    def unit(tx: Transaction) -> int:
        return store.remove(tx, these, policy, actor, exported)

    count = await hub.store.write(unit, "retention")
    outcome.count += count
    if count == len(these):
        outcome.octets += sum(each.size for each in these)


async def export(hub: Hub, due: Due, folder: Path) -> Path:
    """Write the evidence of a message to the archive, durably; return its path within it."""
    made = await evidence.make(hub, due.id)
    inside = Path(f"{due.accepted_at:%Y}", f"{due.accepted_at:%m}", made.name)

    def write() -> None:
        make_private((folder / inside).parent)
        write_durably(folder / inside, made.content, mode=0o600)

    await asyncio.to_thread(write)
    return inside


async def remove_files(hub: Hub) -> int:
    """Remove the files of large packages that have no row any more; return how many."""
    large, count = hub.payloads.large, 0
    for sha256, at in await hub.store.read(lambda connection: store.files_left(connection, 100_000)):
        found = await asyncio.to_thread(_found, large, sha256)
        gone = [await asyncio.to_thread(large.remove, each, at - ON_ITS_WAY) for each in found]
        if all(gone):
            await hub.store.write(_gone(sha256), "retention_file")
            count += len(gone)
    return count


def _found(large: LargeStore, sha256: str) -> list[Held]:
    return list(large.find(sha256))


def _gone(sha256: str) -> Any:
    return lambda tx: store.file_gone(tx, sha256)


async def give_back(hub: Hub) -> int:
    """Give free pages of an SQLite file back to the disk, a few at a time; return how many.

    PostgreSQL's autovacuum makes the space of removed rows free for new ones by itself.
    """
    if not hub.config.embedded:
        return 0

    def some(tx: Transaction) -> int:
        connection = tx.connection
        before = int(connection.exec_driver_sql("PRAGMA freelist_count").scalar() or 0)
        if connection.exec_driver_sql("PRAGMA auto_vacuum").scalar() != 2 or not before:
            return 0
        cursor = connection.connection.cursor()
        cursor.execute(f"PRAGMA incremental_vacuum({PAGES})")
        cursor.fetchall()  # each step gives one page back
        return before - int(connection.exec_driver_sql("PRAGMA freelist_count").scalar() or 0)

    total = 0
    while given := await hub.store.write(some, "retention_space"):
        total += given
    return total


def gives_back(connection: sa.Connection) -> bool:
    """Tell whether the space of what is removed can be given back while the hub works."""
    if connection.dialect.name != "sqlite":
        return True
    return int(connection.exec_driver_sql("PRAGMA auto_vacuum").scalar() or 0) == 2


class Retention:
    """Runs once a day, beside everything else, on one node."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        at = hub.config.retention.at
        self._at = time.fromisoformat(at) if at and policies(hub.config.retention) else None
        self._task: asyncio.Task[None] | None = None
        self._done: date | None = None
        self._not_before: datetime | None = None

    async def sweep(self) -> None:
        """Begin the run of the day, if it is time and this node's to do."""
        if self._at is None or (self._task is not None and not self._task.done()):
            return
        now = self._hub.clock()
        local = now.astimezone(self._hub.zone)
        early = local.time() < self._at or (self._not_before is not None and now < self._not_before)
        if early or self._done == local.date() or not self._hub.duties.holds(DUTY):
            return
        self._not_before = now + AGAIN
        self._task = asyncio.create_task(self._run(local.date()), name=DUTY)

    async def close(self) -> None:
        """End a run that is under way; the next one takes it up."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self, today: date) -> None:
        try:
            made = await run(self._hub, f"hub:{self._hub.node}")
        except HubError as error:
            log.warning("retention.unavailable", error=str(error))
        except Exception:  # whatever it is: deliveries go on, and it is tried again later
            log.exception("retention.fault")
        else:
            self._done = today
            removed = sum(each.count for each in made)
            log.info("retention.done", removed=removed, failed=sum(len(each.failed) for each in made))
