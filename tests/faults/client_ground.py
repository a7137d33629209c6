"""What tests of the client library have: a hub on this machine, and a network before it that is not to be relied on."""

from __future__ import annotations

import http.client
import socket
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal

import httpx

from adapters.client import Client, Patience
from hub.testing import Box, hub_in_a_box, package, settings
from tests.unit.adapters.vxp.ground import serving

SENDER, ADDRESSEE = "H49.13", "H49.61"

Fault = Literal["answer lost", "answer halved", "body halved", "503", "page", "409 page"]


@dataclass
class Network:
    """Stands before a hub; each request meets the next fault, if there is one left."""

    hub: httpx.URL
    faults: deque[Fault] = field(default_factory=deque)
    passed: list[str] = field(default_factory=list)  # what reached the hub whole: "POST /path"
    url: str = ""

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length", "0"))
        fault = self.faults.popleft() if self.faults else None
        if fault == "body halved":
            self._begin(handler, length)
            return
        body = handler.rfile.read(length)
        if fault in {"503", "page", "409 page"}:
            self._say(handler, fault)
            return
        status, headers, content = self._forward(handler, body)
        if fault == "answer lost":
            return
        handler.send_response(status)
        for name in ("content-type", "content-digest", "etag"):
            if name in headers:
                handler.send_header(name, headers[name])
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[: len(content) // 2] if fault == "answer halved" else content)

    def _begin(self, handler: BaseHTTPRequestHandler, length: int) -> None:
        """Pass on half of a request and cut both ends."""
        with socket.create_connection((self.hub.host, self.hub.port or 80)) as far:
            head = (
                f"{handler.command} {handler.path} HTTP/1.1\r\n{handler.headers.as_string().strip()}\r\n\r\n"
            )
            far.sendall(head.replace("\r\n", "\n").replace("\n", "\r\n").encode("latin-1"))
            far.sendall(handler.rfile.read(length // 2))

    def _say(self, handler: BaseHTTPRequestHandler, fault: Fault) -> None:
        status = {"503": 503, "page": 502, "409 page": 409}[fault]
        handler.send_response(status)
        if fault == "503":
            handler.send_header("Retry-After", "7")
        handler.send_header("Content-Length", "6")
        handler.end_headers()
        handler.wfile.write(b"<html>")

    def _forward(
        self, handler: BaseHTTPRequestHandler, body: bytes
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        far = http.client.HTTPConnection(self.hub.host, self.hub.port or 80, timeout=120)
        try:
            far.request(handler.command, handler.path, body or None, dict(handler.headers))
            answer = far.getresponse()
            content = answer.read()
        finally:
            far.close()
        self.passed.append(f"{handler.command} {handler.path}")
        return answer.status, answer.headers, content


@contextmanager
def network(hub: str) -> Iterator[Network]:
    """Put a network before a hub for the length of a block."""
    between = Network(httpx.URL(hub))

    class Handler(BaseHTTPRequestHandler):  # HTTP/1.0: a connection for each request
        def do_GET(self) -> None:
            between.handle(self)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    between.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield between
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Ground:
    """A hub, the network before it, and a client for each of two systems. `slept` is what they would have waited."""

    box: Box
    between: Network
    sender: Client
    addressee: Client
    slept: list[float]

    async def messages(self) -> list[str]:
        """Return the DocumentIds of what waits for the addressee, as the hub knows it."""
        endpoint = await self.box.hub.endpoint("xa")
        return [each.message.document_id for each in await self.box.hub.waiting(endpoint, limit=500)]


@asynccontextmanager
async def ground(folder: Path) -> AsyncIterator[Ground]:
    """Open the hub and the clients."""
    async with hub_in_a_box(folder, config=settings(folder), running=True) as box:
        await box.connect("so", SENDER)
        await box.connect("xa", ADDRESSEE)
        async with serving(box) as url:
            with network(url) as between:
                slept: list[float] = []
                patience = Patience(tries=4, sleep=slept.append, chance=lambda: 1.0)
                sender = Client(between.url, box.secrets["so"], patience=patience)
                addressee = Client(between.url, box.secrets["xa"], patience=patience)
                with sender, addressee:
                    yield Ground(box, between, sender, addressee, slept)


def written(folder: Path, number: int) -> Path:
    """Write a package for the addressee into a file."""
    path = folder / f"{number}.edxml"
    folder.mkdir(parents=True, exist_ok=True)
    identity = f"{SENDER},2026/11/18,{number}/CV"
    path.write_bytes(package(sender=SENDER, to=[ADDRESSEE], document_id=identity))
    return path
