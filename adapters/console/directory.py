"""The directory: whom a code means, since when, who took over, and through which endpoint it is reached."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from adapters.console.visit import Visit
from hub.destination import decide
from hub.destination_words import explanation
from hub.errors import NotFound
from hub.model import Agency, AgencyCode, Level
from hub.resolution import Candidate

MOST_LISTED = 60


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One code of an agency, whether it holds, and who took over from it."""

    code: AgencyCode
    holds: bool
    successors: tuple[Candidate, ...]


async def page(visit: Visit) -> Response:
    """Search the directory; without words, tell how many there are of each level."""
    words, known = visit.asked("q"), visit.hub.directory
    found = known.search(words, MOST_LISTED) if words else []
    counts = {level: sum(agency.level is level for agency in known.agencies) for level in Level}
    return visit.page(
        "directory.html",
        words=words,
        found=[(agency, known.endpoint_for(agency)) for agency in found],
        counts={level: count for level, count in counts.items() if count},
        total=len(known.agencies),
    )


async def agency(visit: Visit) -> Response:
    """Show an agency, by any code that it ever had. Raises `NotFound`."""
    known = visit.hub.directory
    resolution = known.resolve(visit.in_path("code"))
    if resolution.agency is None:
        raise NotFound(resolution.explanation)
    found = resolution.agency
    return visit.page(
        "agency.html",
        agency=found,
        lines=[_line(visit, code) for code in found.codes],
        parent=known.resolve(found.parent).agency if found.parent else None,
        endpoint=known.endpoint_for(found),
        came_from=_predecessors(visit, found),
        now_goes=explanation(
            decide(
                known,
                resolution.code,
                written_on=known.day(None),
                today=known.day(None),
                successions=visit.hub.config.policy.successions,
            )
        ),
    )


def _line(visit: Visit, code: AgencyCode) -> CodeLine:
    known = visit.hub.directory
    successors = tuple(Candidate(each, known.resolve(each).agency) for each in code.successors)
    return CodeLine(code, code.open_on(known.day(None)), successors)


def _predecessors(visit: Visit, found: Agency) -> list[tuple[str, Agency]]:
    """Return the closed codes that went over to this agency, and whose they were."""
    mine = {code.value for code in found.codes}
    return [
        (code.value, other)
        for other in visit.hub.directory.agencies
        if other.id != found.id
        for code in other.codes
        if mine.intersection(code.successors)
    ][:MOST_LISTED]
