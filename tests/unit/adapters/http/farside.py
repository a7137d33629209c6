"""An agency's system that takes pushes, as docs/adapters/http.md asks for: on a real port of this machine."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.http.signature import verified
from hub.web_sockets import bound


@dataclass
class FarSide:
    """Keeps each delivery once, by its id, and answers for it."""

    secret: str
    now: float
    kept: dict[str, bytes] = field(default_factory=dict)
    headers: list[dict[str, str]] = field(default_factory=list)
    refuses: bool = False
    port: int = 0
    _server: uvicorn.Server | None = None
    _task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/nhan"

    async def start(self) -> None:
        """Take requests; on the same port as before, if there was one."""
        listening: list[socket.socket] = bound("127.0.0.1", self.port)
        self.port = listening[0].getsockname()[1]
        application = Starlette(routes=[Route("/nhan", self._taken, methods=["POST"])])
        self._server = uvicorn.Server(
            uvicorn.Config(
                application, lifespan="off", ws="none", log_config=None, timeout_graceful_shutdown=1
            )
        )
        self._task = asyncio.create_task(self._server._serve(listening))
        while not self._server.started:
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        """Answer nobody any more; what was kept stays kept."""
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task
        self._server = self._task = None

    async def _taken(self, request: Request) -> Response:
        content = await request.body()
        delivery = request.headers["edochub-delivery"]
        self.headers.append(dict(request.headers))
        if not verified(request.headers["edochub-signature"], self.secret, delivery, content, now=self.now):
            return Response(status_code=401)
        if self.refuses:
            message = {"vi": "Sai nơi nhận", "en": "Wrong addressee"}
            return JSONResponse({"error": {"code": "x", "message": message}}, status_code=422)
        if delivery in self.kept:
            return JSONResponse({"id": f"VB-{delivery}"}, status_code=409)
        self.kept[delivery] = content
        return JSONResponse({"id": f"VB-{delivery}"}, status_code=201)
