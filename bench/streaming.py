"""Large signed packages through a real hub: in by HTTP, out by HTTP to who fetches and to who is pushed to.

`python -m bench.streaming` prints the hub's peak of resident memory (VmHWM) for one package of 200 MB, and for eight at
once, beside what the process had when it was ready. What arrives is compared with what was sent by SHA-256.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.documents import RECEIVER, SENDER, authority
from bench.large_packages import make
from bench.processes import cpu_seconds, free_port
from bench.server import edochub, wait_until_ready
from signing.ca import CertificateAuthority
from signing.keys import SigningKey

PUSHED = "H49.D03"
PIECE_BYTES = 262_144
SETTINGS = """
[server]
package_bytes = 230000000
body_seconds = 600

[retry]
timeout_seconds = 600
"""


@dataclass(slots=True)
class Taker:
    """A far side that is pushed to: it keeps the digest of what came, nothing else."""

    digests: set[str] = field(default_factory=set)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request with 200, and close."""
        length = _length(await reader.readuntil(b"\r\n\r\n"))
        digest = hashlib.sha256()
        await _hashed(reader, length, digest)
        if length:
            self.digests.add(digest.hexdigest())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


@dataclass(frozen=True, slots=True)
class Hub:
    """A running hub: its port, its process, and the secrets of the sender and of who fetches."""

    port: int
    pid: int
    sender: str
    fetcher: str

    def peak_megabytes(self) -> float:
        """Return the most resident memory that the process has had (Linux)."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) / 1024


def main() -> None:
    """Run one package, then eight at once, each on a hub of its own, and print what they took."""
    options = argparse.ArgumentParser(prog="python -m bench.streaming", description=__doc__)
    options.add_argument("--megabytes", type=int, default=200)
    options.add_argument("--at-once", type=int, action="append", help="default: 1 and 8")
    options.add_argument(
        "--folder", type=Path, help="where packages and hubs are made; default: a temporary one"
    )
    chosen = options.parse_args()
    ca = authority()
    key = ca.issue(organisation="Sở Thử nghiệm (mã minh họa)", common_name="Văn thư", now=datetime.now(UTC))
    print(f"{'at once':>8} {'MB each':>8} {'ready MB':>9} {'peak MB':>8} {'cpu s':>7} {'wall s':>7}")
    for at_once in chosen.at_once or (1, 8):
        with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
            asyncio.run(run(Path(folder), ca, key, chosen.megabytes, at_once))


async def run(folder: Path, ca: CertificateAuthority, key: SigningKey, megabytes: int, at_once: int) -> None:
    """Send packages at once, fetch them, wait until they are pushed, and print a row."""
    files = [folder / f"{number}.edxml" for number in range(1, at_once + 1)]
    for number, file in enumerate(files, start=1):
        make(file, megabytes * 1_000_000, wrapped=False, key=key, number=number, receivers=(RECEIVER, PUSHED))
    taker = Taker()
    server = await asyncio.start_server(taker.serve, "127.0.0.1", 0, limit=1 << 20)
    taker.port = server.sockets[0].getsockname()[1]
    with serving(folder / "hub", ca, taker.port) as hub:
        ready, started = hub.peak_megabytes(), time.perf_counter()
        sent = set(await asyncio.gather(*(_send(hub, file) for file in files)))
        fetched = set(await asyncio.gather(*(_fetch(hub, each) for each in await _waiting(hub, at_once))))
        while len(taker.digests) < at_once:
            await asyncio.sleep(0.2)
        assert sent == fetched == taker.digests, "other bytes came out than went in"
        wall = time.perf_counter() - started
        figures = (at_once, megabytes, ready, hub.peak_megabytes(), cpu_seconds(hub.pid), wall)
        print("{:>8} {:>8} {:>9.0f} {:>8.0f} {:>7.1f} {:>7.1f}".format(*figures), flush=True)
    server.close()


@contextmanager
def serving(folder: Path, ca: CertificateAuthority, taker: int) -> Iterator[Hub]:
    """Run a hub with a sender, one who fetches and one who is pushed to."""
    subprocess.run(
        [sys.executable, "-m", "cli", "--lang", "en", "init", str(folder)], check=True, capture_output=True
    )
    port = free_port()
    (folder / "edochub.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "trust" / "bench-ca.pem").write_bytes(ca.pem)
    names = "".join(f"{code},Cơ quan {code} (mã minh họa),commune,\n" for code in (SENDER, RECEIVER, PUSHED))
    (folder / "agencies.csv").write_text("code,name,level,parent\n" + names, encoding="utf-8")
    edochub(folder, "agencies", "import", str(folder / "agencies.csv"))
    secrets = []
    for name, code, *more in (
        ("sender", SENDER, "--require-signatures"),
        ("fetcher", RECEIVER),
        ("pushed", PUSHED, "--address", f"http://127.0.0.1:{taker}/in"),
    ):
        made = edochub(
            folder, "endpoints", "add", name, "--adapter", "http", "--agency", code, "--json", *more
        )
        secrets.append(json.loads(made)["secret"])
    command = [
        sys.executable,
        "-m",
        "cli",
        "--config",
        str(folder / "edochub.toml"),
        "serve",
        "--port",
        str(port),
    ]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_until_ready(port, process)
        yield Hub(port, process.pid, secrets[0], secrets[1])
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


async def _send(hub: Hub, file: Path) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", hub.port)
    size, digest = file.stat().st_size, hashlib.sha256()
    writer.write(
        _head(
            "POST", "/documents", hub.sender, f"Content-Type: application/xml\r\nContent-Length: {size}\r\n"
        )
    )
    with file.open("rb") as stream:
        while piece := stream.read(PIECE_BYTES):
            digest.update(piece)
            writer.write(piece)
            await writer.drain()
    head = await reader.readuntil(b"\r\n\r\n")
    body = await reader.readexactly(_length(head))
    if b" 201 " not in head.split(b"\r\n", 1)[0]:
        raise RuntimeError(f"expected 201, got {head[:40]!r} {body[:500]!r}")
    writer.close()
    return digest.hexdigest()


async def _waiting(hub: Hub, count: int) -> list[str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", hub.port)
    writer.write(_head("GET", "/inbox", hub.fetcher))
    body = await reader.readexactly(_length(await reader.readuntil(b"\r\n\r\n")))
    writer.close()
    found = [each["id"] for each in json.loads(body)["deliveries"]]
    assert len(found) == count, f"expected {count} deliveries, got {len(found)}"
    return found


async def _fetch(hub: Hub, delivery: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", hub.port)
    writer.write(_head("GET", f"/inbox/{delivery}/document", hub.fetcher))
    digest = hashlib.sha256()
    await _hashed(reader, _length(await reader.readuntil(b"\r\n\r\n")), digest)
    writer.close()
    return digest.hexdigest()


async def _hashed(reader: asyncio.StreamReader, length: int, digest: hashlib._Hash) -> None:
    while length:
        piece = await reader.read(min(length, PIECE_BYTES))
        if not piece:
            raise RuntimeError(f"the body ended {length} bytes too early")
        digest.update(piece)
        length -= len(piece)


def _head(method: str, path: str, secret: str, more: str = "") -> bytes:
    common = f"Host: 127.0.0.1\r\nAuthorization: Bearer {secret}\r\n"
    return f"{method} /api/v1{path} HTTP/1.1\r\n{common}{more}\r\n".encode()


def _length(head: bytes) -> int:
    found = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    return int(found[1]) if found else 0


if __name__ == "__main__":
    main()
