"""Measure what the hub can do, then let it work at 70 % of that for an hour and see whether anything grows.

Ends with 1 when something was not flat.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.chaos import ground
from bench.chaos.services import Postgres, RabbitMq
from bench.processes import free_port
from bench.server import wait_until_ready
from bench.soak.judging import Row, judge, total_rss
from bench.soak.load import EVERY_SECONDS, POLLS, PUSHED, SENDER
from bench.soak.page import page, picture
from bench.soak.watching import descendants, of_broker, of_database, of_folder, of_processes
from hub.app import Hub
from hub.config import load
from hub.testing import Box

SHARE = 0.7  # of the capacity
WARM_LINES, CAPACITY_LINES = 1, 4  # of ten seconds each
DRAINING = 0.01  # documents each second, while what is under way comes to its end
SETTINGS = """\
[storage]
database = "{database}"
[broker]
url = "{broker}"
[policy]
signatures = "require"
"""


@dataclass
class Soaked:
    """The hub and its load while they run."""

    postgres: Postgres
    rabbitmq: RabbitMq
    hub: subprocess.Popen[bytes]
    load: asyncio.subprocess.Process
    payloads: Path

    async def row(self) -> Row:
        """Wait for the load's next line; return it with what everything uses at that moment."""
        assert self.load.stdout is not None
        said = await self.load.stdout.readline()
        if not said:
            raise RuntimeError("the load ended by itself")
        row: Row = json.loads(said)
        pids = await asyncio.to_thread(descendants, self.hub.pid)
        row |= await asyncio.to_thread(of_processes, pids)
        row |= await asyncio.to_thread(of_folder, self.payloads)
        return row | await of_database(self.postgres) | await of_broker(self.rabbitmq)

    def rate(self, per_second: float) -> None:
        """Say how many documents come each second; 0: as many as it takes."""
        assert self.load.stdin is not None
        self.load.stdin.write(f"rate {per_second}\n".encode())


@contextlib.asynccontextmanager
async def soaking(folder: Path, chosen: argparse.Namespace) -> AsyncIterator[Soaked]:
    """Start everything; at the end of the block, end it."""
    postgres, rabbitmq = Postgres(folder / "postgresql"), RabbitMq(folder / "rabbitmq")
    running: list[subprocess.Popen[bytes]] = []
    clients = None
    try:
        postgres.create()
        rabbitmq.create()
        postgres.start()
        rabbitmq.start()
        await postgres.ready()
        await rabbitmq.ready()
        await asyncio.to_thread(postgres.create_database)
        settings = SETTINGS.format(database=postgres.url, broker=rabbitmq.url)
        config = await asyncio.to_thread(ground.make_hub, folder / "hub", settings)
        plan = {
            "office": str(folder / ground.OFFICE_KEY),
            "port": free_port(),
            "sink": free_port(),
            "size": chosen.size,
            "large": chosen.large,
        }
        plan["secrets"] = await connect(config, int(str(plan["sink"])))
        (folder / "plan.json").write_text(json.dumps(plan))
        command = [
            "-m",
            "cli",
            "--config",
            str(config),
            "serve",
            "--port",
            str(plan["port"]),
            *chosen.serve.split(),
        ]
        with (folder / "hub.log").open("wb") as log:
            hub = subprocess.Popen([sys.executable, *command], stdout=log, stderr=log)
        running.append(hub)
        await asyncio.to_thread(wait_until_ready, int(str(plan["port"])), hub)
        with (folder / "load.log").open("wb") as log:
            clients = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bench.soak.load", str(folder / "plan.json")),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        yield Soaked(postgres, rabbitmq, hub, clients, folder / "hub" / "payloads")
    finally:
        if clients is not None and clients.returncode is None:
            clients.kill()
            await clients.wait()
        for process in running:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(process.wait, 30)
            process.kill()
        for service in (postgres, rabbitmq):
            if service.process is not None:
                await service.kill()
        rabbitmq.bury()


async def connect(config: Path, sink: int) -> dict[str, str]:
    """Add a sender, an addressee that polls and one that is pushed to; return their secrets."""
    async with Hub.open(await asyncio.to_thread(load, config)) as hub:
        box = Box(hub)
        await box.connect(SENDER, SENDER)
        await box.connect(POLLS, POLLS)
        await box.connect(PUSHED, PUSHED, address=f"http://127.0.0.1:{sink}/", polls=False)
        return box.secrets


async def soak(folder: Path, chosen: argparse.Namespace) -> tuple[float, list[Row]]:
    """Measure the capacity, then soak; return the capacity and a row for each ten seconds at 70 % of it."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(
        signal.SIGTERM, task.cancel
    )  # whoever is told to end, cleans up
    async with soaking(folder, chosen) as soaked:
        lines = [await soaked.row() for _ in range(WARM_LINES + CAPACITY_LINES)]
        capacity = median(row["accepted_per_second"] for row in lines[WARM_LINES:])
        print(f"capacity {capacity:.0f} documents each second, each to two addressees", flush=True)
        soaked.rate(DRAINING)
        while (await soaked.row())["under_way"] > 1:
            pass
        soaked.rate(capacity * SHARE)
        await soaked.row()  # half of it was quiet
        began, rows = time.monotonic(), []
        while time.monotonic() - began < chosen.minutes * 60 - EVERY_SECONDS / 2:
            row = await soaked.row()
            rows.append(row | {"minute": (time.monotonic() - began) / 60})
            print(
                f"{rows[-1]['minute']:6.1f} min  {row['accepted_per_second']:6.0f}/s accepted"
                f" {row['delivered_per_second']:6.0f}/s delivered  p99 {row['accept_p99_ms']:6.0f} /"
                f" {row['deliver_p99_ms']:6.0f} ms  {total_rss(row):6.0f} MB  open {row['open_deliveries']:5.0f}",
                flush=True,
            )
            with (folder / "rows.jsonl").open("a") as file:
                file.write(json.dumps(rows[-1]) + "\n")
        return capacity, rows


def main() -> int:
    """Soak once; print, draw and judge."""
    options = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    options.add_argument("--minutes", type=float, default=60.0)
    options.add_argument("--size", type=int, default=10_000, help="octets of a document, about")
    options.add_argument("--large", type=float, default=0.02, help="part of the documents that are 100 KB")
    options.add_argument("--serve", default="", help="more words for `edochub serve`, such as “--workers 2”")
    options.add_argument("--report", type=Path, help="write soak.md and soak.svg into this folder")
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="edochub-soak-"))
    folder.chmod(0o755)  # PostgreSQL is another user
    capacity, rows = asyncio.run(soak(folder, chosen))
    judged = judge(rows, capacity * SHARE)
    for each in judged:
        print(f"{'flat' if each.flat else 'NOT FLAT':9} {each.what}: {each.found}, at most {each.limit}")
    if chosen.report is not None:
        (chosen.report / "soak.svg").write_text(picture(rows), encoding="utf-8")
        (chosen.report / "soak.md").write_text(page(capacity, rows, judged, chosen.serve), encoding="utf-8")
    shutil.rmtree(folder)
    return 0 if all(each.flat for each in judged) else 1


if __name__ == "__main__":
    raise SystemExit(main())
