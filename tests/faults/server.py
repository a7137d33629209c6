"""The real server as a process of its own, to be killed, and the far side that it pushes to."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from hub.config import Config, ServerSettings, StorageSettings
from hub.testing import settings

PORTS = (20_000, 32_000)  # below those that Linux gives out by itself
ROOT = Path(__file__).resolve().parents[2]
START_SECONDS, STOP_SECONDS = 180.0, 120.0  # on a machine that is busy with other things too

TOML = """\
[storage]
database = "{database}"
[server]
port = {port}
workers = {workers}
[retry]
attempts = 100000
first_seconds = 0.02
longest_seconds = 0.2
timeout_seconds = {timeout_seconds}
[worker]
sweep_seconds = 0.1
lease_seconds = {lease_seconds}
silent_seconds = {silent_seconds}
[broker]
url = "{broker}"
[hub]
code = "{code}"
[ledger]
origin = "edochub"
"""


@dataclass
class Server:
    """`edochub serve` in a folder, on a port that stays the same over its lives."""

    folder: Path
    config: Config
    code: str = "edochub"
    broker: str = "memory:"
    lease_seconds: float = 300.0
    silent_seconds: float = 15.0
    workers: int = 1
    timeout_seconds: float = 30.0
    secrets: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    kills: int = 0
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.folder / f"{self.code}.log"

    def _configure(self) -> None:
        self.toml.write_text(
            TOML.format(
                database=self.config.database_url,
                port=self.config.server.port,
                broker=self.broker,
                code=self.code,
                lease_seconds=self.lease_seconds,
                silent_seconds=self.silent_seconds,
                workers=self.workers,
                timeout_seconds=self.timeout_seconds,
            )
        )

    @property
    def toml(self) -> Path:
        return self.folder / f"{self.code}.toml"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.config.server.port}"

    def begin(self) -> None:
        """Start the process; do not wait for it."""
        self._configure()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "cli.py"), "--config", str(self.toml), "serve"],
                cwd=ROOT,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )

    def start(self) -> None:
        """Start the process and wait until it takes connections."""
        self.begin()
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()[-2000:]
            assert time.monotonic() < deadline, "the server does not start"
            time.sleep(0.02)

    def answers(self) -> bool:
        """Tell whether something listens on the port."""
        with socket.socket() as probe:
            probe.settimeout(10)
            return probe.connect_ex(("127.0.0.1", self.config.server.port)) == 0

    def kill(self) -> None:
        """End the process as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.kills += 1

    def terminate(self, seconds: float = STOP_SECONDS) -> int:
        """Ask the process to stop; return its exit code."""
        self.ask_to_stop()
        return self.ended(seconds)

    def ask_to_stop(self) -> None:
        """Ask the process to stop; do not wait for it."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    def ended(self, seconds: float = STOP_SECONDS) -> int:
        """Wait for the process to end; return its exit code."""
        assert self.process is not None
        return self.process.wait(seconds)

    def says(self, what: str) -> bool:
        """Tell whether it has written this into its log, in any of its lives."""
        return what in self.log.read_text()

    def end(self) -> None:
        """Make sure that nothing of it is left."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def free_port() -> int:
    """Return a port that was free a moment ago, and that the system gives to nobody who does not name it.

    A server that is killed leaves its port: were it one of those that the system gives out, the next who connects to
    anything might have it, and the server could not come back.
    """
    while True:
        port = random.randrange(*PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def server_config(folder: Path, database: str = "sqlite:///edochub.db") -> Config:
    """Return a configuration for a server in a folder, with its keys made."""
    config = settings(folder)
    return replace(
        config, storage=StorageSettings(database=database), server=ServerSettings(port=free_port())
    )


@dataclass
class Sink:
    """An agency's system that is pushed to: it knows a repeat by the header, and sometimes its answer is lost."""

    documents: dict[str, bytes] = field(default_factory=dict)  # delivery id -> bytes
    calls: Counter[str] = field(default_factory=Counter)
    loses_answer: Callable[[int], bool] = lambda _: False
    hangs: threading.Event | None = None
    url: str = ""

    def post(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers["Content-Length"])
        content = handler.rfile.read(length)
        if len(content) != length:  # the hub died in the middle of it
            handler.close_connection = True
            return
        delivery = handler.headers["Edochub-Delivery"]
        self.calls[delivery] += 1
        if self.hangs is not None:
            self.hangs.wait()
        before = self.documents.setdefault(delivery, content)
        assert before == content
        if self.loses_answer(self.calls.total()):
            handler.close_connection = True
            return
        handler.send_response(200)
        handler.send_header("Content-Length", "0")
        handler.end_headers()


@contextmanager
def serving(sink: Sink) -> Iterator[Sink]:
    """Let a sink listen on this machine for the length of a block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            sink.post(self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, request: object, client_address: object) -> None:
            pass  # the hub died in the middle of a push

    server = Quiet(("127.0.0.1", 0), Handler)
    sink.url = f"http://127.0.0.1:{server.server_address[1]}/van-ban"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
