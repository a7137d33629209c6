"""The figures of a report, as types. Durations are in seconds; days are those of Vietnam (UTC+7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from hub.deadlines import Kind, end_of, midnight
from hub.errors import Misconfigured
from hub.model import Level
from schemas.edxml.envelope import PackageKind
from schemas.text import Text

MOST_DAYS = 3_700  # ten years


@dataclass(frozen=True, slots=True)
class Period:
    """Some days, the last included. Raises `Misconfigured` when there is no day in it, or too many."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if not timedelta(0) <= self.last - self.first < timedelta(days=MOST_DAYS):
            raise Misconfigured(
                Text(
                    vi=f"Kỳ báo cáo phải từ 1 đến {MOST_DAYS} ngày, nhưng gặp {self.first} – {self.last}",
                    en=f"A report is on 1 to {MOST_DAYS} days, got {self.first} – {self.last}",
                )
            )

    @property
    def since(self) -> datetime:
        """The first moment of the period."""
        return midnight(self.first)

    @property
    def until(self) -> datetime:
        """The moment at which it is over."""
        return end_of(self.last)


class Signed(StrEnum):
    """How a document is signed, by what cryptography proves of all signatures of the package and its attachments."""

    VALID = "valid"  # at least one, and nothing speaks against any of them
    INVALID = "invalid"  # one at least is
    UNDETERMINED = "undetermined"  # none is invalid, but one at least cannot be told
    NONE = "none"
    WAITING = "waiting"  # its attachments have not been looked into yet


class Timeliness(StrEnum):
    """How something stands with its deadline."""

    ON_TIME = "on_time"
    LATE = "late"  # done too late, or not done though it is too late by now
    OPEN = "open"  # not done, and still in time


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """An agency as a report names it."""

    agency: str  # Agency.id
    code: str
    name: str
    level: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """How much went from (or to) the agencies of one level, inside and outside of this hub's own reach."""

    level: Level
    inside: int = 0
    outside: int = 0

    @property
    def all(self) -> int:
        """Both together."""
        return self.inside + self.outside


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """How far the deliveries of documents have come."""

    delivered: int = 0  # the addressee's system has it
    waiting: int = 0  # on its way, in an inbox, or for a person to look at
    refused: int = 0
    withdrawn: int = 0  # taken back before it was delivered: it counts neither way

    @property
    def due(self) -> int:
        """Those that are to be delivered."""
        return self.delivered + self.waiting + self.refused

    @property
    def share(self) -> float | None:
        """Which part of those was delivered, 0 to 1."""
        return part(self.delivered, self.due)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatures:
    """How the documents of one level's senders are signed."""

    level: Level
    valid: int = 0
    invalid: int = 0
    undetermined: int = 0
    none: int = 0
    waiting: int = 0

    @property
    def all(self) -> int:
        """How many documents there are."""
        return self.valid + self.invalid + self.undetermined + self.none + self.waiting

    @property
    def share(self) -> float | None:
        """Which part of the documents is proved to be signed, 0 to 1."""
        return part(self.valid, self.all)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTime:
    """How many of what a deadline asks for were in time."""

    kind: Kind
    on_time: int = 0
    late: int = 0
    open: int = 0

    @property
    def share(self) -> float | None:
        """Which part of what is decided was in time, 0 to 1."""
        return part(self.on_time, self.on_time + self.late)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long an agency takes. The percentiles are those of nearest rank: times that really were."""

    who: Who
    count: int
    median: float  # seconds
    p95: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OfAgency:
    """What one agency sent and received, and how."""

    who: Who
    sent: int = 0
    received: int = 0
    valid: int = 0
    invalid: int = 0
    undetermined: int = 0
    none: int = 0
    waiting: int = 0
    arrival: OnTime = OnTime(kind=Kind.ARRIVAL)  # of its notices


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One report."""

    period: Period
    made_at: datetime
    agency: Who | None  # it is about this one alone
    level: Level | None  # and about these alone
    kinds: dict[PackageKind, int]  # what was accepted; documents are new, update and replace
    sent: tuple[Exchanged, ...]  # documents, by the sender's level
    received: tuple[Exchanged, ...]  # deliveries of documents, by the addressee's level
    arrived: Arrived
    signatures: tuple[Signatures, ...]
    deadlines: tuple[OnTime, ...]
    slowest_to_take: tuple[Pace, ...]  # the slowest first, by the median
    slowest_to_answer: tuple[Pace, ...]
    agencies: tuple[OfAgency, ...]  # the most active first

    @property
    def signed(self) -> Signatures:
        """The signatures of all levels together."""
        return summed(Signatures, self.signatures)

    def as_json(self) -> dict[str, Any]:
        """Return the shape that `--json` and .json files publish."""
        told: dict[str, Any] = _json(asdict(self))
        told["arrived"]["share"] = self.arrived.share
        told["signed"] = {**_json(asdict(self.signed)), "share": self.signed.share}
        told["signed"].pop("level")
        for into, signed in zip(told["signatures"], self.signatures, strict=True):
            into["share"] = signed.share
        for into, timely in zip(told["deadlines"], self.deadlines, strict=True):
            into["share"] = timely.share
        return told


def summed(kind: type[Signatures], listed: Iterable[Signatures]) -> Signatures:
    """Add the figures of several levels up."""
    every = list(listed)
    named = [each.name for each in fields(kind) if each.name != "level"]
    return kind(level=Level.OTHER, **{name: sum(getattr(each, name) for each in every) for name in named})


def part(of: int, all_of: int) -> float | None:
    """Return a share from 0 to 1; None of nothing."""
    return of / all_of if all_of else None


def _json(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_json(each) for each in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, StrEnum) else value
