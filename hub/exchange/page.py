"""The parts of docs/exchange.md that are made from the data: the tables, the diagrams, the deadlines, the days off.

    python -m hub.exchange.page docs/exchange.md

writes them anew between their marks; a test fails while the page is not current.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from hub.calendar import Calendar
from hub.deadlines import BASES, RULES
from hub.exchange.states import (
    ANY_STEP,
    INPUT_NAMES,
    NAMES,
    PROGRESS,
    REQUESTS,
    WARNED,
    Input,
    Progress,
    Request,
    Table,
)
from schemas.edxml.codes import status_name
from schemas.text import Text

MARKED = re.compile(r"(<!-- made: (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

BEGIN: Mapping[str, str] = {"progress": str(Progress.SENT), "requests": str(Request.NOTHING)}


def renewed(page: str) -> str:
    """Return the page with every made part as the data has it today."""
    return MARKED.sub(lambda found: f"{found[1]}{PARTS[found['name']]()}{found[3]}", page)


def rows(table: Iterable[Iterable[object]]) -> str:
    """Return a Markdown table; the first row is its head."""
    head, *rest = (list(map(str, row)) for row in table)
    lines = [head, ["---"] * len(head), *rest]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def machine(table: Table) -> str:
    """Return one of the two tables, states down, inputs across."""
    inputs = list(next(iter(table.values())))
    return rows([["", *map(_head, inputs)], *([f"`{state}`", *row.values()] for state, row in table.items())])


def _head(which: str) -> str:
    if which == ANY_STEP:
        return "01–06"
    named = INPUT_NAMES.get(which)
    return f"{named.vi} · *{named.en}*" if named else which


def diagram(name: str, table: Table) -> str:
    """Return one of the two tables as a Mermaid diagram: the inputs that move it, from state to state."""
    moves: dict[tuple[str, str], list[str]] = {}
    for state, row in table.items():
        for which, cell in row.items():
            after = cell.rstrip(WARNED)
            if after in table and after != state:
                moves.setdefault((state, after), []).append(which)
    lines = [f"    {_id(state)} --> {_id(after)}: {', '.join(why)}" for (state, after), why in moves.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", f"    [*] --> {_id(BEGIN[name])}", *lines, "```", ""])


def _id(state: str) -> str:
    """Return a state's name as Mermaid takes it."""
    return state.replace("-", "_")


def states() -> str:
    """Return every state in words."""
    listed: list[Progress | Request] = [*Progress, *Request]
    return rows(
        [
            ["state", "vi", "en"],
            *([f"`{state}`", NAMES[state].vi, NAMES[state].en] for state in listed),
        ]
    )


def inputs() -> str:
    """Return every input in words."""
    named: dict[Input, Text] = {
        each: Text(vi=INPUT_NAMES[each].vi, en=INPUT_NAMES[each].en)
        if each in INPUT_NAMES
        else status_name(str(each))
        for each in Input
    }
    return rows([["input", "vi", "en"], *([f"`{each}`", said.vi, said.en] for each, said in named.items())])


def deadlines() -> str:
    """Return every deadline with its source."""
    head = ["kind", "vi", "en", "nguồn · source", "từ · since", "chắc chắn đến đâu · how sure"]
    told = (
        [
            f"`{rule.id}`",
            f"{rule.name.vi}: {rule.within.vi}",
            f"{rule.name.en}: {rule.within.en}",
            rule.citation.vi,
            rule.effective,
            f"{BASES[rule.basis].vi} · {BASES[rule.basis].en}",
        ]
        for rule in RULES
    )
    return rows([head, *told])


def holidays() -> str:
    """Return every special day that the hub knows, as it comes with the program."""
    return rows(
        [["ngày · day", "loại · kind", "vi", "en", "chắc chắn · certainty", "nguồn · source"], *_days()]
    )


def _days() -> Iterator[list[object]]:
    for day, each in Calendar.load().special.items():
        weekday = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[day.weekday()]
        yield [f"{day} {weekday}", each.kind, each.name.vi, each.name.en, each.certainty, each.source]


PARTS: Mapping[str, Callable[[], str]] = {
    "progress": lambda: machine(PROGRESS),
    "requests": lambda: machine(REQUESTS),
    "progress-diagram": lambda: diagram("progress", PROGRESS),
    "requests-diagram": lambda: diagram("requests", REQUESTS),
    "states": states,
    "inputs": inputs,
    "deadlines": deadlines,
    "holidays": holidays,
}


if __name__ == "__main__":
    place = Path(sys.argv[1])
    place.write_text(renewed(place.read_text(encoding="utf-8")), encoding="utf-8")
