"""The rows of a file among themselves, and beside what the directory knows: duplicates, twins, circles, gaps.

A code on two rows and a circle of successors or parents are faults. A gap in a succession (the successor closed no
later, opens only later, or is unknown) is a warning: what stands there may be right once the next file is in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hub.agencies_rows import AgencyRow, Notes, same_name
from hub.directory import Directory
from hub.model import AgencyCode, Level
from hub.resolution import spoken
from hub.successions import circles
from schemas.edxml.codes import mirrored
from schemas.findings import shortened
from schemas.text import Sentence

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
OPEN_DISTRICT = Sentence(
    vi="dòng {line}: {got} là cấp huyện mà không có valid_to; cấp huyện kết thúc từ ngày 01/07/2025",
    en="line {line}: {got} is a district without valid_to; districts ended on 2025-07-01",
)
NEVER_USED = Sentence(
    vi="dòng {line}: {got} có mã kế thừa nhưng không có valid_to, nên mã kế thừa không được dùng đến",
    en="line {line}: {got} has successors but no valid_to, so that they are never used",
)
OPENS_LATER = Sentence(
    vi="dòng {line}: successors: {got} chỉ có hiệu lực từ {opens}, sau khi {code} ngừng sử dụng ({day})",
    en="line {line}: successors: {got} opens on {opens} only, after {code} closed ({day})",
)
CLOSED_BEFORE = Sentence(
    vi="dòng {line}: successors: {got} đã ngừng sử dụng từ {closed}, không muộn hơn {code} ({day})",
    en="line {line}: successors: {got} closed on {closed}, no later than {code} ({day})",
)


def warn_of(row: AgencyRow, notes: Notes) -> None:
    """Warn of what is possible but hardly meant."""
    shown = shortened(f"{row.codes[0].value} ({row.name})")
    if all(code.valid_to for code in row.codes):
        return
    if row.level is Level.DISTRICT:
        notes.warnings.append(OPEN_DISTRICT.say(line=row.line, got=shown))
    elif any(code.successors for code in row.codes):
        notes.warnings.append(NEVER_USED.say(line=row.line, got=shown))


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
    """Note successors that lead back to where they began; warn of those that leave a gap."""
    onward = {code.value: code.successors for agency in directory.agencies for code in agency.codes}
    onward.update((code.value, code.successors) for row in rows for code in row.codes)
    line_of = {code.value: row.line for row in rows for code in row.codes}
    report_circles(onward, line_of, "successors", notes)
    mine = {code.value: code for row in rows for code in row.codes}
    for row in rows:
        told: set[str] = set()
        for code in row.codes:
            for successor in (each for each in code.successors if each not in told):
                told.add(successor)
                warn_of_gap(row.line, code, successor, mine.get(successor), directory, notes)


def warn_of_gap(
    line: int, code: AgencyCode, successor: str, entry: AgencyCode | None, directory: Directory, notes: Notes
) -> None:
    """Warn of a successor that nobody knows, or that does not hold on the day on which a code closes."""
    known = entry or directory.resolve(successor).entry
    shown = shortened(successor)
    if known is None:
        notes.warnings.append(NOBODY.say(line=line, column="successors", got=shown))
    elif code.valid_to is None:
        return
    elif known.valid_from is not None and known.valid_from > code.valid_to:
        notes.warnings.append(
            OPENS_LATER.say(
                line=line,
                got=shown,
                opens=spoken(known.valid_from),
                code=code.value,
                day=spoken(code.valid_to),
            )
        )
    elif known.valid_to is not None and known.valid_to <= code.valid_to and known.value != code.value:
        notes.warnings.append(
            CLOSED_BEFORE.say(
                line=line,
                got=shown,
                closed=spoken(known.valid_to),
                code=code.value,
                day=spoken(code.valid_to),
            )
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
