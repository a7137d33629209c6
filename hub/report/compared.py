"""A report held against a recount: every figure beside the same figure counted anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.report.figures import Figures
from hub.report.sheets import Cell, Duration, Sheet, sheets
from schemas.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure of a report beside the same figure counted anew; None: one of them does not have it."""

    sheet: Text
    row: str
    column: Text
    reported: Cell | None
    recounted: Cell | None

    @property
    def agrees(self) -> bool:
        """Tell whether they are the same; of a duration, to the hundredth of a second."""
        if isinstance(self.reported, Duration) and isinstance(self.recounted, Duration):
            return abs(self.reported.seconds - self.recounted.seconds) < 0.01
        return self.reported == self.recounted


def compared(reported: Figures, recounted: Figures) -> tuple[Line, ...]:
    """Hold every figure of a report against the recount's; words are not compared."""
    lines = []
    for ours, theirs in zip(sheets(reported), sheets(recounted), strict=True):
        rows = {row.key: row for row in theirs.rows}
        for key in dict.fromkeys((*(row.key for row in ours.rows), *rows)):
            mine = next((row.cells for row in ours.rows if row.key == key), None)
            other = rows[key].cells if key in rows else None
            lines += _lines(ours, key, mine, other)
    return tuple(lines)


def _lines(sheet: Sheet, key: str, mine: Sequence[Cell] | None, other: Sequence[Cell] | None) -> list[Line]:
    known = mine or other or ()
    name = " ".join(dict.fromkeys(str(cell) for cell in known if isinstance(cell, str | Text))) or key
    return [
        Line(
            sheet=sheet.title,
            row=name,
            column=column,
            reported=mine[at] if mine else None,
            recounted=other[at] if other else None,
        )
        for at, column in enumerate(sheet.head)
        if not isinstance(known[at], str | Text)
    ]
