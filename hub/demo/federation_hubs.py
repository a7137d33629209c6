"""The four hubs as processes of their own: started, killed as a power cut would, and started again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from hub.config import FILE_NAME
from hub.demo.checks import Differs
from hub.demo.federation_ground import HUBS, Ground
from schemas.text import Text

START_SECONDS, STOP_SECONDS, LOOK_SECONDS = 180.0, 60.0, 0.05  # on a machine that is busy, too


@dataclass
class HubProcess:
    """`edochub serve` in a folder, on a port that stays the same over its lives."""

    id: str
    folder: Path
    url: str
    process: subprocess.Popen[bytes] | None = None
    kills: int = 0

    @property
    def log(self) -> Path:
        """Where it logs."""
        return self.folder / "hub.log"

    def start(self) -> None:
        """Start it; do not wait."""
        command = [sys.executable, "-m", "cli", "--config", str(self.folder / FILE_NAME), "serve"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 our own interpreter and program
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
                start_new_session=True,  # Ctrl-C is for the demo, which then stops its hubs
            )

    async def ready(self, client: httpx.AsyncClient) -> None:
        """Wait until it takes documents. Raises `Differs` if it does not in time, or ends."""
        try:
            async with asyncio.timeout(START_SECONDS):
                while not await self._answers(client):
                    if self.process is None or self.process.poll() is not None:
                        raise self._never()
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError as error:
            raise self._never() from error

    async def _answers(self, client: httpx.AsyncClient) -> bool:
        try:
            return (await client.get(f"{self.url}/readyz")).status_code == 200
        except httpx.HTTPError:
            return False

    def _never(self) -> Differs:
        return Differs(
            Text(
                vi=f"Trục {self.id} không khởi động được; nhật ký: {self.log}",
                en=f"The hub {self.id} does not start; its log: {self.log}",
            )
        )

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.kills += 1

    def ask_to_stop(self) -> None:
        """Ask it to stop; do not wait."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def end(self) -> int:
        """Wait until it has stopped, and make sure that it has; return its exit code."""
        if self.process is None:
            return 0
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


@dataclass
class Processes:
    """All four."""

    hubs: Mapping[str, HubProcess]
    codes: dict[str, int] = field(default_factory=dict)  # how each ended

    @classmethod
    def of(cls, ground: Ground) -> Processes:
        """Return them, not yet started."""
        return cls(
            {each.id: HubProcess(each.id, ground.folder / each.id, ground.url(each.id)) for each in HUBS}
        )

    async def start(self, client: httpx.AsyncClient) -> None:
        """Start all, and wait until all take documents."""
        for each in self.hubs.values():
            each.start()
        await asyncio.gather(*(each.ready(client) for each in self.hubs.values()))

    async def restart(self, hub: str, client: httpx.AsyncClient) -> None:
        """Start one again that was killed."""
        self.hubs[hub].start()
        await self.hubs[hub].ready(client)

    @contextlib.contextmanager
    def ending(self) -> Iterator[None]:
        """At the end of the block, stop all."""
        try:
            yield
        finally:
            for each in self.hubs.values():
                each.ask_to_stop()
            self.codes = {name: each.end() for name, each in self.hubs.items()}
