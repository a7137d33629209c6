"""One call, as an operation sees it: who asks, what was signed, the body, the hub."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.requests import Request

from adapters.http.bodies import Bodies, PackageResponse
from adapters.http.questions import small_body
from adapters.vxp.clients import Caller
from adapters.vxp.hashes import ENDING
from hub.app import Hub
from hub.errors import HubError
from hub.model import Endpoint
from hub.store.payloads.spool import Spools

JSON: dict[str, str] = {"content-type": "application/json"}


class BadCall(HubError):
    """A parameter or a body that the operation cannot use."""

    code = "request.invalid"


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back: a body, and what it is."""

    body: bytes
    headers: Mapping[str, str]

    @classmethod
    def json(cls, body: bytes) -> Reply:
        """Return a reply in JSON."""
        return cls(body, JSON)


@dataclass(frozen=True, slots=True)
class Call:
    """A call whose sender has proven who it is."""

    hub: Hub
    bodies: Bodies
    caller: Caller
    request: Request

    @property
    def endpoint(self) -> Endpoint:
        """The system that calls."""
        return self.caller.endpoint

    def parameter(self, *names: str) -> str:
        """Return the first of these parameters that was given; "" when none was."""
        given = self.caller.parameters
        return next((given[name].strip() for name in names if given.get(name, "").strip()), "")

    @asynccontextmanager
    async def package(self) -> AsyncIterator[bytes]:
        """Give the body of a sendEdoc. Raises as `Bodies.package` does."""
        async with self.bodies.whole(self.request) as body:
            yield body

    async def small_body(self) -> bytes:
        """Return a body of at most 64 KiB."""
        return await small_body(self.request, self.bodies.seconds)

    async def response(self, reply: Reply) -> PackageResponse:
        """Return a reply as it is sent: a large one from disk, so that a slow client costs no memory."""
        return await PackageResponse.of(reply.body, reply.headers, self.bodies)


def bodies_of(hub: Hub) -> Bodies:
    """Return where the bodies of calls are kept: a package, and the CR LF that the SDK appends."""
    server = hub.config.server
    return Bodies(
        limit_bytes=server.package_bytes + len(ENDING),
        seconds=server.body_seconds,
        spools=Spools(hub.config.path(hub.config.storage.payloads)),
    )
