"""The fronts' side on the wire: the hub as a province's platform, for systems that speak to one.

    /lgsp/quang-nam/...    as section 11.1 of the reference has it
    /lgsp/lang-son/...     as section 11.2 has it

What the operations do is what they do at the axis: `adapters/vxp`. Here it is said in another way. Who calls is proven
twice, before a byte of a package is read: by the token, which says which system it is, and by the unit's secret, which
comes with every call. A token is signed with the hub's master key and kept nowhere, so any node knows it.
"""

from __future__ import annotations

import hmac
import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from adapters.http.answers import Problem
from adapters.http.bodies import Bodies, PackageResponse, Unread
from adapters.http.questions import secret as bearer_of
from adapters.lgsp import address as addresses
from adapters.vxp.calls import BadCall, Call
from adapters.vxp.calls import Reply as AxisReply
from adapters.vxp.clients import Caller
from adapters.vxp.codes import WRONG_SECRET, code_of, description_of
from adapters.vxp.documents import NO_SUCH
from adapters.vxp.identity import delivery_id
from hub.adapter import Mount
from hub.app import Hub
from hub.errors import Fault, HubError, Misconfigured, NotFound, TooLarge
from hub.ids import new_id
from hub.model import Endpoint, Parcel
from hub.store.payloads.spool import Spools
from schemas.findings import shortened
from schemas.text import Sentence, Text

ADAPTER, PREFIX = "lgsp", "/lgsp"
TOKEN_SECONDS = 1_800
TOKEN_LABEL = "lgsp token"  # noqa: S105
ENCODED_TIMES = 1.4  # what base64 with line breaks makes of a package
AROUND_BYTES = 1_048_576  # what JSON or the parts of a form take beside it

UNPROVEN = Text(
    vi="Tài khoản, token hoặc mã bí mật không đúng", en="The account, the token or the secret is wrong"
)
NOTHING_HERE = Text(vi="Cổng này không có thao tác đó", en="This front has no such operation")
NOT_JSON = Text(vi="Nội dung phải là một đối tượng JSON", en="The body must be a JSON object")
UNEXPECTED = Sentence(
    vi="Trục gặp lỗi ngoài dự kiến; hãy báo người vận hành số sự cố {incident}",
    en="The hub failed in a way that it did not expect; tell its operator the incident number {incident}",
)

Said = Mapping[str, Any]
Run = Callable[[Call], Awaitable[Response | PackageResponse]]

log = structlog.get_logger(__name__)


class Unproven(HubError):
    """Nobody that we know, or not with this secret."""

    code = "unauthenticated"

    def __init__(self) -> None:
        super().__init__(UNPROVEN)


def mounted(hub: Hub) -> Mount:
    """Return both fronts of a hub, to be put on its web server."""
    from adapters.lgsp.as_lang_son import AsLangSon
    from adapters.lgsp.as_quang_nam import AsQuangNam

    return Mount(prefix=PREFIX, application=Server(hub, {"quang-nam": AsQuangNam, "lang-son": AsLangSon}))


class Side(ABC):
    """The hub as one province's front: its paths, how it lets somebody in, and how it says yes and no."""

    FLAVOUR: ClassVar[str]

    def __init__(self, hub: Hub, bodies: Bodies) -> None:
        self.hub = hub
        self.bodies = bodies

    @abstractmethod
    async def login(self, path: str, request: Request) -> Response | None:
        """Answer a request for a token; None for any other request. Raises `Unproven`."""

    @abstractmethod
    def unit_secret(self, request: Request, settings: Mapping[str, str]) -> str:
        """Return the unit's secret of a call; "" if anything that goes with it is wrong."""

    @abstractmethod
    def operation(self, method: str, path: str) -> tuple[Run, dict[str, str]] | None:
        """Return what a request does, and the parameters that its path holds; None if there is no such operation."""

    @abstractmethod
    def no(self, code: str, words: str) -> Said:
        """Return the reply that says no."""

    # --- what both need -------------------------------------------------------------------------------------------

    def systems(self, **named: str) -> list[Endpoint]:
        """Return the systems that call this front with these settings, a login's names, say."""
        found = []
        for endpoint in self.hub.directory.endpoints:
            if endpoint.adapter == ADAPTER and not endpoint.disabled and addresses.calls_us(endpoint.address):
                try:
                    address = addresses.read(endpoint.address)
                except Misconfigured:  # a row that another hand wrote
                    continue
                if address.flavour == self.FLAVOUR and named.items() <= address.settings.items():
                    found.append(endpoint)
        return found

    async def token_for(self, password: str, **named: str) -> str:
        """Return a token for whoever logs in with these names and this password. Raises `Unproven`."""
        await self.hub.refresh_directory()
        for endpoint in self.systems(**named):
            if await self._holds(endpoint, password, 0):
                until = int(self.hub.clock().timestamp()) + TOKEN_SECONDS
                return f"{endpoint.id}~{until}~{self._mark(endpoint.id, str(until))}"
        raise Unproven

    async def caller(self, request: Request) -> Caller:
        """Return who calls. Raises `Unproven`."""
        name, until, mark = [*(bearer_of(request) or "").split("~"), "", "", ""][:3]
        if not hmac.compare_digest(mark.encode(), self._mark(name, until).encode()):
            raise Unproven
        await self.hub.refresh_directory()
        endpoint = next((each for each in self.systems() if each.id == name), None)
        if endpoint is None or int(until) < self.hub.clock().timestamp():
            raise Unproven
        unit = self.unit_secret(request, addresses.read(endpoint.address).settings)
        if not await self._holds(endpoint, unit, 1):
            raise Refused(WRONG_SECRET, UNPROVEN)
        return Caller(endpoint, endpoint.id, {})

    async def _holds(self, endpoint: Endpoint, word: str, place: int) -> bool:
        """Tell whether a word is the first (0) or the second (1) of the endpoint's secret, or a secret of one word."""
        if not word:
            return False
        return any(
            [hmac.compare_digest(word.encode(), each[place].encode()) for each in await self._words(endpoint)]
        )

    async def _words(self, endpoint: Endpoint) -> list[tuple[str, str]]:
        words = []
        for secret in await self.hub.secrets_of(endpoint):
            first, blank, second = secret.strip().rpartition(" ")
            words.append((first.strip(), second) if blank else (secret, secret))
        return words

    def _mark(self, name: str, until: str) -> str:
        return self.hub.vault.private_lookup(TOKEN_LABEL, f"{self.FLAVOUR}\0{name}\0{until}")


class Refused(HubError):
    """A call that is answered with a code of the axis's table."""

    def __init__(self, said: str, message: Text) -> None:
        super().__init__(message)
        self.said = said


@dataclass
class Server:
    """The ASGI application that answers under /lgsp."""

    hub: Hub
    kinds: Mapping[str, type[Side]]

    def __post_init__(self) -> None:
        server = self.hub.config.server
        self.bodies = Bodies(
            limit_bytes=int(server.package_bytes * ENCODED_TIMES) + AROUND_BYTES,
            seconds=server.body_seconds,
            spools=Spools(self.hub.config.path(self.hub.config.storage.payloads)),
        )
        self.sides = {name: kind(self.hub, self.bodies) for name, kind in self.kinds.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. The first part of the path below /lgsp says which front it is."""
        flavour, _, path = scope["path"].partition(PREFIX)[2].lstrip("/").partition("/")
        side = self.sides.get(flavour)
        request = Request(scope, receive)
        try:
            if side is None:
                response: Response | PackageResponse = JSONResponse({"message": NOTHING_HERE.vi}, 404)
            else:
                response = await self._answer(side, f"/{path.strip('/')}", request)
            await response(scope, receive, send)
        except ClientDisconnect:
            log.info("lgsp.client-left", path=path[:40])

    async def _answer(self, side: Side, path: str, request: Request) -> Response | PackageResponse:
        try:
            token = await side.login(path, request)
            if token is not None:
                return token
            found = side.operation(request.method, path)
            if found is None:
                return JSONResponse(side.no(code_of(BadCall(NOTHING_HERE)), NOTHING_HERE.vi), 404)
            run, in_path = found
            caller = await side.caller(request)
            given = {**dict(request.query_params), **in_path}
            return await run(
                Call(self.hub, self.bodies, Caller(caller.endpoint, caller.system_id, given), request)
            )
        except Unproven as error:
            return JSONResponse(side.no(WRONG_SECRET, error.message.vi), 401)
        except Refused as error:
            return JSONResponse(side.no(error.said, error.message.vi))
        except ClientDisconnect:
            raise
        except (Problem, HubError) as error:
            if not isinstance(error, Fault):
                return JSONResponse(side.no(code_of(error), description_of(error)))
            return self._incident(side, path, error)
        except Exception as error:  # anything unplanned is a fault, answered and logged
            return self._incident(side, path, error)

    def _incident(self, side: Side, path: str, error: Exception) -> Response:
        incident = new_id(self.hub.clock())
        log.error("lgsp.fault", path=path[:40], incident=incident, exc_info=error)
        fault = Fault(UNEXPECTED.say(incident=incident))
        return JSONResponse(side.no(code_of(fault), fault.message.vi))


def said_by(reply: AxisReply) -> dict[str, Any]:
    """Return an axis's reply as an object."""
    read: dict[str, Any] = json.loads(reply.body)
    return read


def with_parameters(call: Call, **more: str) -> Call:
    """Return a call with more parameters."""
    caller = Caller(call.endpoint, call.caller.system_id, {**call.caller.parameters, **more})
    return Call(call.hub, call.bodies, caller, call.request)


async def parcel(call: Call) -> Parcel:
    """Return the delivery that `docId` names, with its bytes. Raises `NotFound`."""
    asked = call.parameter("docId")
    delivery = delivery_id(asked)
    if delivery is None:
        raise NotFound(NO_SUCH.say(doc=shortened(asked) or "-"))
    return await call.hub.fetch(call.endpoint, delivery)


@asynccontextmanager
async def whole_body(call: Call) -> AsyncIterator[bytes]:
    """Give the body of a call that holds a package; what is over the limit is noted as a refusal."""
    try:
        async with call.bodies.whole(call.request) as body:
            yield body
    except Unread as unread:
        refusal = TooLarge(call.hub.config.server.package_bytes)
        await call.hub.refuse_unread(call.endpoint, refusal, unread.size)
        raise refusal from unread


async def object_in(call: Call) -> dict[str, Any]:
    """Return a small JSON body. Raises `BadCall`."""
    return as_object(await call.small_body())


def as_object(body: bytes) -> dict[str, Any]:
    """Return a JSON object. Raises `BadCall`."""
    try:
        read = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadCall(NOT_JSON) from error
    if not isinstance(read, dict):
        raise BadCall(NOT_JSON)
    return read
