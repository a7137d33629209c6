"""Documents accepted and delivered through HTTP: signed, fully checked, durable, fetched and acknowledged."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bench.client import Connection
from bench.processes import family, named, of_all, serving_database, spent
from bench.server import Server, serving
from bench.services import Services
from signing.ca import CertificateAuthority

SENDERS, RECEIVERS = 32, 8


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run gave, for each document: microseconds of the processor, by who used them."""

    accepted_per_second: float
    delivered_per_second: float  # deliveries, of which a document may have many
    hub_us: float
    database_us: float
    broker_us: float

    @property
    def all_us(self) -> float:
        """All of it."""
        return self.hub_us + self.database_us + self.broker_us


@dataclass(frozen=True, slots=True)
class Load:
    """What is sent, and to whom."""

    documents: list[bytes]
    receivers: int = 1


async def run(server: Server, load: Load, services: Services | None = None) -> Measured:
    """Send all documents and take all deliveries, at the same time."""
    count = len(load.documents)
    before = _used(server, services)
    started = time.perf_counter()
    accepted = asyncio.create_task(_send_all(server, iter(load.documents)))
    delivered = asyncio.create_task(_take_all(server, count * load.receivers))
    accepted_in = await accepted - started
    delivered_in = await delivered - started
    after = _used(server, services)
    hub, database, broker = (spent(*each) / count * 1e6 for each in zip(before, after, strict=True))
    return Measured(count / accepted_in, count * load.receivers / delivered_in, hub, database, broker)


def _used(server: Server, services: Services | None) -> tuple[dict[int, float], ...]:
    """Return what the hub's processes have used, PostgreSQL's for our database, and RabbitMQ's."""
    if services is None:
        return of_all(family(server.pid)), {}, {}
    database = str(sa.make_url(services.database).database)
    return of_all(family(server.pid)), of_all(serving_database(database)), of_all(named("beam.smp"))


async def _send_all(server: Server, documents: Iterator[bytes]) -> float:
    async def send() -> None:
        connection = Connection(server.port, server.sender)
        for document in documents:
            answer = await connection.request("POST", "/api/v1/documents", document)
            if answer.status != 201:
                raise RuntimeError(f"expected 201, got {answer.status}: {answer.body[:500]!r}")
        await connection.close()

    await asyncio.gather(*(send() for _ in range(SENDERS)))
    return time.perf_counter()


async def _take_all(server: Server, count: int) -> float:
    taken: set[str] = set()
    queue: asyncio.Queue[str | None] = asyncio.Queue()
    looker = Connection(server.port, server.receiver)

    async def take() -> None:
        connection = Connection(server.port, server.receiver)
        while (delivery := await queue.get()) is not None:
            document = await connection.request("GET", f"/api/v1/inbox/{delivery}/document")
            ack = await connection.request("POST", f"/api/v1/inbox/{delivery}/ack")
            if (document.status, ack.status) != (200, 200):
                raise RuntimeError(f"expected 200 and 200, got {document.status} and {ack.status}")
            queue.task_done()
        await connection.close()

    takers = [asyncio.create_task(take()) for _ in range(RECEIVERS)]
    while len(taken) < count:
        answer = await looker.request("GET", "/api/v1/inbox?limit=200&wait=5")
        new = [each["id"] for each in answer.json()["deliveries"] if each["id"] not in taken]
        taken.update(new)
        for delivery in new:
            queue.put_nowait(delivery)
        await queue.join()
    for _ in takers:
        queue.put_nowait(None)
    await asyncio.gather(*takers)
    await looker.close()
    return time.perf_counter()


def measure(
    authority: CertificateAuthority,
    load: Load,
    warm: list[bytes],
    services: Services | None = None,
    workers: int = 1,
) -> Measured:
    """Start a fresh server, warm it up, and measure."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder), authority, services, workers) as server,
    ):
        asyncio.run(run(server, Load(warm, load.receivers)))
        return asyncio.run(run(server, load, services))
