"""Bussiness says one of four things, and why."""

from __future__ import annotations

import pytest

from schemas.edxml.rules.business import RULE
from tests.unit.schemas.edxml.rules.checks import codes, found
from tests.unit.schemas.samples import changed, sample


@pytest.mark.parametrize("code", ["4", "-1", "00", "mới", ""])
def test_another_type_is_an_error(code: str) -> None:
    content = changed("good/document-new", "DocType>0<", f"DocType>{code}<")
    assert codes(found(RULE, content)) == ["business-type-unknown"]


def test_no_type_at_all_is_an_error_where_bussiness_stands() -> None:
    content = changed("good/document-new", "<edXML:BussinessDocType>0</edXML:BussinessDocType>", "")
    (finding,) = found(RULE, content)
    assert finding.path is not None
    assert finding.path.endswith("/Bussiness")


def test_a_revocation_without_a_reason_is_a_warning_that_names_it() -> None:
    (finding,) = found(RULE, sample("odd/document-revoke-without-reason"))
    assert finding.code == "business-without-reason"
    assert "Thu hồi văn bản" in finding.message.vi
    assert "Revocation" in finding.message.en


def test_no_bussiness_at_all_means_a_new_document() -> None:
    assert found(RULE, sample("odd/document-gateway")) == []
    assert found(RULE, sample("good/status-accepted-03")) == []
