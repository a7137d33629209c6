"""The HTTP adapter, pushing to a far side on this machine, does what every adapter must do."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from adapters.http import HttpAdapter
from hub.conformance import RefusalConformance
from hub.rig import RefusingRig, endpoint, surroundings

EXPECTED_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-digest",
        "content-length",
        "content-type",
        "edochub-attempt",
        "edochub-delivery",
        "edochub-from",
        "edochub-kind",
        "edochub-message",
        "edochub-signature",
        "edochub-to",
        "host",
        "idempotency-key",
        "user-agent",
    }
)


class Agency:
    """An agency's web server, as small as one can be: it keeps one document for each delivery id."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.unexpected: set[str] = set()
        self.status = "200 OK"
        self.port = 0
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await self._answer(reader, writer)
        writer.close()

    async def _answer(self, reader: StreamReader, writer: StreamWriter) -> None:
        request, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("ascii").rstrip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        self.unexpected |= headers.keys() - EXPECTED_HEADERS
        content = await reader.readexactly(int(headers.get("content-length", "0")))
        if request.startswith("POST ") and self.status == "200 OK":
            self.kept[headers["edochub-delivery"]] = content
        writer.write(f"HTTP/1.1 {self.status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()


class HttpRig(RefusingRig):
    bad_addresses = (
        "ftp://127.0.0.1/",
        "http://example.org/",
        "https://user:secret@example.org/",
        "/path",
        "?",
    )

    def __init__(self, agency: Agency) -> None:
        self.agency = agency

    def open(self) -> HttpAdapter:
        address = HttpAdapter.settle(f"http://127.0.0.1:{self.agency.port}/edxml?system=qlvb")
        return HttpAdapter(endpoint("http", address), surroundings())

    async def documents(self) -> list[bytes]:
        return list(self.agency.kept.values())

    async def go_down(self) -> None:
        await self.agency.stop()

    async def come_back(self) -> None:
        await self.agency.start()

    async def refuse(self) -> None:
        self.agency.status = "422 Unprocessable Content"

    async def strays(self) -> list[str]:
        return sorted(self.agency.unexpected)


class TestHttpPush(RefusalConformance):
    @asynccontextmanager
    async def rig(self) -> AsyncIterator[HttpRig]:
        agency = Agency()
        await agency.start()
        try:
            yield HttpRig(agency)
        finally:
            await agency.stop()
