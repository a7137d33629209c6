"""What becomes of a document that is addressed to a code: delivered, held for a person, or refused, and why.

The questions, in this order; the first that has an answer decides:

1. Is the code in the directory? If not, the longest route that covers it leads to the next hub; failing that: refused.
2. Does it hold today, or did it on the day of the document, and its agency is still there? Then it is that agency's.
3. Does the agency go by another code by now? Then it is that agency's too, and the sender is told the code.
4. Who took over? Exactly one that is there today gets it, if the operator's policy says `forward`. Several, one
   that is not in the directory, or one whose own succession is partly unknown: a person decides. Nobody: refused.
5. Which endpoint speaks for the agency? Failing that, which route covers its code? Failing both, it is held.

Everything is looked up in memory: this runs before the sender is answered. `docs/adr/0010-successions.md` says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from hub.directory import Candidate, Directory, Resolution, Standing, code_on
from hub.model import Agency, Endpoint
from hub.routes import Route, stranger

Successions = Literal["forward", "hold", "refuse"]

# Identifier codes came with Circular 10/2016/TT-BTTTT; a document of an earlier day cannot have been written to one.
FIRST_CODES = date(2016, 4, 1)


class Outcome(StrEnum):
    """What becomes of the document, for one addressee."""

    DELIVERED = "delivered"
    HELD = "held"
    REFUSED = "refused"


class Case(StrEnum):
    """What was found out about the code."""

    KNOWN = "known"  # it is the agency's
    CHANGED = "changed"  # the agency goes by another code
    FORWARDED = "forwarded"  # closed, and one agency took over
    SPLIT = "split"  # closed, and more than one took over, or it is not known who else
    DOUBTFUL = "doubtful"  # closed, and the one that took over cannot be sent to without a person's word
    CLOSED = "closed"  # closed, and nobody took over, or the policy refuses
    NOT_YET = "not-yet"  # it does not hold yet
    ELSEWHERE = "elsewhere"  # not in the directory, but a route covers it
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Destination:
    """The decision on one code. `resolution` is of today; `reached` is the code under which `agency` is sent to."""

    resolution: Resolution
    case: Case
    outcome: Outcome
    agency: Agency | None  # who gets it; of one that is held or refused: who bears the code
    reached: str
    endpoint: Endpoint | None
    route: Route | None  # None: the endpoint speaks for the agency
    written_on: date
    today: date

    @property
    def code(self) -> str:
        """The code as written."""
        return self.resolution.code

    @property
    def bearer(self) -> Agency | None:
        """Who bears the code as written, or bore it."""
        return self.agency if self.case is Case.ELSEWHERE else self.resolution.agency

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Who took over, as far as that is recorded."""
        return self.resolution.successors

    @property
    def forwarded(self) -> bool:
        """Tell whether another agency gets it than the code named."""
        return self.case is Case.FORWARDED


@dataclass(slots=True)  # not frozen: one is made for every addressee
class Question:
    """A code, the day of the document that names it, and today."""

    directory: Directory
    code: str
    written_on: date
    today: date
    successions: Successions


def decide(
    directory: Directory, code: str, *, written_on: date, today: date, successions: Successions = "forward"
) -> Destination:
    """Decide what becomes of a document to a code."""
    asked = Question(directory, code, written_on, today, successions)
    found = directory.resolve(code, today)
    agency, entry = found.agency, found.entry
    if agency is None or entry is None:
        return _elsewhere(asked, found)
    if found.state is Standing.FOUND:
        return _reach(asked, found, Case.KNOWN, agency, entry.value)
    present = code_on(agency, today)
    held_then = entry.open_on(written_on)
    if present and (held_then or not entry.successors or not found.ended):
        return _reach(asked, found, Case.KNOWN if held_then else Case.CHANGED, agency, present)
    if not found.ended:
        return _without(asked, found, Case.NOT_YET, Outcome.REFUSED)
    return _succeeded(asked, found, agency)


def decide_answer(
    directory: Directory, code: str, *, today: date, successions: Successions = "forward"
) -> Destination:
    """Decide what becomes of a status package to a code: a closed one is accepted for ever.

    It goes to the agency that sent the document, as long as that can be reached; after that to whoever took over.
    """
    asked = Question(directory, code, today, today, successions)
    found = directory.resolve(code, today)
    if found.agency is None or found.entry is None:
        return _elsewhere(asked, found)
    own = _reach(asked, found, Case.KNOWN, found.agency, found.entry.value)
    if own.outcome is Outcome.DELIVERED:
        return own
    later = decide(directory, code, written_on=today, today=today, successions=successions)
    return later if later.outcome is Outcome.DELIVERED else own


def day_of_document(promulgated_on: date | None, received_on: date) -> date:
    """Return the day as of which its codes are read: its own day if that can be right, else the day of receipt."""
    if promulgated_on is None or not FIRST_CODES <= promulgated_on <= received_on:
        return received_on
    return promulgated_on


def _succeeded(asked: Question, found: Resolution, agency: Agency) -> Destination:
    """Decide on a code that is closed, of an agency that goes by no other."""
    candidates, lost = found.succession.candidates, found.succession.lost
    if not candidates:
        return _without(asked, found, Case.CLOSED, Outcome.REFUSED)
    only = candidates[0]
    if len(candidates) == 1 and only.agency is not None and only.agency.id == agency.id:
        return _reach(asked, found, Case.CHANGED, agency, only.code)
    if asked.successions == "refuse":
        return _without(asked, found, Case.CLOSED, Outcome.REFUSED)
    if len(candidates) > 1 or lost:
        return _without(asked, found, Case.SPLIT, Outcome.HELD)
    if asked.successions == "hold":
        return _without(asked, found, Case.DOUBTFUL, Outcome.HELD)
    return _forwarded(asked, found, only)


def _forwarded(asked: Question, found: Resolution, only: Candidate) -> Destination:
    """Send on to the one successor: one that is here today, or one that another hub knows."""
    if only.agency is None:
        further = _by_route(asked, only.code)
        if further is None:
            return _without(asked, found, Case.DOUBTFUL, Outcome.HELD)
        endpoint, route = further
        return _made(asked, found, Case.FORWARDED, stranger(only.code), only.code, endpoint, route)
    if only.code in found.succession.early:
        return _without(asked, found, Case.DOUBTFUL, Outcome.HELD)
    return _reach(asked, found, Case.FORWARDED, only.agency, only.code)


def _elsewhere(asked: Question, found: Resolution) -> Destination:
    """Decide on a code that is not in the directory."""
    further = _by_route(asked, asked.code)
    if further is None:
        return _without(asked, found, Case.UNKNOWN, Outcome.REFUSED)
    endpoint, route = further
    return _made(asked, found, Case.ELSEWHERE, stranger(asked.code), asked.code, endpoint, route)


def _reach(asked: Question, found: Resolution, case: Case, agency: Agency, reached: str) -> Destination:
    """Find the way to an agency: its endpoint, or the next hub. Without one it is held until there is."""
    endpoint = asked.directory.endpoint_for(agency)
    if endpoint is not None:
        return _made(asked, found, case, agency, reached, endpoint, None)
    further = _by_route(asked, reached)
    if further is not None:
        return _made(asked, found, case, agency, reached, *further)
    return Destination(found, case, Outcome.HELD, agency, reached, None, None, asked.written_on, asked.today)


def _by_route(asked: Question, code: str) -> tuple[Endpoint, Route] | None:
    route = asked.directory.route_for(code)
    endpoint = asked.directory.endpoint(route.endpoint) if route and route.endpoint else None
    return (endpoint, route) if endpoint and route else None


def _made(
    asked: Question,
    found: Resolution,
    case: Case,
    agency: Agency,
    reached: str,
    endpoint: Endpoint,
    route: Route | None,
) -> Destination:
    return Destination(
        found, case, Outcome.DELIVERED, agency, reached, endpoint, route, asked.written_on, asked.today
    )


def _without(asked: Question, found: Resolution, case: Case, outcome: Outcome) -> Destination:
    """Return a decision that sends nothing anywhere."""
    return Destination(
        found, case, outcome, found.agency, asked.code, None, None, asked.written_on, asked.today
    )
