"""Get time stamps over HTTP, RFC 3161, 3.4, from the first of several authorities that gives a good one.

The authorities are asked in order, each as soon as the one before has failed or has not answered within its share of
the time; those asked before go on, and the first good answer wins. One that fell short is asked last for a while, so
that a slow one does not make everybody wait.

An answer is good if the token holds in itself, is over our digest and carries our nonce. Whether its authority is
trusted is for who verifies: `timestamp.verify`.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from time import monotonic

import httpx
from asn1crypto import tsp

from schemas.text import Sentence, Text
from signing import timestamp_token
from signing.reasons import Refused
from signing.timestamp_token import QUERY, REPLY

REMEMBERED_SECONDS = 300.0  # for how long one that fell short is asked last
LARGEST_ANSWER = timestamp_token.LARGEST + 4096

NO_TIME_STAMP = Sentence(
    vi="Không xin được dấu thời gian trong {seconds} giây từ: {why}.",
    en="No time stamp could be had within {seconds} seconds from: {why}.",
)
NO_AUTHORITY = Text(
    vi="Chưa khai báo cơ quan cấp dấu thời gian nào.", en="No time-stamping authority is configured."
)


class NoTimeStamp(Exception):
    """No authority gave a good time stamp in time. `text` says why, in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


class HttpTimeStamper:
    """Asks authorities at these addresses. One object serves many callers and remembers who fell short.

    `timeout_seconds` is for the whole of `stamp`. `client` is for tests and for a hub that shares one.
    """

    def __init__(
        self,
        urls: Sequence[str],
        timeout_seconds: float = 10.0,
        *,
        client: httpx.AsyncClient | None = None,
        time: Callable[[], float] = monotonic,
    ) -> None:
        self.urls = tuple(urls)
        self.timeout_seconds = timeout_seconds
        self._client = client
        self._time = time
        self._fell_short: dict[str, float] = {}

    async def stamp(self, digest_sha256: bytes) -> bytes:
        """Return a TimeStampToken over the digest, or raise `NoTimeStamp`."""
        if not self.urls:
            raise NoTimeStamp(NO_AUTHORITY)
        if self._client is not None:
            return await self._stamp(self._client, digest_sha256)
        async with httpx.AsyncClient() as client:
            return await self._stamp(client, digest_sha256)

    def order(self) -> tuple[str, ...]:
        """Return the addresses as they would be asked now: those that fell short a moment ago come last."""
        now = self._time()
        short = {url for url, when in self._fell_short.items() if now - when < REMEMBERED_SECONDS}
        return tuple(sorted(self.urls, key=lambda url: url in short))

    async def _stamp(self, client: httpx.AsyncClient, digest: bytes) -> bytes:
        share = self.timeout_seconds / (len(self.urls) + 1)
        asked: dict[asyncio.Task[bytes], str] = {}
        failures: dict[str, str] = {}
        deadline = asyncio.get_running_loop().time() + self.timeout_seconds
        order = self.order()
        waiting = list(order)
        try:
            while waiting or asked:
                if waiting:
                    url = waiting.pop(0)
                    asked[asyncio.create_task(_ask(client, url, digest))] = url
                left = deadline - asyncio.get_running_loop().time()
                done, _ = await asyncio.wait(
                    asked, timeout=min(share, left) if waiting else left, return_when=asyncio.FIRST_COMPLETED
                )
                for task in done:
                    url = asked.pop(task)
                    token, failure = _outcome(task)
                    if token is not None:
                        # Whoever was asked before and is still silent was slow.
                        overtaken = [one for one in asked.values() if order.index(one) < order.index(url)]
                        self._remember((*failures, *overtaken), url)
                        return token
                    failures[url] = failure
                if not done and not waiting:
                    break
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
        slow = {url: "timeout" for url in asked.values()}
        self._remember((*failures, *slow), None)
        why = "; ".join(f"{url} ({reason})" for url, reason in {**failures, **slow}.items())
        raise NoTimeStamp(NO_TIME_STAMP.say(seconds=f"{self.timeout_seconds:g}", why=why))

    def _remember(self, short: Sequence[str], good: str | None) -> None:
        self._fell_short |= dict.fromkeys(short, self._time())
        if good is not None:
            self._fell_short.pop(good, None)


def _outcome(task: asyncio.Task[bytes]) -> tuple[bytes | None, str]:
    error = task.exception()
    if error is None:
        return task.result(), ""
    if isinstance(error, httpx.HTTPError | httpx.InvalidURL | _Bad):
        return None, str(error)[:80] or type(error).__name__
    raise error


class _Bad(Exception):
    """The answer is of no use; for the list of who failed and why."""


async def _ask(client: httpx.AsyncClient, url: str, digest: bytes) -> bytes:
    nonce = secrets.randbits(63)
    query = tsp.TimeStampReq(
        {
            "version": "v1",
            "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest},
            "nonce": nonce,
            "cert_req": True,
        }
    )
    headers = {"Content-Type": QUERY, "Accept": REPLY}
    # No time limit of its own: `_stamp` takes back what it no longer waits for.
    async with client.stream("POST", url, content=query.dump(), headers=headers, timeout=None) as response:
        if response.status_code != httpx.codes.OK:
            raise _Bad(f"http-{response.status_code}")
        answer = b""
        async for chunk in response.aiter_bytes():
            answer += chunk
            if len(answer) > LARGEST_ANSWER:
                raise _Bad("too-large")
    return _token(answer, digest, nonce)


def _token(answer: bytes, digest: bytes, nonce: int) -> bytes:
    """Return the token of a TimeStampResp if it answers our query, or raise `_Bad`."""
    try:
        parsed = tsp.TimeStampResp.load(answer, strict=True)
        status = str(parsed["status"]["status"].native)
        token = parsed["time_stamp_token"].dump() if status.startswith("granted") else b""
    except (ValueError, TypeError, KeyError) as error:
        raise _Bad("no-token") from error
    if not token:
        raise _Bad(status)
    try:
        read = timestamp_token.read(token)
    except Refused as refused:
        raise _Bad(refused.reasons[0].code) from refused
    if (read.algorithm, read.imprint, read.nonce) != ("sha256", digest, nonce):
        raise _Bad("other-query")
    return bytes(token)
