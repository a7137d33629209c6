"""Whom a code means: agencies, their codes over time, and the endpoints that speak for them.

A `Directory` is an immutable snapshot in memory, loaded anew whenever the table's version changes. It keeps
these rules:

- The table is the authority. A code in the other scheme's mirror form (`000.20.32.H53` for `H53.32.20`) is
  understood only where the table says nothing else: nobody bears that code, its agency has no code of that
  scheme, and no other agency's code has the same mirror. Agencies were free to renumber under QĐ 20/2020.
- A code is looked for as written; failing that, trimmed and in capitals.
- A closed code is never forgotten: it still names its agency, and its successors with it. Nothing is
  forwarded here: a district's tasks went to several communes, and a person decides.

Without a date, a code is looked up as of today in Vietnam.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta, timezone
from enum import StrEnum
from functools import cached_property, lru_cache
from heapq import nsmallest
from operator import ne

from hub.errors import NotFound
from hub.model import Agency, AgencyCode, Clock, Endpoint, utc_now
from schemas.edxml.codes import Scheme, mirrored, scheme_of
from schemas.findings import shortened
from schemas.text import Sentence, Text

VIETNAM = timezone(timedelta(hours=7))
LONGEST_CODE = 64  # characters; nothing longer is compared with the known codes
MOST_WORDS = 12  # of a search; the rest is not looked at
SLIPS = 2  # typing slips that a near code may be away
SUCCESSION = 64  # closed successors that are followed from one code

OTHER_SCHEME = {Scheme.QCVN102: Scheme.QD20, Scheme.QD20: Scheme.QCVN102}

Rank = tuple[int, bool, bool, str]  # slips, not merely swapped, another top level, the code

KNOWN = Sentence(vi="Mã {code} là của {name}", en="The code {code} belongs to {name}")
NOT_YET = Sentence(
    vi="Mã {code} của {name} chưa có hiệu lực, chỉ dùng từ ngày {day}",
    en="The code {code} of {name} does not hold yet, only from {day}",
)
CLOSED = Sentence(
    vi="Mã {code} của {name} đã ngừng sử dụng từ ngày {day}; chưa ghi nhận cơ quan kế thừa",
    en="The code {code} of {name} closed on {day}; no successor is recorded",
)
SUCCEEDED = Sentence(
    vi="Mã {code} của {name} đã ngừng sử dụng từ ngày {day}; cơ quan kế thừa: {successors}",
    en="The code {code} of {name} closed on {day}; succeeded by {successors}",
)
NOBODY = Sentence(
    vi="Không có cơ quan nào trong danh bạ mang mã {code}",
    en="No agency in the directory has the code {code}",
)
NEARBY = Sentence(
    vi="Không có cơ quan nào trong danh bạ mang mã {code}; các mã gần nhất: {nearest}",
    en="No agency in the directory has the code {code}; nearest known codes: {nearest}",
)


class Standing(StrEnum):
    """How a code stands on a day."""

    FOUND = "found"
    CLOSED = "closed"  # it names an agency but does not hold on that day: closed, or not open yet
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A code to offer instead of one that does not hold. `agency` is None if nobody bears the code."""

    code: str
    agency: Agency | None

    def __str__(self) -> str:
        return f"{self.code} ({self.agency.name})" if self.agency else self.code


@dataclass(frozen=True)
class Resolution:
    """What the directory knows of a code on a day. What only failures need is worked out when asked for."""

    code: str  # as asked
    state: Standing
    agency: Agency | None  # who bears the code, or bore it
    entry: AgencyCode | None  # the registered code that answered
    on: date | None
    directory: Directory = field(repr=False, compare=False)

    @cached_property
    def successors(self) -> tuple[Candidate, ...]:
        """Who took over from a closed code, as far as they hold on that day."""
        return self.directory.successors(self)

    @cached_property
    def nearest(self) -> tuple[Candidate, ...]:
        """The open codes that an unknown one may have been meant as."""
        return self.directory.candidates(self.code) if self.state is Standing.UNKNOWN else ()

    @property
    def explanation(self) -> Text:
        """The answer as a sentence, with what to write instead."""
        code = shortened(self.code)
        if self.agency is None or self.entry is None:
            nearest = ", ".join(map(str, self.nearest))
            return NEARBY.say(code=code, nearest=nearest) if nearest else NOBODY.say(code=code)
        name = self.agency.name
        if self.state is Standing.FOUND:
            return KNOWN.say(code=code, name=name)
        if not self.ended:
            return NOT_YET.say(code=code, name=name, day=spoken(self.entry.valid_from))
        day = spoken(self.entry.valid_to)
        if not self.successors:
            return CLOSED.say(code=code, name=name, day=day)
        return SUCCEEDED.say(code=code, name=name, day=day, successors=", ".join(map(str, self.successors)))

    @property
    def ended(self) -> bool:
        """Tell whether the code was closed by that day; a code may also not be open yet."""
        ends = self.entry.valid_to if self.entry else None
        return ends is not None and ends <= self.directory.day(self.on)


@dataclass(frozen=True, eq=False)
class Directory:
    """A snapshot of the agencies and endpoints. `version` tells it from the one before and after."""

    agencies: tuple[Agency, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    version: int = 0
    clock: Clock = utc_now

    def __post_init__(self) -> None:
        self.resolve("")  # what every document needs is built by the thread that loads, not by the first one

    def prepare(self) -> Directory:
        """Build at once what searches and unknown codes need, too: half a second for 15,000 agencies."""
        self.search("prepare")
        self.candidates("prepare")
        return self

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

    def successors(self, resolution: Resolution) -> tuple[Candidate, ...]:
        """Follow a code that does not hold to those that do on that day, one for each agency."""
        if resolution.state is not Standing.CLOSED:
            return ()
        day = self.day(resolution.on)
        found: dict[str, Candidate] = {}
        seen, waiting = {resolution.code}, self._onward(resolution, day)
        while waiting and len(seen) < SUCCESSION:
            code = waiting.pop(0)
            if code in seen:
                continue
            seen.add(code)
            later = self.resolve(code, day)
            if later.ended:
                waiting = self._onward(later, day) + waiting
            else:
                found.setdefault(later.agency.id if later.agency else code, Candidate(code, later.agency))
        return tuple(found.values())

    def _onward(self, resolution: Resolution, day: date) -> list[str]:
        """Return the codes to go on with: the recorded successors, else the agency's own code of that day."""
        if resolution.agency is None or resolution.entry is None:
            return []
        if resolution.ended and resolution.entry.successors:
            return list(resolution.entry.successors)
        return [code.value for code in resolution.agency.codes if code.open_on(day)][:1]

    def nearest(self, code: str, limit: int = 3) -> list[Agency]:
        """Return the agencies whose open codes look most like a code."""
        return [near.agency for near in self.candidates(code, limit) if near.agency is not None]

    def candidates(self, code: str, limit: int = 3) -> tuple[Candidate, ...]:
        """Return open codes a slip or two from a code or its mirror, one an agency; else the unit above it."""
        tidy = code.strip().upper()
        if not 0 < len(tidy) <= LONGEST_CODE:
            return ()
        today = self.day(None)
        near = [
            rank
            for form in {tidy, mirrored(tidy), mirrored(mirrored(tidy))}
            for rank in self._near(form, limit, today)
        ]
        found: dict[str, Candidate] = {}
        for *_, known in sorted(near):
            agency, _ = self._written[known]
            found.setdefault(agency.id, Candidate(known, agency))
        return tuple(found.values())[:limit] or self._above(tidy, today)

    def _near(self, form: str, limit: int, today: date) -> list[Rank]:
        """Rank the codes near a form: fewest slips first, then a swap of letters, then the same top level."""
        ranks: list[Rank] = []
        for least, group in enumerate(self._hopeful(form)):
            if sum(slips < least for slips, *_ in ranks) >= limit:
                break  # no code of this group can be nearer
            for known in group:
                slips = slips_between(form, known.upper())
                if slips > SLIPS or not self._written[known][1].open_on(today):
                    continue
                swapped = slips == 2 and neighbours_swapped(form, known.upper())  # one slip
                ranks.append((1 if swapped else slips, not swapped, top(form) != top(known), known))
        return nsmallest(2 * limit, (rank for rank in ranks if rank[0] <= slips_allowed(form)))

    def _hopeful(self, form: str) -> list[list[str]]:
        """Group the codes by the fewest slips that their letters allow: counting is quick."""
        letters = tally(form)
        groups: list[list[str]] = [[] for _ in range(SLIPS + 1)]
        for longer in range(-SLIPS, SLIPS + 1):
            most = 2 * SLIPS - abs(longer)  # bits: a letter changed is two, a letter more or less is one
            for counted, known in self._tallies.get(len(form) + longer, ()):
                bits = (counted ^ letters).bit_count()
                if bits <= most:
                    groups[(bits + abs(longer) + 1) // 2].append(known)
        return groups

    def _above(self, tidy: str, today: date) -> tuple[Candidate, ...]:
        top_first = mirrored(tidy) if scheme_of(tidy) is Scheme.QCVN102 else tidy
        groups = top_first.split(".")
        for length in range(len(groups) - 1, 0, -1):
            found = self.resolve(".".join(groups[:length]), today)
            if found.state is Standing.FOUND and found.entry is not None:
                return (Candidate(found.entry.value, found.agency),)
        return ()

    def search(self, words: str, limit: int = 20) -> list[Agency]:
        """Return the agencies that all words fit: names with or without diacritics, codes, a slip a word."""
        asked = folded(words)[:MOST_WORDS]
        if not asked:
            return []
        scores: dict[int, int] | None = None
        for word in dict.fromkeys(asked):
            hits = self._hits(word)
            scores = hits if scores is None else {a: scores[a] + hits[a] for a in scores.keys() & hits.keys()}
        assert scores is not None
        exact = plain(words)
        ranked = sorted(
            (-score, exact not in plain(self.agencies[at].name), len(self.agencies[at].name), at)
            for at, score in scores.items()
        )
        return [self.agencies[at] for *_, at in ranked[:limit]]

    def _hits(self, word: str) -> dict[int, int]:
        """Return where a word is found: 4 for the word itself, 2 for the beginning of one, 1 for a slip."""
        vocabulary = self._vocabulary
        hits: dict[int, int] = {}
        start = bisect_left(vocabulary, word)
        for token in vocabulary[start:]:
            if not token.startswith(word):
                break
            for at in self._words[token]:
                hits[at] = max(hits.get(at, 0), 4 if token == word else 2)
        if hits or len(word) < 3:
            return hits
        for token in vocabulary:
            if abs(len(token) - len(word)) <= 1 and slips_between(word, token) <= 1:
                hits.update(dict.fromkeys(self._words[token], 1))
        return hits

    # --- the look-up tables, each built once ---

    @cached_property
    def _written(self) -> dict[str, tuple[Agency, AgencyCode]]:
        return {entry.value: (agency, entry) for agency in self.agencies for entry in agency.codes}

    @cached_property
    def _tidied(self) -> dict[str, tuple[Agency, AgencyCode]]:
        return only_one((code.strip().upper(), bearer) for code, bearer in self._written.items())

    @cached_property
    def _mirrors(self) -> dict[str, tuple[Agency, AgencyCode]]:
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
    def _tallies(self) -> dict[int, list[tuple[int, str]]]:
        by_length: dict[int, list[tuple[int, str]]] = {}
        for code in self._written:
            by_length.setdefault(len(code), []).append((tally(code.upper()), code))
        return by_length

    @cached_property
    def _words(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        mirrors: dict[str, list[str]] = {}
        for mirror, (bearer, _) in self._mirrors.items():
            mirrors.setdefault(bearer.id, []).append(mirror)
        for at, agency in enumerate(self.agencies):
            codes = " ".join((*(code.value for code in agency.codes), *mirrors.get(agency.id, ())))
            for word in {*folded(agency.name), *folded(codes), *codes.lower().split()}:
                found.setdefault(word, []).append(at)
        return found

    @cached_property
    def _vocabulary(self) -> list[str]:
        return sorted(self._words)


def only_one(pairs: Iterable[tuple[str, tuple[Agency, AgencyCode]]]) -> dict[str, tuple[Agency, AgencyCode]]:
    """Return the codes that mean one agency; what could mean two means nobody."""
    found: dict[str, tuple[Agency, AgencyCode]] = {}
    shared: set[str] = set()
    for code, bearer in pairs:
        if found.setdefault(code, bearer)[0].id != bearer[0].id:
            shared.add(code)
    return {code: bearer for code, bearer in found.items() if code not in shared}


def spoken(day: date | None) -> Text:
    """Return a day as each language writes it."""
    if day is None:
        return Text(vi="không rõ", en="an unknown day")
    return Text(vi=day.strftime("%d/%m/%Y"), en=day.isoformat())


def plain(words: str) -> str:
    """Return words for comparison: one way of composing letters, no capitals, single blanks."""
    return " ".join(unicodedata.normalize("NFC", words).casefold().split())


def folded(words: str) -> list[str]:
    """Return the words without capitals, diacritics and punctuation: of `Hòa Bình (cũ)`, hoa binh cu."""
    dotted = re.findall(r"[\w.]+", unicodedata.normalize("NFC", words).casefold())
    undotted = (word.strip(".") for word in dotted)
    return [word if word.isascii() else bare(word) for word in undotted if word]


@lru_cache(maxsize=10_000)  # more than Vietnamese has syllables
def bare(word: str) -> str:
    """Return a word without diacritics; đ, which has none in Unicode's eyes, becomes d."""
    parts = unicodedata.normalize("NFD", word.replace("đ", "d"))
    return "".join(char for char in parts if not unicodedata.combining(char))


def top(code: str) -> str:
    """Return the group that names level 1: the last by the scheme of 2016, the first by that of 2020."""
    groups = code.split(".")
    return groups[-1] if scheme_of(code) is Scheme.QCVN102 else groups[0]


def slips_allowed(form: str) -> int:
    """Return how far a code may be and still be meant: in `H37`, two slips leave one letter."""
    return SLIPS if len(form) > 4 else 1


def tally(code: str) -> int:
    """Count letters in a bit set: four bits for each, so that one slip changes at most two bits."""
    bits = 0
    for char in code:
        place = (ord(char) & 63) * 4
        seen = (bits >> place & 15) << 1 | 1
        bits |= (seen & 15) << place
    return bits


def slips_between(one: str, other: str) -> int:
    """Return how many letters were changed, added or lost: 0, 1, 2, or 3 for more.

    Exact, but for words of one length only changes count: who loses one letter and adds another is rare.
    """
    short, long = sorted((one, other), key=len)
    if len(short) == len(long):
        changed: int = sum(map(ne, short, long))
        return min(changed, SLIPS + 1)
    if lost(short, long):
        return len(long) - len(short)
    if len(long) - len(short) > 1:
        return SLIPS + 1
    # One letter was lost and one changed: at the first difference either the one happened or the other.
    at = next(index for index, (left, right) in enumerate(zip(short, long, strict=False)) if left != right)
    changed_later = sum(map(ne, short[at:], long[at + 1 :])) == 1
    return SLIPS if changed_later or lost(short[at + 1 :], long[at + 1 :]) else SLIPS + 1


def lost(short: str, long: str) -> bool:
    """Tell whether a word is left when at most two letters of a longer one are lost."""
    rest = iter(long)
    return len(long) - len(short) <= SLIPS and all(letter in rest for letter in short)


def neighbours_swapped(one: str, other: str) -> bool:
    """Tell whether two words differ by two neighbouring letters that changed places, and in nothing else."""
    if len(one) != len(other) or one == other:
        return False
    at = next(index for index, (left, right) in enumerate(zip(one, other, strict=True)) if left != right)
    return one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
