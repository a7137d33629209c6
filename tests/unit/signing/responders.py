"""A small HTTP server for the tests: it answers with what it was given, and keeps what it was asked."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = bytes | int | tuple[int, str] | Callable[[bytes], bytes]


@dataclass
class Web:
    """What it answers: octets, a status, a redirect (status, address), or a function of what was posted."""

    port: int = 0
    pages: dict[str, Answer | list[Answer]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """Return the address of a path."""
        return f"http://{host}:{self.port}{path}"

    def next(self, path: str) -> Answer:
        """Return what is to be answered now; of several answers, the last one stays."""
        self.asked.append(path)
        found = self.pages.get(path, 404)
        if isinstance(found, list):
            return found.pop(0) if len(found) > 1 else found[0]
        return found


@contextmanager
def serving() -> Iterator[Web]:
    """Serve on a free port of this machine until the end of the block."""
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(b"")

        def do_POST(self) -> None:
            self.answer(self.rfile.read(int(self.headers["Content-Length"])))

        def answer(self, posted: bytes) -> None:
            found = web.next(self.path)
            body = found(posted) if callable(found) else found if isinstance(found, bytes) else b""
            status = found if isinstance(found, int) else found[0] if isinstance(found, tuple) else 200
            self.send_response(status)
            if isinstance(found, tuple):
                self.send_header("Location", found[1])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def at_once(_: float) -> None:
    """Wait for nothing."""
    await asyncio.sleep(0)
