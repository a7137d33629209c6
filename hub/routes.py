"""Where a code is sent that no endpoint of this hub speaks for: to the next hub, by the longest pattern that covers it.

    H49.*     H49 and everything below it, as QĐ 20/2020 writes codes: level 1 on the left
    *.H49     the same, as QCVN 102:2016 writes them: level 1 on the right
    H49.13    this code alone
    *         whatever no other pattern covers

Groups are compared whole and in either notation: `000.00.13.H49` is covered by `H49.*`. A pattern without an endpoint
says that its codes are this hub's own: they are not sent on, however far `*` reaches.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from hub.errors import Misconfigured
from hub.model import Agency, AgencyCode, Level
from schemas.edxml.codes import Scheme, mirrored, scheme_of
from schemas.findings import shortened
from schemas.text import Sentence

EVERYTHING = "*"
LONGEST_PATTERN = 64
MOST_REMEMBERED = 50_000  # look-ups; the country has 14,000 codes
STRANGER = "~"  # begins the id of whoever is not in the directory; ids of agencies never have it
ID_LENGTH = 26

NO_PATTERN = Sentence(
    vi="“{got}” không phải là mẫu mã: cần H49.* (QĐ 20/2020), *.H49 (QCVN 102:2016), một mã trọn vẹn, hoặc *",
    en="“{got}” is not a pattern of codes: expected H49.* (QĐ 20/2020), *.H49 (QCVN 102:2016), a whole code, or *",
)
_GROUPS = re.compile(r"[0-9A-Z_-]+(?:\.[0-9A-Z_-]+)*")


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the table: what `pattern` covers goes to `endpoint`; None: it is this hub's own."""

    pattern: str
    endpoint: str | None


class RouteTable:
    """The routes of a snapshot, for looking up by a few words in a dictionary."""

    def __init__(self, routes: Iterable[Route] = ()) -> None:
        self._routes = {meaning(route.pattern): route for route in routes}
        self._found: dict[str, Route | None] = {}  # what was looked up before

    def __len__(self) -> int:
        return len(self._routes)

    def find(self, code: str) -> Route | None:
        """Return the route of the longest pattern that covers a code; None if none does."""
        if not self._routes or len(code) > 2 * LONGEST_PATTERN:
            return None
        if code not in self._found:
            if len(self._found) >= MOST_REMEMBERED:
                self._found.clear()
            self._found[code] = self._longest(code.strip().upper())
        return self._found.get(code)

    def _longest(self, tidy: str) -> Route | None:
        if len(tidy) > LONGEST_PATTERN or not _GROUPS.fullmatch(tidy):
            return None  # what does not look like a code is nobody's, here or elsewhere
        groups = ordered(tidy)
        found = self._routes.get(groups)
        for length in range(len(groups), -1, -1):
            if found is not None:
                break
            found = self._routes.get((*groups[:length], EVERYTHING))
        return found


def meaning(pattern: str) -> tuple[str, ...]:
    """Return the groups of a pattern from level 1 down: one meaning, whichever way it is written.

    Raises `Misconfigured` for what is no pattern.
    """
    tidy = pattern.strip().upper()
    if tidy == EVERYTHING:
        return (EVERYTHING,)
    if len(tidy) <= LONGEST_PATTERN:
        below = tidy.removesuffix(".*")
        if _GROUPS.fullmatch(below):
            return (*ordered(below), EVERYTHING) if below != tidy else ordered(tidy)
        above = tidy.removeprefix("*.")
        if above != tidy and _GROUPS.fullmatch(above):
            return (*(group for group in reversed(above.split(".")) if group.strip("0")), EVERYTHING)
    raise Misconfigured(NO_PATTERN.say(got=shortened(pattern)))


def ordered(tidy: str) -> tuple[str, ...]:
    """Return the groups of a code from level 1 down: of `000.00.13.H49`, H49 and 13."""
    return tuple((mirrored(tidy) if scheme_of(tidy) is Scheme.QCVN102 else tidy).split("."))


def stranger(code: str) -> Agency:
    """Return who stands for a code that is not in the directory but goes to the next hub.

    It is written down nowhere: the id is made of the code, so that two documents to one code go to one addressee. Two
    notations of one code may be two agencies (they were free to renumber), so they count as two.
    """
    tidy = code.strip().upper()
    return Agency(
        id=stranger_id(tidy),
        name=tidy,
        level=Level.OTHER,
        codes=(AgencyCode(value=code, scheme=scheme_of(tidy)),),
    )


def known_stranger(agency_id: str, written: str) -> Agency:
    """Return who an id of `stranger` stands for, in a delivery that was written to a code: its successor, perhaps."""
    named = agency_id.removeprefix(STRANGER)
    if agency_id == stranger_id(written.strip().upper()) or named.endswith(STRANGER):
        return replace(stranger(written), id=agency_id)
    return stranger(named)


def stranger_id(tidy: str) -> str:
    """Return the id for a code: the code itself behind a `~`, or a digest of one that is too long."""
    named = STRANGER + tidy
    if len(named) <= ID_LENGTH:
        return named
    return STRANGER + hashlib.sha256(tidy.encode()).hexdigest()[: ID_LENGTH - 2].upper() + STRANGER
