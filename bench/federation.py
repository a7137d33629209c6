"""Documents over three hops, beside one hop of the same run: `python -m bench.federation [COUNT]`.

Three hops: from a commune at one province's hub over the national axis to a ward at the other province's hub, the four
hubs of the federation demo with it. One hop: between two agencies of one such hub. Both are signed, checked, durable,
fetched and acknowledged by HTTP clients of the same process. The hubs share the machine, so the ratio is what counts;
the hubs' CPU time for each document is printed beside it.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import httpx

from bench.processes import cpu_seconds
from hub.demo.federation_ground import COMMUNE, WARD, Ground, Office, make
from hub.demo.federation_hubs import Processes
from hub.demo.federation_systems import Exchange, Sent
from hub.model import utc_now

COUNT, AT_ONCE = 1_000, 16
LOOK_SECONDS = 0.05


async def run(exchange: Exchange, processes: Processes, to: Office, count: int) -> tuple[float, float]:
    """Send so many documents to an office and wait until it has them all; return seconds and CPU seconds."""
    sender = exchange.systems[COMMUNE.id]
    now = utc_now()
    papers = await asyncio.to_thread(lambda: [sender.write((to,), f"V/v đo {n}", now) for n in range(count)])
    waiting, sent = iter(papers), list[Sent]()
    began, cpu = time.perf_counter(), _cpu(processes)

    async def send() -> None:
        for paper in waiting:
            sent.append(await sender.hand_in(paper, (to,)))

    await asyncio.gather(*(send() for _ in range(AT_ONCE)))
    wanted = {each.paper.envelope.document_id for each in sent}
    while not wanted <= exchange.documents(to).keys():
        await asyncio.sleep(LOOK_SECONDS)
    return time.perf_counter() - began, _cpu(processes) - cpu


def _cpu(processes: Processes) -> float:
    return sum(cpu_seconds(each.process.pid) for each in processes.hubs.values() if each.process)


async def measure(ground: Ground, processes: Processes, count: int) -> None:
    """Measure both ways and print a row for each."""
    exchange = Exchange.of(ground, answers=False)
    async with httpx.AsyncClient(trust_env=False) as client:
        await processes.start(client)
        tasks = [asyncio.create_task(each.run()) for each in exchange.systems.values()]
        try:
            rates = []
            for name, to in (("one hop", COMMUNE), ("three hops", WARD)):
                await run(exchange, processes, to, max(10, count // 20))  # warm
                seconds, cpu = await run(exchange, processes, to, count)
                rates.append(count / seconds)
                print(
                    f"{name:>11}: {count / seconds:8.1f} documents/s, {cpu / count * 1e3:6.2f} ms of the hubs' CPU each"
                )
            print(f"{'ratio':>11}: {rates[1] / rates[0]:8.2f}")
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await exchange.close()


def main(words: Sequence[str]) -> None:
    """Make the hubs, measure, stop them."""
    count = int(words[0]) if words else COUNT
    with tempfile.TemporaryDirectory() as folder:
        ground = make(Path(folder) / "federation", utc_now())
        processes = Processes.of(ground)
        with processes.ending():
            asyncio.run(measure(ground, processes, count))


if __name__ == "__main__":
    main(sys.argv[1:])
