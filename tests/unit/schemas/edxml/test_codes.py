"""Codes mean the same to everybody, and agency codes of both schemes find each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.edxml.codes import (
    KIND_NAMES,
    PRIORITY_NAMES,
    STATUSES,
    Scheme,
    kind_name,
    mirrored,
    normal_status,
    priority_of,
    scheme_of,
    status_name,
)
from schemas.edxml.envelope import PackageKind, Priority


def test_every_status_kind_and_priority_has_a_name_in_both_languages() -> None:
    assert set(STATUSES) == {"01", "02", "03", "04", "05", "06", "13", "15", "16"}
    assert set(KIND_NAMES) == set(PackageKind)
    assert set(PRIORITY_NAMES) == set(Priority)
    assert kind_name(PackageKind.REVOKE).vi == "Thu hồi văn bản"


def test_fourteen_is_read_as_fifteen() -> None:
    assert normal_status("14") == "15"
    assert status_name("14") == STATUSES["15"]


@pytest.mark.parametrize("code", ["", "1", "07", "12", "44", "-1", "001", "01 "])
def test_an_unknown_status_is_none_but_has_a_name(code: str) -> None:
    assert normal_status(code) is None
    assert code in status_name(code).en


@pytest.mark.parametrize("text", ["", "5", "-1", "khẩn", "1.0", "²", "１"])
def test_an_unknown_priority_is_none(text: str) -> None:
    assert priority_of(text) is None


def test_priorities_are_numbers() -> None:
    assert [priority_of(str(number)) for number in range(5)] == list(Priority)


@pytest.mark.parametrize(
    ("code", "scheme"),
    [
        ("000.00.00.H49", Scheme.QCVN102),
        ("000.20.32.H53", Scheme.QCVN102),
        ("28.22.H17", Scheme.QCVN102),
        ("H49", Scheme.QD20),
        ("H49.13", Scheme.QD20),
        ("H37.DN.001", Scheme.QD20),
        ("0101234567", Scheme.QD20),
        ("vxp.saas.03", Scheme.UNKNOWN),
        ("", Scheme.UNKNOWN),
        ("H49..13", Scheme.UNKNOWN),
        ("H49." + "1" * 40, Scheme.UNKNOWN),
        ("H49.13 ", Scheme.UNKNOWN),
    ],
)
def test_the_scheme_is_told_by_the_syntax(code: str, scheme: Scheme) -> None:
    assert scheme_of(code) is scheme


@pytest.mark.parametrize(
    ("qcvn102", "qd20"),
    [
        ("000.00.00.H49", "H49"),
        ("000.00.13.H49", "H49.13"),
        ("000.20.32.H53", "H53.32.20"),
        ("001.20.32.H53", "H53.32.20.001"),
    ],
)
def test_codes_are_mirrored_both_ways(qcvn102: str, qd20: str) -> None:
    assert mirrored(qcvn102) == qd20
    assert mirrored(qd20) == qcvn102


@pytest.mark.parametrize("code", ["H37.DN.001", "vxp.saas.03", "", "0101234567", "H49.1.2.3.4", "H49.123"])
def test_a_code_without_a_mirror_image_is_returned_as_it_is(code: str) -> None:
    assert mirrored(code) == code


def test_a_code_that_was_cut_down_is_turned_round() -> None:
    assert mirrored("28.22.H17") == "H17.22.28"


@given(st.from_regex(r"[A-Z][0-9]{2}(\.[0-9A-Z][1-9A-Z]){0,2}", fullmatch=True))
def test_mirrored_twice_is_the_same(code: str) -> None:
    assert mirrored(mirrored(code)) == code
