"""The axis's side on the wire: one request in, one reply out, whatever happens.

The operation is the last part of the path, whatever slashes stand before it. Who calls is proven from the headers
before a byte of the body is read. The answer is always HTTP 200 with a JSON object that has all that the SDK reads; a
failed downloadEdoc alone is an empty body, because any other counts as a package there.

The SDK's sendEdoc reads no answer before it has written everything. So what remains of a body is read and dropped,
within limits, before we answer; a stranger that waits for `100 Continue` is told its answer instead.
"""

from __future__ import annotations

import asyncio
import time

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive, Scope, Send

from adapters.http.answers import Problem
from adapters.http.bodies import PackageResponse
from adapters.vxp import replies
from adapters.vxp.calls import Call, Reply, bodies_of
from adapters.vxp.clients import NOT_ASCII, Clients, Unproven
from adapters.vxp.codes import NO_SENDER, PROCESSING, WRONG_SECRET
from adapters.vxp.documents import unknown_operation
from adapters.vxp.operations import DOWNLOAD, LEAKING, Operations
from adapters.vxp.patience import APPLIED
from adapters.vxp.sending import ForeignSender
from adapters.vxp.way import TRACE
from hub.adapter import Mount
from hub.app import Hub
from hub.errors import Fault, HubError
from hub.ids import new_id
from schemas.text import Sentence

PREFIX = "/vxp"
STRANGER_SECONDS = 10.0  # how long the rest of a body is read of somebody who did not prove who it is
DROPPED_TIMES = 4  # the package limit: how much of a body is read only to be dropped; a stranger's, once

UNEXPECTED = Sentence(
    vi="Trục gặp lỗi ngoài dự kiến; hãy báo người vận hành số sự cố {incident}",
    en="The hub failed in a way that it did not expect; tell its operator the incident number {incident}",
)

log = structlog.get_logger(__name__)


def mounted(hub: Hub) -> Mount:
    """Return the protocol's server of a hub, to be put on its web server."""
    return Mount(prefix=PREFIX, application=Server(hub), unreadable=unreadable)


def unreadable(path: str, error: HubError) -> bytes:
    """Return the reply to a request that is no HTTP: given a URL with a port, the SDK makes one of a letter like ă."""
    if operation_of(path) == DOWNLOAD:
        return b""
    words = f"{error.message.vi}. {NOT_ASCII.vi}" if error.code == "request.invalid" else error.message.vi
    return replies.refusal(operation_of(path), PROCESSING, words, error)


def operation_of(path: str) -> str:
    """Return the last part of a path, whatever slashes stand before it or after."""
    return path.rstrip("/").rpartition("/")[2]


class Server:
    """The ASGI application that answers under /vxp."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.clients = Clients(hub)
        self.operations = Operations.of(hub)
        self.bodies = bodies_of(hub)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        name = operation_of(scope["path"])
        incoming = Incoming(scope, receive)
        began = time.monotonic()
        try:
            reply, patience = await self._reply(name, scope, incoming)
            most = self.bodies.limit_bytes * (DROPPED_TIMES if incoming.proven else 1)
            whole = await incoming.finished(patience, most)
        except ClientDisconnect:
            log.info("vxp.client-left", operation=name[:40])
            return
        headers = dict(reply.headers)
        if (name in LEAKING and APPLIED.lower() not in headers) or not whole:
            headers["connection"] = "close"
        response = await PackageResponse.of(reply.body, headers, self.bodies)
        await response(scope, receive, send)
        log.debug("vxp.answered", operation=name[:40], seconds=round(time.monotonic() - began, 3))

    async def _reply(self, name: str, scope: Scope, incoming: Incoming) -> tuple[Reply, float]:
        """Return the reply, and how long the client may still take to hand over what it began."""
        request = Request(scope, incoming.receive)
        try:
            caller = await self.clients.who(scope["headers"], neighbours=name == TRACE)
            incoming.proven = True
            call = Call(self.hub, self.bodies, caller, request)
            run = self.operations.run.get(name)
            if run is None:
                raise unknown_operation(name, ", ".join(self.operations.run))
            return await run(call), self.bodies.seconds
        except Unproven as error:
            return _said(name, replies.refusal(name, WRONG_SECRET, error.message.vi, error)), STRANGER_SECONDS
        except Problem as error:  # the body took too long already
            return _said(name, replies.failure(name, error)), STRANGER_SECONDS
        except ForeignSender as error:
            return _said(name, replies.refusal(name, NO_SENDER, error.sentence, error)), self.bodies.seconds
        except Fault as error:
            return _said(name, self._incident(name, error)), self.bodies.seconds
        except HubError as error:
            return _said(name, replies.failure(name, error)), self.bodies.seconds
        except ClientDisconnect:
            raise
        except Exception as error:  # anything unplanned is a fault, answered and logged
            return _said(name, self._incident(name, error)), self.bodies.seconds

    def _incident(self, name: str, error: Exception) -> bytes:
        incident = new_id(self.hub.clock())
        log.error("vxp.fault", operation=name[:40], incident=incident, exc_info=error)
        return replies.failure(name, Fault(UNEXPECTED.say(incident=incident)))


def _said(name: str, body: bytes) -> Reply:
    """Return a failure as the operation's client can read it."""
    return Reply(b"", {"content-type": "application/octet-stream"}) if name == DOWNLOAD else Reply.json(body)


class Incoming:
    """The body of one request on its way in: read as it is needed, and to its end before the answer."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        names = {name: value for name, value in scope["headers"]}
        self.proven = False  # who calls is known
        self._receive = receive
        self._unread = names.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in names
        self._waits = b"expect" in names

    async def receive(self) -> Message:
        """Pass a part of the body on; the first asks a client that waits to go on."""
        self._waits = False
        message = await self._receive()
        self._unread = message["type"] == "http.request" and message.get("more_body", False)
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        return message

    async def finished(self, seconds: float, most_bytes: int) -> bool:
        """Read and drop what is left; tell whether that was all. A stranger who waits to be asked is not asked."""
        if self._waits and not self.proven:
            return not self._unread
        dropped = 0
        try:
            async with asyncio.timeout(seconds):
                while self._unread and dropped <= most_bytes:
                    dropped += len((await self.receive()).get("body", b""))
        except TimeoutError:
            return False
        return not self._unread
