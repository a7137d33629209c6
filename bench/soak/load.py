"""The load: signed documents to two addressees, one that polls and one that is pushed to.

With no rate, senders send as fast as the hub brings to both addressees what it has accepted: that is its capacity. With
a rate, documents come at moments of chance, and a latency counts from the moment that a document was due, not from
when a connection was free for it. Asked by lines on standard input: `rate 0`, `rate 210.5`, `end`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

from bench.chaos.ground import OFFICE_KEY
from bench.client import Answer, Connection
from hub.testing import package
from signing import xml
from signing.keys import KeyFolder

SENDER, POLLS, PUSHED = "H49.10", "H49.21", "H49.31"
CONNECTIONS, TAKERS = 48, 8
MOST_UNDER_WAY = 400  # documents accepted and not with both, when there is no rate
EVERY_SECONDS = 10.0


class Load:
    """Sends, takes, and counts."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.rate = 0.0
        self.key = KeyFolder(Path(plan["office"])).load(OFFICE_KEY, None)
        self.due: dict[str, float] = {}  # digest -> when it was due
        self.left: dict[str, int] = {}  # digest -> addressees that do not have it
        self.accepted: list[float] = []  # seconds each took, since the last line
        self.delivered: list[float] = []
        self.troubles = 0
        self._queue: asyncio.Queue[float] = asyncio.Queue(100_000)

    async def run(self) -> None:
        """Work until told to end. Raises what broke it."""
        server = await asyncio.start_server(self._pushed, "127.0.0.1", self.plan["sink"], limit=1 << 20)
        tasks = [asyncio.create_task(self._send()) for _ in range(CONNECTIONS)]
        tasks += [
            asyncio.create_task(each) for each in (self._arrive(), self._poll(), self._tell(), self._listen())
        ]
        # Only `_listen` ends by itself.
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        server.close()
        for task in ended:
            task.result()

    async def _listen(self) -> None:
        while (line := await asyncio.to_thread(sys.stdin.readline)).startswith("rate "):
            self.rate = float(line.split()[1])

    async def _arrive(self) -> None:
        """Say when the next document is due."""
        due = time.monotonic()
        while True:
            now = time.monotonic()
            if self.rate:
                due = max(due, now - EVERY_SECONDS) + random.expovariate(self.rate)
                rate = self.rate
                while (left := due - time.monotonic()) > 0 and self.rate == rate:
                    await asyncio.sleep(min(left, 0.5))
                if self.rate != rate:
                    due = time.monotonic()
                    continue
                await self._queue.put(due)
            elif self._queue.empty() and len(self.left) < MOST_UNDER_WAY:
                due = now
                await self._queue.put(now)
                await asyncio.sleep(0)
            else:
                await asyncio.sleep(0.001)

    async def _send(self) -> None:
        connection = Connection(self.plan["port"], self.plan["secrets"][SENDER])
        while True:
            due = await self._queue.get()
            content = xml.sign(self._document(), self.key)
            sha256 = hashlib.sha256(content).hexdigest()
            self.due[sha256], self.left[sha256] = due, 2
            if not await said(connection, "POST", "/api/v1/documents", content):
                self.troubles += 1
                self.due.pop(sha256, None)
                self.left.pop(sha256, None)
                await asyncio.sleep(0.1)
            else:
                self.accepted.append(time.monotonic() - due)

    def _document(self) -> bytes:
        large = random.random() < self.plan["large"]
        octets = (100_000 if large else self.plan["size"]) * 3 // 4 - 3_000
        attachment = b"%PDF-1.7\n" + random.randbytes(max(1, octets)) + b"\n%%EOF\n"
        return package(sender=SENDER, to=(POLLS, PUSHED), attachment=attachment)

    def _has(self, sha256: str) -> None:
        if sha256 in self.left:
            self.delivered.append(time.monotonic() - self.due[sha256])
            self.left[sha256] -= 1
            if not self.left[sha256]:
                del self.left[sha256], self.due[sha256]

    async def _poll(self) -> None:
        waiting: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        taken: dict[str, None] = {}  # the newest only: memory must be flat here too

        async def take() -> None:
            connection = Connection(self.plan["port"], self.plan["secrets"][POLLS])
            while True:
                each = await waiting.get()
                document = await said(connection, "GET", f"/api/v1/inbox/{each['id']}/document")
                ack = await said(connection, "POST", f"/api/v1/inbox/{each['id']}/ack")
                self.troubles += document is None or ack is None
                self._has(each["sha256"])
                waiting.task_done()

        async with asyncio.TaskGroup() as group:
            for _ in range(TAKERS):
                group.create_task(take())
            looker = Connection(self.plan["port"], self.plan["secrets"][POLLS])
            while True:
                answer = await said(looker, "GET", "/api/v1/inbox?limit=200&wait=5")
                if answer is None:
                    self.troubles += 1
                    await asyncio.sleep(0.1)
                    continue
                for each in answer.json()["deliveries"]:
                    if each["id"] not in taken:
                        taken[each["id"]] = None
                        waiting.put_nowait(each)
                await waiting.join()
                while len(taken) > 1_000:
                    del taken[next(iter(taken))]

    async def _pushed(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                length = int(head.split("content-length:", 1)[1].split("\r\n", 1)[0])
                content = await reader.readexactly(length)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
                self._has(hashlib.sha256(content).hexdigest())
        except (OSError, asyncio.IncompleteReadError):
            writer.close()

    async def _tell(self) -> None:
        """Say each ten seconds what was done since."""
        before = time.monotonic()
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            now = time.monotonic()
            line = {
                "seconds": now - before,
                "accepted_per_second": len(self.accepted) / (now - before),
                "delivered_per_second": len(self.delivered) / (now - before),
                "accept_p50_ms": at(self.accepted, 0.5),
                "accept_p99_ms": at(self.accepted, 0.99),
                "deliver_p50_ms": at(self.delivered, 0.5),
                "deliver_p99_ms": at(self.delivered, 0.99),
                "under_way": len(self.left),
                "troubles": self.troubles,
            }
            print(json.dumps(line), flush=True)
            before = now
            self.accepted.clear()
            self.delivered.clear()


async def said(connection: Connection, method: str, path: str, body: bytes = b"") -> Answer | None:
    """Ask; once more when the hub had closed the connection, because it was idle for long. None: it failed."""
    for _ in range(2):
        try:
            answer = await connection.request(method, path, body)
        except (OSError, ValueError, asyncio.IncompleteReadError):
            await connection.close()
        else:
            return answer if answer.status in (200, 201) else None
    return None


def at(seconds: list[float], part: float) -> float:
    """Return a percentile in milliseconds."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] * 1e3 if ordered else 0.0


if __name__ == "__main__":
    asyncio.run(Load(json.loads(Path(sys.argv[1]).read_text())).run())
