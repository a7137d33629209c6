"""Odd agency codes are a warning, because only the register knows."""

from __future__ import annotations

import pytest

from schemas.edxml.rules.agency_codes import RULE
from tests.unit.schemas.edxml.rules.checks import codes, found
from tests.unit.schemas.samples import changed, sample


@pytest.mark.parametrize("code", ["vxp.saas.03", "H49-27", "H49 27", "Ủy ban", "9" * 36])
def test_an_odd_code_is_a_warning(code: str) -> None:
    assert codes(found(RULE, changed("good/document-new", "H49.27", code))) == ["agency-code-strange"]


@pytest.mark.parametrize("code", ["28.22.H17", "000.00.00.H49", "H49", "9" * 35])
def test_codes_of_either_scheme_are_sound(code: str) -> None:
    assert found(RULE, changed("good/document-new", "H49.27", code)) == []


def test_a_status_is_looked_at_on_both_sides() -> None:
    assert codes(found(RULE, changed("good/status-accepted-03", "H49.27", "h49"))) == ["agency-code-strange"]
    assert codes(found(RULE, changed("good/status-accepted-03", ">000.00.13.H49<", ">h49<"))) == [
        "agency-code-strange"
    ]
    assert found(RULE, sample("good/status-accepted-03")) == []
