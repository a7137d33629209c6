"""The hub as Quang Nam's front (reference, 11.1): "truclienthong/v1.0.0" behind an API manager.

How arguments travel there is known by their names only, so both ways that a client may choose are taken: the unit's
secret as a header or in the query, what is sent as JSON or as the base64 itself.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Mapping
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters.http.bodies import Bodies, PackageResponse
from adapters.lgsp import address as addresses
from adapters.lgsp.front import decoded
from adapters.lgsp.server import (
    TOKEN_SECONDS,
    Run,
    Said,
    Side,
    Unproven,
    as_object,
    object_in,
    parcel,
    said_by,
    whole_body,
    with_parameters,
)
from adapters.vxp import documents, registering, replies
from adapters.vxp.agencies import Lists
from adapters.vxp.calls import BadCall, Call
from adapters.vxp.codes import DONE, SUCCESS
from adapters.vxp.words import text
from hub.app import Hub
from schemas.text import Text

NAMES = {
    "ErrorCode": "errorCode",
    "ErrorDesc": "errorDesc",
    "created_time": "createdTime",
    "updated_time": "updatedTime",
    "status_desc": "statusDesc",
}
DOCUMENTS, AGENCIES = "/vanbans", "/donvilienthongs"
OF_THE_PROVINCE = frozenset({f"{AGENCIES}/qn", f"{AGENCIES}-qn"})

NO_PACKAGE = Text(
    vi="Thiếu nội dung văn bản viết bằng base64", en="The content of the document, in base64, is missing"
)


class AsQuangNam(Side):
    """The operations of section 11.1."""

    FLAVOUR = "quang-nam"

    def __init__(self, hub: Hub, bodies: Bodies) -> None:
        super().__init__(hub, bodies)
        self._lists = Lists(hub)

    async def login(self, path: str, request: Request) -> Response | None:
        """POST /token, with the consumer's key and secret as Basic does it."""
        if path != "/token" or request.method != "POST":
            return None
        key, password = _basic(request.headers.get("authorization", ""))
        try:
            token = await self.token_for(password, consumer=key)
        except Unproven as error:
            said = {"error": "invalid_client", "error_description": error.message.vi}
            return JSONResponse(said, 401, {"WWW-Authenticate": 'Basic realm="edochub"'})
        return JSONResponse(
            {"access_token": token, "scope": "default", "token_type": "Bearer", "expires_in": TOKEN_SECONDS}
        )

    def unit_secret(self, request: Request, settings: Mapping[str, str]) -> str:
        """Return secretDonVi, from where it stands."""
        name = settings["unit_name"]
        return request.headers.get(name) or request.query_params.get(name, "")

    def operation(self, method: str, path: str) -> tuple[Run, dict[str, str]] | None:
        """Return what a request below the API's path does; that path is `api` of the endpoint, or any other."""
        for start in (DOCUMENTS, AGENCIES):
            below = path[path.find(start) :] if start in path else ""
            whole: Mapping[tuple[str, str], Run] = {
                ("GET", DOCUMENTS): self._received,
                ("POST", DOCUMENTS): self._send,
                ("GET", AGENCIES): partial(self._agencies, province=False),
                ("POST", AGENCIES): partial(self._axis, registering.register),
                ("PUT", AGENCIES): self._unregister,
            }
            if (method, below) in whole:
                return whole[method, below], {}
            if below in OF_THE_PROVINCE and method == "GET":
                return partial(self._agencies, province=True), {}
            one = below.removeprefix(f"{DOCUMENTS}/")
            if one != below and one and "/" not in one and method in {"GET", "PUT"}:
                return (self._fetch if method == "GET" else self._update), {"docId": one}
        return None

    def no(self, code: str, words: str) -> Said:
        """Say no in the axis's fields."""
        return {"status": "FAIL", "errorCode": code, "errorDesc": words, "data": [], "docId": ""}

    async def _axis(self, run: Any, call: Call) -> Response:
        """Do what the axis does, and say it in this front's case of letters."""
        said = said_by(await run(call))
        if isinstance(said.get("data"), list):
            said["data"] = [_renamed(each) for each in said["data"]]
        return JSONResponse(_renamed(said))

    async def _received(self, call: Call) -> Response:
        return await self._axis(
            documents.received, with_parameters(call, messagetype=call.parameter("messageType"))
        )

    async def _agencies(self, call: Call, *, province: bool) -> Response:
        said = said_by(await self._lists.all(call))
        directory = self.hub.directory
        if province:  # those that this hub itself brings documents to
            own = {agency for endpoint in directory.endpoints for agency in endpoint.agencies}
            said["data"] = [each for each in said["data"] if each["id"] in own]
        return JSONResponse(_renamed(said))

    async def _fetch(self, call: Call) -> Response | PackageResponse:
        async with call.bodies.fetches:
            content = (await parcel(call)).content
            body = await asyncio.to_thread(_whole, content)
        return await PackageResponse.of(body, {"content-type": "application/json"}, call.bodies)

    async def _update(self, call: Call) -> Response:
        given = {} if call.parameter("status") else await object_in(call)
        asked = text(given.get("status")) or call.parameter("status")
        return await self._axis(documents.update_status, with_parameters(call, status=asked))

    async def _unregister(self, call: Call) -> Response:
        code = call.parameter("code", "AgencyCode") or text((await object_in(call)).get("code"))
        return await self._axis(registering.delete, with_parameters(call, AgencyCode=code))

    async def _send(self, call: Call) -> Response:
        settings = addresses.read(call.endpoint.address).settings
        async with whole_body(call) as body:
            content = await asyncio.to_thread(_package, body, settings["content_name"])
            accepted = await self.hub.accept(call.endpoint, content)
        said = {"status": "OK", "errorCode": SUCCESS, "errorDesc": DONE, "docId": accepted.message.id}
        return JSONResponse(said)


def _package(body: bytes, name: str) -> bytes:
    """Return the package of a JSON body, or of one that is the base64 itself. Raises `BadCall`."""
    written = text(as_object(body).get(name)) if body.lstrip().startswith(b"{") else body.decode("latin-1")
    try:
        return decoded(written)
    except ValueError as error:
        raise BadCall(NO_PACKAGE) from error


def _whole(content: bytes) -> bytes:
    """Return the reply to a fetch: the package byte for byte, in base64."""
    said = replies.package(content)
    return said.replace(b'"ErrorCode"', b'"errorCode"', 1).replace(b'"ErrorDesc"', b'"errorDesc"', 1)


def _renamed(said: Mapping[str, Any]) -> dict[str, Any]:
    return {NAMES.get(name, name): each for name, each in said.items()}


def _basic(header: str) -> tuple[str, str]:
    scheme, _, value = header.partition(" ")
    try:
        name, _, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (name, password) if scheme.lower() == "basic" else ("", "")
