"""What a report counts, by agency: the same whether it is counted from rows or from raw evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hub.calendar import Calendar
from hub.deadlines import Kind
from hub.model import DeliveryState
from hub.report.figures import Period, Signed, Timeliness
from schemas.edxml.envelope import PackageKind
from signing.verdict import Outcome

DOCUMENTS = frozenset({PackageKind.NEW, PackageKind.UPDATE, PackageKind.REPLACE})
THERE = frozenset({DeliveryState.AVAILABLE, DeliveryState.DELIVERED})  # with its addressee
REGISTERED = frozenset({"02", "03", "04", "05", "06", "14", "15", "16"})  # more than “it is there”
ENDED = frozenset({"02", "06", "14", "15"})
RECALL = "13"  # the sender's, not an answer
GIVEN_BACK = frozenset({"15", "16"})  # agreed or refused: the answers to a recall
TIMED = (Kind.SENT, Kind.ARRIVAL, Kind.REGISTRATION, Kind.REQUEST, Kind.REPLY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be counted: on which days, of whom, as of when, by which calendar."""

    period: Period
    now: datetime
    calendar: Calendar
    urgent_minutes: float
    agency: str | None = None  # Agency.id


@dataclass(frozen=True, slots=True)
class Times:
    """How long an agency took, in seconds: how often, and the percentiles of nearest rank."""

    count: int
    median: float
    p95: float


@dataclass(slots=True)
class Counts:
    """Everything that is counted. An endpoint tells whether what came by it is from outside."""

    kinds: Counter[PackageKind] = field(default_factory=Counter)
    sent: Counter[tuple[str, str]] = field(default_factory=Counter)  # agency, endpoint
    received: Counter[tuple[str, str | None, DeliveryState]] = field(default_factory=Counter)
    signed: Counter[tuple[str, Signed]] = field(default_factory=Counter)
    timed: Counter[tuple[str, Kind, Timeliness]] = field(default_factory=Counter)
    to_take: dict[str, Times] = field(default_factory=dict)
    to_answer: dict[str, Times] = field(default_factory=dict)


def signed_by(verdicts: Iterable[Mapping[str, Any]]) -> Signed:
    """Return what all verdicts on a package together prove. What a file is called says nothing."""
    outcomes = {verdict["outcome"] for verdict in verdicts}
    if Outcome.INVALID in outcomes:
        return Signed.INVALID
    if Outcome.UNDETERMINED in outcomes:
        return Signed.UNDETERMINED
    return Signed.VALID if Outcome.VALID in outcomes else Signed.NONE


def rank(count: int, percent: int) -> int:
    """Return which of so many sorted values is the percentile, counted from 1: that of nearest rank."""
    return max(1, (count * percent + 99) // 100)


def times(seconds: Iterable[float]) -> Times:
    """Return the percentiles of some durations, one at least."""
    ordered = sorted(seconds)
    count = len(ordered)
    return Times(count, ordered[rank(count, 50) - 1], ordered[rank(count, 95) - 1])
