"""A report as a workbook: a sheet for each table, numbers as numbers, so that people can go on calculating."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter

from hub.report.figures import Figures
from hub.report.sheets import Duration, Share, sheets
from hub.report.writing import both, plain, title
from schemas.text import Text

NAMES = {
    "kinds": Text(vi="Gói tin", en="Packages"),
    "sent": Text(vi="Gửi", en="Sent"),
    "received": Text(vi="Nhận", en="Received"),
    "electronic": Text(vi="Lượt chuyển", en="Deliveries"),
    "signatures": Text(vi="Ký số", en="Signatures"),
    "deadlines": Text(vi="Đúng hạn", en="In time"),
    "to_take": Text(vi="Nhận chậm", en="Slow to take"),
    "to_answer": Text(vi="Trả lời chậm", en="Slow to answer"),
    "agencies": Text(vi="Cơ quan", en="Agencies"),
}
WIDEST = 60  # characters of a column
DAYS = 86_400.0  # spreadsheets count in days


def workbook(figures: Figures) -> bytes:
    """Return the octets of an .xlsx file."""
    out = io.BytesIO()
    # What strangers wrote stays words: no formulas, no links.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    bold, share = book.add_format({"bold": True}), book.add_format({"num_format": "0.0%"})
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    number, long = book.add_format({"num_format": "#,##0"}), book.add_format({"num_format": "[h]:mm:ss"})
    for sheet in sheets(figures):
        name = NAMES[sheet.key]
        page = book.add_worksheet(f"{name.vi} - {name.en}"[:31])
        line = 0
        for text in title(figures):
            page.write_string(line, 0, both(text))
            line += 1
        page.write_string(line + 1, 0, both(sheet.title), bold)
        line += 2
        widths = [min(WIDEST, max(len(column.vi), len(column.en))) for column in sheet.head]
        for at, column in enumerate(sheet.head):
            page.write_string(line, at, f"{column.vi}\n{column.en}", head)
        page.freeze_panes(line + 1, 0)
        for row in sheet.rows:
            line += 1
            for at, cell in enumerate(row.cells):
                value: Any = plain(cell)
                if isinstance(value, str):
                    widths[at] = min(WIDEST, max(widths[at], len(value)))
                    page.write_string(line, at, value)
                elif isinstance(cell, Duration):
                    page.write_number(line, at, value / DAYS, long)
                elif value is not None:
                    page.write_number(line, at, value, share if isinstance(cell, Share) else number)
        if sheet.note:
            page.write_string(line + 2, 0, both(sheet.note))
        for at, width in enumerate(widths):
            page.set_column(at, at, width + 2)
    book.close()
    return out.getvalue()
