"""What one document costs the hub's processes, and where it goes: handed in, checked, recorded, fetched, acknowledged.

    python -m bench.cost                       # 10 KB, embedded
    python -m bench.cost --size 100000 --services
    python -m bench.cost --profile             # by part, sampled by py-spy, which has to be installed

Time of the processor, not of the clock. What the machine does beside it still moves it, so the bare check (parse,
schema, canonical form, digest, signature value) is measured before and after; its multiples can be compared.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench.__main__ import POSTGRESQL, RABBITMQ
from bench.documents import authority, signed
from bench.floor import checker, each_us
from bench.processes import family, of_all, spent
from bench.server import Server, serving
from bench.services import Services, fresh
from bench.through_http import Load, Measured, run

WARM = 60
QUIET_SECONDS = 1.0
PY_SPY = (str(Path(sys.executable).with_name("py-spy")),)
HERTZ = 400  # samples a second
# The first of these that stands anywhere in a stack says to which part a sample belongs.
PARTS = (
    ("every second, whatever is sent", ("signing/trust_folder.py", "hub/indexing.py", "hub/worker.py")),
    ("attachments, after acceptance", ("hub/settling.py", "hub/store/judging.py")),
    ("writing: COMMIT", ("Writer._commit (",)),
    ("writing: acceptance", ("hub/steps/record.py",)),
    ("writing: acknowledgement", ("hub/steps/acknowledge.py", "take (")),
    ("writing: the rest", ("hub/store/writer.py:_run", "Writer._run (")),
    ("reading", ("Store._read (",)),
    ("parse and schema", ("schemas/xml.py", "schemas/schema.py", "schemas/catalog.py")),
    ("envelope and rules", ("schemas/validator.py",)),
    ("signature", ("signing/xml.py", "hub/steps/verify.py", "hub/holders.py")),
    ("the rest of the journey", ("hub/journey.py",)),
    ("HTTP: what the operations do", ("adapters/http/documents.py", "adapters/http/inbox.py")),
    ("HTTP: routing, requests, answers", ("adapters/http/", "starlette/")),
    ("HTTP: uvicorn", ("uvicorn/", "hub/web_limits.py")),
)
# Innermost frames of threads that only wait.
IDLE = ("_worker (", "Writer._take_waiting (", "wait (", "select (")


def main() -> None:
    """Measure, and print a table."""
    options = argparse.ArgumentParser(prog="python -m bench.cost", description=__doc__)
    options.add_argument("--size", type=int, default=10_000)
    options.add_argument("--count", type=int, default=500)
    options.add_argument("--rounds", type=int, default=3, help="the cheapest is told")
    options.add_argument("--services", action="store_true", help="with PostgreSQL and RabbitMQ")
    options.add_argument("--profile", action="store_true", help="tell where it goes")
    options.add_argument("--functions", type=int, default=0, help="and which functions are the busiest")
    options.add_argument("--key", choices=("rsa-2048", "ecdsa-p256"), default="rsa-2048")
    chosen = options.parse_args()
    ca = authority()
    key = ca.issue(
        organisation="Sở Thử nghiệm (mã minh họa)",
        common_name="Văn thư Sở Thử nghiệm",
        now=datetime.now(UTC),
        algorithm=chosen.key,
    )
    bare = list(signed(key, 100, chosen.size, 500_000))
    check = each_us(bare, checker())
    with (
        tempfile.TemporaryDirectory() as folder,
        fresh(POSTGRESQL, RABBITMQ) if chosen.services else contextlib.nullcontext() as services,
        serving(Path(folder), ca, services) as server,
    ):
        asyncio.run(run(server, Load(list(signed(key, WARM, chosen.size)))))
        rounds = []
        for number in range(chosen.rounds):
            documents = list(signed(key, chosen.count, chosen.size, 1_000 + number * chosen.count))
            rounds.append(measured(server, Load(documents), services))
        best = min(rounds, key=lambda each: each.all_us)
        check = min(check, each_us(bare, checker()))
        print(
            f"{chosen.size:,} octets, {chosen.key}, {chosen.count} documents, best of {chosen.rounds} rounds"
        )
        for name, us in (
            ("the hub", best.hub_us),
            ("PostgreSQL", best.database_us),
            ("RabbitMQ", best.broker_us),
            ("the bare check", check),
        ):
            print(f"{name:<34}{us:>9,.0f} us {us / check:>7.2f}")
        print(f"{best.delivered_per_second:,.0f} delivered a second")
        if chosen.profile or chosen.functions:
            documents = list(signed(key, 2 * chosen.count, chosen.size, 200_000))
            stacks = sampled(server, Load(documents))
            tell_parts(stacks)
            tell_functions(stacks, chosen.functions)


def measured(server: Server, load: Load, services: Services | None) -> Measured:
    """Send a load. What is done when all is delivered belongs to it: the attachments are judged then."""
    before = of_all(family(server.pid))
    found = asyncio.run(run(server, load, services))
    used, done = spent(before, of_all(family(server.pid))), False
    while not done:
        time.sleep(QUIET_SECONDS)
        now = spent(before, of_all(family(server.pid)))
        used, done = now, now - used < QUIET_SECONDS * 0.05
    return replace(found, hub_us=used / len(load.documents) * 1e6)


def sampled(server: Server, load: Load) -> Counter[tuple[str, ...]]:
    """Send a load while stacks are sampled; return the microseconds of each stack, thread first, then outermost in.

    What a thread has used is known exactly, so its samples share that: how many there are of a thread says nothing.
    """
    kinds = kinds_of_threads(server.pid)
    command = [*PY_SPY, "record", "--function", "--threads", "--full-filenames", "--rate", str(HERTZ)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "stacks"
        sampler = subprocess.Popen(
            [*command, "--pid", str(server.pid), "--format", "raw", "--output", str(file)],
            stdout=subprocess.DEVNULL,
        )
        try:
            before = used_by_threads(server.pid, kinds)
            measured(server, load, None)
            used = used_by_threads(server.pid, kinds) - before
        finally:
            sampler.send_signal(signal.SIGINT)
            sampler.wait()
        lines = file.read_text(encoding="utf-8").splitlines()
    samples: dict[str, Counter[tuple[str, ...]]] = {}
    for line in lines:
        stack, _, seen = line.rpartition(" ")
        frames = tuple(stack.split(";"))
        if not frames[-1].startswith(IDLE):
            samples.setdefault(kind_of(frames[0]), Counter())[frames] += int(seen)
    found: Counter[tuple[str, ...]] = Counter()
    for kind, us in used.items():
        of_kind = samples.get(kind, Counter({(kind,): 1}))
        for frames, count in of_kind.items():
            found[frames] += round(us / len(load.documents) * count / of_kind.total() * 1_000)
    return found


def kinds_of_threads(pid: int) -> dict[int, str]:
    """Return what kinds of threads a process has."""
    dump = [*PY_SPY, "dump", "--json", "--pid", str(pid)]
    threads = json.loads(subprocess.run(dump, check=True, capture_output=True, text=True).stdout)
    return {each["os_thread_id"]: kind_of(each["thread_name"] or "") for each in threads}


def used_by_threads(pid: int, kinds: dict[int, str]) -> Counter[str]:
    """Return the microseconds that the threads of a process have used, by their kind."""
    found: Counter[str] = Counter()
    for task in Path(f"/proc/{pid}/task").iterdir():
        nanoseconds = int((task / "schedstat").read_text().split()[0])
        found[kinds.get(int(task.name), "another")] += round(nanoseconds / 1_000)
    return found


def kind_of(thread: str) -> str:
    """Return what kind of thread one with this name is."""
    return next((kind for kind in ("MainThread", "writer", "reader", "asyncio") if kind in thread), "another")


def tell_parts(stacks: Counter[tuple[str, ...]]) -> None:
    """Print what each part uses."""
    parts: Counter[str] = Counter()
    for stack, count in stacks.items():
        parts[part_of(stack)] += count
    print()
    for name, count in parts.most_common():
        print(f"{name:<34}{count / 1_000:>9,.0f} us {count / parts.total():>7.1%}")


def part_of(stack: tuple[str, ...]) -> str:
    """Return the part that a stack belongs to."""
    whole = ";".join(stack)
    return next((name for name, marks in PARTS if any(mark in whole for mark in marks)), "the event loop")


def tell_functions(stacks: Counter[tuple[str, ...]], most: int) -> None:
    """Print the functions that are the innermost of Python's most often."""
    innermost: Counter[str] = Counter()
    for stack, count in stacks.items():
        innermost[stack[-1].split("site-packages/")[-1]] += count
    for name, count in innermost.most_common(most):
        print(f"{count / 1_000:>9,.0f} us  {name}")


if __name__ == "__main__":
    main()
