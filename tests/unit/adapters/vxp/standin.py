"""An axis, as small as one can be: it keeps what it gets, lists it, and fails in every way seen or feared."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import uuid
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from adapters.vxp import signature
from adapters.vxp.hashes import package_in
from adapters.vxp.words import written

OK = {"status": "OK", "ErrorCode": "0", "ErrorDesc": "Thanh cong"}
OF_THE_STACK = {
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "host",
    "user-agent",
}
OF_THE_PROTOCOL = {
    f"xroadvnpt-{name}"
    for name in (
        "systemid",
        "timestamp",
        "content-type",
        "servicetype",
        "messagetype",
        "hash-file",
        "from",
        "to",
        "docid",
        "filepath",
        "status",
        "description",
        "sign-header",
        "sign-header-key",
        "hash-header",
        "version",
    )
}


@dataclass
class Sent:
    """What was handed in."""

    doc_id: str
    content: bytes
    sender: str
    to: list[str]
    kind: str
    at: datetime
    code: str = ""
    title: str = ""
    receive_status: str = "initial"


@dataclass
class Waiting:
    """What waits for the system."""

    content: bytes
    kind: str
    status: str = "initial"
    description: str = ""


# What happens to one request: before anything is done, instead of the reply, or as the reply itself.
Trouble = str | bytes | dict[str, Any]


@dataclass
class StandInAxis:
    """The far side. `troubles` are used up, one a request; `everybody` is whom it delivers to whatever `to` says."""

    secret: str = "a-shared-secret"
    system_id: str = "H49"
    tells_digest: bool = True
    everybody: list[str] = field(default_factory=list)
    clock: Callable[[], datetime] = lambda: datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
    sent: list[Sent] = field(default_factory=list)
    waiting: dict[str, Waiting] = field(default_factory=dict)
    finished: list[tuple[bytes, str, str]] = field(default_factory=list)  # content, status, description
    troubles: dict[str, list[Trouble]] = field(default_factory=dict)
    refuses: tuple[str, str] | None = None
    asked: list[str] = field(default_factory=list)
    unexpected: set[str] = field(default_factory=set)
    agencies: list[dict[str, Any]] = field(default_factory=list)
    units: list[dict[str, Any]] = field(default_factory=list)
    port: int = 0
    _server: asyncio.Server | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/axis?systemid={self.system_id}&poll=0.02"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=1 << 18)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    def trouble(self, operation: str, *troubles: Trouble) -> None:
        self.troubles.setdefault(operation, []).extend(troubles)

    def put(self, content: bytes, kind: str = "edoc") -> str:
        doc_id = str(uuid.uuid4())
        self.waiting[doc_id] = Waiting(content, kind)
        return doc_id

    def count(self, operation: str) -> int:
        return self.asked.count(operation)

    # --- the wire -----------------------------------------------------------------------------------------------------

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await self._answer(reader, writer)
        writer.close()

    async def _answer(self, reader: StreamReader, writer: StreamWriter) -> None:
        request, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").rstrip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        operation = request.split(" ")[1].rpartition("/")[2]
        self.unexpected |= headers.keys() - OF_THE_STACK - OF_THE_PROTOCOL
        if "transfer-encoding" in headers:
            self.unexpected.add("transfer-encoding")
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.asked.append(operation)
        waits = self.troubles.get(operation)
        trouble = waits.pop(0) if waits else None
        if trouble == "drop":
            return
        reply: Any = self._reply(operation, headers, body)
        if trouble == "drop after":
            return
        if trouble == "half":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + json.dumps(reply).encode()[:20])
            return
        if trouble == "silent":
            await asyncio.Event().wait()
        content = trouble if isinstance(trouble, bytes) else json.dumps(trouble or reply).encode()
        status = "500 Oops" if trouble else "200 OK"  # it means nothing
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + content)
        await writer.drain()

    # --- the operations -----------------------------------------------------------------------------------------------

    def _reply(self, operation: str, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        sign_header = headers["xroadvnpt-sign-header"].encode("latin-1")
        given = signature.parameters(sign_header)
        proven = signature.authentic(sign_header, headers["xroadvnpt-hash-header"], [self.secret])
        names = headers["xroadvnpt-sign-header-key"].split(";")
        whole = names == list(given) and all(headers[f"xroadvnpt-{n.lower()}"] == given[n] for n in names)
        if not proven or not whole or given["systemid"] != self.system_id:
            return {"status": "FAIL", "ErrorCode": "15", "ErrorDesc": "Sai systemid hoac secret"}
        if self.refuses is not None and operation == "sendEdoc":
            code, words = self.refuses
            return {"status": "FAIL", "ErrorCode": code, "ErrorDesc": words, "DocId": ""}
        run = getattr(self, f"_{operation}", None)
        if run is None:
            return {"status": "FAIL", "ErrorCode": "99", "ErrorDesc": "Khong co thao tac nay"}
        done: dict[str, Any] = run(given, body)
        return OK | done

    def _sendEdoc(self, given: dict[str, str], body: bytes) -> dict[str, Any]:
        assert body.endswith(b"\r\n")
        content = package_in(body, given["hash-file"])
        assert content == body[:-2]
        made = Sent(
            doc_id=uuid.uuid4().hex[:24],
            content=content,
            sender=given["from"],
            to=self.everybody or json.loads(given["to"]),
            kind=given["messagetype"],
            at=self.clock(),
        )
        self.sent.append(made)
        return {"DocId": made.doc_id}

    def _getSentEdocList(self, given: dict[str, str], body: bytes) -> dict[str, Any]:
        wanted = given.get("docId")
        chosen = [each for each in self.sent if wanted in (None, each.doc_id)]
        return {"data": [line for each in chosen for line in self._lines(each)]}

    def _lines(self, sent: Sent) -> Iterable[dict[str, Any]]:
        for to in sent.to:
            line = {
                "senderDocId": sent.doc_id,
                "fromCode": sent.sender,
                "toCode": to,
                "notation": sent.code,
                "title": sent.title,
                "sentTime": written(sent.at),
                "receiveStatus": sent.receive_status,
            }
            yield line | ({"sha256": hashlib.sha256(sent.content).hexdigest()} if self.tells_digest else {})

    def _getReceivedEdocList(self, given: dict[str, str], body: bytes) -> dict[str, Any]:
        return {
            "data": [
                {
                    "docId": doc_id,
                    "status": each.status,
                    "from": "G01",
                    "to": "H49.1",
                    "created_time": written(self.clock()),
                }
                for doc_id, each in self.waiting.items()
                if each.kind == given["messagetype"]
            ]
        }

    def _getEdoc(self, given: dict[str, str], body: bytes) -> dict[str, Any]:
        return {"data": base64.encodebytes(self.waiting[given["docId"]].content).decode()}

    def _updateStatus(self, given: dict[str, str], body: bytes) -> dict[str, Any]:
        each = self.waiting.pop(given["docid"], None)
        if each is not None:
            self.finished.append((each.content, given["status"], given.get("description", "")))
        return {}

    def _getAgenciesList(self, given: dict[str, str], body: bytes) -> dict[str, Any]:
        return {"data": self.agencies}

    def _getSynchronizeUnit(self, given: dict[str, str], body: bytes) -> dict[str, Any]:
        return {"data": self.units}

    def told(self, status: str) -> list[bytes]:
        return [content for content, said, _ in self.finished if said == status]
