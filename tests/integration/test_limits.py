"""Back-pressure on a whole hub: who asks too much is told to come later, and everything arrives all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request

from adapters.http import bodies
from hub import web
from hub.adapter import Adapter
from hub.app import Hub
from hub.config import LimitSettings
from hub.errors import Busy
from hub.limits import EndpointLimits
from hub.model import Endpoint, Parcel, Receipt, ReceiptKind
from hub.store import directory as directory_store
from hub.store.deliveries import Claimed
from hub.testing import Box, eventually, hub_in_a_box, package, settings
from schemas.spooled import Package

DOCUMENTS = "/api/v1/documents"


@pytest.fixture(autouse=True)
def only_the_http_adapter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "adapter_names", lambda: ("http",))


@dataclass
class Time:
    """Seconds that pass when the test says so."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class FarSide(Adapter):
    """An adapter that counts what it is given at once."""

    at_once: int = 0
    most: int = 0
    given: list[str] = field(default_factory=list)
    first_may_end: asyncio.Event = field(default_factory=asyncio.Event)

    async def deliver(self, parcel: Parcel) -> Receipt:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        self.given.append(parcel.id)
        await self.first_may_end.wait()
        self.at_once -= 1
        return Receipt(kind=ReceiptKind.DELIVERED)


@asynccontextmanager
async def hub_with(
    folder: Path, *, running: bool = False, polls: bool = True, **limits: int
) -> AsyncIterator[tuple[Box, Endpoint]]:
    config = settings(folder)
    patient = replace(config.retry, timeout_seconds=60.0)
    config = replace(config, limits=LimitSettings(**limits), retry=patient)
    async with hub_in_a_box(folder, config=config, running=running) as box:
        sender = await box.connect("so-noi-vu", "H49.13")
        await box.connect("xa-hai-son", "H49.61", polls=polls)
        yield box, sender


def client(box: Box) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {box.secrets['so-noi-vu']}"}
    transport = httpx.ASGITransport(web.application(box.hub))
    return httpx.AsyncClient(transport=transport, base_url="http://hub", headers=headers)


async def limited(hub: Hub, endpoint: str, limits: EndpointLimits) -> Endpoint:
    await hub.store.write(lambda tx: directory_store.set_limits(tx, endpoint, limits, "operator:test"))
    return await hub.endpoint(endpoint)


async def test_who_sends_too_much_is_told_429_and_when_to_come_back(tmp_path: Path) -> None:
    async with hub_with(tmp_path, documents_per_minute=2) as (box, _), client(box) as sender:
        time = box.hub.gate.now = Time()
        contents = [package() for _ in range(3)]
        answers = [await sender.post(DOCUMENTS, content=each) for each in contents]
        assert [answer.status_code for answer in answers] == [201, 201, 429]
        said = answers[-1].json()["error"]
        assert said["code"] == "endpoint.busy"
        assert set(said["message"]) == {"vi", "en"}
        wait = int(answers[-1].headers["retry-after"])
        assert wait == 30
        time.now += wait
        assert (await sender.post(DOCUMENTS, content=contents[-1])).status_code == 201


async def test_the_door_knocks_before_it_reads_a_body(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    package_in = bodies.Bodies.package

    def noted(self: bodies.Bodies, request: Request) -> AbstractAsyncContextManager[Package]:
        read.append(request.url.path)
        return package_in(self, request)

    monkeypatch.setattr(bodies.Bodies, "package", noted)
    async with hub_with(tmp_path, bytes_per_minute=50_000) as (box, endpoint), client(box) as sender:
        time = box.hub.gate.now = Time()
        await box.hub.accept(endpoint, package())
        content = package(attachment=b"%PDF" * 9_000)
        assert (await sender.post(DOCUMENTS, content=content)).status_code == 429
        assert read == []
        time.now += 60
        assert (await sender.post(DOCUMENTS, content=content)).status_code == 201
        assert read == [DOCUMENTS]


async def test_an_endpoints_own_limit_counts_and_the_others_are_left_alone(tmp_path: Path) -> None:
    async with hub_with(tmp_path) as (box, sender):
        box.hub.gate.now = Time()
        slow = await limited(box.hub, "so-noi-vu", EndpointLimits(documents_per_minute=1))
        other = await box.connect("xa-khac", "H49.62")
        await box.hub.accept(slow, package())
        with pytest.raises(Busy):
            await box.hub.accept(slow, package())
        for _ in range(5):
            await box.hub.accept(other, package(sender="H49.62"))
        free = await limited(box.hub, "so-noi-vu", EndpointLimits())
        assert free == sender
        await box.hub.accept(free, package())


async def test_no_more_are_under_way_to_an_endpoint_than_it_wants(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hub_with(tmp_path, polls=False, deliveries_at_once=3) as (box, sender):
        far = FarSide()
        monkeypatch.setattr(box.hub.worker, "adapter_for", lambda _: far)
        for _ in range(7):
            await box.hub.accept(sender, package())
        async with box.hub.running():
            await eventually(lambda: far.at_once == 3, 60)
            far.first_may_end.set()
            await eventually(lambda: len(far.given) == 7, 60)
        assert far.most == 3
        assert len(set(far.given)) == 7


async def test_deliveries_a_minute_wait_for_their_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hub_with(tmp_path, running=True, polls=False) as (box, sender):
        far = FarSide()
        far.first_may_end.set()
        monkeypatch.setattr(box.hub.worker, "adapter_for", lambda _: far)
        await limited(box.hub, "xa-hai-son", EndpointLimits(deliveries_per_minute=2))
        claimed: list[int] = []
        claim = box.hub.worker.claim

        async def counting(endpoint: str, limit: int) -> list[Claimed]:
            claimed.append(limit)
            return await claim(endpoint, limit)

        monkeypatch.setattr(box.hub.worker, "claim", counting)
        for _ in range(5):
            await box.hub.accept(sender, package())
        await eventually(lambda: len(far.given) == 2, 60)
        for _ in range(5):  # sweeps wake the lane: it has nothing left to try
            box.hub.worker.wake("xa-hai-son")
            await asyncio.sleep(0)
        assert max(claimed) <= 2
        await limited(box.hub, "xa-hai-son", EndpointLimits())
        box.hub.worker.wake("xa-hai-son")
        await eventually(lambda: len(far.given) == 5, 60)
