"""What one endpoint may ask of a node, so that no system, broken or malicious, slows the others down.

Three measures, each for an endpoint: documents that are being taken at once, documents a minute, octets a minute. What
is over is told to come back later (`Busy`: HTTP 429 with Retry-After) before the hub checks it or writes anything of
it; nothing is refused, and the sender's repetition is harmless. A door that reads long bodies knocks first. `[limits]`
has the defaults, an endpoint may have its own (`endpoints set --limit`).

Every process counts for itself: behind a balancer an endpoint may have as many times its limits as there are processes.
A count in the database would cost every document a write, for a limit that need not be sharp.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from typing import Self

from hub.config import LimitSettings
from hub.errors import Busy
from schemas.text import Text

MINUTE = 60.0
SHORTEST_WAIT_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointLimits:
    """The limits of one endpoint; None: as `[limits]` says, 0: none."""

    documents_at_once: int | None = None
    documents_per_minute: int | None = None
    bytes_per_minute: int | None = None
    deliveries_at_once: int | None = None  # from the hub to the endpoint
    deliveries_per_minute: int | None = None

    def over(self, settings: LimitSettings) -> LimitSettings:
        """Return the settings with what this endpoint has of its own."""
        own = self.own() if self != NONE_OF_ITS_OWN else {}
        return replace(settings, **own) if own else settings

    def own(self) -> dict[str, int]:
        """Return what this endpoint has of its own."""
        known = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in known.items() if value is not None}

    def written(self) -> str | None:
        """Return them as the database keeps them; None when there are none."""
        own = self.own()
        return json.dumps(own, sort_keys=True) if own else None

    @classmethod
    def read(cls, written: str | None) -> Self:
        """Read what the database keeps. A limit that newer code has put there is left to newer code."""
        known = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in json.loads(written or "{}").items() if name in known})


NONE_OF_ITS_OWN = EndpointLimits()


@dataclass(slots=True)
class Bucket:
    """So much a minute, and at once no more than what a minute allows. A bucket holds what may still be taken."""

    per_minute: int
    left: float
    at: float  # monotonic seconds

    def wait(self, amount: float, now: float) -> float:
        """Return in how many seconds so much may be taken; 0: now. What is larger than all that fits, fits alone."""
        self.left = min(float(self.per_minute), self.left + (now - self.at) * self.per_minute / MINUTE)
        self.at = now
        missing = min(amount, float(self.per_minute)) - self.left
        return max(0.0, missing) * MINUTE / self.per_minute

    def take(self, amount: float) -> None:
        """Take so much."""
        self.left -= amount


def bucket_for(per_minute: int, known: Bucket | None, now: float) -> Bucket | None:
    """Return the bucket for a limit: the one that is known, a full one when the limit is another; None for no limit."""
    if per_minute == 0:
        return None
    if known is None or known.per_minute != per_minute:
        return Bucket(per_minute, float(per_minute), now)
    return known


@dataclass(slots=True)
class _Use:
    """What an endpoint is using of this process."""

    under_way: int = 0
    documents: Bucket | None = None
    octets: Bucket | None = None


@dataclass(slots=True)
class Gate:
    """The gate that every document of an endpoint passes on its way in."""

    settings: LimitSettings
    now: Callable[[], float] = time.monotonic
    _uses: dict[str, _Use] = field(default_factory=dict)

    @contextmanager
    def passing(self, endpoint: str, limits: EndpointLimits, size: int) -> Iterator[None]:
        """Let a document of `size` octets in for as long as the block lasts. Raises `Busy`."""
        self.knock(endpoint, limits, size)
        use = self._uses[endpoint]
        if use.documents is not None:
            use.documents.take(1)
        if use.octets is not None:
            use.octets.take(size)
        use.under_way += 1
        try:
            yield
        finally:
            use.under_way -= 1

    def knock(self, endpoint: str, limits: EndpointLimits, size: int) -> None:
        """Return if a document of `size` octets would be let in now. Raises `Busy`."""
        allowed = limits.over(self.settings)
        use = self._uses.setdefault(endpoint, _Use())
        if 0 < allowed.documents_at_once <= use.under_way:
            raise busy(_AT_ONCE, allowed.documents_at_once, SHORTEST_WAIT_SECONDS)
        use.documents = self._counted(use.documents, allowed.documents_per_minute, 1, _PER_MINUTE)
        use.octets = self._counted(use.octets, allowed.bytes_per_minute, size, _BYTES)

    def _counted(self, bucket: Bucket | None, per_minute: int, amount: int, words: Text) -> Bucket | None:
        now = self.now()
        counted = bucket_for(per_minute, bucket, now)
        wait = counted.wait(amount, now) if counted is not None else 0.0
        if wait > 0:
            raise busy(words, per_minute, wait)
        return counted


_AT_ONCE = Text(
    vi="Đang có {most} văn bản của điểm kết nối được xử lý cùng lúc, là mức tối đa; hãy gửi lại sau ít giây",
    en="{most} documents of this endpoint are under way, which is the most at once; send again in a few seconds",
)
_PER_MINUTE = Text(
    vi="Điểm kết nối đã gửi quá {most} văn bản trong một phút; hãy gửi lại sau thời gian nêu ở Retry-After",
    en="The endpoint has sent more than {most} documents in a minute; send again after what Retry-After says",
)
_BYTES = Text(
    vi="Điểm kết nối đã gửi quá {most} byte trong một phút; hãy gửi lại sau thời gian nêu ở Retry-After",
    en="The endpoint has sent more than {most} bytes in a minute; send again after what Retry-After says",
)


def busy(words: Text, most: int, wait_seconds: float) -> Busy:
    """Return the error for an endpoint that asks too much."""
    said = Text(vi=words.vi.format(most=f"{most:,}"), en=words.en.format(most=f"{most:,}"))
    return Busy(said, retry_after=max(SHORTEST_WAIT_SECONDS, wait_seconds))
