"""What a connection may cost, shown on a real socket of this machine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from hub import web_limits
from hub.web_limits import HEAD_BYTES, HEAD_FIELDS, limited_to
from hub.web_sockets import bound

PATIENCE_SECONDS = 60


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
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), PATIENCE_SECONDS)
        status = int(head.split(b" ", 2)[1])
        length = next(
            int(line.partition(b":")[2])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        )
        return status, await self.reader.readexactly(length)

    async def is_closed(self) -> bool:
        return await asyncio.wait_for(self.reader.read(), PATIENCE_SECONDS) == b""


@asynccontextmanager
async def served(
    most: int = 0, app: ASGIApp = application
) -> AsyncIterator[Callable[[], Awaitable[Connection]]]:
    """Serve for the length of a block; give what opens a connection."""
    listening = bound("127.0.0.1", 0)
    config = uvicorn.Config(app, http=limited_to(most), ws="none", lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve(listening))
    while not server.started:
        await asyncio.sleep(0.005)
    opened: list[Connection] = []

    async def connect() -> Connection:
        opened.append(Connection(*await asyncio.open_connection(*listening[0].getsockname())))
        return opened[-1]

    try:
        yield connect
    finally:
        for each in opened:
            each.writer.close()
        server.should_exit = True
        await task


@asynccontextmanager
async def connection() -> AsyncIterator[Connection]:
    async with served() as connect:
        yield await connect()


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
    monkeypatch.setattr(web_limits, "HEAD_SECONDS", 1.0)
    answered = None
    while answered is None:
        answered = await dripped()
    assert answered == (408, "head.too-slow")


async def dripped() -> tuple[int, str] | None:
    """Drip a head; return the answer. None: a drop fell into the closing, and reset it before all was read."""
    async with connection() as client:
        await client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert await client.answer() == (200, b"0")
        await client.send(b"GET / HTTP/1.1\r\n")
        answer = asyncio.create_task(client.answer())
        while not answer.done():
            client.writer.write(b"X: y\r\n")
            await asyncio.sleep(0.05)
        try:
            return error(await answer)
        except ConnectionResetError:
            return None


async def test_a_slow_body_is_not_a_slow_head(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_limits, "HEAD_SECONDS", 1.0)
    async with connection() as client:
        await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na")
        await asyncio.sleep(1.5)
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


# --- an upgrade that is not offered -----------------------------------------------------------------------------------

ASKS_H2C = (
    b"POST / HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nHost: a\r\nHTTP2-Settings: AAEAAEAA\r\n"
    b"Upgrade: h2c\r\n"
)  # as Java's HttpClient sends it
SIZED = ASKS_H2C + b"Content-Length: 3\r\n\r\nabc"
CHUNKED = ASKS_H2C + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"


@pytest.mark.parametrize("request_", [SIZED, CHUNKED], ids=["sized", "chunked"])
@pytest.mark.parametrize("step", [1, 7, 1_000])
async def test_a_body_after_an_upgrade_that_is_ignored_is_read(request_: bytes, step: int) -> None:
    async with connection() as client:
        for _ in range(2):
            for start in range(0, len(request_), step):
                await client.send(request_[start : start + step])
            assert await client.answer() == (200, b"3")


async def test_requests_in_a_row_that_ask_for_an_upgrade_are_all_answered() -> None:
    plain = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nxy"
    async with connection() as client:
        await client.send(plain + SIZED + CHUNKED + SIZED + plain)
        assert [await client.answer() for _ in range(5)] == [
            (200, size) for size in (b"2", b"3", b"3", b"3", b"2")
        ]


async def test_a_large_body_after_an_upgrade_that_is_ignored_is_read() -> None:
    async with connection() as client:
        await client.send(ASKS_H2C + b"Content-Length: 300000\r\n\r\n" + b"x" * 300_000)
        assert await client.answer() == (200, b"300000")


async def test_what_asks_for_an_upgrade_is_seen_without_it() -> None:
    seen: list[tuple[bytes, bytes]] = []

    async def looking(scope: Scope, receive: Receive, send: Send) -> None:
        seen.extend(scope["headers"])
        await application(scope, receive, send)

    async with served(app=looking) as connect:
        client = await connect()
        await client.send(SIZED)
        assert await client.answer() == (200, b"3")
    assert seen == [
        (b"connection", b"Upgrade, HTTP2-Settings"),
        (b"host", b"a"),
        (b"http2-settings", b"AAEAAEAA"),
        (b"content-length", b"3"),
    ]


async def test_a_tunnel_is_refused() -> None:
    async with connection() as client:
        await client.send(b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n")
        assert error(await client.answer()) == (400, "request.invalid")
        assert await client.is_closed()


# --- so many connections at once --------------------------------------------------------------------------------------

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


async def test_those_that_wait_longest_make_room_for_a_newer_one() -> None:
    async with served(most=3) as connect:
        first, second, third = [await connect() for _ in range(3)]
        for each in (first, second, third):
            await each.send(GET)
            assert await each.answer() == (200, b"0")
        await first.send(GET)
        assert await first.answer() == (200, b"0")
        newest = await connect()
        await newest.send(GET)
        assert await newest.answer() == (200, b"0")
        assert await second.is_closed()
        for each in (first, third):
            await each.send(GET)
            assert await each.answer() == (200, b"0")


async def test_heads_that_come_slowly_keep_nobody_out() -> None:
    async with served(most=2) as connect:
        slow = [await connect() for _ in range(2)]
        for each in slow:
            await each.send(b"GET / HT")
        newest = await connect()
        await newest.send(GET)
        assert await newest.answer() == (200, b"0")


async def test_when_every_connection_has_a_request_under_way_a_further_one_is_told_503() -> None:
    begun: list[Scope] = []

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        begun.append(scope)
        await application(scope, receive, send)

    async with served(most=2, app=noting) as connect:
        busy = [await connect() for _ in range(2)]
        for each in busy:
            await each.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na")
        while len(begun) < 2:
            await asyncio.sleep(0.005)
        further = await connect()
        head = await asyncio.wait_for(further.reader.readuntil(b"\r\n\r\n"), PATIENCE_SECONDS)
        assert head.startswith(b"HTTP/1.1 503 ")
        assert b"\r\nretry-after: 5\r\n" in head
        assert set(json.loads(await further.reader.read())["error"]["message"]) == {"vi", "en"}
        for each in busy:
            await each.send(b"bc")
            assert await each.answer() == (200, b"3")
        last = await connect()
        await last.send(GET)
        assert await last.answer() == (200, b"0")
