"""The hub's one web server: whatever the registered adapters mount, and what a load balancer asks.

    GET /          who this is, and where to go on
    GET /healthz   the process is alive
    GET /readyz    it can take documents: the database answers

Errors of the server itself have the shape of the API: `{"error": {"code", "message": {"vi", "en"}}, "findings": []}`.
`serve` runs until it is cancelled or `stop` is set, and then stops cleanly: long polls end at once (`stopping`),
requests under way have a moment, nothing new is taken. Signals are the caller's. What one connection may cost before
there is a request is in `web_limits.py`, where it listens in `web_sockets.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
import ssl
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import structlog
import uvicorn
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub import tracing
from hub.adapter import Mount as AdapterMount
from hub.adapter import adapter_class, adapter_names
from hub.app import Hub
from hub.config import ServerSettings
from hub.errors import Fault, HubError, Misconfigured, NotFound, Refusal, Unavailable
from hub.web_limits import limited_to
from hub.web_sockets import address, bound, has_tls, most_connections, tls
from schemas.text import Text

READY_SECONDS = 5.0
KEEP_ALIVE_SECONDS = 30  # an idle connection
MOUNTS = "edochub.mounts"  # the entry-point group of what is mounted beside the adapters
STOP_SECONDS = 10  # requests under way when the server stops
BACKLOG = 1_024
MOST_BESIDE = 100  # connections to what is beside the public port

SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)
ONLY_TLS = ((b"strict-transport-security", b"max-age=31536000"),)

NOTHING_HERE = Text(vi="Không có gì ở địa chỉ này", en="There is nothing at this address")
WRONG_METHOD = Text(vi="Địa chỉ này không nhận phương thức đó", en="This address does not take that method")
UNEXPECTED = Text(vi="Trục gặp lỗi ngoài dự kiến", en="The hub failed in a way that it did not expect")
STOPPING = Text(vi="Trục đang dừng", en="The hub is stopping")
NOT_READY = Text(vi="Cơ sở dữ liệu không trả lời kịp", en="The database does not answer in time")

log = structlog.get_logger(__name__)

Ready = Callable[[Sequence[str]], None]


def application(hub: Hub, *, stop: asyncio.Event | None = None) -> Starlette:
    """Return everything that the hub answers. `stop` is what `stopping` gives to long polls."""
    mounts = [mount for name in adapter_names() for mount in _mounts(name, hub)]
    mounts += [mount for entry in entry_points(group=MOUNTS) for mount in _others(entry, hub)]
    prefixes = sorted((mount.prefix for mount in mounts), key=len, reverse=True)  # the longest decides
    twice = next((prefix for prefix in prefixes if prefixes.count(prefix) > 1), None)
    if twice is not None:
        raise Misconfigured(
            Text(vi=f"Hai bộ kết nối cùng trả lời ở {twice}", en=f"Two adapters answer at {twice}")
        )
    applications = {mount.prefix: mount.application for mount in mounts}
    routes: list[BaseRoute] = [
        *(Route(path, answer, name=path) for path, answer in _own(hub, prefixes).items()),
        *(Mount(prefix, applications[prefix]) for prefix in prefixes),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(_Surroundings, tls=has_tls(hub.config), stop=stop or asyncio.Event())],
        exception_handlers={HTTPException: _http_error, HubError: _hub_error, Exception: _bug},
    )
    app.state.unreadable = {mount.prefix: mount.unreadable for mount in mounts if mount.unreadable}
    return app


def _mounts(adapter: str, hub: Hub) -> Sequence[AdapterMount]:
    """Return what an adapter answers. One that is broken, a stranger's perhaps, must not take the others down."""
    try:
        return adapter_class(adapter).mount(hub)
    except Exception:
        log.exception("web.adapter-broken", adapter=adapter)
        return ()


def _others(entry: EntryPoint, hub: Hub) -> Sequence[AdapterMount]:
    """Return what else is on the server and is no adapter: pages for people. `Misconfigured` is the operator's."""
    try:
        found: Sequence[AdapterMount] = entry.load()(hub)
    except Misconfigured:
        raise
    except Exception:
        log.exception("web.mount-broken", name=entry.name)
        return ()
    return found


def stopping(scope: Scope) -> asyncio.Event:
    """Return the event that is set when the server is asked to stop: whoever only waits, ends then."""
    event: asyncio.Event = scope.setdefault("state", {}).setdefault("stopping", asyncio.Event())
    return event


async def serve(
    hub: Hub,
    *,
    host: str | None = None,
    port: int | None = None,
    sockets: Sequence[socket.socket] | None = None,
    on_ready: Ready | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Serve until cancelled, or until `stop` is set. `on_ready` is told the addresses once requests are taken.

    Host and port are those of `[server]` unless given; port 0 is any free one. Raises `Misconfigured` when the
    certificate cannot be used, `Unavailable` when the port is taken.
    """
    settings = hub.config.server
    asked = stop or asyncio.Event()
    context = tls(hub.config) if has_tls(hub.config) else None
    server = _server(application(hub, stop=asked), context, most_connections(settings.connections))
    listening = list(sockets) if sockets is not None else bound(host or settings.host, _port(port, settings))
    addresses = [address(each, secure=context is not None) for each in listening]
    running = asyncio.create_task(server.serve(sockets=listening))
    try:
        await _either(running, server.ready)
        log.info("web.ready", addresses=addresses)
        if on_ready is not None:
            on_ready(addresses)
        await _either(running, asked)
        if asked.is_set():
            await _gone(running, settings.drain_seconds)
    finally:
        asked.set()
        server.should_exit = True
        await running
        for each in listening:
            each.close()


@contextlib.asynccontextmanager
async def beside(app: ASGIApp, listening: Sequence[socket.socket]) -> AsyncGenerator[None, None]:
    """Answer on sockets of their own, without TLS, for the length of the block: what is not for the public port."""
    server = _server(app, None, MOST_BESIDE)
    running = asyncio.create_task(server.serve(sockets=list(listening)))
    try:
        await _either(running, server.ready)
        yield
    finally:
        server.should_exit = True
        await running


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return the loop to serve on: uvloop where there is one. For `asyncio.Runner(loop_factory=...)`."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


class _Server(uvicorn.Server):
    """uvicorn, but signals are left to whoever runs the hub, and it says when it has started."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def _server(app: ASGIApp, context: ssl.SSLContext | None, connections: int) -> _Server:
    config = uvicorn.Config(
        app,
        http=limited_to(connections),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    config.load()
    config.ssl = context
    return _Server(config)


async def _either(running: asyncio.Task[None], event: asyncio.Event) -> None:
    """Wait for an event, or for the end of the server; raise what it ended with."""
    waiting = asyncio.create_task(event.wait())
    try:
        await asyncio.wait([running, waiting], return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
    if running.done():
        running.result()


async def _gone(running: asyncio.Task[None], seconds: float) -> None:
    """Give who asks `/readyz`, a balancer, time to see that nothing more is to be sent here."""
    await asyncio.wait([running], timeout=seconds)


def _port(port: int | None, settings: ServerSettings) -> int:
    return settings.port if port is None else port


def _own(hub: Hub, prefixes: Sequence[str]) -> dict[str, Callable[[Request], Any]]:
    async def home(request: Request) -> JSONResponse:  # noqa: ARG001
        return JSONResponse(
            {"name": hub.config.hub.name, "links": ["/healthz", "/readyz", *sorted(prefixes)]}
        )

    async def alive(request: Request) -> JSONResponse:  # noqa: ARG001
        return JSONResponse({"status": "ok"})

    async def ready(request: Request) -> JSONResponse:
        if stopping(request.scope).is_set():
            raise Unavailable(STOPPING, READY_SECONDS)
        try:
            async with asyncio.timeout(READY_SECONDS):
                await hub.store.read(lambda connection: connection.execute(text("SELECT 1")).scalar())
        except TimeoutError as error:
            raise Unavailable(NOT_READY, READY_SECONDS) from error
        return JSONResponse({"status": "ok"})

    return {"/": home, "/healthz": alive, "/readyz": ready}


def _shape(status: int, error: HubError, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"error": error.as_json(), "findings": []}, status_code=status, headers=headers)


async def _http_error(request: Request, error: Exception) -> JSONResponse:  # noqa: ARG001
    assert isinstance(error, HTTPException)
    said: HubError = NotFound(NOTHING_HERE)
    if error.status_code != 404:
        said = HubError(WRONG_METHOD)
        said.code = "method.not-allowed"
    return _shape(error.status_code, said, dict(error.headers or {}))


async def _hub_error(request: Request, error: Exception) -> JSONResponse:  # noqa: ARG001
    assert isinstance(error, HubError)
    if isinstance(error, Unavailable):
        return _shape(503, error, {"Retry-After": str(max(1, math.ceil(error.retry_after or READY_SECONDS)))})
    status = 404 if isinstance(error, NotFound) else 422 if isinstance(error, Refusal) else 500
    return _shape(status, error)


async def _bug(request: Request, error: Exception) -> JSONResponse:  # noqa: ARG001
    return _shape(500, Fault(UNEXPECTED))  # Starlette raises it again, and uvicorn logs it


class _Surroundings:
    """What every request and every answer gets: the stop event, and headers that keep browsers from harm."""

    def __init__(self, app: ASGIApp, *, tls: bool, stop: asyncio.Event) -> None:
        self.app = app
        self.headers = SECURITY + (ONLY_TLS if tls else ())
        self.stop = stop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})["stopping"] = self.stop
        if tracing.on():
            tracing.hear(Headers(scope=scope))

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = message.get("headers", [])
                names = {name for name, _ in said}
                message["headers"] = [*said, *(header for header in self.headers if header[0] not in names)]
                if self.stop.is_set() and b"connection" not in names:
                    message["headers"].append((b"connection", b"close"))
            await send(message)

        await self.app(scope, receive, guarded)
