"""Reports: the figures of some days as tables with bars, and as files to take away (`hub.report`).

Counting many days takes a while, so one report is counted at a time; what was counted last is kept for a minute.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.responses import Response

from adapters.console.document import attachment
from adapters.console.pictures import STACKS, Stack
from adapters.console.visit import Visit
from hub.app import Hub
from hub.errors import Misconfigured
from hub.model import Level
from hub.report.figures import Figures, Period
from hub.report.reporting import report
from hub.report.sheets import Sheet, sheets
from hub.report.writing import FORMS
from hub.show import VIETNAM
from schemas.text import Text

KEPT_FOR = timedelta(seconds=60)
MOST_KEPT = 8
ROWS_SHOWN = 30
LEVELS_ASKED = (Level.CENTRAL, Level.PROVINCE, Level.COMMUNE, Level.OTHER)
TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pdf": "application/pdf",
}
NO_SUCH_FORM = Text(vi="Không có dạng tệp đó", en="There is no such kind of file")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is about."""

    period: Period
    agency: str
    level: Level | None


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a report, with its bars if it has any."""

    sheet: Sheet
    stacks: tuple[Stack, ...]
    hidden: int  # rows that only the files have


@dataclass
class Reports:
    """The reports of one hub, counted one at a time."""

    hub: Hub
    _kept: OrderedDict[Asked, tuple[datetime, Figures]] = field(default_factory=OrderedDict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def figures(self, asked: Asked) -> Figures:
        """Return the figures. Raises `NotFound` when nobody bears the agency's code."""
        async with self._turn:
            known = self._kept.get(asked)
            if known is not None and self.hub.clock() - known[0] < KEPT_FOR:
                return known[1]
            made = await report(self.hub, asked.period, agency=asked.agency or None, level=asked.level)
            self._kept[asked] = (self.hub.clock(), made)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            return made


async def page(visit: Visit) -> Response:
    """Show a report; of this month so far, unless other days are asked for."""
    asked = _asked(visit)
    figures = await visit.console.reports.figures(asked)
    tables = [_table(sheet) for sheet in sheets(figures)]
    parameters = {
        "first": asked.period.first.isoformat(),
        "last": asked.period.last.isoformat(),
        "agency": asked.agency,
        "level": str(asked.level or ""),
    }
    return visit.page(
        "reports.html",
        figures=figures,
        tables=[each for each in tables if each.sheet.rows],
        asked=asked,
        parameters=parameters,
        levels_asked=LEVELS_ASKED,
        forms=list(FORMS),
    )


async def file(visit: Visit) -> Response:
    """Give a report as a file. Raises `Misconfigured` when the library that writes it is not there."""
    form = f".{visit.in_path('form')}"
    if form not in FORMS:
        raise Misconfigured(NO_SUCH_FORM)
    asked = _asked(visit)
    figures = await visit.console.reports.figures(asked)
    content = await asyncio.to_thread(FORMS[form], figures)
    name = f"edochub-{asked.period.first:%Y%m%d}-{asked.period.last:%Y%m%d}{form}"
    return Response(content, media_type=TYPES[form], headers={"content-disposition": attachment(name)})


def _asked(visit: Visit) -> Asked:
    """Return what is asked for. Raises `Misconfigured` for days that are no period."""
    today = visit.hub.clock().astimezone(VIETNAM).date()
    last = visit.asked_day("last") or today
    first = visit.asked_day("first") or last.replace(day=1)
    level = visit.asked("level")
    return Asked(
        Period(first, last), visit.asked("agency"), Level(level) if level in set(LEVELS_ASKED) else None
    )


def _table(sheet: Sheet) -> Table:
    shown = Sheet(sheet.key, sheet.title, sheet.head, sheet.rows[:ROWS_SHOWN], sheet.note)
    return Table(shown, _stacks(shown), max(0, len(sheet.rows) - ROWS_SHOWN))


def _stacks(sheet: Sheet) -> tuple[Stack, ...]:
    kind = STACKS.get(sheet.key)
    if kind is None:
        return ()
    counts = [
        [cell for cell in row.cells[1 : 1 + len(kind.parts)] if isinstance(cell, int)] for row in sheet.rows
    ]
    largest = max((sum(row) for row in counts), default=0)
    return tuple(Stack.of(row, kind, sum(row) if kind.shares else largest) for row in counts)
