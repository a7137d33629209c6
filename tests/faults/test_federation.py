"""Four hubs linked by the axis's protocol: any one of them dies at any moment, and nothing is lost, doubled, altered.

The hubs are the federation demo's, each a process and a database of its own. They run on while one after the other is
ended by SIGKILL, five times each, at moments of a seeded chance, and started again, with fresh documents in all
directions each time. A process that has everything loaded forks them, so that a start costs no second. Twenty rounds
take a minute or more, so this runs with the tests marked `programs`.
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub.config import FILE_NAME
from hub.demo.board import Board
from hub.demo.cast import load
from hub.demo.checks import Checks
from hub.demo.display import Display
from hub.demo.federation import Federation, all_directions, check_exchange, prove
from hub.demo.federation_ground import HUBS, Ground, make
from hub.demo.federation_hubs import HubProcess, Processes
from hub.demo.federation_systems import Exchange
from hub.model import utc_now

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 20
SEED = 20261122
LATEST_SECONDS, LONGEST_DOWN_SECONDS = 0.7, 0.4
LOOK_SECONDS = 0.05


@dataclass
class Zygote:
    """The process that forks the hubs: see `bench/chaos/zygote.py`."""

    process: subprocess.Popen[str]
    codes: dict[int, int] = field(default_factory=dict)  # of those that have ended

    @classmethod
    @contextmanager
    def open(cls) -> Iterator[Zygote]:
        command = [sys.executable, "-m", "bench.chaos.zygote"]
        with subprocess.Popen(
            command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            yield cls(process)
            assert process.stdin is not None
            process.stdin.close()

    def ask(self, **what: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


@dataclass
class Forked:
    """A forked process that looks like one of `subprocess`, as far as `HubProcess` looks."""

    zygote: Zygote
    pid: int

    def poll(self) -> int | None:
        if self.pid not in self.zygote.codes:
            self.zygote.codes |= {int(pid): code for pid, code in self.zygote.ask(ended=True).items()}
        return self.zygote.codes.get(self.pid)

    def kill(self) -> None:
        if self.zygote.ask(kill=self.pid, signal=int(signal.SIGKILL))["gone"]:
            self.zygote.codes[self.pid] = -signal.SIGKILL

    def send_signal(self, number: signal.Signals) -> None:
        self.zygote.ask(kill=self.pid, signal=int(number))

    def wait(self, timeout: float = 60.0) -> int:
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("serve", timeout)
            time.sleep(LOOK_SECONDS)
        return code


@dataclass
class ForkedHub(HubProcess):
    """A hub that is forked from a process with everything loaded."""

    zygote: Zygote | None = None

    def start(self) -> None:
        assert self.zygote is not None
        arguments = ["--config", str(self.folder / FILE_NAME), "serve"]
        pid = self.zygote.ask(start=arguments, log=str(self.log))["pid"]
        self.process = Forked(self.zygote, pid)  # type: ignore[assignment]


def forked(ground: Ground, zygote: Zygote) -> Processes:
    hubs = (ForkedHub(each.id, ground.folder / each.id, ground.url(each.id), zygote=zygote) for each in HUBS)
    return Processes({each.id: each for each in hubs})


@pytest.mark.programs
def test_nothing_is_lost_whichever_hub_dies_whenever(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ground = make(tmp_path / "federation", utc_now())
    checks, display = Checks(), Display(Board(load()))
    with Zygote.open() as zygote:
        processes = forked(ground, zygote)
        with processes.ending():
            asyncio.run(killed_again_and_again(ground, processes, checks, display))
    assert processes.codes == {each.id: 0 for each in HUBS}
    asyncio.run(prove(ground, checks, display))
    capsys.readouterr()
    assert [str(each) for each in checks.differences] == []
    assert {each.kills for each in processes.hubs.values()} == {ROUNDS // len(HUBS)}


async def killed_again_and_again(
    ground: Ground, processes: Processes, checks: Checks, display: Display
) -> None:
    chance = random.Random(SEED)
    victims = [each.id for each in HUBS] * (ROUNDS // len(HUBS))
    chance.shuffle(victims)
    exchange = Exchange.of(ground)
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        federation = Federation(ground, display, checks, processes, exchange, client)
        try:
            await processes.start(client)
            federation.running += [asyncio.create_task(each.run()) for each in exchange.systems.values()]
            for victim in victims:
                crowd = asyncio.create_task(all_directions(federation, 1))
                await asyncio.sleep(chance.uniform(0.0, LATEST_SECONDS))
                processes.hubs[victim].kill()
                await asyncio.sleep(chance.uniform(0.0, LONGEST_DOWN_SECONDS))
                await processes.restart(victim, client)
                await crowd
            await federation.all_there()
        finally:
            for task in federation.running:
                task.cancel()
            await asyncio.gather(*federation.running, return_exceptions=True)
            await exchange.close()
    check_exchange(exchange, checks)
