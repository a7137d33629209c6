"""Two nodes on one PostgreSQL behind a plain TCP balancer, under load: one is stopped, killed, frozen, started again.

No client sees more than a connection that breaks, or a 503, and is answered when it sends the same bytes again; every
document that was accepted is delivered, once.
"""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest

from hub.app import Hub
from hub.config import ServerSettings
from hub.testing import Box, package
from tests.faults.balancer import balancing
from tests.faults.server import Server, Sink, free_port, server_config, serving
from tests.faults.told import check_events, one_picture

pytestmark = pytest.mark.services

CLIENTS = 3
MOST_REPEATS = (
    2  # of one document: a kept connection that broke, and one that came too late to a node that stops
)
SILENT_SECONDS = 2.0
PATIENCE_SECONDS = 120.0
XML = {"Content-Type": "application/xml"}
SENDER, PUSHED = "H49.13", "H49.61"


@dataclass
class Senders:
    """Clients that send one document after the other until they are told to stop."""

    url: str
    secret: str
    accepted: dict[str, bytes] = field(default_factory=dict)
    repeats: list[int] = field(default_factory=list)  # for each document
    problems: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        with httpx.Client(base_url=self.url, timeout=60.0, trust_env=False) as client:
            client.headers["Authorization"] = f"Bearer {self.secret}"
            while not self.over.is_set():
                self._send(client, package(sender=SENDER, to=(PUSHED,)))

    def _send(self, client: httpx.Client, content: bytes) -> None:
        for repeat in range(20):
            try:
                answer = client.post("/api/v1/documents", content=content, headers=XML)
            except httpx.TransportError:
                continue
            if answer.status_code in (200, 201):
                self.accepted[answer.json()["id"]] = content
                self.repeats.append(repeat)
                return
            if answer.status_code != 503:
                break
        self.problems.append(f"{answer.status_code} {answer.text[:200]}" if answer else "no answer")

    def wait_for_more(self, count: int) -> None:
        """Wait until so many more were accepted."""
        wanted, deadline = len(self.accepted) + count, time.monotonic() + PATIENCE_SECONDS
        while len(self.accepted) < wanted:
            assert time.monotonic() < deadline, self.problems
            time.sleep(0.02)


def test_nodes_come_and_go_and_no_client_sees_more_than_a_repeat(tmp_path: Path, postgresql: str) -> None:
    config = server_config(tmp_path, postgresql)
    other = replace(config, server=ServerSettings(port=free_port()))
    one = Server(tmp_path, config, code="one", silent_seconds=SILENT_SECONDS, workers=2)
    two = Server(tmp_path, other, code="two", silent_seconds=SILENT_SECONDS)
    ports = [config.server.port, other.server.port]
    with serving(Sink()) as sink, balancing(ports) as port:
        secret = asyncio.run(connect(one, sink.url))
        senders = Senders(f"http://127.0.0.1:{port}", secret)
        threads = [threading.Thread(target=senders.run) for _ in range(CLIENTS)]
        try:
            two.begin()
            one.start()
            two_answers(two)
            for thread in threads:
                thread.start()
            senders.wait_for_more(20)
            assert two.terminate(PATIENCE_SECONDS) == 0
            senders.wait_for_more(20)
            two.start()
            replace_workers(one)
            senders.wait_for_more(20)
            two.kill()
            senders.wait_for_more(20)
            two.start()
            freeze(two, senders)
            senders.over.set()
            for thread in threads:
                thread.join()
            wait_until_delivered(senders, sink)
            assert [server.terminate(PATIENCE_SECONDS) for server in (one, two)] == [0, 0]
        finally:
            senders.over.set()
            one.end()
            two.end()
    assert senders.problems == []
    assert max(senders.repeats) <= MOST_REPEATS, Counter(senders.repeats)
    assert Counter(sink.documents.values()) == Counter(senders.accepted.values())
    asyncio.run(check(one))


async def connect(server: Server, address: str) -> str:
    async with Hub.open(server.config) as hub:
        box = Box(hub)
        await box.connect("sender", SENDER)
        await box.connect("pushed", PUSHED, address=address, polls=False)
        return box.secrets["sender"]


def two_answers(server: Server) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not server.answers():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def replace_workers(server: Server) -> None:
    """Have the supervisor replace its workers one by one, and wait until it has."""
    assert server.process is not None
    before = server.log.read_text().count("web.ready")
    server.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while server.log.read_text().count("web.ready") < before + server.workers:
        assert time.monotonic() < deadline, server.log.read_text()[-2000:]
        time.sleep(0.05)


def freeze(server: Server, senders: Senders) -> None:
    """Let a node sleep until its work was taken from it; then let it wake up."""
    assert server.process is not None
    server.process.send_signal(signal.SIGSTOP)
    time.sleep(2 * SILENT_SECONDS)
    server.process.send_signal(signal.SIGCONT)
    senders.wait_for_more(20)


def wait_until_delivered(senders: Senders, sink: Sink) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(sink.documents) < len(senders.accepted):
        assert time.monotonic() < deadline, f"{len(sink.documents)} of {len(senders.accepted)}"
        time.sleep(0.05)


async def check(server: Server) -> None:
    async with Hub.open(server.config) as hub:
        assert [str(text) for text in (await hub.verify_ledger()).broken] == []
        check_events(*await hub.store.read_alone(one_picture))
