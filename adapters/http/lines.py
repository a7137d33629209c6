"""Connections to far sides. Endpoints that lead to one machine share them, as the communes of a province often do.

Each request has a transport of httpx to itself, and each transport one connection: a pool of many looks at every one
of its connections, and asks the system about those that are idle, whenever a request begins and ends. At 64 at once
that was more than half of what a delivery cost. Cookies, redirects and what else a client keeps between requests are
nothing that a push has a use for.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from weakref import WeakKeyDictionary

import httpx

MOST_IDLE = 64  # connections kept to one origin: as many as one process has deliveries under way
ALONE = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=15.0)

Origin = tuple[str, str, int | None]


@dataclass(slots=True)
class Lines:
    """The connections to one origin, for as long as an adapter uses them."""

    origin: Origin
    users: int = 0
    idle: list[httpx.AsyncHTTPTransport] = field(default_factory=list)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[httpx.AsyncHTTPTransport]:
        """Have one for a request: the one that was used last. What broke is not kept."""
        line = self.idle.pop() if self.idle else _new()
        try:
            yield line
        except BaseException:
            await line.aclose()
            raise
        if self.users and len(self.idle) < MOST_IDLE:
            self.idle.append(line)
        else:
            await line.aclose()

    async def give_back(self) -> None:
        """Use them no more; the last user closes them."""
        self.users -= 1
        if self.users == 0:
            _KEPT[asyncio.get_running_loop()].pop(self.origin, None)
            while self.idle:
                await self.idle.pop().aclose()


_KEPT: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Origin, Lines]] = WeakKeyDictionary()


def take(url: httpx.URL) -> Lines:
    """Return the connections to where a URL leads. Whoever takes them gives them back."""
    kept = _KEPT.setdefault(asyncio.get_running_loop(), {})
    origin = (url.scheme, url.host, url.port)
    lines = kept.setdefault(origin, Lines(origin))
    lines.users += 1
    return lines


def _new() -> httpx.AsyncHTTPTransport:
    # A proxy from the environment would see what http:// sends to this machine itself.
    return httpx.AsyncHTTPTransport(verify=trusted(), trust_env=False, limits=ALONE)


@cache
def trusted() -> ssl.SSLContext:
    """Return the system's trust, TLS 1.2 or newer: loading it takes longer than a delivery, so it is kept."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
