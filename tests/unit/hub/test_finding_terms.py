"""Terms mean the same to every database, and blocks cover the ledger once."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.finding_terms import (
    BLOCK_BITS,
    LONGEST,
    Features,
    Term,
    asked_number,
    asked_words,
    number,
    terms_of,
    vocabulary,
)
from hub.store.search import back_by_blocks, first_level, parts_of
from schemas.edxml.envelope import PackageKind


def document(subject: str = "V/v Hòa Bình", code: str = "07/QĐ-UBND") -> Features:
    return Features(
        subject=subject,
        sender="01JAB",
        addressees=frozenset({"~H49.61"}),
        kind=PackageKind.NEW,
        code=code,
        promulgated_on=date(2026, 11, 18),
    )


def test_a_document_has_a_term_for_each_thing_that_is_known_of_it() -> None:
    assert terms_of(document()) == [
        *("wv", "whoa", "wbinh", "f01jab", "t~h49.61", "knew", "c7/qd-ubnd", "nqd-ubnd", "p20261118")
    ]


@given(st.text(max_size=200), st.text(max_size=80))
def test_a_term_has_letters_only_that_every_database_takes_as_they_are(subject: str, code: str) -> None:
    for term in terms_of(document(subject, code)):
        assert re.fullmatch(r"[a-z][a-z0-9._/~-]*", term), term
        assert len(term) <= LONGEST


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("7816/VPCP-TTĐT", Term("c7816/vpcp-ttdt", begins=True)),
        ("007816", Term("c7816/", begins=True)),
        ("QĐ-UBND", Term("nqd-ubnd", begins=True)),
    ],
)
def test_a_number_may_be_given_in_part(asked: str, meant: Term) -> None:
    assert asked_number(asked) == meant


def test_what_is_asked_finds_what_is_written() -> None:
    assert number("07/QĐ-UBND").startswith(asked_number("7/qđ").text)


def test_words_with_digits_and_words_of_one_or_two_letters_are_meant_whole() -> None:
    assert asked_words("H49.13 y xã xây") == (
        *((Term("wh49.13"),), (Term("wy"),), (Term("wxa"),), (Term("wxay", begins=True),)),
    )
    assert list(vocabulary(["wh49", "wy", "wxay", "ncv-h4913", "c1/x"])) == ["wxay", "ncv-h4913"]


@given(st.integers(0, 3 * 10**8), st.integers(0, 3 * 10**8), st.integers(0, len(BLOCK_BITS) - 1))
def test_blocks_cover_everything_once_newest_first(one: int, other: int, first: int) -> None:
    below, low = max(one, other), min(one, other)
    covered = list(back_by_blocks(below, low, first))
    if below == low:
        assert covered == []
        return
    ranges = [(at << BLOCK_BITS[level], (at + 1) << BLOCK_BITS[level]) for level, at in covered]
    assert ranges[0][1] >= below > ranges[0][0]
    assert ranges[-1][0] <= low
    assert all(newer[0] == older[1] for newer, older in pairwise(ranges))
    assert len(covered) < 40


def test_the_newest_block_is_as_large_as_what_is_expected_in_it_is_rare() -> None:
    assert first_level(10_000_000, 40_000_000) == 0
    assert first_level(1_000, 3_000_000) == 2
    assert first_level(1, 3_000_000) == len(BLOCK_BITS) - 1


def test_a_block_consists_of_its_parts() -> None:
    for level in range(1, len(BLOCK_BITS)):
        parts = parts_of(level, 5)
        assert parts[0] << BLOCK_BITS[level - 1] == 5 << BLOCK_BITS[level]
        assert (parts[-1] + 1) << BLOCK_BITS[level - 1] == 6 << BLOCK_BITS[level]
