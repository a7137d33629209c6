"""A disk that is full, from the outside: 503 with Retry-After, nothing that was accepted is lost, and it heals."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from hub import durable, web
from hub.store.payloads import spool
from hub.testing import Box, hub_in_a_box, package, settings

DOCUMENTS = "/api/v1/documents"
LARGE = os.urandom(300_000)


@pytest.fixture(autouse=True)
def only_the_http_adapter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "adapter_names", lambda: ("http",))


@asynccontextmanager
async def desk(folder: Path) -> AsyncIterator[tuple[Box, httpx.AsyncClient]]:
    config = settings(folder)
    config = replace(config, storage=replace(config.storage, inline_bytes=65_536))
    async with hub_in_a_box(folder, config=config) as box:
        await box.connect("so-noi-vu", "H49.13")
        await box.connect("xa-hai-son", "H49.61")
        headers = {"Authorization": f"Bearer {box.secrets['so-noi-vu']}"}
        transport = httpx.ASGITransport(web.application(box.hub))
        async with httpx.AsyncClient(transport=transport, base_url="http://hub", headers=headers) as sender:
            yield box, sender


def said_503(answer: httpx.Response) -> bool:
    return answer.status_code == 503 and int(answer.headers["retry-after"]) >= 1


async def pages(box: Box, most: int | None = None) -> int:
    """Return how many pages the database has; let it have no more than `most` from here on."""

    def ask(connection: sa.Connection) -> int:
        if most is not None:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {most}")
        return int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())

    return await box.hub.store.write(lambda tx: ask(tx.connection))


async def test_a_database_that_cannot_grow_says_503_loses_nothing_and_heals(tmp_path: Path) -> None:
    async with desk(tmp_path) as (box, sender):
        await pages(box, await pages(box) + 40)
        contents = [package(attachment=os.urandom(12_000)) for _ in range(30)]
        taken = []
        for content in contents:
            answer = await sender.post(DOCUMENTS, content=content)
            assert answer.status_code == 201 or said_503(answer), answer.text
            if answer.status_code == 201:
                taken.append((answer.json()["id"], content))
        assert 0 < len(taken) < len(contents)
        for hub_id, content in taken:
            assert (await sender.get(f"{DOCUMENTS}/{hub_id}")).status_code == 200
            again = await sender.post(DOCUMENTS, content=content)
            assert said_503(again) or again.json()["id"] == hub_id
        assert (await sender.get("/readyz")).status_code == 200
        await pages(box, 1_000_000)
        answers = await asyncio.gather(*(sender.post(DOCUMENTS, content=each) for each in contents))
        assert {answer.status_code for answer in answers} <= {200, 201}
        assert {hub_id for hub_id, _ in taken} <= {answer.json()["id"] for answer in answers}
        waiting = await box.hub.waiting(await box.hub.endpoint("xa-hai-son"), limit=100)
        assert len({each.message.id for each in waiting}) == len(waiting) == len(contents)
        for each in waiting[:5]:
            parcel = await box.hub.fetch(await box.hub.endpoint("xa-hai-son"), each.delivery.id)
            assert parcel.package in contents
        assert [str(text) for text in (await box.hub.verify_ledger()).broken] == []


async def test_a_payload_folder_that_is_full_says_503_and_heals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    content = package(attachment=LARGE)
    async with desk(tmp_path) as (_, sender):
        with monkeypatch.context() as no_room:
            no_room.setattr(durable, "_write_synced", full)
            assert said_503(await sender.post(DOCUMENTS, content=content))
            small = await sender.post(DOCUMENTS, content=package())
            assert small.status_code == 201
        assert (await sender.post(DOCUMENTS, content=content)).status_code == 201


async def test_a_disk_without_room_for_a_body_on_its_way_says_503_and_heals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    content = package(attachment=os.urandom(1_500_000))
    async with desk(tmp_path) as (_, sender):
        with monkeypatch.context() as no_room:
            no_room.setattr(spool.Spool, "_write", full)
            assert said_503(await sender.post(DOCUMENTS, content=content))
        assert (await sender.post(DOCUMENTS, content=content)).status_code == 201
