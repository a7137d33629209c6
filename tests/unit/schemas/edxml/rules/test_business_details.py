"""A package that acts on a document says on which, and how. Warnings only."""

from __future__ import annotations

import pytest

from schemas.edxml.rules.business_details import RULE
from schemas.findings import Severity
from tests.unit.schemas.edxml.rules.checks import codes, found
from tests.unit.schemas.samples import changed, sample


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("revoke-without-document", "business-without-document"),
        ("replacement-missing", "replacement-missing"),
        ("replaced-twice", "replacement-twice"),
        ("receiver-list-missing", "receiver-list-missing"),
    ],
)
def test_what_is_not_said_is_a_warning_at_bussiness(name: str, code: str) -> None:
    (finding,) = found(RULE, sample(f"odd/{name}"))
    assert (finding.code, finding.severity) == (code, Severity.WARNING)
    assert finding.path is not None
    assert finding.path.endswith("/Bussiness")


def test_the_kind_of_package_is_named() -> None:
    (finding,) = found(RULE, sample("odd/revoke-without-document"))
    assert "Thu hồi văn bản" in finding.message.vi


def test_a_document_replaced_three_times_is_said_once() -> None:
    text = sample("odd/replaced-twice").decode("utf-8")
    start, end = text.index("<edXML:ReplacementInfo>"), text.index("</edXML:ReplacementInfo>") + 24
    assert codes(found(RULE, (text[:end] + text[start:end] + text[end:]).encode())) == ["replacement-twice"]


def test_new_documents_and_packages_that_say_it_all_are_left_alone() -> None:
    for name in (
        "document-new",
        "document-update",
        "document-replace",
        "document-revoke",
        "status-accepted-03",
    ):
        assert found(RULE, sample(f"good/{name}")) == []


def test_receivers_that_do_not_change_need_no_list() -> None:
    content = changed("odd/receiver-list-missing", "DocumentReceiver>1<", "DocumentReceiver>0<")
    assert found(RULE, content) == []
