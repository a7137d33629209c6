"""The real server as a process of its own, to be killed, and the far side that it pushes to."""

from __future__ import annotations

import os
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

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90.0  # on a machine that is busy with other things too

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
            probe.settimeout(0.5)
            return probe.connect_ex(("127.0.0.1", self.config.server.port)) == 0

    def kill(self) -> None:
        """End the process as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.kills += 1

    def terminate(self, seconds: float = 20.0) -> int:
        """Ask the process to stop; return its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def end(self) -> None:
        """Make sure that nothing of it is left."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
            self.hangs.wait(60)
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
