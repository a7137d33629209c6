"""What an addressee does: ask what has come, fetch it, say that it has it or that it refuses it.

Fetching changes nothing: the bytes can be fetched again until, and after, they are acknowledged. Acknowledging twice is
answered as the first time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from adapters.http import questions
from adapters.http.answers import Json
from adapters.http.api import Call
from adapters.http.bodies import PackageResponse
from adapters.http.digest import content_digest
from hub.web import stopping

Result = TypeVar("Result")

DEFAULT_LIMIT = 50
HIGHEST_LIMIT = 500


async def listed(call: Call) -> ASGIApp:
    """GET /inbox: what waits for this endpoint, the most urgent first; with `wait`, as soon as there is something."""
    questions.only(call.request, "limit", "wait")
    longest = call.hub.config.server.longest_wait_seconds
    limit = questions.whole(call.request, "limit", default=DEFAULT_LIMIT, lowest=1, highest=HIGHEST_LIMIT)
    wait = questions.number(call.request, "wait", default=0, lowest=0, highest=86_400)
    asked = call.hub.waiting(call.endpoint, limit=limit, wait_seconds=min(wait, longest))
    found = await (unless_over(call.request, asked) if wait else asked)
    return Json({"deliveries": [each.as_json() for each in found or ()]})


async def document(call: Call) -> ASGIApp:
    """GET /inbox/{id}/document: exactly the bytes that the sender handed in."""
    questions.only(call.request)
    async with call.bodies.fetches:
        parcel = await call.hub.fetch(call.endpoint, call.reference)
        sha256 = parcel.message.sha256
        headers = {
            "etag": f'"{sha256}"',
            "cache-control": "private, no-cache",
            "content-digest": content_digest(sha256),
        }
        if _has_it(call.request, sha256):
            return Response(status_code=304, headers=headers)
        headers["content-type"] = "application/xml"
        # Our id: a sender's words never become a file name.
        headers["content-disposition"] = f'attachment; filename="{parcel.message.id}.xml"'
        return await PackageResponse.of(parcel.package, headers, call.bodies)


async def acknowledged(call: Call) -> ASGIApp:
    """POST /inbox/{id}/ack: the endpoint has it, safe on its side."""
    questions.only(call.request)
    await questions.small_body(call.request, call.bodies.seconds)  # whatever it says, it is not needed
    return Json((await call.hub.take(call.endpoint, call.reference)).as_json())


async def refused(call: Call) -> ASGIApp:
    """POST /inbox/{id}/refuse: the endpoint will not take it, and says why; the sender is told."""
    questions.only(call.request)
    body = await questions.json_object(call.request, call.bodies.seconds, required=["reason"])
    return Json((await call.hub.decline(call.endpoint, call.reference, body["reason"])).as_json())


def _has_it(request: Request, sha256: str) -> bool:
    """Tell whether If-None-Match names these bytes (RFC 9110, 13.1.2)."""
    header = request.headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return f'"{sha256}"' in tags or tags == {"*"}


async def unless_over(request: Request, asked: Coroutine[Any, Any, Result]) -> Result | None:
    """Wait for an answer, but no longer than the client is there and the server runs."""
    work = asyncio.ensure_future(asked)
    ends = [asyncio.ensure_future(_left(request)), asyncio.ensure_future(stopping(request.scope).wait())]
    try:
        await asyncio.wait([work, *ends], return_when=asyncio.FIRST_COMPLETED)
        return work.result() if work.done() else None
    finally:
        for task in (work, *ends):
            task.cancel()
        await asyncio.gather(work, *ends, return_exceptions=True)


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
