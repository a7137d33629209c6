"""Processes of a measurement: their ports, and what they have used of the processor, from /proc (Linux)."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path

PROC = Path("/proc")


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process has used so far."""
    fields = (PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def family(pid: int) -> Iterator[int]:
    """Yield a process and all that descend from it."""
    yield pid
    for thread in (PROC / str(pid) / "task").iterdir():
        for child in (thread / "children").read_text().split():
            yield from family(int(child))


def of_all(pids: Iterable[int]) -> dict[int, float]:
    """Return the CPU seconds of each process that is still there."""
    used = {}
    for pid in pids:
        try:
            used[pid] = cpu_seconds(pid)
        except OSError:
            continue
    return used


def spent(before: dict[int, float], after: dict[int, float]) -> float:
    """Return what was used between two looks; a process that came in between has used all of it."""
    return sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items())


def named(name: str) -> list[int]:
    """Return the processes with this name."""
    found = []
    for each in PROC.iterdir():
        if each.name.isdigit():
            try:
                if (each / "comm").read_text().strip() == name:
                    found.append(int(each.name))
            except OSError:
                continue
    return found


def serving_database(database: str) -> list[int]:
    """Return PostgreSQL's processes for one database, by the titles that it gives them."""
    found = []
    for each in named("postgres"):
        try:
            title = (PROC / str(each) / "cmdline").read_bytes().decode("utf-8", "replace")
        except OSError:
            continue
        if f" {database} " in title:
            found.append(each)
    return found
