"""What a connection may cost, shown on a real socket of this machine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from hub import web_limits
from hub.web_limits import HEAD_BYTES, HEAD_FIELDS, LimitedConnection
from hub.web_sockets import bound


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the length of the body."""
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    body = str(size).encode()
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]}
    )
    await send({"type": "http.response.body", "body": body})


class Connection:
    """A client that writes what it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> tuple[int, bytes]:
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)
        status = int(head.split(b" ", 2)[1])
        length = next(
            int(line.partition(b":")[2])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        )
        return status, await self.reader.readexactly(length)

    async def is_closed(self) -> bool:
        return await asyncio.wait_for(self.reader.read(), 5) == b""


@asynccontextmanager
async def connection() -> AsyncIterator[Connection]:
    listening = bound("127.0.0.1", 0)
    config = uvicorn.Config(application, http=LimitedConnection, ws="none", lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve(listening))
    while not server.started:
        await asyncio.sleep(0.005)
    reader, writer = await asyncio.open_connection(*listening[0].getsockname())
    try:
        yield Connection(reader, writer)
    finally:
        writer.close()
        server.should_exit = True
        await task


def error(answer: tuple[int, bytes]) -> tuple[int, str]:
    body: dict[str, Any] = json.loads(answer[1])
    assert set(body["error"]["message"]) == {"vi", "en"}
    assert body["findings"] == []
    return answer[0], body["error"]["code"]


async def test_a_connection_is_kept_for_the_next_request() -> None:
    async with connection() as client:
        for _ in range(3):
            await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
            assert await client.answer() == (200, b"3")


async def test_a_head_in_small_parts_is_understood() -> None:
    async with connection() as client:
        for part in (b"GE", b"T / HT", b"TP/1.1\r\nHo", b"st: a\r\n", b"X: y\r\n\r", b"\n"):
            await client.send(part)
            await asyncio.sleep(0.01)
        assert await client.answer() == (200, b"0")


async def test_a_field_without_an_end_is_431() -> None:
    async with connection() as client:
        await client.send(b"GET / HTTP/1.1\r\nHost: a\r\nX: ")
        for _ in range(HEAD_BYTES // 4096 + 1):
            await client.send(b"x" * 4096)
            await asyncio.sleep(0.001)
        assert error(await client.answer()) == (431, "head.too-large")
        assert await client.is_closed()


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * HEAD_BYTES + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * (HEAD_FIELDS + 1) + b"\r\n",
        b"GET /" + b"x" * HEAD_BYTES + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
    ids=["a long field", "many fields", "a long address"],
)
async def test_a_head_beyond_the_limits_is_431(head: bytes) -> None:
    async with connection() as client:
        await client.send(head)
        assert error(await client.answer()) == (431, "head.too-large")
        assert await client.is_closed()


async def test_a_trailer_without_an_end_ends_the_connection() -> None:
    async with connection() as client:
        await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n")
        await client.send(b"X: y\r\n" * (HEAD_FIELDS + 1))
        assert error(await client.answer()) == (431, "head.too-large")
        assert await client.is_closed()


async def test_a_head_just_within_the_limits_is_taken() -> None:
    async with connection() as client:
        await client.send(b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * (HEAD_BYTES - 500) + b"\r\n\r\n")
        assert await client.answer() == (200, b"0")


async def test_a_large_body_after_a_small_head_is_no_large_head() -> None:
    async with connection() as client:
        for _ in range(2):
            await client.send(
                b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300_000
            )
            assert await client.answer() == (200, b"300000")


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost:", b"\r\n"])
async def test_a_head_that_does_not_come_is_408(monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    monkeypatch.setattr(web_limits, "HEAD_SECONDS", 0.1)
    async with connection() as client:
        await client.send(sent)
        assert error(await client.answer()) == (408, "head.too-slow")
        assert await client.is_closed()


async def test_dripping_bytes_does_not_buy_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_limits, "HEAD_SECONDS", 0.3)
    async with connection() as client:
        await client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert await client.answer() == (200, b"0")
        await client.send(b"GET / HTTP/1.1\r\n")
        answer = asyncio.create_task(client.answer())
        while not answer.done():
            client.writer.write(b"X: y\r\n")
            await asyncio.sleep(0.05)
        assert error(await answer) == (408, "head.too-slow")


async def test_a_slow_body_is_not_a_slow_head(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_limits, "HEAD_SECONDS", 0.1)
    async with connection() as client:
        await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na")
        await asyncio.sleep(0.3)
        await client.send(b"b")
        assert await client.answer() == (200, b"2")


@pytest.mark.parametrize(
    "nonsense",
    [b"\x16\x03\x01\x00\xa5", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET / HTTP/1.1\r\nHost a\r\n\r\n"],
)
async def test_what_is_not_http_is_400_in_the_shape_of_the_api(nonsense: bytes) -> None:
    async with connection() as client:
        await client.send(nonsense)
        assert error(await client.answer()) == (400, "request.invalid")
        assert await client.is_closed()


async def test_asking_for_a_websocket_is_answered_as_if_it_had_not_been_asked() -> None:
    async with connection() as client:
        await client.send(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        assert await client.answer() == (200, b"0")
