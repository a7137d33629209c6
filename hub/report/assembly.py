"""From counts by agency to the figures of a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from hub.deadlines import Kind
from hub.directory import Directory
from hub.errors import NotFound
from hub.model import DeliveryState, Level
from hub.report.counts import TIMED, Counts, Question, Times
from hub.report.figures import (
    Arrived,
    Exchanged,
    Figures,
    OfAgency,
    OnTime,
    Pace,
    Signatures,
    Who,
)
from hub.routes import STRANGER
from schemas.edxml.envelope import PackageKind

SLOWEST = 20  # agencies of each list, unless said otherwise


@dataclass(frozen=True, slots=True)
class Places:
    """Who an agency is, and whether it lies within this hub's own reach."""

    directory: Directory

    def who(self, agency: str) -> Who:
        """Return an agency as a report names it; of one that only the next hub knows, the code is all there is."""
        try:
            known = self.directory.agency(agency)
        except NotFound:
            code = agency.removeprefix(STRANGER)
            return Who(agency=agency, code=code, name=code, level=Level.OTHER)
        return Who(agency=agency, code=known.code, name=known.name, level=known.level)

    def outside(self, agency: str, endpoint: str | None) -> bool:
        """Tell whether documents of an agency go by the next hub: one that a route leads to."""
        if agency.startswith(STRANGER):
            return True
        known = self.directory.endpoint(endpoint) if endpoint else None
        if known is None or agency in known.agencies:
            return False
        return any(route.endpoint == known.id for route in self.directory.routes)


def assemble(
    counts: Counts,
    question: Question,
    directory: Directory,
    *,
    level: Level | None = None,
    slowest: int = SLOWEST,
) -> Figures:
    """Return the figures; of the agencies of one level, if one is given. That of `kinds` is of all levels then too."""
    places = Places(directory)
    every = {
        agency: places.who(agency)
        for agency in {
            *(agency for agency, _ in counts.sent),
            *(agency for agency, _, _ in counts.received),
            *(agency for agency, _ in counts.signed),
            *(agency for agency, _, _ in counts.timed),
            *counts.to_take,
            *counts.to_answer,
        }
    }
    meant = {agency: who for agency, who in every.items() if level is None or who.level is level}
    return Figures(
        period=question.period,
        made_at=question.now,
        agency=places.who(question.agency) if question.agency else None,
        level=level,
        kinds={kind: counts.kinds[kind] for kind in PackageKind},
        sent=_exchanged(places, [(a, e, n) for (a, e), n in counts.sent.items()], meant),
        received=_exchanged(places, [(a, e, n) for (a, e, _), n in counts.received.items()], meant),
        arrived=_arrived(counts, meant),
        signatures=_signatures(counts, meant),
        deadlines=tuple(_on_time(counts, kind, meant.__contains__) for kind in TIMED),
        slowest_to_take=_slowest(counts.to_take, meant, slowest),
        slowest_to_answer=_slowest(counts.to_answer, meant, slowest),
        agencies=_agencies(counts, meant),
    )


def _exchanged(
    places: Places, counted: Iterable[tuple[str, str | None, int]], meant: Mapping[str, Who]
) -> tuple[Exchanged, ...]:
    inside: Counter[Level] = Counter()
    outside: Counter[Level] = Counter()
    for agency, endpoint, count in counted:
        if agency in meant:
            side = outside if places.outside(agency, endpoint) else inside
            side[meant[agency].level] += count
    return tuple(
        Exchanged(level=level, inside=inside[level], outside=outside[level])
        for level in Level
        if inside[level] or outside[level]
    )


def _arrived(counts: Counts, meant: Mapping[str, Who]) -> Arrived:
    found: Counter[str] = Counter()
    for (agency, _, state), count in counts.received.items():
        if agency in meant:
            found[STANDING.get(state, "waiting")] += count
    return Arrived(**found)


STANDING = {
    DeliveryState.DELIVERED: "delivered",
    DeliveryState.REFUSED: "refused",
    DeliveryState.WITHDRAWN: "withdrawn",
}


def _signatures(counts: Counts, meant: Mapping[str, Who]) -> tuple[Signatures, ...]:
    found: dict[Level, Counter[str]] = {}
    for (agency, signed), count in counts.signed.items():
        if agency in meant:
            found.setdefault(meant[agency].level, Counter())[str(signed)] += count
    return tuple(Signatures(level=level, **found[level]) for level in Level if level in found)


def _on_time(counts: Counts, kind: Kind, of: Callable[[str], bool]) -> OnTime:
    found: Counter[str] = Counter()
    for (agency, which, outcome), count in counts.timed.items():
        if which is kind and of(agency):
            found[str(outcome)] += count
    return OnTime(kind=kind, **found)


def _slowest(times: Mapping[str, Times], meant: Mapping[str, Who], most: int) -> tuple[Pace, ...]:
    paces = [
        Pace(who=meant[agency], count=each.count, median=each.median, p95=each.p95)
        for agency, each in times.items()
        if agency in meant
    ]
    return tuple(sorted(paces, key=lambda each: (-each.median, -each.p95, each.who.code))[:most])


def _agencies(counts: Counts, meant: Mapping[str, Who]) -> tuple[OfAgency, ...]:
    sent: Counter[str] = Counter()
    received: Counter[str] = Counter()
    signed: dict[str, Counter[str]] = {}
    arrival: dict[str, Counter[str]] = {}
    for (agency, _), count in counts.sent.items():
        sent[agency] += count
    for (agency, _, _), count in counts.received.items():
        received[agency] += count
    for (agency, how), count in counts.signed.items():
        signed.setdefault(agency, Counter())[str(how)] += count
    for (agency, kind, outcome), count in counts.timed.items():
        if kind is Kind.ARRIVAL:
            arrival.setdefault(agency, Counter())[str(outcome)] += count
    made = [
        OfAgency(
            who=who,
            sent=sent[agency],
            received=received[agency],
            arrival=OnTime(kind=Kind.ARRIVAL, **arrival.get(agency, Counter[str]())),
            **signed.get(agency, Counter[str]()),
        )
        for agency, who in meant.items()
    ]
    return tuple(sorted(made, key=lambda each: (-each.sent - each.received, each.who.code)))
