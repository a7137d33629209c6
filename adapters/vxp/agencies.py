"""The lists of agencies. Each is made once for a state of the directory: the country's has tens of thousands of lines.

What the protocol has a field for and our directory does not know (a mail address) is left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from adapters.vxp import replies
from adapters.vxp.calls import Call, Reply
from adapters.vxp.words import day_of
from hub.app import Hub
from hub.directory import Directory, code_on
from hub.model import Agency, AgencyCode
from hub.routes import ordered
from schemas.edxml.codes import Scheme

MOST_LEVELS = 9  # groups of a code; another number asked for means all

Items = Callable[[Directory, date], Iterator[dict[str, Any]]]


@dataclass
class Lists:
    """The replies that were made, with what of the directory they show."""

    hub: Hub
    made: dict[str, tuple[tuple[int, date], bytes]] = field(default_factory=dict)

    async def all(self, call: Call) -> Reply:  # noqa: ARG002
        """getAgenciesList: every agency that is open today."""
        return await self._reply("all", everybody)

    async def by_decision_20(self, call: Call) -> Reply:
        """getAgenciesListQD20: those with a code of QĐ 20/2020, with the older code; `level` counts its groups."""
        asked = call.parameter("level")
        level = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 1 else 0
        return await self._reply(f"qd20:{level}", lambda directory, day: decision_20(directory, day, level))

    async def to_synchronise(self, call: Call) -> Reply:  # noqa: ARG002
        """getSynchronizeUnit: all there ever were, saying which are closed."""
        center = self.hub.config.hub.code
        return await self._reply("units", lambda directory, day: units(directory, day, center))

    async def _reply(self, name: str, items: Items) -> Reply:
        directory, today = self.hub.directory, day_of(self.hub.clock())
        known = self.made.get(name)
        if known is None or known[0] != (directory.version, today):
            body = await asyncio.to_thread(lambda: replies.success(data=list(items(directory, today))))
            known = self.made[name] = ((directory.version, today), body)
        return Reply.json(known[1])


def everybody(directory: Directory, today: date) -> Iterator[dict[str, Any]]:
    """Yield the agencies that have a code that holds today."""
    for agency in directory.agencies:
        code = code_on(agency, today)
        if code is not None:
            older = next((each.value for each in agency.codes if each.value != code), None)
            yield _item(directory, agency, code) | ({"oldCode": older} if older else {})


def decision_20(directory: Directory, today: date, level: int) -> Iterator[dict[str, Any]]:
    """Yield the agencies with a code of QĐ 20/2020 that holds today; of one level, or for 0 of all."""
    for agency in directory.agencies:
        code = _of_scheme(agency, Scheme.QD20, today)
        if code is None or (level and len(ordered(code.value.upper())) != level):
            continue
        older = _of_scheme(agency, Scheme.QCVN102, None)
        item = _item(directory, agency, code.value)
        del item["pid"]
        yield item | ({"code102": older.value} if older else {})


def units(directory: Directory, today: date, center: str) -> Iterator[dict[str, Any]]:
    """Yield all agencies, open and closed."""
    for agency in directory.agencies:
        code = code_on(agency, today)
        shown = code or agency.code
        entry = next(each for each in agency.codes if each.value == shown)
        changed = entry.valid_from if code else entry.valid_to
        item = _item(directory, agency, shown)
        item |= {
            "version": directory.version,
            "centerCode": center,
            "deleted": code is None,
            "isAgency": True,
        }
        yield item | ({"modifyDate": f"{changed.isoformat()} 00:00:00"} if changed else {})


def _item(directory: Directory, agency: Agency, code: str) -> dict[str, Any]:
    above = directory.resolve(agency.parent).agency if agency.parent else None
    return {"code": code, "id": agency.id, "name": agency.name, "pid": above.id if above else "", "mail": ""}


def _of_scheme(agency: Agency, scheme: Scheme, on: date | None) -> AgencyCode | None:
    found = (each for each in agency.codes if each.scheme is scheme)
    return next((each for each in found if on is None or each.open_on(on)), None)
