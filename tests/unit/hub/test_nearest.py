"""Codes that a mistyped one may have been meant as, and how far apart two are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.nearest import Nearest, neighbours_swapped, slips_between, top

LETTERS = st.text(alphabet="01X.", max_size=9)


def plain_distance(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for down, letter in enumerate(one, 1):
        above, row = row, [down]
        for across, against in enumerate(other):
            row.append(min(above[across] + (letter != against), above[across + 1] + 1, row[across] + 1))
    return row[-1]


@given(LETTERS, LETTERS)
def test_slips_are_the_edit_distance_where_lengths_differ(one: str, other: str) -> None:
    expected = min(plain_distance(one, other), 3)
    if len(one) != len(other):
        assert slips_between(one, other) == expected
    else:
        assert slips_between(one, other) >= expected
        assert (slips_between(one, other) <= 1) == (expected <= 1)


def near(asked: str, *codes: str) -> list[str]:
    return Nearest(codes).to(asked, 3, lambda _: True)


def test_the_fewest_slips_come_first() -> None:
    assert near("X01.31", "X01.99", "X01.32", "X02.41") == ["X01.32", "X01.99", "X02.41"]


def test_what_may_not_be_offered_is_not() -> None:
    assert Nearest(["X01.31", "X01.32"]).to("X01.33", 3, lambda code: code != "X01.31") == ["X01.32"]


def test_a_short_code_forgives_one_slip_only() -> None:
    assert near("X37", "X73", "X38", "X99") == ["X73", "X38"]


@pytest.mark.parametrize("nothing", ["", "9" * 65])
def test_nothing_is_near_to_nothing_or_to_too_much(nothing: str) -> None:
    assert near(nothing, "9") == []


def test_neighbours_that_changed_places_are_told_from_two_slips() -> None:
    assert neighbours_swapped("X37", "X73")
    assert not neighbours_swapped("X37", "X48")
    assert not neighbours_swapped("X37", "X37")


def test_the_top_level_is_the_last_group_or_the_first() -> None:
    assert (top("000.00.13.X01"), top("X01.13")) == ("X01", "X01")
