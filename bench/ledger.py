"""What the ledger costs as it grows: `python -m bench.ledger`, and `--million` for a million events more.

For each size: appending an event through the hub's own writer, durable, in groups as a busy hub makes them; sealing a
thousand new events by a checkpoint; one inclusion proof, made and checked; recomputing all of it. The ledger is filled
up to each size directly, with events like those of real documents.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

import sqlalchemy as sa

from hub import ledger, log
from hub.proofs import prove
from hub.store import checkpoints
from hub.store.database import engine
from hub.store.tables import events
from hub.store.writer import LARGEST_GROUP, Transaction
from hub.testing import Box, hub_in_a_box, settings
from signing import merkle, notes
from signing.notes import Checkpoint

SIZES = (1_000, 10_000, 100_000)
GROUPS = 24  # of appended events, at each size
PROOFS = 300
START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
HEAD = (
    "events",
    "append us",
    "beside, us",
    "ratio",
    "seal 1,000 ms",
    "proof us",
    "hashes",
    "bytes",
    "check us",
    "verify s",
)


def main() -> None:
    """Measure each size and print a row."""
    options = argparse.ArgumentParser(prog="python -m bench.ledger", description=__doc__)
    options.add_argument("--million", action="store_true", help="go on to 1,000,000 events (some minutes)")
    sizes = (*SIZES, 1_000_000) if options.parse_args().million else SIZES
    log.silence()
    print(
        "Embedded SQLite, one process. append: per event, in durable groups; beside: a ledger of a few thousand."
    )
    print(" ".join(f"{word:>14}" for word in HEAD))
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder), sizes))


async def measure(folder: Path, sizes: tuple[int, ...]) -> None:
    """Fill one ledger up to each size in turn; beside it is one that begins with a thousand events."""
    (folder / "small").mkdir()
    async with (
        hub_in_a_box(folder, config=settings(folder)) as box,
        hub_in_a_box(folder / "small", config=settings(folder / "small")) as small,
    ):
        await asyncio.to_thread(fill, folder / "small", sizes[0])
        for size in sizes:
            await asyncio.to_thread(fill, folder, size)
            await box.hub.notary.seal()
            append, beside = await appended_us(box, small)
            seal = await sealed_ms(box)
            made, checked, hashes, octets = await proven(box, size)
            began = time.perf_counter()
            report = await box.hub.verify_ledger()
            seconds = time.perf_counter() - began
            assert report.events >= size
            assert report.broken == []
            figures = (
                f"{report.events:,}",
                f"{append:.0f}",
                f"{beside:.0f}",
                f"{append / beside:.2f}",
                f"{seal:.1f}",
                f"{made:.0f}",
                f"{hashes:.1f}",
                f"{octets:,.0f}",
                f"{checked:.0f}",
                f"{seconds:.1f}",
            )
            print(" ".join(f"{figure:>14}" for figure in figures), flush=True)


def fill(folder: Path, size: int) -> None:
    """Bring the table of events up to a size, past the writer."""
    made = engine(sa.make_url(f"sqlite:///{folder / 'edochub.db'}"), writes=True)
    with made.begin() as connection:
        last = connection.execute(
            sa.select(events.c.seq, events.c.hash).order_by(events.c.seq.desc()).limit(1)
        ).first()
        seq, head = (last.seq, last.hash) if last else (0, ledger.GENESIS)
        rows = []
        for row in written(seq, head, size):
            rows.append(row)
            if len(rows) == 10_000:
                connection.execute(sa.insert(events), rows)
                rows = []
        if rows:
            connection.execute(sa.insert(events), rows)
    made.dispose()


def written(seq: int, head: str, size: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of the events behind `seq`."""
    while seq < size:
        seq += 1
        at = START + timedelta(milliseconds=seq)
        message, details = f"M{seq // 4:025}", details_of(seq)
        body = ledger.body(seq, at, "hub.started", message, None, "endpoint:so-noi-vu", details)
        head = ledger.chained(head, body)
        yield {
            "seq": seq,
            "at": at,
            "kind": "hub.started",
            "message": message,
            "delivery": None,
            "actor": "endpoint:so-noi-vu",
            "body": body,
            "hash": head,
        }


def details_of(number: int) -> dict[str, Any]:
    """Return details as long as those of an accepted document."""
    return {
        "document_id": f"H49.13,2026/11/18,{number}/CV-H4913",
        "sha256": f"{number:064x}",
        "size": 48_213,
        "signatures": ["valid"],
        "to": [{"id": f"D{number:025}", "to": "H49.61", "endpoint": "xa-hai-son"}],
    }


async def appended_us(*boxes: Box) -> list[float]:
    """Return what appending one event costs each of these, in full groups, turn by turn: the lower quartile.

    Others use the machine too: only what is measured at the same time can be compared.
    """

    def unit(tx: Transaction) -> None:
        tx.trace("hub.started", actor="endpoint:so-noi-vu", message="M", **details_of(1))

    costs: list[list[float]] = [[] for _ in boxes]
    for _ in range(GROUPS):
        for box, own in zip(boxes, costs, strict=True):
            began = time.perf_counter()
            await asyncio.gather(*(box.hub.store.write(unit) for _ in range(LARGEST_GROUP)))
            own.append((time.perf_counter() - began) / LARGEST_GROUP * 1e6)
    return [quantiles(own)[0] for own in costs]


def a_thousand(tx: Transaction) -> None:
    """Let a thousand things happen at once."""
    for _ in range(1_000):
        tx.trace("hub.started", actor="hub:bench")


async def sealed_ms(box: Box) -> float:
    """Return what a checkpoint over a thousand new events costs."""
    await box.hub.notary.seal()
    await box.hub.store.write(a_thousand)
    began = time.perf_counter()
    await box.hub.notary.seal()
    return (time.perf_counter() - began) * 1e3


async def proven(box: Box, size: int) -> tuple[float, float, float, float]:
    """Return what a proof costs to make and to check, in microseconds, and how many hashes and octets it has."""
    chance = random.Random(1)
    chosen = [chance.randint(1, size) for _ in range(PROOFS)]
    newest = await box.hub.store.read(checkpoints.newest)
    assert newest is not None
    head = Checkpoint.parse(notes.parse(newest.note.encode()).text)

    def make(connection: sa.Connection) -> list[tuple[bytes, ...]]:
        return [merkle.inclusion(seq - 1, head.size, checkpoints.tiles(connection)) for seq in chosen]

    began = time.perf_counter()
    made = await box.hub.store.read(make)
    making = (time.perf_counter() - began) / PROOFS * 1e6
    bodies = await box.hub.store.read(lambda c: [prove(c, seq).body.encode() for seq in chosen])
    began = time.perf_counter()
    for seq, path, body in zip(chosen, made, bodies, strict=True):
        merkle.check_inclusion(seq - 1, head.size, merkle.leaf_hash(body), path, head.root)
    checking = (time.perf_counter() - began) / PROOFS * 1e6
    hashes = sum(map(len, made)) / PROOFS
    octets = hashes * merkle.HASH_BYTES
    return making, checking, hashes, octets


if __name__ == "__main__":
    main()
