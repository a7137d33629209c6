"""Coded fields hold a value of their table; what decides nothing only earns a warning."""

from __future__ import annotations

import pytest

from schemas.edxml.rules.code_values import RULE
from tests.unit.schemas.edxml.rules.checks import codes, found
from tests.unit.schemas.samples import changed, sample


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("SteeringType>1<", "SteeringType>4<", "0, 1, 2, 3"),
        ("Type>2<", "Type>18<", "1, 2"),
        ("Paper>0<", "Paper>2<", "0, 1"),
        ("Direction>false<", "Direction>ra<", "true, false"),
    ],
)
def test_a_value_of_no_table_is_a_warning_with_the_table(old: str, new: str, expected: str) -> None:
    (finding,) = found(RULE, changed("good/document-new", old, new))
    assert finding.code == "code-value-unknown"
    assert f"expected one of {expected}." in finding.message.en


@pytest.mark.parametrize(("old", "new"), [("Direction>false<", "Direction> True <"), ("Paper>0<", "Paper><")])
def test_case_and_emptiness_are_no_fault(old: str, new: str) -> None:
    assert found(RULE, changed("good/document-new", old, new)) == []


def test_what_is_no_number_at_all_is_the_schemas_to_say() -> None:
    assert found(RULE, sample("bad/type-not-a-number")) == []


def test_all_are_looked_at() -> None:
    assert codes(found(RULE, sample("odd/code-values-unknown"))) == ["code-value-unknown"] * 3
