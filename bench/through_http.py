"""Documents accepted and delivered through HTTP: signed, fully checked, durable, fetched and acknowledged."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.client import Connection
from bench.documents import signed
from bench.server import Server, cpu_seconds, serving
from signing.ca import CertificateAuthority
from signing.keys import SigningKey

SENDERS, RECEIVERS = 32, 8


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run gave. `hub_us` is the server's CPU time for each document, in microseconds."""

    accepted_per_second: float
    delivered_per_second: float
    hub_us: float


async def run(server: Server, documents: list[bytes]) -> Measured:
    """Send all documents and take all deliveries, at the same time."""
    waiting = iter(documents)
    started, cpu = time.perf_counter(), cpu_seconds(server.pid)
    accepted = asyncio.create_task(_send_all(server, waiting))
    delivered = asyncio.create_task(_take_all(server, len(documents)))
    accepted_in = await accepted - started
    delivered_in = await delivered - started
    used = (cpu_seconds(server.pid) - cpu) / len(documents)
    return Measured(len(documents) / accepted_in, len(documents) / delivered_in, used * 1e6)


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


def measure(authority: CertificateAuthority, key: SigningKey, size: int, count: int) -> Measured:
    """Start a fresh server, warm it up, and measure `count` documents of a size."""
    warm, counted = list(signed(key, 50, size)), list(signed(key, count, size, first=1_000))
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), authority) as server:
        asyncio.run(run(server, warm))
        return asyncio.run(run(server, counted))
