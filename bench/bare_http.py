"""What the three requests of a document's way cost a bare ASGI application: handing in, fetching, acknowledging."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from typing import Any

import uvicorn

from bench.client import Connection
from bench.processes import cpu_seconds


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Read the body whole; answer with `size` bytes."""
    more = scope["type"] == "http"
    while more:
        more = (await receive()).get("more_body", False)
    size = int(scope["query_string"] or b"0")
    headers = [(b"content-length", str(size).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"x" * size})


def serve(port: int) -> None:
    """Run the application with the hub's own server."""
    uvicorn.run(application, host="127.0.0.1", port=port, log_level="error", access_log=False, lifespan="off")


def requests_us(size: int, count: int = 400, receivers: int = 1) -> float:
    """Return the server's CPU microseconds for one document: handing in, and two requests of each receiver."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "bench.bare_http", str(port)])
    try:
        return asyncio.run(_measure(port, process.pid, size, count, receivers))
    finally:
        process.terminate()
        process.wait()


async def _measure(port: int, pid: int, size: int, count: int, receivers: int) -> float:
    body = b"x" * size

    async def client(share: int) -> None:
        connection = Connection(port, "-")
        for _ in range(share):
            await connection.request("POST", "/?700", body)
            for _ in range(receivers):
                await connection.request("GET", f"/?{size}")
                await connection.request("POST", "/?400")
        await connection.close()

    for _ in range(100):
        try:
            await client(1)
            break
        except OSError:
            await asyncio.sleep(0.05)
    before = cpu_seconds(pid)
    await asyncio.gather(*(client(count // 8) for _ in range(8)))
    return (cpu_seconds(pid) - before) / (count // 8 * 8) * 1e6


if __name__ == "__main__":
    serve(int(sys.argv[1]))
