"""The REST API: its operations, and what is common to all of them.

Every operation but the contract itself asks for `Authorization: Bearer SECRET` before it reads a byte of the body, and
sees what that endpoint may see: what it sent, and what is addressed to it. Whatever goes wrong ends in
`answers.answer`; anything unplanned is logged under an incident number.

A DocumentId may contain slashes: written as %2F it is one part of the path, as RFC 3986 has it; plain slashes are
understood too.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.http.answers import answer, fault, no_such_document, no_such_path, unauthenticated, wrong_method
from adapters.http.bodies import Bodies
from adapters.http.endings import Ending
from adapters.http.language import preferred
from adapters.http.questions import secret
from hub.app import Hub
from hub.errors import Fault, HubError
from hub.ids import new_id
from hub.model import Endpoint
from hub.store.payloads.spool import Spools
from schemas.text import Language

PREFIX = "/api/v1"
LONGEST_REFERENCE = 500  # characters; no id and no DocumentId is longer
ENCODED_SLASH = re.compile(rb"%2[fF]")

log = structlog.get_logger(__name__)


class Api:
    """The ASGI application that answers under /api/v1."""

    def __init__(self, hub: Hub, operations: Sequence[Operation]) -> None:
        server = hub.config.server
        self.hub = hub
        self.bodies = Bodies(
            limit_bytes=server.package_bytes,
            seconds=server.body_seconds,
            spools=Spools(hub.config.path(hub.config.storage.payloads)),
            memory_bytes=hub.config.storage.memory_bytes,
        )
        self.router = Router(
            [operation.route(self) for operation in operations], redirect_slashes=False, default=_nothing
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find the operation and run it."""
        if scope["type"] != "http":
            await self.router(scope, receive, send)
            return
        raw = scope.get("raw_path") or b""
        if b"%2" in raw:  # an encoded slash must not part the path; no DocumentId contains NUL
            scope = {**scope, "path": unquote(ENCODED_SLASH.sub(b"%00", raw).decode("ascii", "replace"))}
        ending = Ending.of(scope, receive, send)
        try:
            await self.router(scope, ending.receive, ending.send)
        except HTTPException as error:  # the router's 405
            problem = wrong_method((error.headers or {}).get("Allow", "-"))
            await answer(problem, _language(scope))(scope, ending.receive, ending.send)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path: the name that the published contract gives it, and what it does."""

    method: str
    path: str
    name: str
    run: Callable[[Call], Awaitable[ASGIApp]]
    public: bool = False

    def route(self, api: Api) -> BaseRoute:
        """Return the route that runs it."""
        return Route(self.path, _Runner(api, self), methods=[self.method], name=self.name)


class Call:
    """One request to one operation."""

    def __init__(self, api: Api, request: Request, endpoint: Endpoint | None) -> None:
        self.hub = api.hub
        self.bodies = api.bodies
        self.request = request
        self._endpoint = endpoint

    @property
    def endpoint(self) -> Endpoint:
        """Who asks."""
        assert self._endpoint is not None, "a public operation has no endpoint"
        return self._endpoint

    @cached_property
    def reference(self) -> str:
        """The document or delivery that the path names."""
        written: str = self.request.path_params["id"].replace("\0", "/")
        if len(written) > LONGEST_REFERENCE:
            raise no_such_document(written)
        return written


class _Runner:
    """The ASGI side of an operation: who asks, run it, answer, whatever happens."""

    def __init__(self, api: Api, operation: Operation) -> None:
        self.api = api
        self.operation = operation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._response(Request(scope, receive, send))
        except ClientDisconnect:
            log.info("http.client-left", operation=self.operation.name)
            return
        except Fault as error:
            response = self._incident(scope, error)
        except HubError as error:
            response = answer(error, _language(scope))
        except Exception as error:  # anything unplanned is a fault, answered and logged
            response = self._incident(scope, error)
        await response(scope, receive, send)

    async def _response(self, request: Request) -> ASGIApp:
        endpoint = None if self.operation.public else await self._who(request)
        return await self.operation.run(Call(self.api, request, endpoint))

    async def _who(self, request: Request) -> Endpoint:
        presented = secret(request)
        endpoint = await self.api.hub.authenticate(presented) if presented else None
        if endpoint is None or endpoint.disabled:
            raise unauthenticated(presented=presented is not None)
        return endpoint

    def _incident(self, scope: Scope, error: Exception) -> ASGIApp:
        incident = new_id(self.api.hub.clock())
        log.error("http.fault", operation=self.operation.name, incident=incident, exc_info=error)
        return answer(fault(incident), _language(scope))


def _language(scope: Scope) -> Language:
    header = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
    return preferred(header.decode("latin-1"))


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    await answer(no_such_path(), _language(scope))(scope, receive, send)
