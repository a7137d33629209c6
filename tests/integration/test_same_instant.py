"""Two identical packages at the same instant, fifty times over: one message each, told to both senders."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from hub import web
from hub.config import StorageSettings
from hub.testing import Box, hub_in_a_box, package, settings

TIMES = 50
SMALL, LARGE = b"%PDF-1.7\n%%EOF\n", b"%PDF-1.7\n" + b"x" * 40_000 + b"\n%%EOF\n"
Reached = Callable[[Box], AbstractAsyncContextManager[httpx.AsyncClient]]
HEADERS = {"Content-Type": "application/xml"}


@asynccontextmanager
async def box_on(folder: Path, database: str) -> AsyncIterator[Box]:
    config = replace(settings(folder), storage=StorageSettings(database=database, inline_bytes=20_000))
    async with hub_in_a_box(folder, config=config, running=True) as box:
        await box.connect("so-noi-vu", "H49.13")
        await box.connect("xa-hai-son", "H49.61", "H49.62")
        yield box


@asynccontextmanager
async def application(box: Box) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=web.application(box.hub))
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
        yield client


@asynccontextmanager
async def real_server(box: Box) -> AsyncIterator[httpx.AsyncClient]:
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(
        web.serve(box.hub, host="127.0.0.1", port=0, on_ready=lambda found: ready.set_result(found[0]))
    )
    try:
        async with httpx.AsyncClient(base_url=await ready, timeout=30.0, trust_env=False) as client:
            yield client
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


@pytest.mark.parametrize(
    ("reached", "attachment"),
    [(application, SMALL), (real_server, SMALL), (application, LARGE)],
    ids=["application-small", "server-small", "application-large"],
)
async def test_two_identical_packages_are_one_message(
    tmp_path: Path, database: str, reached: Reached, attachment: bytes
) -> None:
    async with box_on(tmp_path, database) as box, reached(box) as client:
        authorization = {"Authorization": f"Bearer {box.secrets['so-noi-vu']}"}

        async def post(content: bytes) -> httpx.Response:
            return await client.post("/api/v1/documents", content=content, headers=HEADERS | authorization)

        for _ in range(TIMES):
            content = package(to=("H49.61", "H49.62"), attachment=attachment)
            first, second = await asyncio.gather(post(content), post(content))
            assert {first.status_code, second.status_code} == {200, 201}, (first.text, second.text)
            one, other = first.json(), second.json()
            assert one["id"] == other["id"]
            assert {one["duplicate"], other["duplicate"]} == {True, False}
            assert {each["id"] for each in one["deliveries"]} == {each["id"] for each in other["deliveries"]}
        waiting = await box.hub.waiting(await box.hub.endpoint("xa-hai-son"), limit=500)
        assert list(Counter(each.message.id for each in waiting).values()) == [2] * TIMES
        report = await box.hub.verify_ledger()
        assert (report.broken, len(report.accepted)) == ([], TIMES)
