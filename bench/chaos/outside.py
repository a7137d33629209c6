"""The two processes outside the hub: the clients, and the receiver that is pushed to."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from bench.chaos.services import START_SECONDS, ServiceProblem
from bench.processes import free_port


class Outside:
    """Starts them, and tells the clients when to stop."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._receiver: subprocess.Popen[bytes] | None = None
        self._clients: asyncio.subprocess.Process | None = None

    def start_receiver(self) -> None:
        """Start the receiver; do not wait."""
        with (self.folder / "receiver.log").open("ab") as log:
            self._receiver = subprocess.Popen(
                [sys.executable, "-m", "bench.chaos.receiver", str(self.folder), str(self.port)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def kill_receiver(self) -> None:
        """End the receiver as a power cut would."""
        assert self._receiver is not None
        self._receiver.kill()
        await asyncio.to_thread(self._receiver.wait)

    async def start_clients(self, plan: Path) -> None:
        """Start the clients, and wait until they have begun. Raises `ServiceProblem`."""
        with (self.folder / "clients.log").open("ab") as log:
            self._clients = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bench.chaos.clients", str(plan)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        await self._expect(b"ready\n", START_SECONDS)

    async def stop_sending(self, seconds: float = 600.0) -> None:
        """Wait until every document in hand has its answer. Raises `ServiceProblem`."""
        assert self._clients is not None
        assert self._clients.stdin is not None
        self._clients.stdin.write(b"stop\n")
        await self._expect(b"stopped\n", seconds)

    async def _expect(self, line: bytes, seconds: float) -> None:
        assert self._clients is not None
        assert self._clients.stdout is not None
        try:
            said = await asyncio.wait_for(self._clients.stdout.readline(), seconds)
        except TimeoutError:
            raise ServiceProblem(f"the clients did not say {line!r} within {seconds:g} s") from None
        if said != line:
            raise ServiceProblem(f"the clients broke: see {self.folder / 'clients.log'}")

    def clients_alive(self) -> bool:
        """Tell whether the clients are still there."""
        return self._clients is not None and self._clients.returncode is None

    async def close(self) -> None:
        """End both."""
        if self._clients is not None and self._clients.stdin is not None:
            self._clients.stdin.close()
            try:
                await asyncio.wait_for(self._clients.wait(), 20)
            except TimeoutError:
                self._clients.kill()
        if self._receiver is not None and self._receiver.poll() is None:
            await self.kill_receiver()
