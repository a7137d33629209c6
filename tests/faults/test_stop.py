"""SIGTERM: requests under way end, nothing is left half done, the exit code is 0; and only one server at a time."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from hub.app import Hub
from hub.model import Delivery, DeliveryState
from hub.testing import Box, package
from tests.faults.server import Server, Sink, server_config, serving

SENDER, POLLS, PUSHED = "H49.13", "H49.61", "H49.62"


@pytest.fixture
def sink() -> Iterator[Sink]:
    with serving(Sink()) as made:
        yield made


@pytest.fixture
def server(tmp_path: Path, sink: Sink) -> Iterator[Server]:
    config = server_config(tmp_path)
    made = Server(tmp_path, config)
    made.secrets = asyncio.run(connect(made, sink.url))
    yield made
    made.end()


async def connect(server: Server, address: str) -> dict[str, str]:
    async with Hub.open(server.config) as hub:
        box = Box(hub)
        await box.connect("sender", SENDER)
        await box.connect("polls", POLLS)
        await box.connect("pushed", PUSHED, address=address, polls=False)
        return box.secrets


def client(server: Server, who: str) -> httpx.Client:
    return httpx.Client(
        base_url=f"{server.url}/api/v1",
        headers={"Authorization": f"Bearer {server.secrets[who]}"},
        timeout=30.0,
        trust_env=False,
    )


def submit(sender: httpx.Client, content: bytes) -> httpx.Response:
    return sender.post("/documents", content=content, headers={"Content-Type": "application/xml"})


def deliveries(server: Server) -> list[Delivery]:
    async def ask() -> list[Delivery]:
        async with Hub.open(server.config) as hub:
            assert (await hub.verify_ledger()).broken == []
            return await hub.deliveries(None, 1_000)

    return asyncio.run(ask())


def test_requests_under_way_are_answered_before_the_end_and_long_polls_end_at_once(server: Server) -> None:
    content = package(sender=SENDER, to=(POLLS,))
    headers = {"Content-Type": "application/xml"}
    first_half_sent = threading.Event()

    def slowly() -> Iterator[bytes]:
        yield content[: len(content) // 2]
        first_half_sent.set()
        time.sleep(1.5)
        yield content[len(content) // 2 :]

    server.start()
    with (
        client(server, "sender") as sender,
        client(server, "polls") as polls,
        ThreadPoolExecutor() as threads,
    ):
        poll = threads.submit(lambda: polls.get("/inbox", params={"wait": 30}))
        answer = threads.submit(lambda: sender.post("/documents", content=slowly(), headers=headers))
        assert first_half_sent.wait(10)
        time.sleep(0.7)
        assert not poll.done()
        began = time.monotonic()
        assert server.terminate() == 0
        assert time.monotonic() - began < 8.0
        assert answer.result().status_code == 201
        assert poll.result().json() == {"deliveries": []}
    assert [each.state for each in deliveries(server)] == [DeliveryState.AVAILABLE]


def test_a_push_that_is_under_way_ends_and_the_rest_is_left_for_the_next_server(
    server: Server, sink: Sink
) -> None:
    sink.hangs = threading.Event()
    server.start()
    with client(server, "sender") as sender:
        for _ in range(12):
            assert submit(sender, package(sender=SENDER, to=(PUSHED,))).status_code == 201
    until(lambda: bool(sink.calls), "a push is under way")
    threading.Timer(0.5, sink.hangs.set).start()
    assert server.terminate() == 0
    states = {each.state for each in deliveries(server)}
    assert states == {DeliveryState.DELIVERED, DeliveryState.QUEUED}
    assert set(sink.calls.values()) == {1}
    server.start()
    until(lambda: len(sink.documents) == 12, "the rest is pushed")
    assert server.terminate() == 0
    assert {each.state for each in deliveries(server)} == {DeliveryState.DELIVERED}
    assert set(sink.calls.values()) == {1}, "and nothing was pushed twice"


def test_a_push_that_hangs_does_not_keep_the_server_and_is_not_left_half_done(
    server: Server, sink: Sink
) -> None:
    sink.hangs = threading.Event()
    server.timeout_seconds = 1.0
    server.start()
    with client(server, "sender") as sender:
        assert submit(sender, package(sender=SENDER, to=(PUSHED,))).status_code == 201
    until(lambda: bool(sink.calls), "a push is under way")
    began = time.monotonic()
    assert server.terminate(20.0) == 0
    assert time.monotonic() - began < 15.0
    assert [each.state for each in deliveries(server)] in (
        [DeliveryState.QUEUED],
        [DeliveryState.WAITING_FOR_RETRY],
    )
    sink.hangs.set()


def test_a_second_server_on_the_same_database_does_not_start(server: Server, tmp_path: Path) -> None:
    server.start()
    second = Server(tmp_path, replace(server.config, server=server_config(tmp_path).server), code="second")
    second.begin()
    assert second.process is not None
    assert second.process.wait(30) != 0
    assert "edochub" in second.log.read_text()
    with client(server, "sender") as sender:
        assert submit(sender, package(sender=SENDER, to=(POLLS,))).status_code == 201
    assert server.terminate() == 0


def until(condition: object, what: str, seconds: float = 15.0) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.01)
