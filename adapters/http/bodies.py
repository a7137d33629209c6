"""Packages in and packages out, without unbounded memory and without waiting for ever.

In: a body is counted as it arrives and given up the moment it is over the limit. Up to 1 MiB stays in memory; what
grows beyond that, or arrives when all bodies in memory together have reached the budget, goes to a nameless file on
disk. A body from disk is read back when it is whole, a few at a time; the others wait their turn.

Out: what is over 1 MiB goes through a nameless file too and is sent in pieces, so that a client that reads slowly costs
disk, not memory; one that does not read at all is cut off.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from adapters.http.answers import too_slow
from hub.errors import TooLarge

IN_MEMORY_BYTES = 1_048_576  # one body
BUDGET_BYTES = 67_108_864  # all bodies in memory together
LARGE_AT_ONCE = 4  # bodies read back from disk and worked on at the same time
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

    def __init__(self, *, limit_bytes: int, seconds: float, folder: Path) -> None:
        self.limit_bytes = limit_bytes
        self.seconds = seconds
        self.folder = folder  # a real disk: /tmp may be memory
        self.held_bytes = 0
        self.large = asyncio.Semaphore(LARGE_AT_ONCE)
        self.fetches = asyncio.Semaphore(FETCHES_AT_ONCE)

    @asynccontextmanager
    async def package(self, request: Request) -> AsyncIterator[bytes]:
        """Give the body of a request; its memory counts until the block ends.

        Raises `Unread` over the limit, `Problem` 408 when it takes too long, `ClientDisconnect` when nobody is there.
        """
        announced = request.headers.get("content-length", "0")
        if announced.isascii() and announced.isdigit() and int(announced) > self.limit_bytes:
            raise Unread(self.limit_bytes, int(announced))
        arriving = _Arriving(self)
        try:
            await self._read(request, arriving)
            if arriving.file is None:
                yield arriving.content()
            else:
                async with self.large:
                    yield await asyncio.to_thread(arriving.read_back)
        finally:
            arriving.let_go()

    async def _read(self, request: Request, arriving: _Arriving) -> None:
        try:
            async with asyncio.timeout(self.seconds):
                async for chunk in request.stream():
                    await arriving.add(chunk)
        except TimeoutError as error:
            raise too_slow(self.seconds) from error

    def spool(self) -> IO[bytes]:
        """Open a file without a name: it is gone when it is closed, or when the process dies."""
        return tempfile.TemporaryFile(dir=self.folder if self.folder.is_dir() else None)


class _Arriving:
    """One body on its way in."""

    def __init__(self, bodies: Bodies) -> None:
        self.bodies = bodies
        self.size = 0
        self.held = 0
        self.chunks: list[bytes] = []
        self.file: IO[bytes] | None = None

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

    def read_back(self) -> bytes:
        assert self.file is not None
        self._to_disk()
        self.file.seek(0)
        content = self.file.read()
        self.file.close()
        return content

    def let_go(self) -> None:
        self._hold(-self.held)
        if self.file is not None:
            self.file.close()

    def _to_disk(self) -> None:
        if self.file is None:
            self.file = self.bodies.spool()
        self.file.writelines(self.chunks)
        self.chunks.clear()

    def _hold(self, change: int) -> None:
        self.held += change
        self.bodies.held_bytes += change


class PackageResponse:
    """A package as the body of an answer: in one go if it is small, else from disk, piece by piece."""

    def __init__(self, content: bytes | IO[bytes], size: int, headers: Mapping[str, str]) -> None:
        self.content = content
        self.size = size
        self.headers = {**headers, "content-length": str(size)}

    @classmethod
    async def of(cls, content: bytes, headers: Mapping[str, str], bodies: Bodies) -> PackageResponse:
        """Return the response to a package that the store gave."""
        if len(content) <= IN_MEMORY_BYTES:
            return cls(content, len(content), headers)
        return cls(await asyncio.to_thread(_spooled, bodies, content), len(content), headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send it. A client that does not read for long is left: the connection ends before the body does."""
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        try:
            sent, more = 0, True
            while more:
                piece = await self._piece(sent)
                sent += len(piece)
                more = sent < self.size
                async with asyncio.timeout(PIECE_SECONDS):
                    await send({"type": "http.response.body", "body": piece, "more_body": more})
        finally:
            if not isinstance(self.content, bytes):
                self.content.close()

    async def _piece(self, start: int) -> bytes:
        if isinstance(self.content, bytes):
            whole = start == 0 and self.size <= PIECE_BYTES
            return self.content if whole else self.content[start : start + PIECE_BYTES]
        return await asyncio.to_thread(self.content.read, PIECE_BYTES)


def _spooled(bodies: Bodies, content: bytes) -> IO[bytes]:
    file = bodies.spool()
    file.write(content)
    file.seek(0)
    return file
