from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest
from starlette.types import Message

from adapters.http import endings
from adapters.http.endings import Ending

START: Message = {"type": "http.response.start", "status": 401, "headers": []}
BODY: Message = {"type": "http.response.body", "body": b"no", "more_body": False}
CLOSE = (b"connection", b"close")


class Client:
    """Sends a body in parts when it is read; keeps what it is told."""

    def __init__(self, parts: Iterable[bytes], *, ends: bool = True) -> None:
        self.parts = list(parts)
        self.ends = ends
        self.told: list[Message] = []
        self.read = 0

    async def receive(self) -> Message:
        if not self.parts and not self.ends:
            await asyncio.Event().wait()
        self.read += 1
        part = self.parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(self.parts) or not self.ends}

    async def send(self, message: Message) -> None:
        self.told.append(message)

    @property
    def closed(self) -> bool:
        return CLOSE in self.told[0]["headers"]


async def answered_unread(client: Client, *headers: tuple[bytes, bytes]) -> None:
    ending = Ending.of({"type": "http", "headers": list(headers)}, client.receive, client.send)
    await ending.send(dict(START))
    await ending.send(dict(BODY))


async def test_a_short_unread_body_is_dropped_and_the_connection_lives_on() -> None:
    client = Client([b"x" * 30, b"x" * 30])
    await answered_unread(client, (b"content-length", b"60"))
    assert client.parts == []
    assert not client.closed
    assert client.told[-1] == BODY


async def test_a_long_unread_body_is_dropped_after_the_answer_and_the_connection_closed() -> None:
    client = Client([b"x" * 50_000] * 4)
    await answered_unread(client, (b"content-length", b"200000"))
    assert client.closed
    assert client.told[1] == {**BODY, "more_body": True}
    assert client.parts == []
    assert client.told[-1]["more_body"] is False


async def test_a_client_that_goes_on_sending_for_long_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endings, "LINGER_SECONDS", 0.05)
    client = Client([b"x" * 10], ends=False)
    await answered_unread(client, (b"transfer-encoding", b"chunked"))
    assert client.closed
    assert client.told[-1] == endings.LAST


async def test_a_client_that_waits_to_be_told_to_send_is_not_told_so() -> None:
    client = Client([b"x" * 10])
    await answered_unread(client, (b"content-length", b"10"), (b"expect", b"100-continue"))
    assert client.read == 0
    assert client.closed


async def test_a_body_that_was_read_changes_nothing() -> None:
    client = Client([b"x" * 50_000] * 4)
    ending = Ending.of(
        {"type": "http", "headers": [(b"content-length", b"200000")]}, client.receive, client.send
    )
    while (await ending.receive())["more_body"]:
        pass
    await ending.send(dict(START))
    await ending.send(dict(BODY))
    assert client.told == [START, BODY]


async def test_a_request_without_a_body_passes_straight_through() -> None:
    client = Client([])
    for headers in ([], [(b"content-length", b"0")]):
        ending = Ending.of({"type": "http", "headers": headers}, client.receive, client.send)
        assert ending.send == client.send
