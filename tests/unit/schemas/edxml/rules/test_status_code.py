"""Statuses are known ones, with a reason where one is owed."""

from __future__ import annotations

import pytest

from schemas.edxml.rules.status_code import RULE
from tests.unit.schemas.edxml.rules.checks import codes, found
from tests.unit.schemas.samples import changed, sample


@pytest.mark.parametrize("code", ["07", "12", "1", "99", "đã đến"])
def test_an_unknown_code_is_an_error_that_lists_the_known_ones(code: str) -> None:
    (finding,) = found(RULE, changed("good/status-accepted-03", ">03<", f">{code}<"))
    assert finding.code == "status-code-unknown"
    assert f"«{code}»" in finding.message.vi
    assert "01, 02, 03, 04, 05, 06, 13, 15, 16" in finding.message.en


def test_fourteen_is_a_warning() -> None:
    assert codes(found(RULE, sample("odd/status-agreed-as-14"))) == ["status-code-alias"]


@pytest.mark.parametrize("code", ["02", "13", "16"])
def test_these_need_a_reason(code: str) -> None:
    content = changed("odd/status-refused-without-reason", ">02<", f">{code}<")
    assert codes(found(RULE, content)) == ["status-without-reason"]


def test_others_do_not() -> None:
    assert found(RULE, changed("odd/status-refused-without-reason", ">02<", ">03<")) == []
    assert found(RULE, sample("good/document-new")) == []
