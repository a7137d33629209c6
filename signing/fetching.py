"""Get a few octets over HTTP from a host that is known to be good: bounded in time, size, tries and redirects."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import httpx

from schemas.text import Sentence, Text
from signing.refresh_sources import mapped

MOST_REDIRECTS = 3
TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})

TOO_LARGE = Sentence(
    vi="{url} trả về hơn {most} byte.",
    en="{url} answers with more than {most} octets.",
)
REFUSED = Sentence(
    vi="{url} chuyển hướng đến nơi không được phép ({to}).",
    en="{url} redirects to where it may not ({to}).",
)
FAILED = Sentence(
    vi="Không lấy được {url} (chi tiết: {detail}).",
    en="Cannot fetch {url} (detail: {detail}).",
)


class NotFetched(Exception):
    """Nothing usable came back. `text` says why, in both languages; `again` tells whether a later try may help."""

    def __init__(self, text: Text, *, again: bool = False) -> None:
        super().__init__(str(text))
        self.text = text
        self.again = again


@dataclass(frozen=True, slots=True)
class Fetching:
    """How to fetch. `hosts`: names that exist only in another network, and what stands for them here."""

    hosts: Mapping[str, str] = field(default_factory=dict)
    timeout_seconds: float = 60.0  # for all of one try; national services answer in 2 to 131 seconds
    tries: int = 3
    first_wait_seconds: float = 1.0  # doubled after each try
    proxy: str | None = None
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep


class Fetcher:
    """Fetches from `allowed` hosts only. Use it as an async context."""

    def __init__(self, how: Fetching, allowed: frozenset[str]) -> None:
        self.how = how
        self.allowed = allowed
        # The environment is not asked for proxies or passwords: only what is configured counts.
        self._client = httpx.AsyncClient(
            trust_env=False, proxy=how.proxy, follow_redirects=False, timeout=how.timeout_seconds
        )

    async def __aenter__(self) -> Fetcher:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def get(self, url: str, most: int) -> bytes:
        """Return what is there, at most `most` octets, or raise `NotFetched`."""
        return await self._patiently(url, most, None, "*/*")

    async def post(self, url: str, content: bytes, kind: str, most: int) -> bytes:
        """Return the answer to what is sent, at most `most` octets, or raise `NotFetched`."""
        return await self._patiently(url, most, content, kind)

    async def _patiently(self, url: str, most: int, content: bytes | None, kind: str) -> bytes:
        wait = self.how.first_wait_seconds
        for left in reversed(range(max(self.how.tries, 1))):
            try:
                async with asyncio.timeout(self.how.timeout_seconds):
                    return await self._follow(url, most, content, kind)
            except NotFetched as error:
                if not left or not error.again:
                    raise
            except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError) as error:
                if not left:
                    detail = type(error).__name__
                    raise NotFetched(FAILED.say(url=url, detail=detail), again=True) from error
            await self.how.pause(wait)
            wait *= 2
        raise AssertionError("unreachable")

    async def _follow(self, url: str, most: int, content: bytes | None, kind: str) -> bytes:
        at = url
        for _ in range(MOST_REDIRECTS + 1):
            if httpx.URL(at).host not in self.allowed:
                raise _refused(url, at)
            found = await self._once(at, most, content, kind)
            if isinstance(found, bytes):
                return found
            next_at = mapped(found, self.how.hosts)
            if next_at is None:
                raise _refused(url, found)
            at = next_at
        raise _refused(url, at)

    async def _once(self, url: str, most: int, content: bytes | None, kind: str) -> bytes | str:
        """Return the body, or the address of a redirect."""
        method = "GET" if content is None else "POST"
        headers = {"Accept-Encoding": "identity"} | ({} if content is None else {"Content-Type": kind})
        async with self._client.stream(method, url, content=content, headers=headers) as answer:
            if answer.next_request is not None:
                return str(answer.next_request.url)
            if answer.status_code != httpx.codes.OK:
                again = answer.status_code in TRY_AGAIN
                raise NotFetched(FAILED.say(url=url, detail=f"HTTP {answer.status_code}"), again=again)
            body = bytearray()
            async for part in answer.aiter_raw():
                body += part
                if len(body) > most:
                    raise NotFetched(TOO_LARGE.say(url=url, most=most))
            return bytes(body)


def _refused(asked: str, to: str) -> NotFetched:
    return NotFetched(REFUSED.say(url=asked, to=to[:200]))
