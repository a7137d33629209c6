"""Two fronts, as small as they can be: each behaves as its part of the reference says, and fails as is feared.

What the reference does not tell is assumed here: that a front knows a repeat by our key.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import socket
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlencode

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub.web_sockets import bound

OF_THE_STACK = {
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "host",
    "user-agent",
}


@dataclass
class Waiting:
    """What waits for the system."""

    content: bytes
    kind: str
    status: str = "initial"


# What happens to one request: before anything is done ("drop"), after it ("drop after"), or as the answer.
Trouble = str | tuple[int, bytes]


@dataclass
class StandInFront(ABC):
    """The far side. `troubles` are used up, one a request of that operation."""

    FLAVOUR: ClassVar[str]
    EXPECTED: ClassVar[set[str]]
    secret: ClassVar[str] = "log-in-word unit-word"

    more: dict[str, str] = field(default_factory=dict)  # parameters of the address
    sent: dict[str, tuple[str, bytes, str]] = field(default_factory=dict)  # key -> id, content, kind
    waiting: dict[str, Waiting] = field(default_factory=dict)
    finished: list[tuple[bytes, str]] = field(default_factory=list)
    troubles: dict[str, list[Trouble]] = field(default_factory=dict)
    refuses: tuple[str, str] | None = None
    asked: list[str] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    unexpected: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    agencies: list[dict[str, Any]] = field(default_factory=list)
    port: int = 0
    _server: uvicorn.Server | None = None
    _task: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        asked = {"flavour": self.FLAVOUR, "poll": "0.02"} | self.known() | self.more
        return f"lgsp+http://127.0.0.1:{self.port}/lgsp?{urlencode(asked)}"

    async def start(self) -> None:
        listening: list[socket.socket] = bound("127.0.0.1", self.port)
        self.port = listening[0].getsockname()[1]
        methods = ["GET", "POST", "PUT"]
        application = Starlette(routes=[Route("/lgsp/{path:path}", self._answer, methods=methods)])
        config = uvicorn.Config(
            application, lifespan="off", ws="none", log_config=None, timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._task = asyncio.create_task(self._server._serve(listening))
        while not self._server.started:
            await asyncio.sleep(0.005)

    async def stop(self) -> None:
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task
        self._server = self._task = None

    def put(self, content: bytes, kind: str = "edoc") -> str:
        doc_id = f"00000000-0000-0000-0000-{len(self.waiting) + len(self.finished):012d}"
        self.waiting[doc_id] = Waiting(content, kind)
        return doc_id

    def trouble(self, operation: str, *troubles: Trouble) -> None:
        self.troubles.setdefault(operation, []).extend(troubles)

    def told(self, status: str) -> list[bytes]:
        return [content for content, said in self.finished if said.lower() == status]

    def documents(self) -> list[bytes]:
        return [content for _, content, _ in self.sent.values()]

    def take(self, key: str, content: bytes, kind: str) -> str:
        return self.sent.setdefault(key, (f"VB-{len(self.sent) + 1}", content, kind))[0]

    def finish(self, doc_id: str, status: str) -> None:
        done = self.waiting.pop(doc_id, None)
        if done is not None:
            self.finished.append((done.content, status))

    def token(self) -> str:
        made = f"token-{len(self.tokens) + len(self.asked)}"
        self.tokens.add(made)
        return made

    def bears_token(self, request: Request) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return scheme == "Bearer" and token in self.tokens

    async def _answer(self, request: Request) -> Response:
        body = await request.body()
        operation = self.operation(request)
        self.asked.append(operation)
        self.queries.append(dict(request.query_params))
        self.unexpected |= set(request.headers.keys()) - OF_THE_STACK - self.EXPECTED
        waits = self.troubles.get(operation)
        trouble = waits.pop(0) if waits else None
        if isinstance(trouble, tuple):
            return Response(trouble[1], status_code=trouble[0])
        if trouble == "drop":
            return _Gone()
        answer = await self.serve(operation, request, body)
        return _Gone() if trouble == "drop after" else answer

    @abstractmethod
    def known(self) -> dict[str, str]: ...

    @abstractmethod
    def operation(self, request: Request) -> str: ...

    @abstractmethod
    async def serve(self, operation: str, request: Request, body: bytes) -> Response: ...


class _Gone(Response):
    """Half an answer, and then nothing."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"status":', "more_body": False})


class QuangNamFront(StandInFront):
    """Section 11.1."""

    FLAVOUR = "quang-nam"
    EXPECTED: ClassVar[set[str]] = {"authorization", "secretdonvi", "idempotency-key"}

    def known(self) -> dict[str, str]:
        return {"consumer": "the-key"}

    def operation(self, request: Request) -> str:
        path = request.path_params["path"].removeprefix("truclienthong/v1.0.0/")
        return f"{request.method} {path.partition('/')[0]}{'/id' if '/' in path else ''}"

    async def serve(self, operation: str, request: Request, body: bytes) -> Response:
        if operation == "POST token":
            known = base64.b64encode(b"the-key:log-in-word").decode()
            if (
                request.headers.get("authorization") != f"Basic {known}"
                or body != b"grant_type=client_credentials"
            ):
                return JSONResponse({"error": "invalid_client"}, status_code=401)
            made = {
                "access_token": self.token(),
                "scope": "default",
                "token_type": "Bearer",
                "expires_in": 3600,
            }
            return JSONResponse(made)
        if not self.bears_token(request):
            fault = {"code": 900901, "message": "Invalid Credentials"}
            return JSONResponse({"fault": fault}, status_code=401)
        given = dict(request.query_params) | dict(request.headers)
        unit = given.get("secretDonVi") or given.get("secretdonvi")
        if unit != "unit-word":
            return self.no("15", "Sai secret")
        doc_id = request.path_params["path"].rpartition("/")[2]
        if operation == "POST vanbans":
            if self.refuses is not None:
                return self.no(*self.refuses)
            if request.headers["content-type"] == "text/plain":
                written, kind = body.decode(), request.query_params["messageType"]
            else:
                read = json.loads(body)
                written, kind = read["data"], read["messageType"]
            content = base64.b64decode(written, validate=True)
            return self.yes(docId=self.take(request.headers["idempotency-key"], content, kind))
        if operation == "GET vanbans":
            return self.yes(data=[self.line(doc_id, each) for doc_id, each in self.waiting.items()])
        if operation == "GET vanbans/id":
            return self.yes(data=base64.encodebytes(self.waiting[doc_id].content).decode())
        if operation == "PUT vanbans/id":
            status = request.query_params.get("status") or json.loads(body)["status"]
            if status not in {"INITIAL", "PROCESSING", "DONE", "FAIL"}:
                return self.no("21", "status")
            self.finish(doc_id, status)
            return self.yes()
        assert operation == "GET donvilienthongs"
        return self.yes(data=self.agencies)

    def line(self, doc_id: str, each: Waiting) -> dict[str, Any]:
        return {
            "serviceType": "eDoc",
            "messageType": each.kind,
            "docId": doc_id,
            "from": "G01",
            "to": "H47.1",
            "status": each.status,
            "statusDesc": "",
            "createdTime": "2026-03-02 09:30:00",
        }

    def yes(self, **more: Any) -> Response:
        return JSONResponse({"status": "OK", "errorCode": "0", "errorDesc": "Thanh cong", **more})

    def no(self, code: str, words: str) -> Response:
        return JSONResponse({"status": "FAIL", "errorCode": code, "errorDesc": words})


class LangSonFront(StandInFront):
    """Section 11.2."""

    FLAVOUR = "lang-son"
    EXPECTED: ClassVar[set[str]] = {"authorization", "x-systemid", "x-secretkey", "idempotency-key"}

    def known(self) -> dict[str, str]:
        return {"user": "qlvb", "application": "VXP", "systemid": "H37.5"}

    def operation(self, request: Request) -> str:
        path: str = request.path_params["path"]
        return path.rpartition("/")[2]

    async def serve(self, operation: str, request: Request, body: bytes) -> Response:
        if operation == "login":
            expected = {
                "username": "qlvb",
                "password": "log-in-word",
                "applicationCode": "VXP",
                "otp": None,
                "twoFactorProvider": None,
                "typeObjs": [0, 1],
            }
            if json.loads(body) != expected or request.query_params["allow_anonymous"] != "true":
                return JSONResponse({"success": False, "message": "Sai mat khau"}, status_code=401)
            return JSONResponse({"success": True, "data": {"token": self.token()}})
        if not self.bears_token(request):
            return JSONResponse({"message": "Unauthorized"}, status_code=401)
        if (request.headers.get("x-systemid"), request.headers.get("x-secretkey")) != ("H37.5", "unit-word"):
            return self.no("15", "Sai systemid hoac secret")
        given = request.query_params
        if operation == "sendEdoc":
            if self.refuses is not None:
                return self.no(*self.refuses)
            kind, key, content = parts(request.headers["content-type"], body)
            return JSONResponse({"success": True, "message": "OK", "docId": self.take(key, content, kind)})
        if operation == "syncReceivedEdocList":
            assert re.fullmatch(r"\d{4}/\d\d/\d\d", given["fromDate"])
            assert given["fromDate"] < given["toDate"]
            found = [
                {"serviceType": "eDoc", "messageType": each.kind, "docId": doc_id, "status": each.status}
                for doc_id, each in self.waiting.items()
                if each.kind == given["messageType"]
            ]
            return JSONResponse({"success": True, "count": len(found), "data": found})
        if operation == "getEdoc":
            edxml = base64.b64encode(self.waiting[given["docId"]].content).decode()
            return JSONResponse(
                {"success": True, "data": {"docId": given["docId"], "edxml": edxml, "attachments": []}}
            )
        if operation == "updateStatus":
            asked = json.loads(body)
            self.finish(asked["docId"], asked["status"])
            return JSONResponse({"success": True, "message": "OK"})
        assert operation == "getAgenciesList"
        return JSONResponse({"success": True, "count": len(self.agencies), "data": self.agencies})

    def no(self, code: str, words: str) -> Response:
        data = {"docId": "", "status": "FAIL", "errorCode": code, "errorDesc": words}
        return JSONResponse({"success": False, "message": words, "data": data})


def parts(content_type: str, body: bytes) -> tuple[str, str, bytes]:
    """Return the message type, the file's name without its ending, and the file of a sendEdoc."""
    boundary = content_type.partition("boundary=")[2].encode()
    first, second = body.split(b"--" + boundary)[1:3]
    assert b'name="messageType"' in first
    head, _, rest = second.partition(b"\r\n\r\n")
    assert b'name="edocFile"' in head
    assert b"Content-Type: application/xml" in head
    name = re.search(rb'filename="([^"]+)\.edxml"', head)
    assert name is not None
    return first.partition(b"\r\n\r\n")[2].strip().decode(), name[1].decode(), rest.removesuffix(b"\r\n")
