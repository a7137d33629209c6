"""SIGTERM: requests under way end, nothing is left half done, the exit code is 0; and only one server at a time."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
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
PATIENCE_SECONDS, LONG_SECONDS = 120.0, 3_600


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
        timeout=60.0,
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
    asked, first_half_sent, stops = threading.Event(), threading.Event(), threading.Event()

    def heard(event: str, _: object) -> None:
        if event.endswith("send_request_body.complete"):
            asked.set()

    def in_halves() -> Iterator[bytes]:
        yield content[: len(content) // 2]
        first_half_sent.set()
        stops.wait()
        yield content[len(content) // 2 :]

    def poll_long() -> httpx.Response:
        return polls.get("/inbox", params={"wait": LONG_SECONDS}, extensions={"trace": heard}, timeout=None)

    server.start()
    with (
        client(server, "sender") as sender,
        client(server, "polls") as polls,
        ThreadPoolExecutor() as threads,
    ):
        try:
            poll = threads.submit(poll_long)
            answer = threads.submit(lambda: sender.post("/documents", content=in_halves(), headers=headers))
            assert asked.wait(PATIENCE_SECONDS)
            assert first_half_sent.wait(PATIENCE_SECONDS)
            for _ in range(3):  # who is answered came later: the two before it have been read
                assert httpx.get(f"{server.url}/healthz", timeout=60.0, trust_env=False).status_code == 200
            assert not poll.done()
            server.ask_to_stop()
            assert poll.result(PATIENCE_SECONDS).json() == {"deliveries": []}
            until(lambda: not server.answers(), "nothing new is taken")
            assert not answer.done()
        finally:
            stops.set()
        assert answer.result(PATIENCE_SECONDS).status_code == 201
        assert server.ended() == 0
    assert [each.state for each in deliveries(server)] == [DeliveryState.AVAILABLE]


def test_a_push_that_is_under_way_ends_and_the_rest_is_left_for_the_next_server(
    server: Server, sink: Sink
) -> None:
    sink.hangs = threading.Event()
    server.start()
    with client(server, "sender") as sender:
        assert submit(sender, package(sender=SENDER, to=(PUSHED,))).status_code == 201
        until(lambda: bool(sink.calls), "a push is under way")
        for _ in range(11):
            assert submit(sender, package(sender=SENDER, to=(PUSHED,))).status_code == 201
    server.ask_to_stop()
    until(lambda: server.says("worker.stopping"), "nothing more is tried")
    sink.hangs.set()
    assert server.ended() == 0
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
    assert server.terminate() == 0, "although nobody ever answers it"
    assert [each.state for each in deliveries(server)] in (
        [DeliveryState.QUEUED],
        [DeliveryState.WAITING_FOR_RETRY],
    )
    sink.hangs.set()


def test_a_second_server_on_the_same_database_does_not_start(server: Server, tmp_path: Path) -> None:
    server.start()
    second = Server(tmp_path, replace(server.config, server=server_config(tmp_path).server), code="second")
    try:
        second.begin()
        assert second.ended() != 0
    finally:
        second.end()
    assert second.says("edochub")
    with client(server, "sender") as sender:
        assert submit(sender, package(sender=SENDER, to=(POLLS,))).status_code == 201
    assert server.terminate() == 0


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.01)
