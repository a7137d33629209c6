"""A client that behaves on the wire as the vendor's SDK does, and survives a reply only when the SDK would.

One object is one service object of the SDK: the time is set once, and every parameter of a call stays for those that
follow. HttpClient and HttpURLConnection write their requests differently; both are here, on a bare socket.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

Version = Literal["2.0.0", "2.0.1"]

PREFIX = "XroadVnpt-"
EMPTY_BODY = frozenset(
    {
        "getAgenciesList",
        "getAgenciesListQD20",
        "getSynchronizeUnit",
        "getReceivedEdocList",
        "getSentEdocList",
    }
)
LIST_FIELDS = {
    "getAgenciesList": ("code", "id", "mail", "name", "pid", "oldCode"),
    "getAgenciesListQD20": ("code", "id", "mail", "name", "code102"),
    "getSynchronizeUnit": (
        "code",
        "id",
        "mail",
        "name",
        "pid",
        "version",
        "centerCode",
        "deleted",
        "modifyDate",
        "isAgency",
    ),
    "getReceivedEdocList": (
        "docId",
        "serviceType",
        "messageType",
        "created_time",
        "updated_time",
        "from",
        "to",
        "status",
        "status_desc",
    ),
    "getSentEdocList": (
        "serviceType",
        "messageType",
        "senderDocId",
        "receiverDocId",
        "fromCode",
        "toCode",
        "title",
        "notation",
        "sentTime",
        "receivedTime",
        "sendStatus",
        "sendStatusDesc",
        "receiveStatus",
        "receiveStatusDesc",
    ),
}


@dataclass
class Result:
    """What the caller of the SDK sees. All None: the SDK threw inside."""

    status: str | None = None
    code: str | None = None
    words: str | None = None
    value: Any = None  # data, DocId or count

    @property
    def ok(self) -> bool:
        return self.status == "OK" and self.code == "0"


@dataclass
class Answer:
    """One HTTP response."""

    status: int
    headers: dict[str, str]
    body: bytes
    told_to_go_on: bool  # 100 Continue came


@dataclass
class Sdk:
    """A service object of the SDK."""

    url: str
    system_id: str
    secret: str
    version: Version = "2.0.1"
    timestamp: str = "21112026T210351+0123"
    sticky: dict[str, str] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)

    # --- the calls ----------------------------------------------------------------------------------------------------

    async def call(self, operation: str, header: Mapping[str, Any] | None = None, data: str = "") -> Result:
        """Run any call but sendEdoc, getEdoc and downloadEdoc."""
        body = b"" if operation in EMPTY_BODY else (data or "{}").encode()
        answer = await self.exchange("POST", operation, self.signed(header or {}, "application/json"), body)
        return self.read(operation, answer.body)

    async def get(self, doc_id: str) -> bytes:
        """Return what getEdoc writes to its file; nothing if it writes none."""
        result = await self.call("getEdoc", {"docId": doc_id, "filePath": "store/xml"})
        if result.code != "0" or not result.value:
            return b""
        return base64.b64decode(result.value).decode("utf-8", "replace").encode()

    async def send(self, content: bytes, header: Mapping[str, Any]) -> Result:
        """Send a file, with the CR LF that the SDK appends."""
        self.sticky["hash-file"] = "".join(f"{byte:x}" for byte in hashlib.sha256(content).digest())
        headers = self.signed(header, "application/octet-stream", keeps_to=True)
        answer = await self.exchange("POST", "sendEdoc", headers, content + b"\r\n", old_stack=True)
        return self.read("sendEdoc", answer.body)

    async def download(self, doc_id: str, *, signed: bool = True) -> bytes:
        """Return what downloadEdoc writes to its file: whatever came."""
        headers = self.signed({"docId": doc_id, "filePath": "dl"}, "application/json") if signed else {}
        return (await self.exchange("GET", "downloadEdoc", headers, None)).body

    # --- the wire -----------------------------------------------------------------------------------------------------

    def signed(
        self, header: Mapping[str, Any], content_type: str, *, keeps_to: bool = False
    ) -> dict[str, str]:
        """Put the parameters on top of all earlier ones and return the signed headers."""
        for name, value in header.items():
            if isinstance(value, list) and not (keeps_to and name == "to"):
                assert len(value) == 1, "the SDK fails on a longer array"
                value = value[0]
            self.sticky[name] = json.dumps(value) if isinstance(value, list) else str(value)
        given = {"systemid": self.system_id, "timestamp": self.timestamp, "Content-Type": content_type}
        given |= self.sticky
        names = list(given)
        random.Random(len(names)).shuffle(names)  # a Java HashMap has an order of its own
        text = json.dumps(
            {PREFIX + name: given[name] for name in names}, separators=(",", ":"), ensure_ascii=False
        )
        proof = hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        return {
            "Content-Type": content_type,
            **{PREFIX + name: given[name] for name in names},
            PREFIX + "sign-header-key": ";".join(names),
            PREFIX + "sign-header": text,
            PREFIX + "hash-header": proof,
            "User-Agent": "JAVASDKAgent/1.0.0 XRoad/VPCP",
            PREFIX + "version": "3.0.201608",
        }

    async def exchange(
        self,
        method: str,
        operation: str,
        headers: Mapping[str, str],
        body: bytes | None,
        *,
        old_stack: bool = False,
    ) -> Answer:
        """Write one request and read its response. `old_stack` is HttpURLConnection: it writes all before it reads."""
        parts = urlsplit(self.url)
        lines = [f"{method} {parts.path}/{operation} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
        lines += [f"Host: {parts.hostname}:{parts.port}"]
        waits = False
        if old_stack:
            lines += ["Cache-Control: no-cache", "Pragma: no-cache", "Connection: keep-alive"]
            lines += ["Accept: text/html, image/gif, image/jpeg, */*; q=0.2"]
        else:
            lines += ["Connection: Keep-Alive", "Accept-Encoding: gzip,deflate"]
            waits = bool(body)
        if body is not None:
            lines += [f"Content-Length: {len(body)}"]
        if waits:
            lines += ["Expect: 100-continue"]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=1 << 27)
        try:
            answer = await self._exchange(reader, writer, head, body or b"", waits=waits)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
        self.answers.append(answer)
        return answer

    async def _exchange(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        head: bytes,
        body: bytes,
        *,
        waits: bool,
    ) -> Answer:
        told = False
        async with asyncio.timeout(60):
            writer.write(head if waits else head + body)
            await writer.drain()
            status, headers = await read_head(reader)
            if status == 100:
                told = True
                writer.write(body)
                await writer.drain()
                status, headers = await read_head(reader)
            content = await reader.readexactly(int(headers["content-length"]))
        return Answer(status, headers, content, told)

    # --- what the SDK makes of a reply --------------------------------------------------------------------------------

    def read(self, operation: str, body: bytes) -> Result:
        """Read a reply as the SDK does."""
        text = body.decode("ascii" if operation == "sendEdoc" else "utf-8")
        reply = json.loads(text)
        status, code, words = (reply.get(name) for name in ("status", "ErrorCode", "ErrorDesc"))
        if None in (status, code, words):
            return Result()
        if operation == "sendEdoc":
            return Result(status, str(code), words, reply["DocId"]) if "DocId" in reply else Result()
        if operation == "getEdoc":
            if self.version == "2.0.0" and "data" not in reply:  # decoded before the error is looked at
                return Result()
            return Result(status, str(code), words, reply.get("data"))
        if operation.startswith("countReceive"):
            if status != "FAIL" and "count" not in reply:
                return Result()
            return Result(status, str(code), words, reply.get("count"))
        if operation in LIST_FIELDS:
            return Result(status, str(code), words, self._list(operation, reply.get("data")))
        return Result(status, str(code), words)

    def _list(self, operation: str, data: Any) -> list[dict[str, Any]] | None:
        """One null in one item loses the whole list."""
        if not isinstance(data, list):
            return None
        if any(item.get(name, "") is None for item in data for name in LIST_FIELDS[operation]):
            return None
        return data


async def read_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """Read a status line and headers."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").rstrip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(first.split(" ")[1]), headers
