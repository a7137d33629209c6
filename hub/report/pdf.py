"""A report as pages to print: every table but those too long for paper, in a font with all letters of Vietnamese."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable

from fpdf import FPDF
from fpdf.fonts import FontFace

from hub.report.figures import Figures
from hub.report.sheets import Sheet, sheets, written
from hub.report.writing import title
from schemas.text import Text, speaking

FONT = "Roboto"  # Apache-2.0, of the package font-roboto
MOST_ROWS = 200  # of a table: the .xlsx has the rest
WORDS_WIDE, NUMBERS_WIDE = 3, 2  # parts of a page's width


def pages(figures: Figures) -> bytes:
    """Return the octets of a .pdf file, in Vietnamese with English headings below."""
    document = FPDF(orientation="landscape", format="A4")
    document.set_title(title(figures)[0].vi)
    document.set_creator("edochub")
    document.set_creation_date(figures.made_at)
    folder: Traversable = files("font_roboto") / "files"
    for style, file in (("", "Roboto-Regular.ttf"), ("B", "Roboto-Bold.ttf"), ("I", "Roboto-Italic.ttf")):
        document.add_font(FONT, style, str(folder / file))
    document.set_auto_page_break(auto=True, margin=15)
    document.add_page()
    first, *rest = title(figures)
    document.set_font(FONT, "B", 15)
    _line(document, first.vi)
    document.set_font(FONT, "I", 10)
    _line(document, first.en)
    document.set_font(FONT, "", 10)
    for text in rest:
        _line(document, f"{text.vi} / {text.en}")
    with speaking("vi"):
        for sheet in sheets(figures):
            _sheet(document, sheet)
    return bytes(document.output())


def _sheet(document: FPDF, sheet: Sheet) -> None:
    document.ln(4)
    document.set_font(FONT, "B", 11)
    if document.will_page_break(30):
        document.add_page()
    _line(document, sheet.title.vi)
    document.set_font(FONT, "I", 9)
    _line(document, sheet.title.en)
    document.set_font(FONT, "", 8)
    words = [
        any(isinstance(row.cells[at], str | Text) for row in sheet.rows) for at in range(len(sheet.head))
    ]
    widths = tuple(WORDS_WIDE if wordy else NUMBERS_WIDE for wordy in words)
    align = tuple("LEFT" if wordy else "RIGHT" for wordy in words)
    with document.table(
        col_widths=widths,
        text_align=align,
        headings_style=FontFace(emphasis="BOLD", fill_color=(235, 235, 235)),
        line_height=4.5,
    ) as table:
        table.row([f"{column.vi}\n{column.en}" for column in sheet.head])
        for row in sheet.rows[:MOST_ROWS]:
            table.row([written(cell) for cell in row.cells])
    if len(sheet.rows) > MOST_ROWS:
        more = len(sheet.rows) - MOST_ROWS
        _line(document, f"Còn {more} dòng nữa, xem tệp .xlsx / {more} rows more in the .xlsx")
    if sheet.note:
        document.set_font(FONT, "I", 8)
        document.multi_cell(0, 4, f"{sheet.note.vi} / {sheet.note.en}", new_x="LMARGIN", new_y="NEXT")


def _line(document: FPDF, text: str) -> None:
    document.cell(0, 6, text, new_x="LMARGIN", new_y="NEXT")
