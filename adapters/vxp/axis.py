"""An axis, as we call it: signed requests out, replies that are bounded and believed only in their right shape.

The HTTP status means nothing in this protocol; the JSON does. What is no JSON object with an `ErrorCode` is an outage,
whatever it says: a proxy's error page, half a reply, a list that never ends. `Lost` says that the axis may have done
what was asked all the same.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from adapters.http.lines import trusted
from adapters.http.push import PIECE_BYTES, TIMEOUT
from adapters.vxp import patience
from adapters.vxp.address import host
from adapters.vxp.codes import LONGEST_ANSWER, SUCCESS, shown
from adapters.vxp.hashes import ENDING
from adapters.vxp.signature import signed, timestamp
from adapters.vxp.words import text
from hub import tracing
from hub.errors import Misconfigured, Unavailable
from hub.hops import HEADER, Hops, read, written
from hub.model import Clock
from schemas.text import Sentence, Text

JSON, OCTETS = "application/json", "application/octet-stream"
SERVICE = {"servicetype": "eDoc"}
REPLY_BYTES = 1_048_576  # of a reply that is only an envelope
LIST_BYTES = 134_217_728  # of a list: the country's agencies are 111,000 lines
PACKAGE_BYTES = 268_435_456  # of a reply with a package in base64
CALL_SECONDS, LONG_SECONDS = 60.0, 600.0
IN_LOOP_BYTES = 262_144  # above this, parsing is worth a thread
WANTED = "?"  # says that we understand the header
NOTHING: Mapping[str, str] = {}

UNREACHABLE = Sentence(
    vi="Không kết nối được trục {host}: {what}", en="The axis {host} does not answer: {what}"
)
RUBBISH = Sentence(
    vi="Trục {host} trả lời {operation} bằng nội dung không đúng giao thức: {what}",
    en="The axis {host} answers {operation} with something that is not of the protocol: {what}",
)
NO_SECRET = Sentence(
    vi="Điểm kết nối {endpoint} không có mã bí mật còn hiệu lực để ký yêu cầu gửi trục",
    en="Endpoint {endpoint} has no valid secret to sign calls to the axis with",
)
NOT_JSON = Text(vi="không phải JSON", en="it is no JSON")
NO_CODE = Text(vi="không có ErrorCode", en="it has no ErrorCode")
TOO_LONG = Text(vi="quá dài", en="it is too long")
NOT_A_LIST = Text(vi="data không phải danh sách", en="data is no list")
NOT_A_PACKAGE = Text(vi="data không phải base64 của gói tin", en="data is not a package in base64")
NO_DOC_ID = Text(vi="không có DocId", en="it has no DocId")


class Lost(Unavailable):
    """No answer that counts came. The axis may have done what was asked."""


@dataclass
class Refused(Exception):
    """The axis looked at the call and says no."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """The axis's address, our name there, and what signs our calls."""

    endpoint: str  # Endpoint.id, for sentences
    base: str
    system_id: str
    secret: Callable[[], Awaitable[str | None]]
    clock: Clock

    @property
    def host(self) -> str:
        """The axis's machine."""
        return host(self.base)


class Axis:
    """The calls of the protocol. Each raises `Refused`, `Lost`, and `Misconfigured` without a secret."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.transport: httpx.AsyncBaseTransport | None = None  # tests put another network in its place
        self._client: httpx.AsyncClient | None = None

    async def send(
        self, content: bytes, *, digest: str, kind: str, sender: str, to: str, hops: Hops = ()
    ) -> str:
        """Hand a package in; return the axis's id for it. `digest` is the file's hash as `hash-file` has it."""
        asked = SERVICE | {"messagetype": kind, "hash-file": digest, "from": sender, "to": json.dumps([to])}
        beside = {HEADER: written(hops)} if hops else {}
        size = len(content) + len(ENDING)
        reply = await self._call("sendEdoc", asked, _body(content), size, OCTETS, beside=beside)
        doc_id = text(reply.get("DocId")).strip()
        if not doc_id:
            raise self.rubbish(NO_DOC_ID, operation="sendEdoc")
        return doc_id

    async def received(self, kind: str) -> list[Mapping[str, Any]]:
        """Return what waits for us: `edoc` or `status`."""
        return (await self.awaited(kind, 0.0))[0]

    async def awaited(self, kind: str, wait_seconds: float) -> tuple[list[Mapping[str, Any]], bool]:
        """Return what waits for us, once there is something or it is time; and whether the axis knows how to wait."""
        asked, beside = SERVICE | {"messagetype": kind}, patience.wish(wait_seconds)
        reply, headers = await self._exchange(
            "getReceivedEdocList", asked, b"", most_bytes=LIST_BYTES, seconds=LONG_SECONDS, beside=beside
        )
        return self._listed("getReceivedEdocList", reply), patience.APPLIED in headers

    async def sent(self, kind: str, **narrowed: str) -> list[Mapping[str, Any]]:
        """Return what we sent; `docId` narrows it to one."""
        return await self._list("getSentEdocList", SERVICE | {"messagetype": kind} | narrowed)

    async def agencies(self) -> list[Mapping[str, Any]]:
        """Return the axis's agencies."""
        return await self._list("getAgenciesList", {})

    async def units(self) -> list[Mapping[str, Any]]:
        """Return the axis's agencies with those that it deleted."""
        return await self._list("getSynchronizeUnit", {})

    async def fetch(self, doc_id: str) -> bytes:
        """Return a package that waits for us: the bytes, as the axis has them."""
        return (await self.fetch_travelled(doc_id))[0]

    async def fetch_travelled(self, doc_id: str) -> tuple[bytes, Hops]:
        """Return a package that waits for us, and the hubs that it passed if the axis tells: one of ours does."""
        asked = {"docId": doc_id, "filePath": "."}
        reply, headers = await self._exchange(
            "getEdoc",
            asked,
            b"{}",
            most_bytes=PACKAGE_BYTES,
            seconds=LONG_SECONDS,
            beside={HEADER: WANTED},
        )
        return await self._package(reply), read(headers.get(HEADER))

    async def _package(self, reply: Mapping[str, Any]) -> bytes:
        data = reply.get("data")
        try:
            # Line breaks are tolerated, everything else that is not base64 is not.
            lean = "".join(data.split()) if isinstance(data, str) else ""
            content = await asyncio.to_thread(base64.b64decode, lean, validate=True)
        except (binascii.Error, ValueError) as error:
            raise self.rubbish(NOT_A_PACKAGE, operation="getEdoc") from error
        if not content:
            raise self.rubbish(NOT_A_PACKAGE, operation="getEdoc")
        return content

    async def update(self, doc_id: str, status: str, description: str = "") -> None:
        """Set the transport's status of what waited for us. The description is ASCII."""
        asked = {"docid": doc_id, "status": status} | ({"description": description} if description else {})
        await self._call("updateStatus", asked, b"{}")

    async def close(self) -> None:
        """Close the kept connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def rubbish(self, what: Text, *, operation: str) -> Lost:
        """Return the error for a reply that is not of the protocol."""
        return Lost(RUBBISH.say(host=self.line.host, operation=operation, what=what))

    async def _list(self, operation: str, asked: Mapping[str, str]) -> list[Mapping[str, Any]]:
        reply = await self._call(operation, asked, b"", most_bytes=LIST_BYTES, seconds=LONG_SECONDS)
        return self._listed(operation, reply)

    def _listed(self, operation: str, reply: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        data = reply.get("data", [])
        if not isinstance(data, list):
            raise self.rubbish(NOT_A_LIST, operation=operation)
        return [each for each in data if isinstance(each, dict)]

    async def question(
        self, operation: str, body: bytes, *, seconds: float = CALL_SECONDS, **asked: str
    ) -> Mapping[str, Any]:
        """Ask something of another edochub that the protocol does not know. The body is signed by its digest."""
        given = asked | {"hash-file": hashlib.sha256(body).hexdigest()}
        return await self._call(operation, given, body, most_bytes=LIST_BYTES, seconds=seconds)

    async def _call(
        self,
        operation: str,
        asked: Mapping[str, str],
        body: bytes | AsyncIterator[bytes],
        size: int | None = None,
        content_type: str = JSON,
        *,
        most_bytes: int = REPLY_BYTES,
        seconds: float = CALL_SECONDS,
        beside: Mapping[str, str] = NOTHING,
    ) -> Mapping[str, Any]:
        reply, _ = await self._exchange(
            operation, asked, body, size, content_type, most_bytes=most_bytes, seconds=seconds, beside=beside
        )
        return reply

    async def _exchange(
        self,
        operation: str,
        asked: Mapping[str, str],
        body: bytes | AsyncIterator[bytes],
        size: int | None = None,
        content_type: str = JSON,
        *,
        most_bytes: int,
        seconds: float,
        beside: Mapping[str, str],
    ) -> tuple[Mapping[str, Any], httpx.Headers]:
        """Send one request; return the reply that is believed, and its headers. `beside`: headers of our own."""
        headers = tracing.headers() | await self._headers(asked, content_type) | dict(beside)
        if size is not None:
            headers["Content-Length"] = str(size)
        url = f"{self.line.base}/{operation}"
        try:
            async with (
                asyncio.timeout(LONG_SECONDS if size is not None else seconds),
                self._http().stream("POST", url, content=body, headers=headers) as response,
            ):
                answer = await self._whole(operation, response, most_bytes)
        except TimeoutError as error:
            raise Lost(UNREACHABLE.say(host=self.line.host, what="TimeoutError")) from error
        except httpx.ConnectError as error:  # nothing was sent
            raise Unavailable(UNREACHABLE.say(host=self.line.host, what=_named(error))) from error
        except httpx.HTTPError as error:
            raise Lost(UNREACHABLE.say(host=self.line.host, what=_named(error))) from error
        return await self._believed(operation, answer), response.headers

    async def _headers(self, asked: Mapping[str, str], content_type: str) -> dict[str, str]:
        secret = await self.line.secret()
        if not secret:
            raise Misconfigured(NO_SECRET.say(endpoint=self.line.endpoint))
        at = timestamp(self.line.clock())
        given = {"systemid": self.line.system_id, **asked, "timestamp": at, "Content-Type": content_type}
        return signed(given, secret)

    async def _whole(self, operation: str, response: httpx.Response, most_bytes: int) -> bytes:
        if response.headers.get("content-encoding", "identity") != "identity":  # we asked for none
            raise self.rubbish(NOT_JSON, operation=operation)
        answer = bytearray()
        async for chunk in response.aiter_raw():
            answer += chunk
            if len(answer) > most_bytes:
                raise self.rubbish(TOO_LONG, operation=operation)
        return bytes(answer)

    async def _believed(self, operation: str, answer: bytes) -> Mapping[str, Any]:
        """Return a reply that says yes, or raise `Refused` for one that says no."""
        try:
            large = len(answer) > IN_LOOP_BYTES
            reply = await asyncio.to_thread(json.loads, answer) if large else json.loads(answer)
        except (ValueError, RecursionError) as error:
            raise self.rubbish(NOT_JSON, operation=operation) from error
        code = text(reply.get("ErrorCode")).strip() if isinstance(reply, dict) else ""
        if not code:
            raise self.rubbish(NO_CODE, operation=operation)
        if code != SUCCESS or text(reply.get("status")).upper() == "FAIL":
            raise Refused(shown(code, 20), shown(text(reply.get("ErrorDesc")), LONGEST_ANSWER))
        believed: Mapping[str, Any] = reply
        return believed

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                verify=trusted(),
                timeout=TIMEOUT,
                follow_redirects=False,  # a document goes where the operator sent it, nowhere else
                trust_env=False,
                headers={"Accept-Encoding": "identity"},
                transport=self.transport,
            )
        return self._client


async def _body(content: bytes) -> AsyncIterator[bytes]:
    """Yield a package as the SDK writes it: in pieces, since one write has a time limit, and CR LF at the end."""
    for start in range(0, len(content), PIECE_BYTES):
        yield content[start : start + PIECE_BYTES]
    yield ENDING


def _named(error: Exception) -> str:
    return type(error).__name__ + (f": {error}" if str(error) else "")
