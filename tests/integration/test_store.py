"""The store on both databases: what one process sees of another, and what a real database does to it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.app import Hub
from hub.config import Config, StorageSettings
from hub.errors import Malformed, Refusal, Unavailable
from hub.model import Endpoint
from hub.store import database as store_database
from hub.store import messages
from hub.store.database import Store, engine
from hub.store.tables import events
from hub.store.writer import LEDGER_LOCK, Transaction
from hub.testing import Box, package, settings
from schemas.edxml.envelope import Priority


@asynccontextmanager
async def box_on(folder: Path, database: str) -> AsyncIterator[tuple[Box, Endpoint]]:
    async with Hub.open(config_on(folder, database)) as hub:
        box = Box(hub)
        sender = await box.connect("so-noi-vu", "H49.13")
        await box.connect("xa-hai-son", "H49.61")
        yield box, sender


def config_on(folder: Path, database: str) -> Config:
    return replace(settings(folder), storage=StorageSettings(database=database))


async def test_the_ledger_verifies_while_the_hub_goes_on_working(tmp_path: Path, database: str) -> None:
    async with box_on(tmp_path, database) as (box, sender):
        endpoint = await box.hub.endpoint("xa-hai-son")

        async def work() -> None:
            while True:
                await box.hub.accept(sender, package())
                for waiting in await box.hub.waiting(endpoint):
                    await box.hub.take(endpoint, waiting.delivery.id)

        working = [asyncio.create_task(work()) for _ in range(3)]
        report = await box.hub.verify_ledger()
        while report.events < 120:
            report = await box.hub.verify_ledger()
            assert [str(text) for text in report.broken] == []
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)


async def test_deliveries_are_found_in_the_order_of_their_addressees(tmp_path: Path, database: str) -> None:
    async with box_on(tmp_path, database) as (box, sender):
        codes = [f"H49.{number}" for number in range(61, 75)]
        await box.add_agencies(*codes)
        accepted = await box.hub.accept(sender, package(to=codes))
        found = await box.hub.accepted(accepted.message.id)
        assert [each.addressee for each in found.deliveries] == codes


async def test_an_inbox_gives_the_urgent_first_and_then_the_oldest(tmp_path: Path, database: str) -> None:
    async with box_on(tmp_path, database) as (box, sender):
        plain = [await box.hub.accept(sender, package()) for _ in range(5)]
        urgent = await box.hub.accept(sender, package(priority=Priority.EXPRESS))
        waiting = await box.hub.waiting(await box.hub.endpoint("xa-hai-son"))
        assert [each.message.id for each in waiting] == [each.message.id for each in (urgent, *plain)]


async def told(box: Box, sender: Endpoint, content: bytes) -> str | None:
    """Hand a package in; return the id of its refusal, None when it was taken. Nothing else may come of it."""
    try:
        await box.hub.accept(sender, content)
    except Refusal as refusal:
        return refusal.id or "a refusal that was not stored"
    return None


@pytest.mark.parametrize("length", [10, 300, 3_000, 30_000])
async def test_a_document_id_of_any_length_is_taken_or_refused(
    tmp_path: Path, database: str, length: int
) -> None:
    async with box_on(tmp_path, database) as (box, sender):
        named = secrets.token_hex(length // 2)
        answer = await told(box, sender, package(document_id=named))
        assert length > 300 or answer is None, "an ordinary one is taken"
        if answer is None:
            assert (await box.hub.accepted(named)).message.document_id == named


async def test_a_subject_of_any_length_is_taken_or_refused(tmp_path: Path, database: str) -> None:
    async with box_on(tmp_path, database) as (box, sender):
        answer = await told(box, sender, package(subject="Về việc " * 5_000))
        assert answer is None or len(answer) == 26


async def test_a_refused_package_with_words_of_any_length_is_on_record(tmp_path: Path, database: str) -> None:
    async with box_on(tmp_path, database) as (box, sender):
        stray = package(sender=f"H49.{secrets.token_hex(5_000)}", document_id=secrets.token_hex(5_000))
        with pytest.raises(Refusal) as caught:
            await box.hub.accept(sender, stray)
        assert caught.value.id
        with pytest.raises(Malformed) as caught:
            await box.hub.accept(sender, secrets.token_bytes(5_000))
        assert caught.value.id
        (found,) = await box.hub.trace(caught.value.id)
        assert found.refusal


async def test_a_look_up_sees_what_was_committed_and_outlives_one_that_fails(
    tmp_path: Path, database: str
) -> None:
    async with box_on(tmp_path, database) as (box, sender):
        for number in range(3):
            accepted = await box.hub.accept(sender, package(subject=f"V/v {number}"))
            look = partial(messages.get, message=accepted.message.id)
            assert await box.hub.store.look(look) == accepted.message
            with pytest.raises(Unavailable):
                await box.hub.store.look(
                    lambda connection: connection.execute(sa.text("SELECT 1 FROM nowhere"))
                )


async def test_a_reader_cannot_write(database: str) -> None:
    if database.startswith("sqlite"):
        reader = engine(sa.make_url(database), writes=False)
        with reader.connect() as connection, pytest.raises(sa.exc.OperationalError):
            connection.execute(sa.delete(events))
        reader.dispose()


@pytest.mark.services
async def test_a_node_that_is_frozen_in_a_commit_does_not_hang_the_others(
    tmp_path: Path, postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_database, "BUSY_MILLISECONDS", 200)
    frozen = sa.create_engine(postgresql)
    async with box_on(tmp_path, postgresql) as (box, sender):
        with frozen.begin() as connection:
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": LEDGER_LOCK})
            with pytest.raises(Unavailable):
                await asyncio.wait_for(box.hub.accept(sender, package()), 60)
        assert await box.hub.accept(sender, package())
    frozen.dispose()


@pytest.mark.services
async def test_a_connection_that_is_cut_costs_one_answer(tmp_path: Path, postgresql: str) -> None:
    content = package()
    async with box_on(tmp_path, postgresql) as (box, sender):
        with sa.create_engine(postgresql, isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(
                sa.text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE pid <> pg_backend_pid() AND datname = current_database()"
                )
            )
        for _ in range(10):
            try:
                accepted = await box.hub.accept(sender, content)
                break
            except Unavailable:
                continue
        assert (await box.hub.accept(sender, content)).message.id == accepted.message.id
        assert (await box.hub.verify_ledger()).broken == []


@pytest.mark.services
async def test_commits_wait_for_the_disk(postgresql: str) -> None:
    store = Store(postgresql, lambda: pytest.fail("no clock"), lambda _: None)

    def ask(connection: sa.Connection) -> str:
        return str(connection.execute(sa.text("SHOW synchronous_commit")).scalar())

    assert await store.read(ask) == "on"


def test_sqlite_commits_wait_for_the_disk(tmp_path: Path) -> None:
    made = engine(sa.make_url(f"sqlite:///{tmp_path / 'x.db'}"), writes=True)
    with made.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    made.dispose()


async def test_a_large_package_is_a_file_and_comes_back_the_same(tmp_path: Path, database: str) -> None:
    async with box_on(tmp_path, database) as (box, sender):
        content = package(attachment=b"%PDF-1.7\n" + secrets.token_bytes(200_000) + b"\n%%EOF\n")
        accepted = await box.hub.accept(sender, content)
        with box.hub.payloads.large.opened(accepted.message.sha256) as stream:
            assert stream.read() == content
        endpoint = await box.hub.endpoint("xa-hai-son")
        (waiting,) = await box.hub.waiting(endpoint)
        assert (await box.hub.fetch(endpoint, waiting.delivery.id)).content == content


async def test_two_processes_that_open_an_empty_database_at_once_make_one_schema(
    tmp_path: Path, empty_database: str
) -> None:
    config = config_on(tmp_path, empty_database)

    async def opened() -> str:
        async with Hub.open(config) as hub:
            await hub.store.write(lambda tx: _note(tx))
            return hub.node

    await asyncio.gather(*(opened() for _ in range(4)))
    async with Hub.open(config) as hub:
        report = await hub.verify_ledger()
        assert (report.events, report.broken) == (4, [])


def _note(tx: Transaction) -> None:
    tx.trace("hub.started", actor="hub:test")
