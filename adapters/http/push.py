"""Bring a document to an agency's system by HTTP, or leave it in its inbox.

Address: an https:// URL that takes a POST; http:// only on this machine. No address: the endpoint polls
`GET /api/v1/inbox`. Handed over when the far side answers 2xx. Delivering the same parcel twice sends the same
`Edochub-Delivery` and `Idempotency-Key` both times: the far side keeps one, and may say 409 to the second.

Every push is signed with the endpoint's secret (`signature.py`); `replies.py` says what each answer means.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from urllib.parse import quote

import httpx

from adapters.http import address as addresses
from adapters.http import lines, signature
from adapters.http.bodies import pieces_of
from adapters.http.digest import content_digest
from adapters.http.replies import Reply, receipt
from adapters.http.routes import mounted
from hub import tracing
from hub.adapter import Adapter, Mount, Surroundings
from hub.app import Hub
from hub.errors import Misconfigured, Unavailable
from hub.model import Endpoint, Parcel, Receipt
from schemas.spooled import size_of
from schemas.text import Text

TIMEOUT = httpx.Timeout(connect=10.0, read=45.0, write=30.0, pool=45.0)
COMMON = {"User-Agent": "edochub", "Accept": "application/json", "Accept-Encoding": "identity"}
ANSWER_BYTES = 65_536  # what is read of an answer
ANSWER_SECONDS = 10.0  # how long its body may take; only the status decides
PIECE_BYTES = 262_144  # a write may take TIMEOUT.write, so a large package is written in pieces
IN_LOOP_BYTES = 1_048_576  # above this, the HMAC is worth a thread

READABLE = "".join(
    chr(code) for code in range(0x21, 0x7F) if chr(code) != "%"
)  # no blank: it could stand at an end


class HttpAdapter(Adapter):
    """An agency whose system speaks HTTP: it polls the REST API, or is pushed to."""

    name = "http"
    bearer = True

    def __init__(self, endpoint: Endpoint, surroundings: Surroundings) -> None:
        super().__init__(endpoint, surroundings)
        self.transport: httpx.AsyncBaseTransport | None = None  # tests put another network in its place
        self._url: httpx.URL | None = None
        self._lines: lines.Lines | None = None

    @classmethod
    def polls(cls, address: str | None) -> bool:
        """Tell whether the endpoint fetches its documents itself: it does when it has no address."""
        return addresses.polls(address)

    @classmethod
    def settle(cls, address: str | None) -> str | None:
        """Return the address as it is stored. Raises `Misconfigured`."""
        return addresses.settled(address)

    @classmethod
    def mount(cls, hub: Hub) -> Sequence[Mount]:
        """Put the REST API on the hub's web server."""
        return (mounted(hub),)

    async def check(self) -> None:
        """Ask the far side whether it answers at all: any status will do, nothing is sent to it."""
        if self.polls(self.endpoint.address):
            return
        await self._secret()
        try:
            async with self._asked("HEAD", {}, b""):
                return
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error

    async def deliver(self, parcel: Parcel) -> Receipt:
        """POST the package; return once the far side has answered for it."""
        headers = await self._headers(parcel)
        small = isinstance(parcel.package, bytes) and len(parcel.package) <= PIECE_BYTES
        content = parcel.content if small else pieces_of(parcel.package, PIECE_BYTES)
        try:
            async with self._asked("POST", headers, content) as response:
                reply = Reply(response.status_code, response.headers, await _beginning(response))
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        except AttributeError as error:
            # The far side hung up while it was being connected to: anyio asks a socket that is gone for its peer.
            raise self._unreachable(httpx.ConnectError("")) from error
        return receipt(reply, self._address().host, self.surroundings.clock())

    async def close(self) -> None:
        """Let go of the kept connections."""
        if self._lines is not None:
            kept, self._lines = self._lines, None
            await kept.give_back()

    @asynccontextmanager
    async def _asked(
        self, method: str, headers: dict[str, str], content: bytes | AsyncIterator[bytes]
    ) -> AsyncIterator[httpx.Response]:
        """Send a request; have its answer, of which the body is still to be read, inside the block."""
        url = self._address()
        request = httpx.Request(
            method,
            url,
            headers=COMMON | tracing.headers() | headers,
            content=content,
            extensions={"timeout": TIMEOUT.as_dict()},
        )
        async with self._line(url) as line:
            response = await line.handle_async_request(request)
            try:
                yield response
            finally:
                await response.aclose()

    def _line(self, url: httpx.URL) -> AbstractAsyncContextManager[httpx.AsyncBaseTransport]:
        if self.transport is not None:
            return nullcontext(self.transport)
        if self._lines is None:
            self._lines = lines.take(url)
        return self._lines.one()

    async def _headers(self, parcel: Parcel) -> dict[str, str]:
        at = int(self.surroundings.clock().timestamp())
        secret = await self._secret()
        size = size_of(parcel.package)
        if size > IN_LOOP_BYTES:
            proof = await asyncio.to_thread(signature.signed, secret, parcel.id, parcel.package, at)
        else:
            proof = signature.signed(secret, parcel.id, parcel.package, at)
        return {
            "Content-Type": "application/xml",
            "Content-Length": str(size),
            "Content-Digest": content_digest(parcel.message.sha256),
            "Idempotency-Key": parcel.id,
            "Edochub-Delivery": parcel.id,
            "Edochub-Attempt": str(parcel.attempt),
            "Edochub-Message": parcel.message.id,
            "Edochub-From": quote(parcel.message.sender, safe=READABLE),
            "Edochub-To": quote(parcel.addressee, safe=READABLE),
            "Edochub-Kind": str(parcel.message.kind),
            signature.HEADER: proof,
        }

    def _address(self) -> httpx.URL:
        if self._url is not None:
            return self._url
        # Checked again: the row may be older than the rule, or written by another hand.
        settled = addresses.settled(self.endpoint.address)
        if settled is None:
            raise Misconfigured(
                Text(
                    vi=f"Điểm kết nối {self.endpoint.id} không có địa chỉ để gửi đến: hệ thống này tự lấy văn bản",
                    en=f"Endpoint {self.endpoint.id} has no address to push to: it fetches its documents itself",
                )
            )
        self._url = httpx.URL(settled)
        return self._url

    async def _secret(self) -> str:
        secret = await self.surroundings.secret()
        if not secret:
            raise Misconfigured(
                Text(
                    vi=f"Điểm kết nối {self.endpoint.id} không có mã bí mật còn hiệu lực để ký yêu cầu gửi đi",
                    en=f"Endpoint {self.endpoint.id} has no valid secret to sign what is sent to it with",
                )
            )
        return secret

    def _unreachable(self, error: httpx.HTTPError) -> Unavailable | Misconfigured:
        host = self._address().host
        what = type(error).__name__ + (f": {error}" if str(error) else "")
        if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
            return Misconfigured(
                Text(vi=f"Không gửi được đến {host}: {what}", en=f"{host} cannot be sent to: {what}")
            )
        return Unavailable(
            Text(vi=f"Không kết nối được {host}: {what}", en=f"{host} does not answer: {what}")
        )


async def _beginning(response: httpx.Response) -> bytes:
    """Return the first 64 KiB of an answer's body; nothing if it is encoded or does not come."""
    if response.headers.get("content-encoding", "identity") != "identity":
        return b""
    beginning = bytearray()
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            async for chunk in response.aiter_raw():
                beginning += chunk
                if len(beginning) >= ANSWER_BYTES:
                    break
    except (TimeoutError, httpx.HTTPError):
        return b""  # the status has been said; the rest is only words about it
    return bytes(beginning[:ANSWER_BYTES])
