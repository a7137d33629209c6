"""A bare HTTP/1.1 client on kept connections: the load must not cost more than what it measures."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers' raw bytes and body."""

    status: int
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


class Connection:
    """One kept connection to the server."""

    def __init__(self, port: int, secret: str) -> None:
        self._port = port
        self._common = f"Host: 127.0.0.1\r\nAuthorization: Bearer {secret}\r\n"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def request(
        self, method: str, path: str, body: bytes = b"", content_type: str = "application/xml"
    ) -> Answer:
        """Send one request and read its answer whole."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=8 << 20)
        reader, writer = self._streams
        kind = f"Content-Type: {content_type}\r\n" if body else ""
        head = f"{method} {path} HTTP/1.1\r\n{self._common}{kind}Content-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body if len(body) < 65_536 else head.encode())
        if len(body) >= 65_536:
            writer.write(body)
        await writer.drain()
        headers = await reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in headers.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return Answer(int(headers[9:12]), await reader.readexactly(length) if length else b"")

    async def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None
