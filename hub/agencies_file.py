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
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from hub.directory import Directory, plain
from hub.errors import Misconfigured
from hub.model import AgencyCode, Level
from schemas.edxml.codes import LONGEST_CODE, Scheme, mirrored, scheme_of
from schemas.findings import shortened
from schemas.text import Sentence, Text

REQUIRED = ("code", "name", "level", "parent")
OPTIONAL = ("scheme", "valid_from", "valid_to", "successors")

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
EXPECTED = Sentence(
    vi="dòng {line}: {column}: cần {expected}, nhưng gặp “{got}”",
    en="line {line}: {column}: expected {expected}, got “{got}”",
)
TWICE = Sentence(
    vi="dòng {line}: code: cần mỗi mã một lần, nhưng {got} đã có ở dòng {first}",
    en="line {line}: code: expected each code once, got {got} that is on line {first} already",
)
CYCLE = Sentence(
    vi="dòng {line}: {column}: cần kết thúc ở một mã khác, nhưng gặp vòng lặp {got}",
    en="line {line}: {column}: expected to end at another code, got the circle {got}",
)
DIFFERENT = Sentence(
    vi="dòng {line}: level: cần “{expected}” như dòng {first} của cùng cơ quan, nhưng gặp “{got}”",
    en="line {line}: level: expected “{expected}” as on line {first} of the same agency, got “{got}”",
)
NOBODY = Sentence(
    vi="dòng {line}: {column}: mã {got} không có trong tệp này và trong danh bạ",
    en="line {line}: {column}: the code {got} is neither in this file nor in the directory",
)
ODD_FORM = Sentence(
    vi="dòng {line}: mã {got} không theo QCVN 102:2016 hoặc QĐ 20/2020; cần kiểm tra hoặc ghi cột scheme",
    en="line {line}: the code {got} follows neither QCVN 102:2016 nor QĐ 20/2020; check it or state its scheme",
)
OPEN_DISTRICT = Sentence(
    vi="dòng {line}: {got} là cấp huyện mà không có valid_to; cấp huyện kết thúc từ ngày 01/07/2025",
    en="line {line}: {got} is a district without valid_to; districts ended on 2025-07-01",
)
NEVER_USED = Sentence(
    vi="dòng {line}: {got} có mã kế thừa nhưng không có valid_to, nên mã kế thừa không được dùng đến",
    en="line {line}: {got} has successors but no valid_to, so that they are never used",
)

LEVELS = Text(vi=" | ".join(Level), en=" | ".join(Level))
SCHEMES = Text(vi=" | ".join(Scheme), en=" | ".join(Scheme))
A_DAY = Text(vi="ngày dạng 2025-07-01 hoặc 01/07/2025", en="a day as 2025-07-01 or 01/07/2025")
A_NAME = Text(vi="tên cơ quan", en="the agency's name")
A_CODE = Text(vi=f"mã cơ quan, tối đa {LONGEST_CODE} ký tự", en=f"a code of up to {LONGEST_CODE} characters")
ONE_SCHEME_EACH = Text(vi="một giá trị, hoặc mỗi mã một giá trị", en="one value, or one for each code")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyRow:
    """One agency as the file describes it. `columns` are the optional ones that the file has."""

    line: int
    name: str
    level: Level
    codes: tuple[AgencyCode, ...]
    parent: str | None = None
    columns: frozenset[str] = frozenset(OPTIONAL)


@dataclass(frozen=True, slots=True)
class AgenciesFile:
    """A file that can be imported, and what an operator should look at."""

    rows: tuple[AgencyRow, ...]
    warnings: tuple[Text, ...]


class BadFile(Misconfigured):
    """A file that cannot be imported. Mend everything in `problems`; nothing was imported."""

    def __init__(self, problems: Iterable[Text]) -> None:
        self.problems = tuple(problems)
        listed = Text(
            vi="\n".join(problem.vi for problem in self.problems),
            en="\n".join(problem.en for problem in self.problems),
        )
        heading = Sentence(
            vi="Tệp danh bạ cơ quan có {count} lỗi, chưa nhập dữ liệu nào:\n{listed}",
            en="The file of agencies has {count} faults, nothing was imported:\n{listed}",
        )
        super().__init__(heading.say(count=len(self.problems), listed=listed))


@dataclass(slots=True)
class Notes:
    """What is found on the way through a file."""

    problems: list[Text] = field(default_factory=list)
    warnings: list[Text] = field(default_factory=list)

    def expected(self, line: int, column: str, expected: Text, got: str) -> None:
        """Note a cell that holds something else than it should."""
        self.problems.append(EXPECTED.say(line=line, column=column, expected=expected, got=shortened(got)))


def read(content: bytes, directory: Directory | None = None) -> AgenciesFile:
    """Read a file. `directory` is what is known already. Raises `BadFile` with everything that is wrong."""
    known = directory or Directory()
    notes = Notes()
    columns, cells = table(content, notes)
    stated = frozenset(OPTIONAL) & frozenset(columns)
    rows = [row for line, record in cells if (row := row_of(line, record, stated, notes)) is not None]
    check_duplicates(rows, notes)
    rows = joined(rows, notes)
    check_successors(rows, known, notes)
    check_parents(rows, known, notes)
    if notes.problems:
        raise BadFile(notes.problems)
    return AgenciesFile(tuple(rows), tuple(notes.warnings))


def same_name(one: str, other: str) -> bool:
    """Tell whether two names are one, however their letters are composed and blanks are set."""
    return plain(one) == plain(other)


# --- from bytes to rows ---


def table(content: bytes, notes: Notes) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Return the columns, and each record that is not empty with its line."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadFile([NOT_UTF8.say(line=line, got=f"0x{content[error.start]:02X}")]) from error
    records = list(lines(text))
    columns = [name.strip().lower() for name in records[0][1]] if records else []
    check_columns(columns, notes)
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


def check_columns(columns: list[str], notes: Notes) -> None:
    """Raise `BadFile` unless every required column is there once; warn of columns that we do not know."""
    in_use = ", ".join((*REQUIRED, *OPTIONAL))
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise BadFile([COLUMNS.say(expected=", ".join(REQUIRED), got=", ".join(missing))])
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise BadFile([TWICE_COLUMN.say(got=shortened(", ".join(twice)))])
    for name in columns:
        if name and name not in (*REQUIRED, *OPTIONAL):
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


def warn_of(row: AgencyRow, notes: Notes) -> None:
    """Warn of what is possible but hardly meant."""
    shown = shortened(f"{row.codes[0].value} ({row.name})")
    if all(code.valid_to for code in row.codes):
        return
    if row.level is Level.DISTRICT:
        notes.warnings.append(OPEN_DISTRICT.say(line=row.line, got=shown))
    elif any(code.successors for code in row.codes):
        notes.warnings.append(NEVER_USED.say(line=row.line, got=shown))


# --- rows among themselves ---


def check_duplicates(rows: list[AgencyRow], notes: Notes) -> None:
    """Note codes that stand in the file twice, in capitals or not."""
    first: dict[str, int] = {}
    for row in rows:
        for code in row.codes:
            folded = code.value.upper()
            if folded in first:
                got = shortened(code.value)
                notes.problems.append(TWICE.say(line=row.line, got=got, first=first[folded]))
            first.setdefault(folded, row.line)


def joined(rows: list[AgencyRow], notes: Notes) -> list[AgencyRow]:
    """Make one row of two whose codes mirror each other and whose names are the same."""
    found: list[AgencyRow] = []
    at: dict[str, int] = {}  # codes and mirrors of the rows so far
    for row in rows:
        forms = {form for code in row.codes for form in (code.value, mirrored(code.value))}
        near = (at[form] for form in forms if form in at)
        twin = next((index for index in near if same_name(found[index].name, row.name)), None)
        if twin is None:
            twin = len(found)
            found.append(row)
        else:
            found[twin] = twins_joined(found[twin], row, notes)
        for form in forms:
            at.setdefault(form, twin)
    return found


def twins_joined(first: AgencyRow, second: AgencyRow, notes: Notes) -> AgencyRow:
    """Return the agency that two rows describe, in the words of the first."""
    if first.level is not second.level:
        notes.problems.append(
            DIFFERENT.say(line=second.line, expected=first.level, first=first.line, got=second.level)
        )
    return replace(first, codes=first.codes + second.codes, parent=first.parent or second.parent)


def check_successors(rows: list[AgencyRow], directory: Directory, notes: Notes) -> None:
    """Note successors that lead back to where they began; warn of those that nobody knows."""
    known = {code.value for row in rows for code in row.codes}
    onward = {code.value: code.successors for agency in directory.agencies for code in agency.codes}
    onward.update((code.value, code.successors) for row in rows for code in row.codes)
    line_of = {code.value: row.line for row in rows for code in row.codes}
    report_circles(onward, line_of, "successors", notes)
    for row in rows:
        for successor in dict.fromkeys(s for code in row.codes for s in code.successors):
            if successor not in known and not directory.knows(successor):
                notes.warnings.append(
                    NOBODY.say(line=row.line, column="successors", got=shortened(successor))
                )


def check_parents(rows: list[AgencyRow], directory: Directory, notes: Notes) -> None:
    """Note agencies that stand above themselves; warn of parents that nobody knows."""
    known = {form for row in rows for code in row.codes for form in (code.value, mirrored(code.value))}
    above = {code.value: (row.parent,) for row in rows if row.parent for code in row.codes}
    line_of = {code.value: row.line for row in rows for code in row.codes}
    report_circles(above, line_of, "parent", notes)
    for row in rows:
        if row.parent and row.parent not in known and not directory.knows(row.parent):
            notes.warnings.append(NOBODY.say(line=row.line, column="parent", got=shortened(row.parent)))


def report_circles(
    onward: Mapping[str, tuple[str, ...]], line_of: dict[str, int], column: str, notes: Notes
) -> None:
    """Note each circle that a code of this file is on, once."""
    reported: set[frozenset[str]] = set()
    for circle in circles(onward):
        mine = [code for code in circle if code in line_of]
        if mine and frozenset(circle) not in reported:
            reported.add(frozenset(circle))
            got = shortened(" → ".join((*circle, circle[0])))
            notes.problems.append(CYCLE.say(line=min(line_of[code] for code in mine), column=column, got=got))


def circles(onward: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Yield the circles of a graph, each at least once: a walk in depth, without recursion."""
    done: set[str] = set()
    for start in onward:
        path: dict[str, Iterator[str]] = {}
        step: str | None = start
        while step is not None or path:
            if step is not None and step in path:
                yield tuple(path)[tuple(path).index(step) :]
            elif step is not None and step not in done:
                path[step] = iter(onward.get(step, ()))
            last = next(reversed(path), None)
            step = next(path[last], None) if last is not None else None
            if step is None and last is not None:
                done.add(last)
                del path[last]
