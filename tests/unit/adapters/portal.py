"""A portal that is told by webhook: it keeps each event once, by its id, on a real port of this machine."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.http.signature import verified
from hub.web_sockets import bound

EXPECTED = {
    "accept",
    "accept-encoding",
    "connection",
    "content-digest",
    "content-length",
    "content-type",
    "edochub-attempt",
    "edochub-delivery",
    "edochub-from",
    "edochub-kind",
    "edochub-message",
    "edochub-signature",
    "edochub-to",
    "host",
    "idempotency-key",
    "user-agent",
}


@dataclass
class Portal:
    """The far side."""

    secret: str
    now: float | None = None  # None: whatever time the hub says
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    unexpected: set[str] = field(default_factory=set)
    queries: list[str] = field(default_factory=list)
    refuses: bool = False
    fails: int = 0  # how many are answered 503 before the next is taken
    port: int = 0
    _server: uvicorn.Server | None = None
    _task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def packages(self) -> list[bytes]:
        return [base64.b64decode(event["package"], validate=True) for event in self.kept.values()]

    async def start(self) -> None:
        listening: list[socket.socket] = bound("127.0.0.1", self.port)
        self.port = listening[0].getsockname()[1]
        application = Starlette(routes=[Route("/hook", self._taken, methods=["POST", "HEAD"])])
        config = uvicorn.Config(
            application, lifespan="off", ws="none", log_config=None, timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._task = asyncio.create_task(self._server._serve(listening))
        while not self._server.started:
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task
        self._server = self._task = None

    async def _taken(self, request: Request) -> Response:
        self.queries.append(request.url.query)
        self.unexpected |= set(request.headers.keys()) - EXPECTED
        if request.method == "HEAD":
            return Response()
        body, proof = await request.body(), request.headers["edochub-signature"]
        now = self.now if self.now is not None else float(proof.partition(",")[0].removeprefix("t="))
        if not verified(proof, self.secret, request.headers["edochub-delivery"], body, now=now):
            return Response(status_code=401)
        if self.refuses:
            return Response(status_code=422)
        if self.fails:
            self.fails -= 1
            return Response(status_code=503)
        event = json.loads(body)
        assert event["id"] == request.headers["idempotency-key"]
        again = event["id"] in self.kept
        self.kept[event["id"]] = event
        return JSONResponse({"id": f"SK-{event['id']}"}, status_code=409 if again else 201)
