"""The hub as Lang Son's front (reference, 11.2).

No date narrows what waits: a day that is wrong would hide a document from its addressee.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pybase64
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters.http.bodies import Bodies, PackageResponse
from adapters.http.questions import small_body
from adapters.lgsp.server import (
    Run,
    Said,
    Side,
    as_object,
    object_in,
    parcel,
    said_by,
    whole_body,
    with_parameters,
)
from adapters.soap import parts
from adapters.vxp import documents
from adapters.vxp.agencies import Lists
from adapters.vxp.calls import BadCall, Call
from adapters.vxp.codes import DONE
from adapters.vxp.words import text
from hub.app import Hub
from schemas import xml
from schemas.edxml.attachments import attachments
from schemas.text import Text

NAMES = {"created_time": "createdTime", "updated_time": "updatedTime", "status_desc": "statusDesc"}
ITEM = (
    "serviceType",
    "createdTime",
    "updatedTime",
    "messageType",
    "docId",
    "from",
    "to",
    "status",
    "statusDesc",
)

NO_PACKAGE = Text(
    vi="Cần multipart/form-data có phần edocFile", en="Expected multipart/form-data with the part edocFile"
)


class AsLangSon(Side):
    """The operations of section 11.2."""

    FLAVOUR = "lang-son"

    def __init__(self, hub: Hub, bodies: Bodies) -> None:
        super().__init__(hub, bodies)
        self._lists = Lists(hub)

    async def login(self, path: str, request: Request) -> Response | None:
        """POST /v1/auth/login."""
        if path != "/v1/auth/login" or request.method != "POST":
            return None
        asked = as_object(await small_body(request, self.bodies.seconds))
        names = {"user": text(asked.get("username")), "application": text(asked.get("applicationCode"))}
        token = await self.token_for(text(asked.get("password")), **names)
        return JSONResponse({"success": True, "message": DONE, "data": {"token": token}})

    def unit_secret(self, request: Request, settings: Mapping[str, str]) -> str:
        """Return X-SecretKey, if X-SystemId is this system's."""
        named = request.headers.get("x-systemid", "")
        return request.headers.get("x-secretkey", "") if named == settings["systemid"] else ""

    def operation(self, method: str, path: str) -> tuple[Run, dict[str, str]] | None:
        """Return what a request does."""
        known: Mapping[tuple[str, str], Run] = {
            ("POST", "/v1/sendEdoc"): self._send,
            ("GET", "/v1/syncReceivedEdocList"): self._received,
            ("GET", "/v1/getEdoc"): self._fetch,
            ("POST", "/v1/updateStatus"): self._update,
            ("GET", "/v1/getAgenciesList"): self._agencies,
        }
        run = known.get((method, path))
        return (run, {}) if run else None

    def no(self, code: str, words: str) -> Said:
        """Say no: the code stands in `data`."""
        failed = {"docId": "", "status": "FAIL", "errorCode": code, "errorDesc": words}
        return {"success": False, "message": words, "data": failed}

    async def _received(self, call: Call) -> Response:
        asked = with_parameters(call, messagetype=call.parameter("messageType"))
        found = [_item(each) for each in said_by(await documents.received(asked))["data"]]
        return JSONResponse({"success": True, "message": DONE, "count": len(found), "data": found})

    async def _agencies(self, call: Call) -> Response:
        found = said_by(await self._lists.all(call))["data"]
        return JSONResponse({"success": True, "message": DONE, "data": found})

    async def _update(self, call: Call) -> Response:
        asked = await object_in(call)
        given = with_parameters(call, docid=text(asked.get("docId")), status=text(asked.get("status")))
        await documents.update_status(given)
        return JSONResponse({"success": True, "message": DONE})

    async def _send(self, call: Call) -> Response:
        async with whole_body(call) as body:
            kind = call.request.headers.get("content-type", "")
            content = await asyncio.to_thread(_package, body, kind)
            accepted = await self.hub.accept(call.endpoint, content)
        return JSONResponse({"success": True, "message": DONE, "docId": accepted.message.id})

    async def _fetch(self, call: Call) -> Response | PackageResponse:
        async with call.bodies.fetches:
            found = await parcel(call)
            message, content = found.message, found.content
            data = {
                "docId": call.parameter("docId"),
                "from": message.sender,
                "fromName": message.sender_name,
                "edocCode": message.code,
                "edocAbstract": message.subject,
            }
            body = await asyncio.to_thread(_reply, data, content)
        return await PackageResponse.of(body, {"content-type": "application/json"}, call.bodies)


def _item(said: Mapping[str, Any]) -> dict[str, Any]:
    renamed = {NAMES.get(name, name): each for name, each in said.items()}
    return {name: renamed[name] for name in ITEM}


def _package(body: bytes, content_type: str) -> bytes:
    """Return the part edocFile of a form. Raises `BadCall`."""
    try:
        found = [part for part in parts.split(body, content_type) if part.name == "edocFile"]
    except parts.Unreadable as error:
        raise BadCall(NO_PACKAGE) from error
    if len(found) != 1:
        raise BadCall(NO_PACKAGE)
    return found[0].content


def _reply(data: dict[str, Any], content: bytes) -> bytes:
    """Return the reply to getEdoc: the package byte for byte in base64, and its files beside it."""
    files = [
        {"fileName": each.info.name, "fileContent": pybase64.b64encode(each.payload()).decode()}
        for each in attachments(xml.parse(content))
    ]
    said = {**data, "edxml": pybase64.b64encode(content).decode(), "attachments": files}
    return json.dumps({"success": True, "message": DONE, "data": said}).encode()
