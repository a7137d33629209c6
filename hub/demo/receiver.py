"""The web server of the agency whose system is pushed to: small, in a thread, and at first not there.

Its port is bound from the beginning, so that nobody else takes it; a port that nobody listens on refuses connections,
as a machine does whose service is down. It does what docs/adapters/http.md asks of every receiver: it checks the
signature of each push with the shared secret, and knows a repeat by its Idempotency-Key.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOST = "127.0.0.1"
TOLERANCE_SECONDS = 300
PROOF = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})", re.ASCII)
MOST_BYTES = 52_428_800


@dataclass(frozen=True, slots=True)
class Push:
    """A package that was pushed to us."""

    delivery: str
    message: str
    to: str
    content: bytes


class Receiver:
    """The server. `took` is called in its threads, once for each delivery."""

    def __init__(self, took: Callable[[Push], None]) -> None:
        self.took = took
        self.secret = ""
        self.known: dict[str, str] = {}  # delivery -> our own number for the document
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer((HOST, 0), self._handler(), bind_and_activate=False)
        self._server.daemon_threads = True
        self._server.server_bind()
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """The URL to push to."""
        return f"http://{HOST}:{self._server.server_port}/edoc"

    def come_up(self) -> None:
        """Begin to listen."""
        self._server.server_activate()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop, if it listens, and let the port go."""
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def answer(self, headers: Any, content: bytes) -> tuple[int, dict[str, Any]]:
        """Return what to answer to one push."""
        delivery = headers.get("Edochub-Delivery", "")
        if not self._genuine(headers.get("Edochub-Signature", ""), delivery, content):
            return 401, {
                "error": {"code": "signature", "message": {"vi": "Sai chữ ký", "en": "Wrong signature"}}
            }
        with self._lock:
            fresh = delivery not in self.known
            number = self.known.setdefault(delivery, f"CT-{len(self.known) + 1:04}")
        if fresh:
            self.took(
                Push(delivery, headers.get("Edochub-Message", ""), headers.get("Edochub-To", ""), content)
            )
        return 200, {"id": number}

    def _genuine(self, proof: str, delivery: str, content: bytes) -> bool:
        """Tell whether the hub made this push, for this delivery, just now."""
        form = PROOF.fullmatch(proof)
        if form is None or abs(time.time() - int(form[1])) > TOLERANCE_SECONDS:
            return False
        mac = hmac.new(self.secret.encode(), f"{form[1]}.{delivery}.".encode() + content, hashlib.sha256)
        return hmac.compare_digest(mac.hexdigest(), form[2])

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            """One request."""

            def do_POST(self) -> None:
                """Take a push."""
                length = int(self.headers.get("Content-Length") or 0)
                if length > MOST_BYTES:
                    self.send_error(413)
                    return
                status, body = receiver.answer(self.headers, self.rfile.read(length))
                answer = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing: the demo tells what arrives."""

        return Handler
