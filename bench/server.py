"""The real server in a process of its own, on a fresh folder, with one sender and one receiver that polls."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.documents import RECEIVER, RECEIVER_NAME, SENDER
from bench.services import Services
from signing.ca import CertificateAuthority

MOST_RECEIVERS = 100
RECEIVERS = (RECEIVER, *(f"H49.P{number:03}" for number in range(2, MOST_RECEIVERS + 1)))


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its port, its process, and the secrets of its two endpoints."""

    port: int
    pid: int
    sender: str
    receiver: str


def edochub(folder: Path, *words: str) -> str:
    """Run one command on a folder; return what it printed."""
    command = [sys.executable, "-m", "cli", "--config", str(folder / "edochub.toml"), "--lang", "en", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def prepare(
    folder: Path, authority: CertificateAuthority, services: Services | None = None
) -> tuple[str, str]:
    """Make a hub in a folder; return the secrets of sender and receiver, who speaks for all `RECEIVERS`."""
    subprocess.run(
        [sys.executable, "-m", "cli", "--lang", "en", "init", str(folder)], check=True, capture_output=True
    )
    if services is not None:
        file = folder / "edochub.toml"
        written = file.read_text(encoding="utf-8")
        for named, default, value in (
            ("database", "sqlite:///edochub.db", services.database),
            ("url", "memory:", services.broker),
        ):
            written = written.replace(f'#{named} = "{default}"', f'{named} = "{value}"')
        file.write_text(written, encoding="utf-8")
    rows = "".join(f"{code},{RECEIVER_NAME} {code},commune,\n" for code in RECEIVERS)
    table = f"code,name,level,parent\n{SENDER},Sở Thử nghiệm (mã minh họa),province,\n{rows}"
    (folder / "agencies.csv").write_text(table, encoding="utf-8")
    (folder / "trust" / "bench-ca.pem").write_bytes(authority.pem)
    edochub(folder, "agencies", "import", str(folder / "agencies.csv"))
    secrets = []
    for name, codes in (("sender", (SENDER,)), ("receiver", RECEIVERS)):
        agencies = (word for code in codes for word in ("--agency", code))
        words = ("endpoints", "add", name, "--adapter", "http", *agencies, "--json")
        strict = ("--require-signatures",) if name == "sender" else ()
        secrets.append(json.loads(edochub(folder, *words, *strict))["secret"])
    return secrets[0], secrets[1]


@contextlib.contextmanager
def serving(
    folder: Path, authority: CertificateAuthority, services: Services | None = None, workers: int = 1
) -> Iterator[Server]:
    """Run a server on a free port of the loopback for as long as the block lasts."""
    sender, receiver = prepare(folder, authority, services)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "cli",
        "--config",
        str(folder / "edochub.toml"),
        "serve",
        "--port",
        str(port),
        *(("--workers", str(workers)) if workers > 1 else ()),
    ]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | {"EDOCHUB_LANG": "en"})
    try:
        wait_until_ready(port, process)
        yield Server(port, process.pid, sender, receiver)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def wait_until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait for /readyz, at most 20 seconds."""
    for _ in range(400):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer,
        ):
            if answer.status == 200:
                return
        time.sleep(0.05)
    raise RuntimeError("the server was not ready within 20 s")
