"""Our own time-stamping authority over HTTP, RFC 3161, 3.4: for demonstrations and tests."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signing.timestamp_token import QUERY, REPLY
from signing.tsa import LocalTimeStampAuthority

LARGEST_QUERY = 64 * 1024


def application(authority: LocalTimeStampAuthority, path: str = "/tsa") -> Starlette:
    """Return an ASGI application that answers queries posted to the path."""

    async def answer(request: Request) -> Response:
        if request.headers.get("content-type", "") != QUERY:
            return Response(status_code=415)
        query = b""
        async for chunk in request.stream():
            query += chunk
            if len(query) > LARGEST_QUERY:
                return Response(status_code=413)
        return Response(authority.answer(query), media_type=REPLY)

    return Starlette(routes=[Route(path, answer, methods=["POST"])])
