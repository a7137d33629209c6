"""The hub's nodes: several `edochub serve` on one database and one broker, started again whenever they end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.chaos.services import until
from bench.processes import free_port

BURY_SECONDS = 0.5
STOP_SECONDS = 120.0


@dataclass
class Node:
    """One place for a node: its port stays the same over its lives."""

    number: int
    port: int = field(default_factory=free_port)
    pid: int | None = None
    frozen: bool = False

    async def answers(self) -> bool:
        """Tell whether it says that it can take documents."""
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
            async with asyncio.timeout(3):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                try:
                    writer.write(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                    return (await reader.readline()).split()[1:2] == [b"200"]
                finally:
                    writer.close()
        return False


class Nodes:
    """All nodes, and the process that forks them."""

    def __init__(self, config: Path, count: int) -> None:
        self.config = config
        self.all = [Node(number) for number in range(1, count + 1)]
        self.left: Counter[int] = Counter()  # exit codes of nodes that ended by themselves
        self._zygote: asyncio.subprocess.Process | None = None
        self._asking = asyncio.Lock()
        self._keeper: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start the process that forks, then all nodes."""
        self._zygote = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.chaos.zygote"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for node in self.all:
            await self.start(node)
        self._keeper = asyncio.create_task(self._keep())

    async def ready(self, seconds: float) -> None:
        """Wait until every node can take documents."""
        for node in self.all:
            await until(node.answers, f"node {node.number}", seconds)

    async def start(self, node: Node) -> None:
        """Start a node; do not wait."""
        arguments = ["--config", str(self.config), "--lang", "en", "serve", "--port", str(node.port)]
        log = self.config.with_name(f"node-{node.number}.log")
        node.pid = (await self._ask({"start": arguments, "log": str(log)}))["pid"]

    async def kill(self, node: Node) -> bool:
        """Kill a node with SIGKILL; tell whether it was alive."""
        pid, node.pid, node.frozen = node.pid, None, False
        return await self._signal(pid, signal.SIGKILL)

    async def freeze(self, node: Node) -> bool:
        """Stop a node in the middle of whatever it does."""
        node.frozen = await self._signal(node.pid, signal.SIGSTOP)
        return node.frozen

    async def thaw(self, node: Node) -> None:
        """Let a frozen node go on, if it was not killed meanwhile."""
        if node.frozen:
            node.frozen = False
            await self._signal(node.pid, signal.SIGCONT)

    async def stop(self) -> list[int]:
        """Ask every node to stop; return their exit codes."""
        if self._keeper is not None:
            self._keeper.cancel()
        running = {node.pid for node in self.all if node.pid is not None}
        for pid in running:
            await self._signal(pid, signal.SIGTERM)
        codes: dict[int, int] = {}

        async def all_ended() -> bool:
            codes.update(await self._ended())
            return running <= set(codes)

        await until(all_ended, "the end of the nodes", STOP_SECONDS)
        return [codes[pid] for pid in sorted(running)]

    async def close(self) -> None:
        """End whatever is left."""
        if self._keeper is not None:
            self._keeper.cancel()
        if self._zygote is not None and self._zygote.stdin is not None:
            self._zygote.stdin.close()
            await self._zygote.wait()

    async def _keep(self) -> None:
        """Start again what ended by itself, as a service manager would."""
        while True:
            await asyncio.sleep(BURY_SECONDS)
            codes = await self._ended()
            for node in self.all:
                if node.pid in codes:
                    self.left[codes[node.pid]] += 1
                    await self.start(node)

    async def _ended(self) -> dict[int, int]:
        return {int(pid): code for pid, code in (await self._ask({"ended": True})).items()}

    async def _signal(self, pid: int | None, number: int) -> bool:
        if pid is None:
            return False
        return bool((await self._ask({"kill": pid, "signal": int(number)}))["gone"])

    async def _ask(self, what: dict[str, Any]) -> dict[str, Any]:
        assert self._zygote is not None
        assert self._zygote.stdin is not None
        assert self._zygote.stdout is not None
        async with self._asking:
            self._zygote.stdin.write(json.dumps(what).encode() + b"\n")
            answer: dict[str, Any] = json.loads(await self._zygote.stdout.readline())
        return answer
