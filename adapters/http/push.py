"""Bring a document to an agency's system by HTTP, or leave it in its inbox.

Address: an https:// URL that takes a POST; http:// only on this machine. No address: the endpoint polls
`GET /api/v1/inbox`. Handed over when the far side answers 2xx. Delivering the same parcel twice sends the same
`Edochub-Delivery` and `Idempotency-Key` both times: the far side keeps one, and may say 409 to the second.

Every push is signed with the endpoint's secret (`signature.py`); `replies.py` says what each answer means.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from functools import cache
from urllib.parse import quote

import httpx

from adapters.http import address as addresses
from adapters.http import signature
from adapters.http.inbox import content_digest
from adapters.http.replies import Reply, receipt
from adapters.http.routes import mounted
from hub.adapter import Adapter, Mount, Surroundings
from hub.app import Hub
from hub.errors import Misconfigured, Unavailable
from hub.model import Endpoint, Parcel, Receipt
from schemas.text import Text

TIMEOUT = httpx.Timeout(connect=10.0, read=45.0, write=30.0, pool=45.0)
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

    def __init__(self, endpoint: Endpoint, surroundings: Surroundings) -> None:
        super().__init__(endpoint, surroundings)
        self.transport: httpx.AsyncBaseTransport | None = None  # tests put another network in its place
        self._client: httpx.AsyncClient | None = None

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
            await self._http().head(self._address())
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error

    async def deliver(self, parcel: Parcel) -> Receipt:
        """POST the package; return once the far side has answered for it."""
        url, headers = self._address(), await self._headers(parcel)
        content = parcel.content if len(parcel.content) <= PIECE_BYTES else _pieces(parcel.content)
        try:
            async with self._http().stream("POST", url, content=content, headers=headers) as response:
                reply = Reply(response.status_code, response.headers, await _beginning(response))
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        return receipt(reply, httpx.URL(url).host, self.surroundings.clock())

    async def close(self) -> None:
        """Close the kept connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _headers(self, parcel: Parcel) -> dict[str, str]:
        at = int(self.surroundings.clock().timestamp())
        secret = await self._secret()
        if len(parcel.content) > IN_LOOP_BYTES:
            proof = await asyncio.to_thread(signature.signed, secret, parcel.id, parcel.content, at)
        else:
            proof = signature.signed(secret, parcel.id, parcel.content, at)
        return {
            "Content-Type": "application/xml",
            "Content-Length": str(len(parcel.content)),
            "Content-Digest": content_digest(parcel.message.sha256),
            "Idempotency-Key": parcel.id,
            "Edochub-Delivery": parcel.id,
            "Edochub-Message": parcel.message.id,
            "Edochub-From": quote(parcel.message.sender, safe=READABLE),
            "Edochub-To": quote(parcel.addressee, safe=READABLE),
            "Edochub-Kind": str(parcel.message.kind),
            signature.HEADER: proof,
        }

    def _address(self) -> str:
        # Checked again: the row may be older than the rule, or written by another hand.
        url = addresses.settled(self.endpoint.address)
        if url is None:
            raise Misconfigured(
                Text(
                    vi=f"Điểm kết nối {self.endpoint.id} không có địa chỉ để gửi đến: hệ thống này tự lấy văn bản",
                    en=f"Endpoint {self.endpoint.id} has no address to push to: it fetches its documents itself",
                )
            )
        return url

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

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                verify=trusted(),
                timeout=TIMEOUT,
                follow_redirects=False,
                # A proxy from the environment would see what http:// sends to this machine itself.
                trust_env=False,
                headers={
                    "User-Agent": "edochub",
                    "Accept": "application/json",
                    "Accept-Encoding": "identity",
                },
                transport=self.transport,
            )
        return self._client

    def _unreachable(self, error: httpx.HTTPError) -> Unavailable | Misconfigured:
        host = httpx.URL(self._address()).host
        what = type(error).__name__ + (f": {error}" if str(error) else "")
        if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
            return Misconfigured(
                Text(vi=f"Không gửi được đến {host}: {what}", en=f"{host} cannot be sent to: {what}")
            )
        return Unavailable(
            Text(vi=f"Không kết nối được {host}: {what}", en=f"{host} does not answer: {what}")
        )


@cache
def trusted() -> ssl.SSLContext:
    """Return the system's trust, TLS 1.2 or newer: loading it takes longer than a delivery, so it is kept."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), PIECE_BYTES):
        yield content[start : start + PIECE_BYTES]


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
