"""The directory as people keep it: a CSV file of agencies.

Columns `code,name,level,parent`, and if wanted `scheme,valid_from,valid_to,successors`, in any order;
UTF-8, separated by commas or semicolons. One row is one agency. Several codes stand in one cell, separated by
blanks, `;` or `|`; two rows of the same name whose codes mirror each other (`000.00.00.X01` and `X01`) are
one agency as well. Days are written 2025-07-01 or 01/07/2025; `valid_to` is the first day on which the code
no longer holds. `successors` are the codes that took over.

Everything that is wrong is said at once, each with its line. What may be right is a warning: a parent or a
successor that nobody knows (it may come in the next file), a district that is still open.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from hub.agencies_checks import check_duplicates, check_parents, check_successors, joined, warn_of
from hub.agencies_rows import OPTIONAL, REQUIRED, AgencyRow, BadFile, Notes, same_name
from hub.directory import Directory
from hub.model import AgencyCode, Level
from schemas.edxml.codes import LONGEST_CODE, Scheme, scheme_of
from schemas.findings import shortened
from schemas.text import Sentence, Text

__all__ = ["OPTIONAL", "REQUIRED", "AgenciesFile", "AgencyRow", "BadFile", "read", "same_name"]

NOT_UTF8 = Sentence(
    vi="dòng {line}: cần mã hóa UTF-8, nhưng gặp byte {got}; trong Excel hãy lưu dạng “CSV UTF-8”",
    en="line {line}: expected UTF-8, got the byte {got}; in Excel save as “CSV UTF-8”",
)
NOT_CSV = Sentence(vi="dòng {line}: không đọc được CSV: {got}", en="line {line}: not readable as CSV: {got}")
COLUMNS = Sentence(
    vi="dòng 1: cần các cột {expected}; còn thiếu {got}",
    en="line 1: expected the columns {expected}; missing {got}",
)
TWICE_COLUMN = Sentence(
    vi="dòng 1: mỗi cột cần có một lần, nhưng {got} có nhiều lần",
    en="line 1: expected each column once, got {got} several times",
)
UNKNOWN_COLUMN = Sentence(
    vi="dòng 1: bỏ qua cột {got}; các cột được dùng: {expected}",
    en="line 1: the column {got} is ignored; columns in use: {expected}",
)
ODD_FORM = Sentence(
    vi="dòng {line}: mã {got} không theo QCVN 102:2016 hoặc QĐ 20/2020; cần kiểm tra hoặc ghi cột scheme",
    en="line {line}: the code {got} follows neither QCVN 102:2016 nor QĐ 20/2020; check it or state its scheme",
)

LEVELS = Text(vi=" | ".join(Level), en=" | ".join(Level))
SCHEMES = Text(vi=" | ".join(Scheme), en=" | ".join(Scheme))
A_DAY = Text(vi="ngày dạng 2025-07-01 hoặc 01/07/2025", en="a day as 2025-07-01 or 01/07/2025")
A_NAME = Text(vi="tên cơ quan", en="the agency's name")
A_CODE = Text(vi=f"mã cơ quan, tối đa {LONGEST_CODE} ký tự", en=f"a code of up to {LONGEST_CODE} characters")
ONE_SCHEME_EACH = Text(vi="một giá trị, hoặc mỗi mã một giá trị", en="one value, or one for each code")


@dataclass(frozen=True, slots=True)
class AgenciesFile:
    """A file that can be imported, and what an operator should look at."""

    rows: tuple[AgencyRow, ...]
    warnings: tuple[Text, ...]


def read(
    content: bytes, directory: Directory | None = None, *, beside: frozenset[str] = frozenset()
) -> AgenciesFile:
    """Read a file. `directory` is what is known already. Raises `BadFile` with everything that is wrong.

    `beside` are columns that are not agencies' and that the caller reads by itself.
    """
    known = directory or Directory()
    notes = Notes()
    columns, cells = table(content, notes, beside)
    stated = frozenset(OPTIONAL) & frozenset(columns)
    rows = [row for line, record in cells if (row := row_of(line, record, stated, notes)) is not None]
    check_duplicates(rows, notes)
    rows = joined(rows, notes)
    check_successors(rows, known, notes)
    check_parents(rows, known, notes)
    if notes.problems:
        raise BadFile(notes.problems)
    return AgenciesFile(tuple(rows), tuple(notes.warnings))


# --- from bytes to rows ---


def table(
    content: bytes, notes: Notes, beside: frozenset[str] = frozenset()
) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Return the columns, and each record that is not empty with its line."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadFile([NOT_UTF8.say(line=line, got=f"0x{content[error.start]:02X}")]) from error
    records = list(lines(text))
    columns = [name.strip().lower() for name in records[0][1]] if records else []
    check_columns(columns, notes, beside)
    cells = [
        (line, dict(zip(columns, (" ".join(cell.split()) for cell in record), strict=False)))
        for line, record in records[1:]
        if any(cell.strip() for cell in record)
    ]
    return columns, cells


def lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line that it begins on."""
    heading = text.partition("\n")[0]
    delimiter = ";" if heading.count(";") > heading.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for record in reader:
            yield line, record
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadFile([NOT_CSV.say(line=line, got=str(error))]) from error


def check_columns(columns: list[str], notes: Notes, beside: frozenset[str]) -> None:
    """Raise `BadFile` unless every required column is there once; warn of columns that we do not know."""
    in_use = ", ".join((*REQUIRED, *OPTIONAL))
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise BadFile([COLUMNS.say(expected=", ".join(REQUIRED), got=", ".join(missing))])
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise BadFile([TWICE_COLUMN.say(got=shortened(", ".join(twice)))])
    for name in columns:
        if name and name not in (*REQUIRED, *OPTIONAL, *beside):
            notes.warnings.append(UNKNOWN_COLUMN.say(got=shortened(name), expected=in_use))


def row_of(line: int, cells: dict[str, str], stated: frozenset[str], notes: Notes) -> AgencyRow | None:
    """Return the agency of one record, or None after noting what is wrong with it."""
    before = len(notes.problems)
    name = cells.get("name", "")
    if not name:
        notes.expected(line, "name", A_NAME, "")
    level = level_of(line, cells, notes)
    codes = codes_of(line, cells, notes)
    if level is None or len(notes.problems) > before:
        return None
    row = AgencyRow(
        line=line, name=name, level=level, codes=codes, parent=cells.get("parent") or None, columns=stated
    )
    warn_of(row, notes)
    return row


def level_of(line: int, cells: dict[str, str], notes: Notes) -> Level | None:
    """Return the level of a record."""
    got = cells.get("level", "")
    try:
        return Level(got.lower())
    except ValueError:
        notes.expected(line, "level", LEVELS, got)
        return None


def codes_of(line: int, cells: dict[str, str], notes: Notes) -> tuple[AgencyCode, ...]:
    """Return the codes of a record, which share its days and successors."""
    values = separated(cells.get("code", ""))
    if not values:
        notes.expected(line, "code", A_CODE, "")
    valid_from = day_of(line, "valid_from", cells, notes)
    valid_to = day_of(line, "valid_to", cells, notes)
    if valid_from and valid_to and valid_to <= valid_from:
        later = Text(vi=f"ngày sau valid_from {valid_from}", en=f"a day after valid_from {valid_from}")
        notes.expected(line, "valid_to", later, cells["valid_to"])
    successors = tuple(separated(cells.get("successors", "")))
    schemes = schemes_of(line, values, separated(cells.get("scheme", "")), notes)
    return tuple(
        AgencyCode(
            value=value, scheme=scheme, valid_from=valid_from, valid_to=valid_to, successors=successors
        )
        for value, scheme in zip(values, schemes, strict=False)
    )


def schemes_of(line: int, values: list[str], written: list[str], notes: Notes) -> list[Scheme]:
    """Return a scheme for each code: as written, or by its form."""
    if len(written) not in (0, 1, len(values)):
        notes.expected(line, "scheme", ONE_SCHEME_EACH, " ".join(written))
        return []
    found = []
    for at, value in enumerate(values):
        if len(value) > LONGEST_CODE:
            notes.expected(line, "code", A_CODE, value)
        named = written[at % len(written)] if written else ""
        scheme = scheme_named(named) if named else scheme_of(value)
        if scheme is None:
            notes.expected(line, "scheme", SCHEMES, named)
        else:
            found.append(scheme)
        if scheme is Scheme.UNKNOWN and not named:
            notes.warnings.append(ODD_FORM.say(line=line, got=shortened(value)))
    return found


def scheme_named(name: str) -> Scheme | None:
    """Return the scheme of a name, whatever its capitals."""
    return next((scheme for scheme in Scheme if scheme.value.casefold() == name.casefold()), None)


def day_of(line: int, column: str, cells: dict[str, str], notes: Notes) -> date | None:
    """Return the day in a cell, None for an empty one or after noting that it is none."""
    got = cells.get(column, "")
    if not got:
        return None
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", got):
            return date.fromisoformat(got)
        return datetime.strptime(got, "%d/%m/%Y").date()  # noqa: DTZ007 — a day has no time zone
    except ValueError:
        notes.expected(line, column, A_DAY, got)
        return None


def separated(cell: str) -> list[str]:
    """Return the codes in a cell."""
    return [code for code in re.split(r"[\s;|]+", cell) if code]
