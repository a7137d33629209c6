"""Make a report of a hub's days, and count it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from hub.errors import NotFound, Sought
from hub.model import Level
from hub.report.assembly import SLOWEST, assemble
from hub.report.counts import Question
from hub.report.figures import Figures, Period
from hub.report.recount import Evidence, Recounted
from hub.report.recount import recount as count_again
from hub.report.tally import tally
from hub.routes import stranger

if TYPE_CHECKING:
    from hub.app import Hub


async def report(
    hub: Hub,
    period: Period,
    *,
    agency: str | None = None,
    level: Level | None = None,
    slowest: int = SLOWEST,
) -> Figures:
    """Return the figures of some days; about one agency (by a code of it), those of one level, or all.

    Raises `NotFound` when nobody bears the code.
    """
    question = asked(hub, period, agency)
    counts = await hub.store.read_alone(lambda connection: tally(connection, question))
    return assemble(counts, question, hub.directory, level=level, slowest=slowest)


async def recount(
    hub: Hub,
    period: Period,
    *,
    agency: str | None = None,
    level: Level | None = None,
    slowest: int = SLOWEST,
) -> tuple[Figures, Figures, Recounted]:
    """Return the figures, the same counted again from raw evidence, and what was found on the way.

    Raises `NotFound` when nobody bears the code.
    """
    question = asked(hub, period, agency)

    def count(connection: sa.Connection) -> Recounted:
        evidence = Evidence(connection, hub.payloads, hub.catalog, hub.directory, hub.settling.judged_anew)
        return count_again(evidence, question)

    counts = await hub.store.read_alone(lambda connection: tally(connection, question))
    again = await hub.store.read_alone(count)
    directory = hub.directory
    return (
        assemble(counts, question, directory, level=level, slowest=slowest),
        assemble(again.counts, question, directory, level=level, slowest=slowest),
        again,
    )


def asked(hub: Hub, period: Period, agency: str | None) -> Question:
    """Return what is to be counted, as of now. Raises `NotFound` when nobody bears the agency's code."""
    whose = None
    if agency is not None:
        known = hub.directory.resolve(agency)
        if known.agency is None and hub.directory.route_for(agency) is None:
            raise NotFound(known.explanation, Sought.AGENCY)
        whose = (known.agency or stranger(agency)).id
    return Question(
        period=period,
        now=hub.clock(),
        calendar=hub.calendar,
        urgent_minutes=hub.config.deadlines.urgent_minutes,
        agency=whose,
    )
