"""Priorities are five; another one is a warning."""

from __future__ import annotations

import pytest

from schemas.edxml.rules.priority import RULE
from tests.unit.schemas.edxml.rules.checks import codes, found
from tests.unit.schemas.samples import changed


@pytest.mark.parametrize("value", ["5", "-1", "khẩn", "1.0", "１"])
def test_another_priority_is_a_warning(value: str) -> None:
    content = changed("good/document-new", "Priority>1<", f"Priority>{value}<")
    assert codes(found(RULE, content)) == ["priority-unknown"]


@pytest.mark.parametrize("value", ["0", "1", "2", "3", "4", " 4 ", ""])
def test_the_five_and_none_are_in_order(value: str) -> None:
    assert found(RULE, changed("good/document-new", "Priority>1<", f"Priority>{value}<")) == []
