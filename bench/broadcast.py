"""One document to every commune of the country: `python -m bench.broadcast [--addressees 3321] [--database URL]`.

Each commune is an endpoint of its own, pushed to over HTTP; one process of this bench stands for all of them. Printed:
how long accepting took (one transaction), from the first delivery to the last, and what a bare client needs to post the
same package as often to the same process.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import tempfile
import time
from dataclasses import replace
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

import httpx

from bench.documents import SENDER
from hub import log
from hub.agencies_file import AgencyRow
from hub.config import RetrySettings, WorkerSettings
from hub.model import AgencyCode, Endpoint, Level
from hub.store import directory as directory_store
from hub.store.writer import Transaction
from hub.testing import Box, hub_in_a_box, package, settings
from hub.vault import new_secret
from schemas.edxml.codes import scheme_of

COMMUNES = 3_321
ATTACHMENT_BYTES = 30_000
AT_ONCE = 32  # of the bare client


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(prog="python -m bench.broadcast", description=__doc__)
    options.add_argument("--addressees", type=int, default=COMMUNES)
    options.add_argument("--database", default="sqlite:///edochub.db")
    chosen = options.parse_args()
    log.silence()
    ours, theirs = multiprocessing.Pipe()
    communes = multiprocessing.Process(target=receive_all, args=(theirs,), daemon=True)
    communes.start()
    port = ours.recv()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder), chosen.database, chosen.addressees, port, ours))
    communes.terminate()


def receive_all(told: Pipe) -> None:
    """Answer every POST with 200, in this process; tell when the first and the last of a number came."""
    asyncio.run(_receive_all(told))


async def _receive_all(told: Pipe) -> None:
    moments: list[float] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    int(line.split(b":")[1])
                    for line in head.lower().split(b"\r\n")
                    if line.startswith(b"content-length:")
                )
                await reader.readexactly(length)
                moments.append(time.monotonic())
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1_024)
    told.send(server.sockets[0].getsockname()[1])
    while True:
        await asyncio.to_thread(told.recv)
        told.send(moments[:])
        moments.clear()


async def measure(folder: Path, database: str, count: int, port: int, communes: Pipe) -> None:
    """Send one document to `count` endpoints; print the figures."""
    config = replace(
        settings(folder, database),
        retry=RetrySettings(timeout_seconds=60.0),
        worker=WorkerSettings(),
    )
    async with hub_in_a_box(folder, config=config, running=True) as box:
        sender = await box.connect("van-phong", SENDER)
        codes = [f"X{number:04}.H49" for number in range(count)]
        await add_communes(box, codes, port)
        document = package(sender=SENDER, to=codes, attachment=b"%PDF-1.7\n" + b"x" * ATTACHMENT_BYTES)
        began, cpu = time.monotonic(), time.process_time()
        accepted = await box.hub.accept(sender, document)
        answered = time.monotonic()
        assert len(accepted.deliveries) == count
        while (await box.hub.accepted(accepted.message.id)).state != "completed":
            await asyncio.sleep(0.25)
        used = time.process_time() - cpu
        communes.send(None)
        moments = sorted(await asyncio.to_thread(communes.recv))
        assert len(moments) == count, len(moments)
    bare = await bare_seconds(document, count, port)
    spent = moments[-1] - began
    print(f"{len(document):,} octets to {count:,} addressees, {database.partition(':')[0]}")
    print(f"accepted and recorded          {answered - began:>8.2f} s   (aim: under 1 s)")
    print(f"first delivery after           {moments[0] - began:>8.2f} s")
    print(f"last delivery after            {spent:>8.2f} s   {count / spent:,.0f} deliveries a second")
    print(f"the hub's CPU                  {used:>8.2f} s   {used / count * 1e6:,.0f} us a delivery")
    print(f"a bare client, {AT_ONCE} at once      {bare:>8.2f} s   ratio {bare / spent:.2f}")


async def add_communes(box: Box, codes: list[str], port: int) -> None:
    """Make an agency and an endpoint for each code, in one transaction."""
    rows = [
        AgencyRow(
            line=line,
            name=f"Xã {code}",
            level=Level.COMMUNE,
            codes=(AgencyCode(value=code, scheme=scheme_of(code)),),
        )
        for line, code in enumerate(codes, 2)
    ]
    await box.hub.store.write(lambda tx: directory_store.import_agencies(tx, rows, "operator:bench"))

    def add(tx: Transaction) -> None:
        for number, code in enumerate(codes):
            secret = new_secret()
            endpoint = Endpoint(
                id=f"commune-{number}",
                adapter="http",
                address=f"http://127.0.0.1:{port}/in/{number}",
                agencies=frozenset({code}),
                polls=False,
            )
            directory_store.add_endpoint(
                tx, endpoint, box.hub.vault.lookup(secret), box.hub.vault.seal(secret), "operator:bench"
            )

    await box.hub.store.write(add)
    await box.hub.refresh_directory()


async def bare_seconds(document: bytes, count: int, port: int) -> float:
    """Return how long posting the package as often takes without a hub."""
    left = iter(range(count))
    began = time.monotonic()
    async with httpx.AsyncClient(timeout=60.0) as client:

        async def post() -> None:
            for number in left:
                (
                    await client.post(f"http://127.0.0.1:{port}/in/{number}", content=document)
                ).raise_for_status()

        await asyncio.gather(*(post() for _ in range(AT_ONCE)))
    return time.monotonic() - began


if __name__ == "__main__":
    main()
