"""Reports as files: .csv, .json, .xlsx, .pdf. Headings are in both languages, whoever asks."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from importlib.util import find_spec

from hub import show
from hub.errors import Misconfigured
from hub.report.figures import Figures, Period
from hub.report.sheets import Cell, Duration, Share, sheets
from hub.words import LEVELS
from schemas.text import Text

TITLE = Text(vi="Báo cáo trao đổi văn bản điện tử", en="Report on the exchange of electronic documents")


def title(figures: Figures) -> tuple[Text, ...]:
    """Return what stands above a report: what it is, of which days, about whom, made when."""
    lines = [TITLE, days(figures.period)]
    if figures.agency is not None:
        of = f"{figures.agency.name} ({figures.agency.code})"
        lines.append(Text(vi=f"Cơ quan: {of}", en=f"Agency: {of}"))
    if figures.level is not None:
        level = LEVELS[figures.level]
        lines.append(Text(vi=f"Cấp: {level.vi}", en=f"Level: {level.en}"))
    at = figures.made_at.astimezone(show.VIETNAM)
    lines.append(
        Text(
            vi=f"Lập lúc {at:%d/%m/%Y %H:%M} (giờ Việt Nam)", en=f"Made {at:%Y-%m-%d %H:%M} (Vietnam, UTC+7)"
        )
    )
    return tuple(lines)


def days(period: Period) -> Text:
    """Return a period in words."""
    return Text(
        vi=f"Từ {period.first:%d/%m/%Y} đến hết {period.last:%d/%m/%Y} (giờ Việt Nam)",
        en=f"From {period.first} up to and including {period.last} (Vietnam, UTC+7)",
    )


def both(text: Text) -> str:
    """Return a heading in both languages."""
    return text.vi if text.vi == text.en else f"{text.vi} / {text.en}"


def plain(cell: Cell) -> str | int | float | None:
    """Return a cell for a program: shares from 0 to 1, durations in seconds, words in both languages."""
    if isinstance(cell, Share):
        return None if cell.value is None else round(cell.value, 6)
    if isinstance(cell, Duration):
        return cell.seconds
    return both(cell) if isinstance(cell, Text) else cell


FORMULAS = frozenset("=+-@＝＋－＠")  # what one begins with, in full width too


def harmless(text: str) -> str:
    """Return words that a spreadsheet does not take for a formula."""
    first = text.lstrip()[:1]
    hidden = not (text[:1].isprintable() and first.isprintable())  # a control character, skipped by some
    return f"'{text}" if hidden or first in FORMULAS else text


def as_csv(figures: Figures) -> bytes:
    """Return all tables one below the other, in UTF-8 with a mark by which spreadsheets know it."""
    out = io.StringIO()
    rows = csv.writer(out)
    for line in title(figures):
        rows.writerow([both(line)])
    for sheet in sheets(figures):
        rows.writerow([])
        rows.writerow([both(sheet.title)])
        rows.writerow([both(column) for column in sheet.head])
        for row in sheet.rows:
            cells = [plain(cell) for cell in row.cells]
            rows.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in cells])
        if sheet.note:
            rows.writerow([both(sheet.note)])
    return out.getvalue().encode("utf-8-sig")


def as_json(figures: Figures) -> bytes:
    """Return the figures for programs."""
    return json.dumps(figures.as_json(), ensure_ascii=False, indent=2).encode() + b"\n"


def as_xlsx(figures: Figures) -> bytes:
    """Return a workbook. Raises `Misconfigured` when its library is not there."""
    _need("xlsxwriter", ".xlsx")
    from hub.report.xlsx import workbook

    return workbook(figures)


def as_pdf(figures: Figures) -> bytes:
    """Return pages to print. Raises `Misconfigured` when its library, or the font, is not there."""
    _need("fpdf", ".pdf")
    _need("font_roboto", ".pdf")
    from hub.report.pdf import pages

    return pages(figures)


FORMS: Mapping[str, Callable[[Figures], bytes]] = {
    ".csv": as_csv,
    ".json": as_json,
    ".xlsx": as_xlsx,
    ".pdf": as_pdf,
}


def _need(module: str, form: str) -> None:
    if find_spec(module) is None:
        raise Misconfigured(
            Text(
                vi=f"Thiếu thư viện {module} để ghi {form}; hãy cài: pip install 'edochub[reports]', hoặc dùng .csv",
                en=f"The library {module} is needed for {form}; pip install 'edochub[reports]', or use .csv",
            )
        )
