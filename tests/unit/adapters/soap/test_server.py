"""What was given out counts as taken only if somebody was there to get it."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import Request

from adapters.soap.server import Watched
from hub.errors import Unavailable
from schemas.text import Text


class Line:
    """A connection: what was sent on it, and whether the client is still there."""

    def __init__(self, *, there: bool) -> None:
        self.there = there
        self.sent: list[tuple[bytes, bool]] = []
        self.taken_after: list[int] = []

    async def receive(self) -> dict[str, Any]:
        return (
            {"type": "http.request", "body": b"", "more_body": False}
            if self.there
            else {"type": "http.disconnect"}
        )

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.body":
            self.sent.append((message["body"], message.get("more_body", False)))

    async def taken(self) -> None:
        self.taken_after.append(len(self.sent))

    async def reply(self, *, failing: bool = False) -> None:
        watched = Watched(Request({"type": "http", "headers": []}, self.receive), self.send)

        async def fail() -> None:
            raise Unavailable(Text(vi="Cơ sở dữ liệu không trả lời", en="The database does not answer"))

        watched.sent = fail if failing else self.taken
        await watched.send({"type": "http.response.start", "status": 200, "headers": []})
        await watched.send({"type": "http.response.body", "body": b"one", "more_body": True})
        await watched.send({"type": "http.response.body", "body": b"two", "more_body": False})


async def test_it_is_taken_after_the_last_octet_and_before_the_end() -> None:
    line = Line(there=True)
    await line.reply()
    assert line.sent == [(b"one", True), (b"two", True), (b"", False)]
    assert line.taken_after == [2]


async def test_a_client_that_left_has_taken_nothing() -> None:
    line = Line(there=False)
    await line.reply()
    assert line.taken_after == []


async def test_the_reply_ends_well_when_taking_fails() -> None:
    line = Line(there=True)
    await line.reply(failing=True)
    assert line.sent[-1] == (b"", False)


@pytest.mark.parametrize("there", [True, False])
async def test_a_reply_that_gives_nothing_out_passes_as_it_is(there: bool) -> None:
    line = Line(there=there)
    watched = Watched(Request({"type": "http", "headers": []}, line.receive), line.send)
    await watched.send({"type": "http.response.body", "body": b"x", "more_body": False})
    assert line.sent == [(b"x", False)]
