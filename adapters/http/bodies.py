"""Packages in and packages out, without unbounded memory and without waiting for ever.

In: a body is counted as it arrives and given up the moment it is over the limit. Up to 1 MiB stays in memory; what
grows beyond that, or arrives when all bodies in memory together have reached the budget, goes to a nameless file on
the disk of the payload store, and is hashed on the way. When it is whole, a body that the settings allow in memory is
read back; a larger one stays where it is. A few from disk are worked on at a time, the others wait their turn.

Out: what is over 1 MiB goes through a nameless file too and is sent in pieces, so that a client that reads slowly costs
disk, not memory; what the store gives piece by piece is sent as it is read. A client that does not read is cut off.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from adapters.http.answers import too_slow
from hub.errors import TooLarge
from hub.store.payloads.spool import Spool, Spools
from schemas.spooled import Package, Spooled, size_of

IN_MEMORY_BYTES = 1_048_576  # one body
BUDGET_BYTES = 67_108_864  # all bodies in memory together
LARGE_AT_ONCE = 4  # bodies from disk worked on at the same time
FETCHES_AT_ONCE = 8  # packages on their way from the store to a response
PIECE_BYTES = 262_144
PIECE_SECONDS = 30.0  # a client that takes less than a piece in this time does not read


class Unread(TooLarge):
    """A body that was given up. `size` is what the client announced, or what had arrived by then."""

    def __init__(self, limit_bytes: int, size: int) -> None:
        super().__init__(limit_bytes)
        self.size = size


class Bodies:
    """What all requests of one server share: the memory that bodies may take, and the turns."""

    def __init__(
        self, *, limit_bytes: int, seconds: float, spools: Spools, memory_bytes: int | None = None
    ) -> None:
        self.limit_bytes = limit_bytes
        self.seconds = seconds
        self.spools = spools
        self.memory_bytes = (
            limit_bytes if memory_bytes is None else memory_bytes
        )  # most of one that is read back
        self.held_bytes = 0
        self.large = asyncio.Semaphore(LARGE_AT_ONCE)
        self.fetches = asyncio.Semaphore(FETCHES_AT_ONCE)

    @asynccontextmanager
    async def package(self, request: Request) -> AsyncIterator[Package]:
        """Give the body of a request, in memory or spooled as its size asks for, until the block ends.

        Raises `Unread` over the limit, `Problem` 408 when it takes too long, `ClientDisconnect` when nobody is there,
        and `Unavailable` when the disk takes no more.
        """
        announced = request.headers.get("content-length", "0")
        if announced.isascii() and announced.isdigit() and int(announced) > self.limit_bytes:
            raise Unread(self.limit_bytes, int(announced))
        arriving = _Arriving(self)
        try:
            await self._read(request, arriving)
            if arriving.spool is None:
                yield arriving.content()
            else:
                async with self.large:
                    yield await asyncio.to_thread(arriving.from_disk)
        finally:
            arriving.let_go()

    @asynccontextmanager
    async def whole(self, request: Request) -> AsyncIterator[bytes]:
        """Give the body of a request in memory, whatever its size: for what cannot be read piece by piece."""
        async with self.package(request) as package:
            yield package if isinstance(package, bytes) else await asyncio.to_thread(package.read)

    async def _read(self, request: Request, arriving: _Arriving) -> None:
        try:
            async with asyncio.timeout(self.seconds):
                async for chunk in request.stream():
                    await arriving.add(chunk)
        except TimeoutError as error:
            raise too_slow(self.seconds) from error


class _Arriving:
    """One body on its way in."""

    def __init__(self, bodies: Bodies) -> None:
        self.bodies = bodies
        self.size = 0
        self.held = 0
        self.chunks: list[bytes] = []
        self.spool: Spool | None = None

    async def add(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.size > self.bodies.limit_bytes:
            raise Unread(self.bodies.limit_bytes, self.size)
        self.chunks.append(chunk)
        self._hold(len(chunk))
        if self.held > IN_MEMORY_BYTES or self.bodies.held_bytes > BUDGET_BYTES:
            await asyncio.to_thread(self._to_disk)
            self._hold(-self.held)

    def content(self) -> bytes:
        content = self.chunks[0] if len(self.chunks) == 1 else b"".join(self.chunks)
        self.chunks.clear()
        return content

    def from_disk(self) -> Package:
        spool = self._to_disk()
        package = spool.package()
        if package.size > self.bodies.memory_bytes:
            return package
        content = package.read()
        spool.close()
        return content

    def let_go(self) -> None:
        self._hold(-self.held)
        if self.spool is not None:
            self.spool.close()

    def _to_disk(self) -> Spool:
        if self.spool is None:
            self.spool = self.bodies.spools.new()
        self.spool.write(self.chunks)
        self.chunks.clear()
        return self.spool

    def _hold(self, change: int) -> None:
        self.held += change
        self.bodies.held_bytes += change


class PackageResponse:
    """A package as the body of an answer: in one go if it is small, else from disk, piece by piece."""

    def __init__(self, content: Package, headers: Mapping[str, str]) -> None:
        self.content: Package = content
        self.size = size_of(content)
        self.headers = {**headers, "content-length": str(self.size)}

    @classmethod
    async def of(cls, content: Package, headers: Mapping[str, str], bodies: Bodies) -> PackageResponse:
        """Return the response to a package that the store gave."""
        if isinstance(content, bytes) and len(content) > IN_MEMORY_BYTES:
            content = await asyncio.to_thread(_spooled, bodies, content)
        return cls(content, headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send it. A client that does not read for long is left: the connection ends before the body does."""
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        content, self.content = self.content, b""  # a file without a name is gone when this is sent
        sent = 0
        async with aclosing(pieces_of(content, PIECE_BYTES)) as pieces:
            async for piece in pieces:
                sent += len(piece)
                async with asyncio.timeout(PIECE_SECONDS):
                    await send({"type": "http.response.body", "body": piece, "more_body": sent < self.size})
        if not self.size:
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def pieces_of(content: Package, piece_bytes: int) -> AsyncGenerator[bytes]:
    """Yield a package in pieces, those of a spooled one read on a thread."""
    if isinstance(content, bytes):
        for start in range(0, len(content), piece_bytes):
            yield content[start : start + piece_bytes]
        return
    stream = await asyncio.to_thread(content.opened)
    with stream:
        while piece := await asyncio.to_thread(stream.read, piece_bytes):
            yield piece


def _spooled(bodies: Bodies, content: bytes) -> Spooled:
    spool = bodies.spools.new()
    spool.write([content])
    return spool.package()
