"""Whom a code means: agencies, their codes over time, the endpoints that speak for them, and the way to other hubs.

A `Directory` is an immutable snapshot in memory, loaded anew whenever the table's version changes. It keeps
these rules:

- The table is the authority. A code in the other scheme's mirror form (`000.20.32.H53` for `H53.32.20`) is
  understood only where the table says nothing else: nobody bears that code, its agency has no code of that
  scheme, and no other agency's code has the same mirror. Agencies were free to renumber under QĐ 20/2020.
- A code is looked for as written; failing that, trimmed and in capitals.
- A closed code is never forgotten: it still names its agency, and its successors with it.

What follows from that for a document is decided in `destination.py`; nothing is forwarded here. Without a date, a code
is looked up as of today in Vietnam.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta, timezone
from functools import cached_property

from hub.errors import NotFound
from hub.model import Agency, AgencyCode, Clock, Endpoint, utc_now
from hub.nearest import LONGEST_CODE, Nearest
from hub.resolution import Candidate, Resolution, Standing, Succession
from hub.routes import Route, RouteTable
from hub.search import Index
from hub.successions import follow
from schemas.edxml.codes import Scheme, mirrored, scheme_of
from schemas.findings import shortened
from schemas.text import Text

__all__ = ["Candidate", "Directory", "Resolution", "Standing", "Succession"]

VIETNAM = timezone(timedelta(hours=7))

DAYS_REMEMBERED = 8  # as of which successions were followed

OTHER_SCHEME = {Scheme.QCVN102: Scheme.QD20, Scheme.QD20: Scheme.QCVN102}

Bearer = tuple[Agency, AgencyCode]


@dataclass(frozen=True, eq=False)
class Directory:
    """A snapshot of the agencies, endpoints and routes. `version` tells it from the one before and after."""

    agencies: tuple[Agency, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    version: int = 0
    clock: Clock = utc_now
    routes: tuple[Route, ...] = ()
    certificates: Mapping[str, frozenset[str]] = field(default_factory=dict)  # SHA-256 -> whose (Agency.id)

    def __post_init__(self) -> None:
        self.resolve("")  # what every document needs is built by the thread that loads, not by the first one

    def prepare(self) -> Directory:
        """Build at once what searches and unknown codes need, too: half a second for 15,000 agencies."""
        self.search("prepare")
        self.candidates("prepare")
        self.route_for("prepare")
        return self

    # --- whom a code means ---

    def resolve(self, code: str, on: date | None = None) -> Resolution:
        """Say who bears a code, and whether it holds on a day."""
        found = self._written.get(code)
        if found is None:
            tidy = code.strip().upper()
            found = self._tidied.get(tidy) or self._mirrors.get(tidy)
        if found is None:
            return Resolution(code, Standing.UNKNOWN, None, None, on, self)
        agency, entry = found
        unlimited = entry.valid_from is None and entry.valid_to is None
        holds = unlimited or entry.open_on(self.day(on))
        return Resolution(code, Standing.FOUND if holds else Standing.CLOSED, agency, entry, on, self)

    def knows(self, code: str) -> bool:
        """Tell whether somebody bears a code, or bore it."""
        return self.resolve(code).agency is not None

    def day(self, on: date | None) -> date:
        """Return the day that is meant: today in Vietnam, unless said otherwise."""
        return on or self.clock().astimezone(VIETNAM).date()

    def succession(self, resolution: Resolution) -> Succession:
        """Follow a code that does not hold to those that do on that day, one for each agency."""
        if resolution.state is not Standing.CLOSED or resolution.entry is None:
            return Succession()
        day = self.day(resolution.on)
        known = self._followed.get(day)
        if known is None:
            known = self._new_day(day)
        code = resolution.entry.value
        if code not in known:
            known[code] = self._follow(resolution, day)
        return known[code]

    def _new_day(self, day: date) -> dict[str, Succession]:
        """Remember what was followed as of a few days only: today's is what documents ask for, again and again."""
        if len(self._followed) >= DAYS_REMEMBERED:
            self._followed.clear()
        return self._followed.setdefault(day, {})

    def _follow(self, resolution: Resolution, day: date) -> Succession:
        found: dict[str, Candidate] = {}
        lost: list[str] = []
        early: list[str] = []
        first = self._onward(resolution, day)
        for code in follow(first, lambda each: self._after(each, day)):
            later = self.resolve(code, day)
            if later.ended:
                lost.append(code)
            else:
                if later.state is Standing.CLOSED:
                    early.append(code)
                found.setdefault(later.agency.id if later.agency else code, Candidate(code, later.agency))
        return Succession(tuple(found.values()), tuple(lost), tuple(early))

    def _after(self, code: str, day: date) -> Sequence[str]:
        later = self.resolve(code, day)
        return self._onward(later, day) if later.ended else ()

    def _onward(self, resolution: Resolution, day: date) -> list[str]:
        """Return the codes to go on with: the recorded successors, else the agency's own code of that day."""
        if resolution.agency is None or resolution.entry is None:
            return []
        if resolution.ended and resolution.entry.successors:
            return list(resolution.entry.successors)
        present = code_on(resolution.agency, day)
        return [present] if present else []

    # --- who there is, and how it is reached ---

    def agency(self, agency_id: str) -> Agency:
        """Return an agency by the hub's own id, or raise `NotFound`."""
        try:
            return self._agencies[agency_id]
        except KeyError:
            shown = shortened(agency_id)
            raise NotFound(
                Text(
                    vi=f"Không có cơ quan có định danh {shown}", en=f"There is no agency with the id {shown}"
                )
            ) from None

    def endpoint(self, endpoint_id: str) -> Endpoint | None:
        """Return an endpoint by its id, disabled or not."""
        return self._endpoints.get(endpoint_id)

    def endpoint_for(self, agency: Agency) -> Endpoint | None:
        """Return the endpoint that speaks for an agency, disabled or not."""
        return self._speakers.get(agency.id)

    def route_for(self, code: str) -> Route | None:
        """Return the route of the longest pattern that covers a code; None if none does."""
        return self._table.find(code)

    # --- what may have been meant ---

    def nearest(self, code: str, limit: int = 3) -> list[Agency]:
        """Return the agencies whose open codes look most like a code."""
        return [near.agency for near in self.candidates(code, limit) if near.agency is not None]

    def candidates(self, code: str, limit: int = 3) -> tuple[Candidate, ...]:
        """Return open codes a slip or two from a code or its mirror, one an agency; else the unit above it."""
        tidy = code.strip().upper()
        today = self.day(None)
        found: dict[str, Candidate] = {}
        for known in self._nearest.to(tidy, limit, lambda each: self._written[each][1].open_on(today)):
            agency, _ = self._written[known]
            found.setdefault(agency.id, Candidate(known, agency))
        return tuple(found.values())[:limit] or self._above(tidy, today)

    def _above(self, tidy: str, today: date) -> tuple[Candidate, ...]:
        if len(tidy) > LONGEST_CODE:
            return ()
        top_first = mirrored(tidy) if scheme_of(tidy) is Scheme.QCVN102 else tidy
        groups = top_first.split(".")
        for length in range(len(groups) - 1, 0, -1):
            found = self.resolve(".".join(groups[:length]), today)
            if found.state is Standing.FOUND and found.entry is not None:
                return (Candidate(found.entry.value, found.agency),)
        return ()

    def search(self, words: str, limit: int = 20) -> list[Agency]:
        """Return the agencies that all words fit: names with or without diacritics, codes, a slip a word."""
        return self._index.search(words, limit)

    # --- the look-up tables, each built once ---

    @cached_property
    def _followed(self) -> dict[date, dict[str, Succession]]:
        return {}  # filled as codes are asked for

    @cached_property
    def _written(self) -> dict[str, Bearer]:
        return {entry.value: (agency, entry) for agency in self.agencies for entry in agency.codes}

    @cached_property
    def _tidied(self) -> dict[str, Bearer]:
        return only_one((code.strip().upper(), bearer) for code, bearer in self._written.items())

    @cached_property
    def _mirrors(self) -> dict[str, Bearer]:
        return only_one(
            (mirror, (agency, entry))
            for agency, entry in self._written.values()
            if entry.scheme in OTHER_SCHEME
            and OTHER_SCHEME[entry.scheme] not in {code.scheme for code in agency.codes}
            and (mirror := mirrored(entry.value)) not in self._tidied
        )

    @cached_property
    def _agencies(self) -> dict[str, Agency]:
        return {agency.id: agency for agency in self.agencies}

    @cached_property
    def _endpoints(self) -> dict[str, Endpoint]:
        return {endpoint.id: endpoint for endpoint in self.endpoints}

    @cached_property
    def _speakers(self) -> dict[str, Endpoint]:
        return {agency: endpoint for endpoint in self.endpoints for agency in endpoint.agencies}

    @cached_property
    def _table(self) -> RouteTable:
        return RouteTable(self.routes)

    @cached_property
    def _nearest(self) -> Nearest:
        return Nearest(self._written)

    @cached_property
    def _index(self) -> Index:
        mirrors: dict[str, list[str]] = {}
        for mirror, (bearer, _) in self._mirrors.items():
            mirrors.setdefault(bearer.id, []).append(mirror)
        return Index(self.agencies, mirrors)


def code_on(agency: Agency, day: date) -> str | None:
    """Return the first code of an agency that holds on a day; None if it has none then."""
    return next((code.value for code in agency.codes if code.open_on(day)), None)


def only_one(pairs: Iterable[tuple[str, Bearer]]) -> dict[str, Bearer]:
    """Return the codes that mean one agency; what could mean two means nobody."""
    found: dict[str, Bearer] = {}
    shared: set[str] = set()
    for code, bearer in pairs:
        if found.setdefault(code, bearer)[0].id != bearer[0].id:
            shared.add(code)
    return {code: bearer for code, bearer in found.items() if code not in shared}
