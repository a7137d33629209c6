"""The axis's list of agencies, as rows for our directory.

What the axis does not say (levels, other codes, days, parents that it leaves out) stays as the directory has it. The
agencies that this hub's own systems speak for are its operator's to describe, and are left alone. What the axis says is
deleted gets today as the end of its codes: nothing is ever taken out of the directory, and every change is an event in
the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from adapters.vxp.axis import Axis, Refused
from adapters.vxp.codes import unanswered
from adapters.vxp.words import day_of, text
from hub.agencies_rows import AgencyRow
from hub.axis import TheirAgencies
from hub.directory import Directory
from hub.model import Agency, AgencyCode, Level
from hub.routes import ordered
from schemas.edxml.codes import scheme_of

LONGEST_CODE, LONGEST_NAME = 64, 500  # of what the tables hold, and of what is still a name

Item = Mapping[str, Any]


async def agencies(axis: Axis, directory: Directory) -> TheirAgencies:
    """Return the axis's agencies as rows. Raises `Unavailable` and `Misconfigured`."""
    try:
        listed = await axis.agencies()
    except Refused as no:
        raise unanswered(no.code, no.words, axis.line.host) from no
    try:
        units = await axis.units()
    except Refused:  # an axis that does not offer it
        units = []
    return rows(listed, units, directory, day_of(axis.line.clock()))


def rows(listed: Iterable[Item], units: Iterable[Item], directory: Directory, today: date) -> TheirAgencies:
    """Make rows of getAgenciesList, and of what getSynchronizeUnit says is deleted."""
    entries, deleted = list(listed), [item for item in units if item.get("deleted") is True]
    made = _Rows(directory, {text(item.get("id")): _code(item) for item in entries if _code(item)})
    for item in entries:
        made.add(item)
    for item in deleted:
        made.close(item, today)
    return TheirAgencies(tuple(made.rows), made.unusable)


@dataclass
class _Rows:
    """The rows that were made: one for each agency, one for each code."""

    directory: Directory
    codes_by_id: Mapping[str, str]
    rows: list[AgencyRow] = field(default_factory=list)
    unusable: int = 0
    taken: set[str] = field(default_factory=set)  # ids and codes that have a row

    def add(self, item: Item) -> None:
        """Add the row of an agency that is there."""
        code, name = _code(item), _name(item)
        if not code or not name:
            self.unusable += 1
            return
        known = self.directory.resolve(code).agency
        if self._is_ours(known) or not self._free(code, known):
            return
        above = self.codes_by_id.get(text(item.get("pid")), "")
        codes = [code, *(other for other in [self._other_code(item, known)] if other)]
        self._append(
            AgencyRow(
                line=len(self.rows) + 1,
                name=name,
                level=known.level if known else level_of(code),
                codes=tuple(AgencyCode(value=each, scheme=scheme_of(each)) for each in codes),
                parent=above if above and above != code else known.parent if known else None,
                columns=frozenset(),
            ),
            known,
        )

    def close(self, item: Item, today: date) -> None:
        """Add the row of an agency that the axis has deleted, if it is still open here."""
        known = self.directory.resolve(_code(item)).agency
        if known is None or self._is_ours(known) or not self._free("", known):
            return
        still_open = [code for code in known.codes if code.open_on(today)]
        if not still_open:
            return
        self._append(
            AgencyRow(
                line=len(self.rows) + 1,
                name=known.name,
                level=known.level,
                codes=tuple(
                    AgencyCode(value=code.value, scheme=code.scheme, valid_to=today) for code in still_open
                ),
                parent=known.parent,
                columns=frozenset({"valid_to"}),
            ),
            known,
        )

    def _append(self, row: AgencyRow, known: Agency | None) -> None:
        self.rows.append(row)
        self.taken.update(code.value for code in row.codes)
        if known is not None:
            self.taken.add(known.id)

    def _free(self, code: str, known: Agency | None) -> bool:
        return code not in self.taken and (known is None or known.id not in self.taken)

    def _is_ours(self, known: Agency | None) -> bool:
        return known is not None and self.directory.endpoint_for(known) is not None

    def _other_code(self, item: Item, known: Agency | None) -> str:
        """Return the older code, if nobody else bears it."""
        other = _tidy(item.get("oldCode"), LONGEST_CODE)
        if not other or other == _code(item) or other in self.taken:
            return ""
        bearer = self.directory.resolve(other).agency
        mine = bearer is None or (known is not None and bearer.id == known.id)
        return other if mine else ""


def level_of(code: str) -> Level:
    """Return the level that a code's form tells: H for provinces, other letters for the centre, alone at level 1."""
    groups = ordered(code.upper())
    if len(groups) != 1:
        return Level.OTHER
    return Level.PROVINCE if groups[0].startswith("H") else Level.CENTRAL


def _code(item: Item) -> str:
    return _tidy(item.get("code"), LONGEST_CODE)


def _name(item: Item) -> str:
    return _tidy(item.get("name"), LONGEST_NAME)


def _tidy(value: Any, longest: int) -> str:
    """Return a word of the axis's on one line; nothing if it is too long or holds what cannot be shown."""
    tidy = " ".join(text(value).split())
    return tidy if len(tidy) <= longest and tidy.isprintable() else ""
