"""Show things to people, and to programs: tables and colours on a terminal, plain lines in a pipe, JSON when asked.

On a terminal that is too narrow for a table, each row is a list of names and values. In a pipe a row is a line, its
columns padded and set apart by tabs, never wrapped or cut. What strangers wrote (names, subjects) is shown with its
control characters made harmless. Times are in Vietnam's (UTC+7) for people and ISO 8601 UTC in JSON. NO_COLOR is
respected, by rich.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import IO, Any, Literal

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text as Styled

from schemas.findings import Finding
from schemas.text import Text, language

VIETNAM = timezone(timedelta(hours=7), "UTC+7")

SHORTEST_WORD = 9  # letters of a word of prose that stand in one line

Tone = Literal["good", "bad", "warning", "quiet", "strong", "plain"]
STYLES: dict[Tone, str] = {
    "good": "green",
    "bad": "bold red",
    "warning": "yellow",
    "quiet": "dim",
    "strong": "bold",
    "plain": "",
}


@dataclass(frozen=True, slots=True)
class Toned:
    """A value that is shown in a colour where there are colours."""

    value: object
    tone: Tone


def when(moment: datetime | None) -> str:
    """Return a time as people in Vietnam read it."""
    if moment is None:
        return "-"
    form = "%d/%m/%Y %H:%M:%S" if language.get() == "vi" else "%Y-%m-%d %H:%M:%S"
    return moment.astimezone(VIETNAM).strftime(form)


def day(shown: date) -> str:
    """Return a day as the reader's language writes it."""
    return shown.strftime("%d/%m/%Y" if language.get() == "vi" else "%Y-%m-%d")


def clean(value: object) -> str:
    """Return a value as one harmless line: a stranger's line breaks and terminal escapes do nothing."""
    if value is None or value == "":
        return "-"
    if isinstance(value, datetime):
        return when(value)
    if isinstance(value, date):
        return day(value)
    return "".join(char if char.isprintable() else " " if char.isspace() else "\ufffd" for char in str(value))


def table(columns: Sequence[Text], rows: Iterable[Sequence[object]], *, empty: Text | None = None) -> None:
    """Print rows under their headings; `empty` instead, if there are none."""
    listed = list(rows)
    if not listed and empty is not None:
        line(empty)
    elif on_terminal(sys.stdout):
        console = _console(sys.stdout)
        for part in _on_screen(columns, listed, console.width):
            console.print(part)
    else:
        for text in _plain_rows([[str(column) for column in columns], *listed]):
            sys.stdout.write(text + "\n")


Update = Callable[[Sequence[Text], Sequence[Sequence[object]], Sequence[str]], None]


@contextlib.contextmanager
def live() -> Iterator[Update]:
    """Show a table and lines below it that change in place, on a terminal, until the block ends."""
    from rich.console import Group  # only who watches something needs them
    from rich.live import Live

    console = _console(sys.stdout)
    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as shown:

        def update(columns: Sequence[Text], rows: Sequence[Sequence[object]], below: Sequence[str]) -> None:
            parts = _on_screen(columns, rows, console.width) if rows else []
            shown.update(Group(*parts, *(Styled(clean(each)) for each in below)), refresh=True)

        yield update


def facts(pairs: Iterable[tuple[Text, object]], *, indent: int = 0) -> None:
    """Print names and values, one pair a line; pairs without a value are left out."""
    known = [(str(name), value) for name, value in pairs if clean(_bare(value)) != "-"]
    width = max((cell_len(name) for name, _ in known), default=0)
    for name, value in known:
        label = " " * indent + name + " " * (width - cell_len(name) + 2)
        _put(Styled.assemble((label, STYLES["quiet"]), _styled(value)), sys.stdout)


def heading(text: Text) -> None:
    """Print the title of what follows, after an empty line."""
    sys.stdout.write("\n")
    _put(Styled(str(text), style="bold"), sys.stdout)


def line(value: object) -> None:
    """Print one line."""
    _put(_styled(value), sys.stdout)


def complain(value: object) -> None:
    """Print on stderr what went wrong, or what a person should know beside the answer. Line breaks are kept."""
    for part in str(_bare(value)).split("\n"):
        _put(_styled(Toned(part, value.tone) if isinstance(value, Toned) else part), sys.stderr)


def as_json(value: Any) -> None:
    """Print JSON: UTF-8, indented by 2, Vietnamese as it is."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def place(finding: Finding) -> str:
    """Return where a finding is, as the beginning of a sentence: `[line 12, /edXML/…] `."""
    where = [
        str(Text(vi=f"dòng {finding.line}", en=f"line {finding.line}")) if finding.line else "",
        finding.path or "",
    ]
    known = ", ".join(part for part in where if part)
    return f"[{clean(known)}] " if known else ""


def flush() -> None:
    """Let a program that waits for the lines in a pipe have them now."""
    sys.stdout.flush()


def on_terminal(stream: IO[str]) -> bool:
    """Tell whether a person looks."""
    return stream.isatty()


def _console(stream: IO[str]) -> Console:
    return Console(file=stream, highlight=False, markup=False, emoji=False)


def _put(text: Styled, stream: IO[str]) -> None:
    if on_terminal(stream):
        _console(stream).print(text, soft_wrap=True)
    else:
        stream.write(text.plain.rstrip() + "\n")


def _bare(value: object) -> object:
    return value.value if isinstance(value, Toned) else value


def _styled(value: object) -> Styled:
    style = STYLES[value.tone] if isinstance(value, Toned) else ""
    bare = _bare(value)
    # An empty line is an empty line; an empty cell of a table is a dash.
    return Styled("" if bare == "" else clean(bare), style=style)


def _on_screen(columns: Sequence[Text], rows: Sequence[Sequence[object]], width: int) -> list[Table | Styled]:
    """Return a table, or its rows one by one where it has no room. Columns with nothing in them are left out."""
    known = [at for at in range(len(columns)) if any(clean(_bare(row[at])) != "-" for row in rows)]
    needed = sum(_needed([str(columns[at]), *(clean(_bare(row[at])) for row in rows)]) + 2 for at in known)
    if needed <= width:
        return [_rich_table(columns, rows, known)]
    listed: list[Table | Styled] = []
    for row in rows:
        listed += [*_record(columns, row, known), Styled("")]
    return listed


def _needed(cells: Sequence[str]) -> int:
    """Return how many cells of a screen a column needs to be read: words of prose may be broken, codes may not."""
    heading, *values = cells
    if not any(" " in value for value in values):
        return max(cell_len(value) for value in (*values, *heading.split()))
    words = [word for value in values for word in value.split()] + heading.split()
    return max(
        cell_len(word) if any(map(str.isdigit, word)) else min(cell_len(word), SHORTEST_WORD)
        for word in words
    )


def _record(columns: Sequence[Text], row: Sequence[object], known: Sequence[int]) -> list[Styled]:
    """Return one row as names and values, a pair a line."""
    told = [at for at in known if clean(_bare(row[at])) != "-"]
    width = max((cell_len(str(columns[at])) for at in known), default=0)
    return [
        Styled.assemble(
            (f"{columns[at]!s}{' ' * (width - cell_len(str(columns[at])) + 2)}", STYLES["quiet"]),
            _styled(row[at]),
        )
        for at in told
    ]


def _rich_table(columns: Sequence[Text], rows: Sequence[Sequence[object]], known: Sequence[int]) -> Table:
    """Make a table for a terminal of the columns that are known; ids stay in one piece."""
    made = Table(box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    for at in known:
        whole = not any(" " in clean(_bare(row[at])) for row in rows)
        made.add_column(str(columns[at]), overflow="fold", no_wrap=whole)
    for row in rows:
        made.add_row(*(Styled(clean(_bare(row[at])), style=_styled(row[at]).style) for at in known))
    return made


def _plain_rows(rows: Sequence[Sequence[object]]) -> Iterable[str]:
    cells = [[clean(_bare(cell)) for cell in row] for row in rows]
    widths = [max(cell_len(row[index]) for row in cells) for index in range(len(cells[0]))]
    for row in cells:
        padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True))
        yield "\t".join(padded).rstrip()
