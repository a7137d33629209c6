"""Identifiers look like identifiers; date and number in them are right."""

from __future__ import annotations

import pytest

from schemas.edxml.rules.document_id import RULE
from tests.unit.schemas.edxml.rules.checks import codes, found
from tests.unit.schemas.samples import changed, sample

ID = "000.00.13.H49,2026/11/20,101/SGĐM-VP"


@pytest.mark.parametrize(
    "got",
    [
        ID,
        "0c0ffee0-1234-4abc-8def-0123456789ab",
        "H49.13-2026-SGĐM-VP",
        "000.00.13.H49, 2026/11/20, 101/SGĐM-VP",
    ],
)
def test_forms_in_use_are_taken(got: str) -> None:
    assert found(RULE, changed("good/document-new", ID, got)) == []


@pytest.mark.parametrize("got", ["1", "test-doc", "van ban thu nghiem", "101\u200b/SGĐM-2026"])
def test_what_looks_like_no_identifier_is_a_warning(got: str) -> None:
    assert codes(found(RULE, changed("good/document-new", ID, got))) == ["document-id-strange"]


@pytest.mark.parametrize("date", ["2026/02/30", "20/11/2026", "2026/13/01"])
def test_a_date_in_it_is_one_that_exists(date: str) -> None:
    content = changed("good/document-new", ID, f"000.00.13.H49,{date},101/SGĐM-VP")
    assert codes(found(RULE, content)) == ["document-id-date-wrong"]


def test_a_number_in_it_is_the_documents_own() -> None:
    (finding,) = found(RULE, sample("odd/document-id-of-another-number"))
    assert finding.code == "document-id-unlike-code"
    assert "“7d4smn99/SGĐM-VP”" in finding.message.en


def test_a_package_about_an_earlier_document_may_be_named_after_it() -> None:
    content = changed("good/document-revoke", "<edXML:CodeNumber>101<", "<edXML:CodeNumber>102<")
    assert found(RULE, content) == []


def test_the_document_acted_on_is_looked_at_too() -> None:
    (finding,) = found(RULE, sample("odd/document-id-30-february"))
    assert finding.path is not None
    assert finding.path.endswith("/Bussiness/DocumentId")


def test_a_status_echoes_whatever_it_was_sent() -> None:
    assert found(RULE, changed("good/status-accepted-03", ID, "1")) == []
