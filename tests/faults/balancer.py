"""A plain TCP balancer: each connection goes to the next server that takes one. It knows nothing of HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle


@contextmanager
def balancing(ports: Sequence[int]) -> Iterator[int]:
    """Balance over ports of this machine for the length of a block, on a thread; yield the balancer's port."""
    loop = asyncio.new_event_loop()
    balancer = Balancer(ports)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(balancer.open(), loop).result(60)
    finally:
        asyncio.run_coroutine_threadsafe(balancer.close(), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class Balancer:
    """Connections in, connections out."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._count = len(ports)
        self._next = cycle(ports)
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> int:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _carry(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            server, there = await self._connected()
            await asyncio.gather(_pump(client, there), _pump(server, back))
        except OSError:
            back.close()  # nobody takes it
        finally:
            self._tasks.discard(task)

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        for _ in range(self._count - 1):
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", next(self._next))
        return await asyncio.open_connection("127.0.0.1", next(self._next))


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while read := await source.read(65_536):
            target.write(read)
            await target.drain()
    target.close()
