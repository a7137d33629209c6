"""Gaps in a table of successions: warned of with their line, imported all the same."""

from __future__ import annotations

from hub.agencies_file import read
from hub.directory import Directory
from tests.unit.hub.directories import agency, closed, code, directory

HEADING = "code,name,level,parent,valid_from,valid_to,successors"


def warnings(*lines: str, known: Directory | None = None) -> list[str]:
    found = read("\n".join((HEADING, *lines)).encode(), known)
    assert all(warning.vi != warning.en for warning in found.warnings)
    return [warning.en for warning in found.warnings]


def test_a_succession_from_one_day_to_the_next_has_no_gap() -> None:
    assert warnings("X01,A,other,,,2025-07-01,X02", "X02,B,other,,2025-07-01,,") == []
    assert warnings("X01,A,other,,,2025-07-01,X02", "X02,B,other,,,2025-08-01,X03", "X03,C,other,,,,") == []


def test_a_successor_that_opens_later_leaves_a_gap() -> None:
    assert warnings("X02,B,other,,2025-09-01,,", "X01,A,other,,,2025-07-01,X02") == [
        "line 3: successors: X02 opens on 2025-09-01 only, after X01 closed (2025-07-01)"
    ]


def test_a_successor_that_closed_before_leaves_a_gap() -> None:
    assert warnings("X01,A,other,,,2025-07-01,X02", "X02,B,other,,,2025-07-01,X03", "X03,C,other,,,,") == [
        "line 2: successors: X02 closed on 2025-07-01, no later than X01 (2025-07-01)"
    ]


def test_gaps_towards_what_is_known_already_are_found() -> None:
    known = directory(
        agency("B", closed("X02", "X04")),
        agency("C", code("X03", start=closed("X").valid_to)),
        agency("D", "X04"),
    )
    assert warnings("X01,A,other,,,2026-01-01,X02 X03", known=known) == [
        "line 2: successors: X02 closed on 2025-07-01, no later than X01 (2026-01-01)"
    ]


def test_one_gap_of_two_codes_of_an_agency_is_told_once() -> None:
    assert warnings("X01 000.00.00.X01,A,other,,,2025-07-01,X09") == [
        "line 2: successors: the code X09 is neither in this file nor in the directory"
    ]
