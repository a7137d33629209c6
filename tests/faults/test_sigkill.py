"""The real server, killed with SIGKILL again and again while four clients send and three kinds of addressee receive.

Nothing may be lost, nothing may come twice as a new document, the bytes are the same, and the ledger verifies. The
numbers are printed: how often it was killed, how often a client had to repeat itself.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx
import pytest

from adapters.folder import FolderAdapter
from hub.app import Hub
from hub.config import Config
from hub.model import DeliveryState
from hub.testing import Box, package
from tests.faults.server import Server, Sink, server_config, serving
from tests.faults.told import check_events, one_picture

DOCUMENTS, CLIENTS = 300, 4
KILLS, FEWEST_KILLS = 8, 3  # fewer prove nothing
KILLING_SECONDS, PATIENCE_SECONDS = 45.0, 400.0  # on a machine that is busy with other things too

XML = {"Content-Type": "application/xml"}
SENDER, POLLS, PUSHED, FOLDER = "H49.13", "H49.61", "H49.62", "H49.63"


@dataclass
class Outside:
    """Everybody who talks to the server, each in a thread, and what they saw."""

    url: str
    secrets: dict[str, str]
    outbox: Path
    accepted: dict[str, bytes] = field(default_factory=dict)  # message id -> bytes
    polled: dict[str, bytes] = field(default_factory=dict)  # delivery id -> bytes
    taken: set[str] = field(default_factory=set)
    folder: Counter[str] = field(default_factory=Counter)
    folder_documents: dict[str, bytes] = field(default_factory=dict)
    repeats: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def client(self, who: str) -> httpx.Client:
        return httpx.Client(
            base_url=f"{self.url}/api/v1",
            headers={"Authorization": f"Bearer {self.secrets[who]}"},
            timeout=30.0,
            trust_env=False,
        )

    def ask(self, what: str, request: Callable[[], httpx.Response], good: tuple[int, ...]) -> httpx.Response:
        """Ask until there is a good answer: a correct client that must know."""
        while True:
            try:
                answer = request()
            except httpx.HTTPError:
                pass
            else:
                if answer.status_code in good:
                    return answer
                if answer.status_code != 503:
                    self.problems.append(f"{what}: {answer.status_code} {answer.text[:200]}")
                    raise AssertionError(self.problems[-1])
            if self.over.is_set():
                raise AssertionError(f"{what}: no answer before the end")
            self.repeats[what] += 1
            time.sleep(0.02)

    def send(self, number: int) -> None:
        chance = random.Random(number)
        with self.client("sender") as client:
            for _ in range(DOCUMENTS // CLIENTS):
                content = package(sender=SENDER, to=(POLLS, PUSHED, FOLDER))
                post = partial(client.post, "/documents", content=content, headers=XML)
                answer = self.ask("submit", post, (200, 201))
                self.accepted[answer.json()["id"]] = content
                time.sleep(chance.uniform(0.0, 0.08))

    def poll(self) -> None:
        with self.client("polls") as client:
            while not self.over.is_set():
                found = self.ask("list", lambda: client.get("/inbox?wait=1&limit=20"), (200,))
                for each in found.json()["deliveries"]:
                    self.take(client, each)

    def take(self, client: httpx.Client, each: dict[str, str]) -> None:
        path = f"/inbox/{each['id']}"
        if each["id"] in self.taken:
            self.problems.append(f"{each['id']} is offered again although it was acknowledged")
        content = self.ask("fetch", lambda: client.get(f"{path}/document"), (200,)).content
        if hashlib.sha256(content).hexdigest() != each["sha256"]:
            self.problems.append(f"{each['id']}: other bytes than announced")
        self.polled[each["id"]] = content
        self.ask("acknowledge", lambda: client.post(f"{path}/ack"), (200,))
        self.taken.add(each["id"])

    def empty_folder(self) -> None:
        while not self.over.is_set():
            for path in self.outbox.glob("*.edxml"):
                self.folder[path.name] += 1
                self.folder_documents[path.name] = path.read_bytes()
                path.unlink()
            time.sleep(0.05)


def test_nothing_is_lost_and_nothing_comes_twice(
    tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    config = server_config(tmp_path, database)
    with serving(Sink(loses_answer=lambda call: call % 17 == 0)) as sink:
        secrets = asyncio.run(connect(config, sink.url, tmp_path / "agency"))
        server = Server(tmp_path, config, lease_seconds=2.0, timeout_seconds=5.0)
        outside = Outside(server.url, secrets, tmp_path / "agency" / "outbox")
        threads = [
            threading.Thread(target=outside.send, args=(number,), name=f"client {number}")
            for number in range(CLIENTS)
        ]
        senders = list(threads)
        threads += [threading.Thread(target=outside.poll), threading.Thread(target=outside.empty_folder)]
        for thread in threads:
            thread.start()
        try:
            kill_again_and_again(server, senders, began)
            wait_until_all_is_delivered(outside, sink, began)
        finally:
            outside.over.set()
            for thread in threads:
                thread.join()
            code = server.terminate() if server.process and server.process.poll() is None else None
            server.end()
    check(outside, sink)
    assert code == 0
    asyncio.run(check_database(server))
    with capsys.disabled():
        print(
            f"\n{len(outside.accepted)} documents to 3 addressees each: {server.kills} kills, repeats of clients"
            f" {dict(outside.repeats)}, of pushes {sink.calls.total() - len(sink.documents)};"
            f" 0 lost, 0 twice, {time.monotonic() - began:.0f} s"
        )


async def connect(config: Config, address: str, folder: Path) -> dict[str, str]:
    folder.mkdir()
    async with Hub.open(config) as hub:
        box = Box(hub)
        await box.connect("sender", SENDER)
        await box.connect("polls", POLLS)
        await box.connect("pushed", PUSHED, address=address, polls=False)
        where = FolderAdapter.settle(str(folder))
        await box.connect("folder", FOLDER, adapter="folder", address=where, polls=False)
        return box.secrets


def kill_again_and_again(server: Server, senders: list[threading.Thread], began: float) -> None:
    """Kill the server at moments of chance, sometimes while it still starts, as long as somebody sends.

    A machine that is busy kills fewer times.
    """
    chance = random.Random(1)

    def goes_on() -> bool:
        in_time = time.monotonic() - began < KILLING_SECONDS
        return in_time and server.kills < KILLS and any(sender.is_alive() for sender in senders)

    while server.kills < FEWEST_KILLS or goes_on():
        if chance.random() < 0.15:
            server.begin()
            time.sleep(chance.uniform(0.2, 1.0))
        else:
            server.start()
            time.sleep(chance.uniform(0.1, 0.7))
        server.kill()
    server.start()


def wait_until_all_is_delivered(outside: Outside, sink: Sink, began: float) -> None:
    while (
        min(len(outside.taken), len(sink.documents), len(outside.folder)) < DOCUMENTS and not outside.problems
    ):
        assert time.monotonic() - began < PATIENCE_SECONDS, (
            f"of {len(outside.accepted)} accepted: polled {len(outside.taken)}, pushed {len(sink.documents)},"
            f" in the folder {len(outside.folder)}"
        )
        time.sleep(0.05)
    time.sleep(0.5)  # whatever came twice has its chance to show


def check(outside: Outside, sink: Sink) -> None:
    assert outside.problems == []
    assert len(outside.accepted) == DOCUMENTS
    sent = Counter(outside.accepted.values())
    assert Counter(outside.polled.values()) == sent
    assert Counter(sink.documents.values()) == sent
    assert Counter(outside.folder_documents.values()) == sent
    assert set(outside.folder.values()) == {1}


async def check_database(server: Server) -> None:
    async with Hub.open(server.config) as hub:
        report = await hub.verify_ledger()
        assert [str(text) for text in report.broken] == []
        deliveries = await hub.deliveries(None, 10_000)
        assert Counter(each.state for each in deliveries) == {DeliveryState.DELIVERED: 3 * DOCUMENTS}
        check_events(*await hub.store.read_alone(one_picture))
