"""Packages whose time is over go; what proves the exchange stays, and says where they went."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hub import evidence
from hub.config import PolicySettings, StorageSettings
from hub.config_running import RetentionSettings
from hub.model import Accepted
from hub.running import retention
from hub.store import audit
from hub.store import retention as store
from hub.store.retention import Policy
from hub.store.tables import messages, payloads, removals
from hub.testing import Box, ManualClock, hub_in_a_box, package, settings, status
from signing.evidence import EVENTS
from signing.keys import KeyFolder, generate
from signing.trust import TrustStore
from signing.verdict import Outcome
from signing.verifier.anchors import Trusted
from signing.verifier.examining import examine

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@asynccontextmanager
async def a_hub(
    folder: Path, database: str, clock: ManualClock, inline_bytes: int = 65_536, **days: Any
) -> AsyncIterator[Box]:
    made = settings(folder)
    storage = StorageSettings(database=database, inline_bytes=inline_bytes)
    object.__setattr__(made, "storage", storage)
    object.__setattr__(made, "retention", RetentionSettings(**days))
    object.__setattr__(made, "policy", PolicySettings(attachments="ignore"))  # nothing is left to settle
    async with hub_in_a_box(folder, config=made, clock=clock) as box:
        if not box.hub.directory.endpoints:
            await box.connect("sender", "H49.13")
            await box.connect("taker", "H49.61")
        yield box


async def sent(box: Box, content: bytes | None = None, *, taken: bool = True) -> Accepted:
    accepted = await box.hub.accept(
        await box.hub.endpoint("sender"), content or package(sender="H49.13", to=["H49.61"])
    )
    if taken:
        await box.hub.take(await box.hub.endpoint("taker"), accepted.deliveries[0].id)
    return accepted


async def rows(box: Box, table: sa.Table) -> int:
    return await box.hub.store.read(
        lambda connection: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
    )


async def is_whole(box: Box) -> bool:
    report = await box.hub.verify_ledger()
    return not report.broken


async def test_a_package_goes_when_its_time_is_over_and_all_is_done(tmp_path: Path, database: str) -> None:
    clock = ManualClock(NOW)
    async with a_hub(tmp_path, database, clock, new_days=30) as box:
        done = await sent(box)
        waiting = await sent(box, taken=False)
        [before] = await retention.plan(box.hub)
        assert (before.count, before.not_done) == (0, 0)
        clock.advance(days=31)
        young = await sent(box)
        [planned] = await retention.plan(box.hub)
        assert (planned.count, planned.octets, planned.not_done) == (1, done.message.size, 1)
        [made] = await retention.run(box.hub, "operator:test")
        assert (made.count, made.octets, made.failed) == (1, done.message.size, [])
        for left in (waiting, young):
            assert (await box.hub.fetch(None, left.deliveries[0].id)).content
        with pytest.raises(store.Removed, match="2026-12-21"):
            await box.hub.fetch(None, done.deliveries[0].id)
        assert await is_whole(box)
        [told] = await box.hub.trace(done.message.id)
        assert told.events[-1].kind == "payload.removed"
        assert told.events[-1].actor == "operator:test"
        assert told.events[-1].details["policy"] == "retention.new_days=30"
        [again] = await retention.run(box.hub, "operator:test")
        assert again.count == 0


async def test_a_policy_is_for_its_kind(tmp_path: Path, database: str) -> None:
    clock = ManualClock(NOW)
    async with a_hub(tmp_path, database, clock, status_days=1) as box:
        accepted = await sent(box)
        told = accepted.message
        answer = status(
            sender="H49.61", to="H49.13", document_id=told.document_id, code="03", cited=told.code
        )
        answered = await box.hub.accept(await box.hub.endpoint("taker"), answer)
        await box.hub.take(await box.hub.endpoint("sender"), answered.deliveries[0].id)
        clock.advance(days=400)
        assert [each.count for each in await retention.run(box.hub, "operator:test")] == [1]
        assert await rows(box, removals) == 1
        assert (await box.hub.fetch(None, accepted.deliveries[0].id)).content


async def test_the_same_bytes_of_another_message_stay(tmp_path: Path, database: str) -> None:
    clock = ManualClock(NOW)
    async with a_hub(tmp_path, database, clock, new_days=30) as box:
        first = await sent(box)
        second = await sent(box, taken=False)

        def share(connection: sa.Connection) -> None:
            """Let the second message have the first one's bytes: an agency that was recorded anew sent them again."""
            row = sa.update(messages).where(messages.c.id == second.message.id)
            connection.execute(row.values(document_id=first.message.document_id, sha256=first.message.sha256))

        await box.hub.store.write(lambda tx: share(tx.connection))
        clock.advance(days=31)
        assert [each.count for each in await retention.run(box.hub, "operator:test")] == [0]
        await box.hub.take(await box.hub.endpoint("taker"), second.deliveries[0].id)
        assert [each.count for each in await retention.run(box.hub, "operator:test")] == [1]
        assert await rows(box, removals) == 2


async def test_a_package_that_is_no_longer_due_when_it_is_removed_stays(
    tmp_path: Path, database: str
) -> None:
    clock = ManualClock(NOW)
    async with a_hub(tmp_path, database, clock, new_days=30) as box:
        await sent(box)
        clock.advance(days=31)
        policy = Policy("new", 30)
        found = await box.hub.store.read(lambda c: store.due(c, policy, clock(), "", 10))
        assert len(found) == 1
        reopened = sa.update(messages).values(judge_at=clock())
        await box.hub.store.write(lambda tx: tx.execute(reopened) and None)
        assert await box.hub.store.write(lambda tx: store.remove(tx, found, policy, "hub:x")) == 0
        assert await rows(box, payloads) == 1


async def test_the_file_of_a_large_package_goes_too_unless_it_was_just_written(
    tmp_path: Path, database: str
) -> None:
    clock = ManualClock(datetime.now(UTC))  # files are dated by the machine
    async with a_hub(tmp_path, database, clock, inline_bytes=10, new_days=30) as box:
        await sent(box)
        kept = package(sender="H49.13", to=["H49.61"])
        await sent(box, kept)

        def files() -> int:
            return sum(1 for _ in box.hub.payloads.large.held())

        assert files() == 2
        clock.advance(days=31)
        found = list(box.hub.payloads.large.held())
        newest = next(each for each in found if each.sha256 and each.sha256 == _sha256(kept))
        later = clock().timestamp()
        os.utime(tmp_path / "payloads" / newest.name, (later, later))
        assert [each.count for each in await retention.run(box.hub, "operator:test")] == [2]
        assert files() == 1  # it may be that the same package is just coming again
        clock.advance(days=1)
        assert await retention.remove_files(box.hub) == 0
        assert await is_whole(box)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def test_the_evidence_is_archived_before_and_honest_after(tmp_path: Path, database: str) -> None:
    clock = ManualClock(datetime.now(UTC))
    archive = tmp_path / "archive"
    async with a_hub(tmp_path, database, clock, new_days=30, export=archive) as box:
        KeyFolder(tmp_path / "keys").save(generate("hub", "CN=Trục kiểm thử", clock()), None)
        accepted = await sent(box)
        clock.advance(days=31)
        [made] = await retention.run(box.hub, "operator:test")
        assert (made.count, made.failed) == (1, [])
        [file] = archive.rglob("*.asice")
        assert [each for each in (archive, *archive.rglob("*")) if each.stat().st_mode & 0o077] == []
        assert parts(file.read_bytes(), clock)["package.edxml"] is Outcome.VALID
        after = await evidence.make(box.hub, accepted.message.id)
        assert any("retention.new_days=30" in note.en for note in after.notes)
        outcome = parts(after.content, clock)
        assert outcome["package.edxml"] is Outcome.UNDETERMINED
        assert outcome[EVENTS] is Outcome.VALID
        [told] = await box.hub.trace(accepted.message.id)
        assert told.events[-1].details["exported"] == str(file.relative_to(archive))


def parts(content: bytes, clock: ManualClock) -> dict[str, Outcome]:
    """Return how the verifier found each part of an evidence file."""
    report = examine(content, "evidence.asice", Trusted(TrustStore([])), clock())
    return {part.name: part.outcome for part in reversed(report.parts)}  # the first of a name counts


async def test_what_cannot_be_archived_is_kept(tmp_path: Path, database: str) -> None:
    clock = ManualClock(NOW)
    blocked = tmp_path / "blocked"
    blocked.write_text("not a folder")
    async with a_hub(tmp_path, database, clock, new_days=30, export=blocked / "archive") as box:
        accepted = await sent(box)
        clock.advance(days=31)
        [made] = await retention.run(box.hub, "operator:test")
        assert (made.count, made.failed) == (0, [accepted.message.id])
        assert (await box.hub.fetch(None, accepted.deliveries[0].id)).content


async def test_somebody_who_removes_a_package_by_hand_is_found(tmp_path: Path, database: str) -> None:
    clock = ManualClock(NOW)
    async with a_hub(tmp_path, database, clock, new_days=30) as box:
        accepted = await sent(box)

        def steal(connection: sa.Connection) -> None:
            connection.execute(sa.delete(payloads))
            connection.execute(
                sa.insert(removals).values(
                    message=accepted.message.id,
                    sha256=accepted.message.sha256,
                    at=clock(),
                    policy="retention.new_days=30",
                    file_left=False,
                )
            )

        await box.hub.store.write(lambda tx: steal(tx.connection))
        report = await box.hub.store.read_alone(lambda c: audit.verify(c, box.hub.payloads))
        assert len(report.broken) == 1  # the table says so, the ledger does not


async def test_the_space_of_what_is_removed_comes_back(tmp_path: Path) -> None:
    clock = ManualClock(NOW)
    file = tmp_path / "edochub.db"
    async with a_hub(tmp_path, f"sqlite:///{file}", clock, inline_bytes=10_000_000, new_days=30) as box:
        object.__setattr__(box.hub.payloads, "compress", False)
        for _ in range(4):
            await sent(
                box, package(sender="H49.13", to=["H49.61"], attachment=b"%PDF-1.7\n" + b"x" * 400_000)
            )
        clock.advance(days=31)
        before = await box.hub.store.read(_pages)
        await retention.run(box.hub, "operator:test")
        after, free = await box.hub.store.read(_pages), await box.hub.store.read(_free)
        assert free == 0
        assert after < before / 2
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def _pages(connection: sa.Connection) -> int:
    return int(connection.exec_driver_sql("PRAGMA page_count").scalar() or 0)


def _free(connection: sa.Connection) -> int:
    return int(connection.exec_driver_sql("PRAGMA freelist_count").scalar() or 0)


def started(duty: retention.Retention) -> bool:
    return duty._task is not None


async def test_the_duty_runs_once_a_day_after_its_time(tmp_path: Path) -> None:
    clock = ManualClock(datetime(2026, 11, 20, 18, 0, tzinfo=UTC))  # 01:00 of the 21st in Vietnam
    async with a_hub(tmp_path, f"sqlite:///{tmp_path / 'edochub.db'}", clock, new_days=30, at="01:30") as box:
        await sent(box)
        clock.advance(days=31)
        duty = retention.Retention(box.hub)
        await duty.sweep()
        assert not started(duty)
        clock.advance(minutes=40)
        await duty.sweep()
        assert started(duty)
        assert duty._task is not None
        await duty._task
        assert await rows(box, removals) == 1
        first = duty._task
        clock.advance(minutes=40)
        await duty.sweep()
        assert duty._task is first
