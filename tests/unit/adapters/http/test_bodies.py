from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from adapters.http import bodies
from adapters.http.answers import Problem
from adapters.http.bodies import Bodies, PackageResponse, Unread
from hub.store.payloads.spool import Spools
from hub.testing import eventually

MIB = 1_048_576


def arriving(chunks: Iterable[bytes], *, end: str = "whole", length: int | None = None) -> Request:
    """Return a request whose body arrives in chunks and then is whole, stands still, or breaks off."""
    waiting = iter(chunks)

    async def receive() -> Message:
        chunk = next(waiting, None)
        if chunk is not None:
            return {"type": "http.request", "body": chunk, "more_body": True}
        if end == "stands still":
            await asyncio.Event().wait()
        if end == "breaks off":
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": b"", "more_body": False}

    headers = [] if length is None else [(b"content-length", str(length).encode())]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)


def shared(folder: Path, limit_bytes: int = 8 * MIB, seconds: float = 5.0) -> Bodies:
    return Bodies(limit_bytes=limit_bytes, seconds=seconds, spools=Spools(folder))


@pytest.mark.parametrize("size", [0, 1, 70_000, MIB, MIB + 1, 5 * MIB + 3])
async def test_what_arrives_is_what_is_given_small_or_large(tmp_path: Path, size: int) -> None:
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    chunks = [content[at : at + 65_536] for at in range(0, size, 65_536)]
    both = shared(tmp_path)
    async with both.package(arriving(chunks)) as given:
        assert given == content
    assert both.held_bytes == 0


async def test_an_announced_size_over_the_limit_is_refused_without_reading(tmp_path: Path) -> None:
    request = arriving([], end="stands still", length=9 * MIB)
    with pytest.raises(Unread) as caught:
        async with shared(tmp_path).package(request):
            pass
    assert (caught.value.limit_bytes, caught.value.size) == (8 * MIB, 9 * MIB)


async def test_a_body_that_grows_over_the_limit_is_given_up_at_once(tmp_path: Path) -> None:
    both = shared(tmp_path, limit_bytes=100)
    with pytest.raises(Unread) as caught:
        async with both.package(arriving([b"x" * 60] * 1_000_000)):
            pass
    assert caught.value.size == 120
    assert both.held_bytes == 0


async def test_a_body_of_exactly_the_limit_is_taken(tmp_path: Path) -> None:
    async with shared(tmp_path, limit_bytes=100).package(arriving([b"x" * 100], length=100)) as given:
        assert given == b"x" * 100


async def test_a_body_that_stands_still_is_408(tmp_path: Path) -> None:
    both = shared(tmp_path, seconds=0.05)
    with pytest.raises(Problem) as caught:
        async with both.package(arriving([b"<a"], end="stands still")):
            pass
    assert caught.value.status == 408
    assert both.held_bytes == 0


async def test_a_client_that_goes_away_leaves_nothing_behind(tmp_path: Path) -> None:
    both = shared(tmp_path)
    with pytest.raises(ClientDisconnect):
        async with both.package(arriving([b"x" * 2 * MIB], end="breaks off")):
            pass
    assert both.held_bytes == 0
    assert list(tmp_path.iterdir()) == []


async def test_a_large_body_is_on_disk_and_not_in_memory_while_it_arrives(tmp_path: Path) -> None:
    both = shared(tmp_path)
    request = arriving([b"x" * 65_536] * 64, end="stands still")

    async def read() -> None:
        async with both.package(request):
            pass

    task = asyncio.create_task(read())
    await asyncio.sleep(0.2)
    assert both.held_bytes <= MIB + 65_536
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert both.held_bytes == 0


async def test_when_memory_is_spoken_for_even_small_bodies_go_to_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "BUDGET_BYTES", 1_000)
    both = shared(tmp_path)
    async with both.package(arriving([b"a" * 900])) as first, both.package(arriving([b"b" * 900])) as second:
        assert (first, second) == (b"a" * 900, b"b" * 900)
        assert both.held_bytes == 900


async def test_only_a_few_large_bodies_are_worked_on_at_once_and_the_others_wait(tmp_path: Path) -> None:
    both = shared(tmp_path)
    go_on = asyncio.Event()
    under_way = most = 0

    async def work() -> None:
        nonlocal under_way, most
        async with both.package(arriving([b"x" * (MIB + 1)])):
            under_way += 1
            most = max(most, under_way)
            await go_on.wait()
            under_way -= 1

    tasks = [asyncio.create_task(work()) for _ in range(7)]
    await eventually(lambda: under_way == bodies.LARGE_AT_ONCE)
    await asyncio.sleep(0.1)  # if more would begin, they would now
    go_on.set()
    await asyncio.gather(*tasks)
    assert most == bodies.LARGE_AT_ONCE


@pytest.mark.parametrize("size", [0, 10, 300_000, MIB, 3 * MIB + 7])
async def test_a_package_goes_out_as_it_is_in_pieces(tmp_path: Path, size: int) -> None:
    content = b"0123456789abcdef" * (size // 16) + b"y" * (size % 16)
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    response = await PackageResponse.of(content, {"etag": '"x"'}, shared(tmp_path))
    await response({}, _never, send)
    assert (b"content-length", str(size).encode()) in sent[0]["headers"]
    parts = [message["body"] for message in sent[1:]]
    assert b"".join(parts) == content
    assert max(map(len, parts)) <= bodies.PIECE_BYTES
    assert [message["more_body"] for message in sent[1:]] == [True] * (len(parts) - 1) + [False]


async def test_a_client_that_does_not_read_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "PIECE_SECONDS", 0.05)

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    response = await PackageResponse.of(b"x" * 2 * MIB, {}, shared(tmp_path))
    with pytest.raises(TimeoutError):
        await response({}, _never, send)
    assert response.content == b""


async def _never() -> Message:
    return await asyncio.Future()
