"""Texts that others have no room for are a warning."""

from __future__ import annotations

from schemas.edxml.rules.lengths import RULE
from schemas.findings import Severity
from tests.unit.schemas.edxml.rules.checks import codes, found
from tests.unit.schemas.samples import changed, sample


def test_a_text_that_is_too_long_is_a_warning_with_both_lengths() -> None:
    (finding,) = found(RULE, sample("good/document-with-warnings"))
    assert finding.severity is Severity.WARNING
    assert "“Telephone” has 30 characters, more than the 20" in finding.message.en


def test_letters_are_counted_not_bytes() -> None:
    old = "<edXML:Content>V/v thử nghiệm liên thông văn bản điện tử<"
    assert found(RULE, changed("good/document-new", old, f"<edXML:Content>{'ệ' * 500}<")) == []
    assert codes(found(RULE, changed("good/document-new", old, f"<edXML:Content>{'ệ' * 501}<"))) == [
        "text-too-long"
    ]


def test_blanks_around_a_value_do_not_count() -> None:
    old = "<edXML:CodeNumber>101<"
    assert found(RULE, changed("good/document-new", old, f"<edXML:CodeNumber>{' ' * 50}101\n<")) == []


def test_every_part_is_looked_at() -> None:
    long = "x" * 1001
    assert codes(found(RULE, changed("good/document-new", "Văn bản mới", long))) == ["text-too-long"]
    assert codes(found(RULE, changed("good/status-refused-02", "Gửi nhầm địa chỉ", long))) == [
        "text-too-long"
    ]
    assert codes(found(RULE, changed("good/document-revoke", ">7/BGĐB<", f">{long}<"))) == ["text-too-long"]
