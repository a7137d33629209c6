"""The supervisor of several processes, with workers that answer each connection with their pid."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60.0

PROGRAM = """
import asyncio, os, pathlib, signal, socket, sys
from hub import log
from hub.supervisor import Supervisor

log.silence()

listening = socket.create_server(("127.0.0.1", 0))
listening.setblocking(False)

def work(post):
    if pathlib.Path("broken").exists():
        pathlib.Path("tried").touch()
        return 1
    asyncio.run(serve(post))
    return 0

async def serve(post):
    stop = asyncio.Event()
    post.stop_when_orphaned(stop)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async def answer(_, writer):
        writer.write(str(os.getpid()).encode())
        writer.close()
    async with await asyncio.start_server(answer, sock=post.sockets[0]):
        post.ready()
        await stop.wait()

print(listening.getsockname()[1], flush=True)
Supervisor([listening], 2, work, lambda: print("ready", flush=True)).run()
print("over", flush=True)
"""


@dataclass
class Supervised:
    """A supervisor that runs, and where its workers answer."""

    process: subprocess.Popen[str]
    folder: Path
    port: int

    def tell(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def workers(self) -> set[int]:
        """Return the children that there are."""
        pid = self.process.pid
        return {int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}

    def answering(self) -> int:
        """Return who answers. Asked again when nobody does: one that ends drops the connection it has just taken."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (answer := self._answer()):
            assert time.monotonic() < deadline
        return int(answer)

    def _answer(self) -> str:
        with (
            contextlib.suppress(ConnectionError),
            socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS) as client,
        ):
            return client.makefile().read()
        return ""


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Supervised]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    port = int(process.stdout.readline())
    assert process.stdout.readline() == "ready\n"
    yield Supervised(process, tmp_path, port)
    process.kill()
    process.wait()
    process.stdout.close()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_worker_that_dies_is_replaced(supervised: Supervised) -> None:
    before = supervised.workers()
    dead = min(before)
    os.kill(dead, signal.SIGKILL)
    until(lambda: len(supervised.workers() - {dead}) == 2)
    assert before - {dead} < supervised.workers()
    assert supervised.answering() in supervised.workers()


def test_workers_are_replaced_one_by_one(supervised: Supervised) -> None:
    before = supervised.workers()
    supervised.tell(signal.SIGHUP)
    while before & supervised.workers():
        assert len(supervised.workers()) >= 2
        supervised.answering()
    until(lambda: len(supervised.workers()) == 2)


def test_workers_stay_when_new_ones_do_not_come_up(supervised: Supervised) -> None:
    before = supervised.workers()
    (supervised.folder / "broken").touch()
    supervised.tell(signal.SIGHUP)
    until(lambda: (supervised.folder / "tried").exists())
    until(lambda: supervised.workers() == before)
    assert supervised.answering() in before


def test_it_ends_with_its_workers(supervised: Supervised) -> None:
    supervised.tell(signal.SIGTERM)
    assert supervised.process.wait(PATIENCE_SECONDS) == 0
    assert supervised.process.stdout is not None
    assert supervised.process.stdout.read() == "over\n"


def test_workers_that_lose_it_end(supervised: Supervised) -> None:
    workers = supervised.workers()
    supervised.tell(signal.SIGKILL)
    until(lambda: not any(Path(f"/proc/{pid}").exists() and alive(pid) for pid in workers))


def alive(pid: int) -> bool:
    """Tell whether a process still runs: one that has ended may wait for somebody to take note."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
