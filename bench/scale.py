"""What years of documents cost: `python -m bench.scale --messages 10000000`, on PostgreSQL.

A database is filled past the hub (`bench.filling`, once: it is kept and found again) and measured beside an empty one,
turn by turn in one run: accepting signed documents, asking for a trace in each of the ways people ask, starting a
server on a million deliveries that wait for their far sides. `--plans` prints how PostgreSQL answers the questions that
every document asks.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles

import sqlalchemy as sa

from bench.documents import RECEIVER, SENDER, authority, signed
from bench.filling import COMMUNES, Filled, fill
from bench.server import wait_until_ready
from hub import log
from hub.model import Endpoint
from hub.store import deliveries
from hub.store.database import engine, migrate
from hub.testing import Box, hub_in_a_box, settings
from signing.keys import SigningKey

SERVER = "postgresql+psycopg://postgres@127.0.0.1:5432"
GROUP, ROUNDS = 64, 12
TRACES = 200  # of each way to ask
SIZE = 10_000  # octets of a package


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `bound` is what it should stay under, of the same unit."""

    measure: str
    ours: str
    bound: str
    ratio: float | None = None


def main() -> None:
    """Fill, measure, print the table."""
    options = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    options.add_argument("--messages", type=int, default=1_000_000)
    options.add_argument("--open", type=int, default=100_000, help="deliveries that wait for a far side")
    options.add_argument("--server", default=SERVER, help="without a database")
    options.add_argument("--database", default="edochub_scale", help="the filled one; it is kept")
    options.add_argument("--plans", action="store_true")
    chosen = options.parse_args()
    log.silence()
    full, empty = f"{chosen.server}/{chosen.database}", f"{chosen.server}/{chosen.database}_empty"
    made(full, anew=False)
    made(empty, anew=True)
    filled = engine(sa.make_url(full), writes=True)
    migrate(filled)
    there = fill(filled, chosen.messages, chosen.open)
    print(f"{'measure':<58} {'ours':>14} {'bound':>12} {'ratio':>8}")
    asyncio.run(measure(full, empty, there))
    cold = f"ready to serve after a start, of {chosen.messages:,} documents"
    say(Row(cold, f"{median(started(full) for _ in range(3)):.2f} s", "2 s"))
    if chosen.plans:
        print_plans(filled)


def made(url: str, *, anew: bool) -> None:
    """Make a database if it is not there, or anew."""
    target = sa.make_url(url)
    server = sa.create_engine(target.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        if anew:
            connection.execute(sa.text(f'DROP DATABASE IF EXISTS "{target.database}" WITH (FORCE)'))
        there = connection.execute(
            sa.text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": target.database}
        ).first()
        if there is None:
            connection.execute(sa.text(f'CREATE DATABASE "{target.database}"'))
    server.dispose()


def say(row: Row) -> None:
    """Print one line of the table."""
    told = "" if row.ratio is None else f"{row.ratio:.2f}"
    print(f"{row.measure:<58} {row.ours:>14} {row.bound:>12} {told:>8}", flush=True)


async def measure(full: str, empty: str, there: Filled) -> None:
    """Measure the full database beside the empty one, and say so line by line."""
    with tempfile.TemporaryDirectory() as folder:
        async with AsyncExitStack() as stack:
            boxes, senders = [], []
            ca = authority()
            for name, url in (("full", full), ("empty", empty)):
                where = Path(folder) / name
                (where / "trust").mkdir(parents=True)
                (where / "trust" / "ca.pem").write_bytes(ca.pem)
                box = await stack.enter_async_context(hub_in_a_box(where, config=settings(where, url)))
                boxes.append(box)
                senders.append(await sender_of(box))
            key = ca.issue(organisation="Sở Thử nghiệm", common_name="Văn thư", now=datetime.now(UTC))
            say(await acceptance(boxes, senders, key, there.messages))
            for row in await traces(boxes[0], there):
                say(row)


async def sender_of(box: Box) -> Endpoint:
    """Return the endpoint that sends, in a hub that may know it from an earlier run."""
    await box.hub.refresh_directory()
    known = box.hub.directory.endpoint("bench-sender")
    if known is not None:
        return known
    await box.connect("bench-receiver", RECEIVER)
    return await box.connect("bench-sender", SENDER)


async def acceptance(boxes: list[Box], senders: list[Endpoint], key: SigningKey, messages: int) -> Row:
    """Accept the same number of documents in each, a group here, a group there."""
    costs: list[list[float]] = [[] for _ in boxes]
    first = random.SystemRandom().randrange(10**9)
    packages = signed(key, (ROUNDS + 2) * GROUP * len(boxes), SIZE, first=first)
    for number in range(ROUNDS + 2):
        for box, sender, own in zip(boxes, senders, costs, strict=True):
            group = [next(packages) for _ in range(GROUP)]
            began = time.perf_counter()
            await asyncio.gather(*(box.hub.accept(sender, each) for each in group))
            if number >= 2:
                own.append((time.perf_counter() - began) / GROUP * 1e6)
    full, empty = (quantiles(own)[0] for own in costs)
    measured = f"accept a document of 10 KB, {messages:,} there / none"
    return Row(measured, f"{full:,.0f} us", f"{empty:,.0f} us", full / empty)


async def traces(box: Box, there: Filled) -> list[Row]:
    """Ask for traces as people do, each of a document that nobody asked for before."""
    chance = random.Random(there.messages)
    rows = []
    for what, reference in WAYS.items():
        took = []
        for _ in range(TRACES):
            asked = reference(there, chance.randrange(1, there.messages))
            began = time.perf_counter()
            found = await box.hub.trace(asked)
            took.append((time.perf_counter() - began) * 1e3)
            assert len(found) == 1, asked
        slowest = quantiles(took, n=100)[98]
        rows.append(
            Row(f"trace by {what}: half, 99 of 100", f"{median(took):.1f}, {slowest:.1f} ms", "20 ms")
        )
    return rows


def code(number: int) -> str:
    """Return the number and notation of a filled document."""
    return f"{number}/CV-STN"


WAYS: dict[str, Callable[[Filled, int], str]] = {
    "the hub's id": Filled.message,
    "a delivery's id": Filled.delivery,
    "DocumentId": lambda _, number: f"H49.{number % 421},2025/03/04,{code(number)}",
    "number and notation": lambda _, number: code(number),
}


def started(url: str) -> float:
    """Start a server on a database, wait until it is ready, stop it; return the seconds until it was."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [sys.executable, "-m", "cli", "--config", str(folder / "edochub.toml")]
        subprocess.run([sys.executable, "-m", "cli", "init", name], check=True, capture_output=True)
        file = folder / "edochub.toml"
        lines = [
            'database = "' + url + '"' if "sqlite:///" in line else line
            for line in file.read_text().split("\n")
        ]
        file.write_text("\n".join(lines))
        with (folder / "log").open("wb") as out:
            began = time.perf_counter()
            process = subprocess.Popen([*command, "serve", "--port", "18099"], stdout=out, stderr=out)
            try:
                wait_until_ready(18099, process)
                return time.perf_counter() - began
            finally:
                process.terminate()
                process.wait(60)


def print_plans(filled: sa.Engine) -> None:
    """Print how PostgreSQL answers what every delivery asks: which are due, for one of thousands of endpoints."""
    with filled.connect() as connection:
        given = {"of": f"commune-{COMMUNES // 2}", "now": datetime.now(UTC), "most": 50}
        for name, statement in (("claim", deliveries.DUE), ("endpoints with work", deliveries.WITH_WORK)):
            compiled = statement.compile(connection)
            asked = {key: given[key] for key in compiled.params if key in given}
            plan = connection.exec_driver_sql(
                f"EXPLAIN (ANALYZE, BUFFERS) {compiled}", {**compiled.params, **asked}
            )
            print(f"\n{name}\n" + "\n".join(f"  {line[0]}" for line in plan))


if __name__ == "__main__":
    main()
