"""A database that says nothing any more: everybody is told 503 within seconds, nothing piles up, and it heals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from hub import web
from hub.config import ServerSettings, StorageSettings
from hub.errors import Unavailable
from hub.model import utc_now
from hub.store import pulse
from hub.store.database import Store
from hub.testing import Box, eventually, hub_in_a_box, package, settings
from tests.faults.stalling import Line, line_to

SOON = 0.3  # seconds, where the hub has five


@pytest.fixture
def line(postgresql: str) -> Iterator[Line]:
    url = sa.make_url(postgresql)
    with line_to(url.host or "127.0.0.1", url.port or 5432) as made:
        yield made


@pytest.fixture
def through(postgresql: str, line: Line) -> str:
    """The URL of a database behind a line."""
    url = sa.make_url(postgresql).set(host="127.0.0.1", port=line.port)
    return url.render_as_string(hide_password=False)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "PATIENCE_SECONDS", SOON)
    monkeypatch.setattr(pulse, "LOOK_SECONDS", 0.05)
    # The driver takes whole seconds, and two at least.
    monkeypatch.setitem(pulse.CONNECTING, "connect_timeout", 2)
    monkeypatch.setattr(web, "adapter_names", lambda: ("http",))


@pytest.mark.services
async def test_a_frozen_database_is_answered_503_and_heals(tmp_path: Path, through: str, line: Line) -> None:
    config = replace(settings(tmp_path), storage=StorageSettings(database=through), server=ServerSettings())
    async with hub_in_a_box(tmp_path, config=config, running=True) as box:
        await box.connect("so-noi-vu", "H49.13")
        await box.connect("xa-hai-son", "H49.61")
        async with client(box) as sender:
            before = await sender.post("/api/v1/documents", content=package())
            assert before.status_code == 201
            line.stall()
            contents = [package() for _ in range(40)]
            answers = await asyncio.gather(
                *(sender.post("/api/v1/documents", content=each) for each in contents)
            )
            assert {answer.status_code for answer in answers} == {503}
            assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers)
            assert (await sender.get("/readyz")).status_code == 503
            line.flow()
            await eventually(lambda: ready(sender))
            again = [(await sender.post("/api/v1/documents", content=each)).status_code for each in contents]
            assert set(again) <= {200, 201}
            told = await box.hub.verify_ledger()
            assert [str(text) for text in told.broken] == []
            waiting = await box.hub.waiting(await box.hub.endpoint("xa-hai-son"), limit=100)
            assert len({each.message.id for each in waiting}) == len(waiting) == len(contents) + 1


def client(box: Box) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {box.secrets['so-noi-vu']}"}
    transport = httpx.ASGITransport(web.application(box.hub))
    return httpx.AsyncClient(transport=transport, base_url="http://hub", headers=headers, timeout=60)


async def ready(sender: httpx.AsyncClient) -> bool:
    return (await sender.get("/readyz")).status_code == 200


@pytest.mark.services
async def test_a_long_question_is_no_frozen_database(through: str) -> None:
    async with opened(through) as store:
        slept = await store.read(
            lambda connection: connection.execute(sa.text("SELECT pg_sleep(1.5), 7")).one()[1]
        )
        assert slept == 7


@pytest.mark.services
async def test_a_frozen_database_keeps_nobody_from_stopping(through: str, line: Line) -> None:
    async with opened(through) as store:
        line.stall()
        asked = asyncio.create_task(store.read(lambda connection: connection.execute(sa.text("SELECT 1"))))
        with pytest.raises(Unavailable):
            await asked


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_more_than_so_many_do_not_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: pulse.Kind
) -> None:
    monkeypatch.setattr(pulse, "MOST_WAITING", 3)
    watched = pulse.Pulse(sa.make_url(f"sqlite:///{tmp_path / 'edochub.db'}"))
    other: pulse.Kind = "write" if kind == "read" else "read"
    with watched.waiting(kind), watched.waiting(kind):
        with watched.waiting(kind), pytest.raises(Unavailable) as told, watched.waiting(kind):
            pass
        with watched.waiting(kind), watched.waiting(other):
            pass
    assert told.value.retry_after == 5.0


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    store = Store(url, utc_now, lambda endpoints: None)
    await asyncio.to_thread(store.open)
    try:
        yield store
    finally:
        await store.close()
