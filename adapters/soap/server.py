"""Requests and replies: one call in, one envelope out, whatever happens.

The action is the SOAPAction header. Whatever goes wrong is a Report in the reply, with HTTP 200, as the eDoc hub has
it; our own faults are logged under an incident number. Bodies are read within limits, large ones by way of the disk.
Answers that were given out (GetTraces) count as taken only after the reply was passed on to a client that is there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive, Scope, Send

from adapters.http.bodies import Bodies, PackageResponse
from adapters.soap import parts, replies, requests
from adapters.soap.callers import who
from adapters.soap.operations import OPERATIONS, Answer, BadCall, Call
from adapters.soap.requests import SOAP_11, NotSoap
from hub.adapter import Mount
from hub.app import Hub
from hub.errors import Fault, HubError, Malformed
from hub.ids import new_id
from hub.store.payloads.spool import Spools
from schemas.findings import InvalidDocument, shortened
from schemas.text import Sentence, Text

PREFIX = "/soap"
MIME_BYTES = 1_048_576  # what the parts' headers and the envelope may take beside a package

WITH_FILES = frozenset(
    {"SendDocument"}
)  # nobody is known before the whole call is read: the others are short
FETCHING = frozenset({"GetDocument", "GetTraces"})  # take turns: each holds a package in memory

NO_ACTION = Sentence(
    vi="SOAPAction “{got}” không có; các thao tác: {known}",
    en="There is no SOAPAction “{got}”; there are: {known}",
)
NOT_SOAP = Text(
    vi="Không phải phong bì SOAP 1.1, hoặc các phần MIME không đọc được",
    en="Not a SOAP 1.1 envelope, or its MIME parts cannot be read",
)
POST_ONLY = Text(vi="Hãy gọi bằng POST", en="Call with POST")
UNEXPECTED = Sentence(
    vi="Trục gặp lỗi ngoài dự kiến; hãy báo người vận hành số sự cố {incident}",
    en="The hub failed in a way that it did not expect; tell its operator the incident number {incident}",
)

log = structlog.get_logger(__name__)


def mounted(hub: Hub) -> Mount:
    """Return the operations of a hub, to be put on its web server."""
    return Mount(prefix=PREFIX, application=Server(hub), unreadable=unreadable)


def unreadable(path: str, error: HubError) -> bytes:  # noqa: ARG001
    """Return the reply to a request that is no HTTP."""
    return replies.envelope(SOAP_11, replies.response("", replies.failed(error)))


class Server:
    """The ASGI application that answers under /soap."""

    def __init__(self, hub: Hub) -> None:
        server = hub.config.server
        self.hub = hub
        self.bodies = Bodies(
            limit_bytes=server.package_bytes + MIME_BYTES,
            seconds=server.body_seconds,
            spools=Spools(hub.config.path(hub.config.storage.payloads)),
        )
        self.small = Bodies(limit_bytes=MIME_BYTES, seconds=server.body_seconds, spools=self.bodies.spools)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        request = Request(scope, receive)
        watched = Watched(request, send)
        action = requests.action_of(
            request.headers.get("soapaction", ""), request.headers.get("content-type", "")
        )
        try:
            answer, soap = await self._answer(request, action)
            root = replies.envelope(soap, replies.response(action, *answer.inside), answer.header)
            body, kind = parts.written(root, answer.files)
            response = await PackageResponse.of(body, {"content-type": kind}, self.bodies)
            del body, root
            watched.sent = answer.sent
            await response(scope, receive, watched.send)
        except ClientDisconnect:
            log.info("soap.client-left", action=action[:40])

    async def _answer(self, request: Request, action: str) -> tuple[Answer, str]:
        """Return what the operation says, or the Report of what went wrong; and the SOAP version to say it in."""
        soap = [SOAP_11]
        try:
            return await self._run(request, action, soap), soap[0]
        except Fault as error:
            answer = self._incident(action, error)
        except InvalidDocument as error:
            answer = Answer((replies.failed(Malformed(error.findings)),))
        except HubError as error:
            answer = Answer((replies.failed(error),))
        except ClientDisconnect:
            raise
        except Exception as error:  # anything unplanned is a fault, answered and logged
            answer = self._incident(action, error)
        return answer, soap[0]

    async def _run(self, request: Request, action: str, soap: list[str]) -> Answer:
        if request.method != "POST":
            raise BadCall(POST_ONLY)
        if action not in OPERATIONS:
            known = ", ".join(OPERATIONS)
            raise BadCall(NO_ACTION.say(got=shortened(action) or "-", known=Text(vi=known, en=known)))
        bodies = self.bodies if action in WITH_FILES else self.small
        async with bodies.whole(request) as body:
            try:
                package = await asyncio.to_thread(parts.read, body, request.headers.get("content-type", ""))
                envelope = await asyncio.to_thread(requests.read, package)
            except (parts.Unreadable, NotSoap) as error:
                raise BadCall(NOT_SOAP) from error
            soap[0] = envelope.soap
            call = Call(self.hub, await who(self.hub, envelope, action), action, envelope)
            if action not in FETCHING:
                return await OPERATIONS[action](call)
        async with self.bodies.fetches:
            return await OPERATIONS[action](call)

    def _incident(self, action: str, error: Exception) -> Answer:
        incident = new_id(self.hub.clock())
        log.error("soap.fault", action=action[:40], incident=incident, exc_info=error)
        return Answer((replies.failed(Fault(UNEXPECTED.say(incident=incident))),))


class Watched:
    """A reply on its way out. Before it is ended, and if the client is still there then, `sent` is done.

    So it is done before the next call on this connection is looked at. If it fails, the reply holds all the same: what
    was given out counts as not taken, and is given out again.
    """

    def __init__(self, request: Request, send: Send) -> None:
        self.sent: Callable[[], Awaitable[None]] | None = None
        self._request, self._send = request, send

    async def send(self, message: Message) -> None:
        """Pass a part on."""
        if self.sent is not None and message["type"] == "http.response.body" and not message.get("more_body"):
            await self._send({**message, "more_body": True})
            if not await self._request.is_disconnected():
                try:
                    await self.sent()
                except HubError as error:
                    log.warning("soap.not-taken", error=str(error))
            message = {"type": message["type"], "body": b"", "more_body": False}
        await self._send(message)
