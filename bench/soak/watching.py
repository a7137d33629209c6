"""What the hub's processes, the database, the broker and the disk use at one moment."""

from __future__ import annotations

import contextlib
from pathlib import Path

import aio_pika
import psycopg
from aio_pika.exceptions import AMQPError

from bench.chaos.services import Postgres, RabbitMq
from hub.broker.amqp import QUEUE

OPEN = (
    "SELECT count(*) FROM deliveries WHERE state IN ('queued', 'sending', 'waiting_for_retry', 'available')"
)


def descendants(pid: int) -> list[int]:
    """Return a process and all that it started, directly or not."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
    found = [pid]
    for each in found:
        found += [child for child, parent in parents.items() if parent == each]
    return found


def of_processes(pids: list[int]) -> dict[str, float]:
    """Return resident memory of each in MB, and file descriptors and threads of all."""
    found = {"fds": 0.0, "threads": 0.0}
    for number, pid in enumerate(pids, 1):
        with contextlib.suppress(OSError):  # it has just ended
            status = dict(
                line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
            )
            found[f"rss_mb_{number}"] = int(status["VmRSS"].split()[0]) / 1024
            found["threads"] += int(status["Threads"])
            found["fds"] += len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return found


async def of_database(postgres: Postgres) -> dict[str, float]:
    """Return its size in MB, and how many deliveries are open."""
    async with await psycopg.AsyncConnection.connect(postgres.address()) as connection:
        size = await (await connection.execute("SELECT pg_database_size('edochub')")).fetchone()
        open_ = await (await connection.execute(OPEN)).fetchone()
    assert size is not None
    assert open_ is not None
    return {"database_mb": size[0] / 1e6, "open_deliveries": float(open_[0])}


async def of_broker(rabbitmq: RabbitMq) -> dict[str, float]:
    """Return how many tickets wait."""
    with contextlib.suppress(AMQPError, OSError):
        async with await aio_pika.connect(rabbitmq.url) as connection, connection.channel() as channel:
            queue = await channel.declare_queue(QUEUE, passive=True)
            return {"tickets": float(queue.declaration_result.message_count or 0)}
    return {"tickets": -1.0}


def of_folder(folder: Path) -> dict[str, float]:
    """Return the size of a folder's files in MB."""
    size = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            size += path.stat().st_size if path.is_file() else 0
    return {"payloads_mb": size / 1e6}
