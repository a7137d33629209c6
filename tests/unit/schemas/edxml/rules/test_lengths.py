"""Texts that others have no room for are a warning."""

from __future__ import annotations

from schemas.edxml.rules.lengths import RULE
from schemas.findings import Severity
from tests.unit.schemas.edxml.rules.checks import codes, found
from tests.unit.schemas.samples import changed, sample


def test_a_text_that_is_too_long_is_a_warning_with_both_lengths() -> None:
    (finding,) = found(RULE, sample("odd/document-with-warnings"))
    assert finding.severity is Severity.WARNING
    assert "“Telephone” has 30 characters, more than the 20" in finding.message.en


def test_letters_are_counted_not_bytes() -> None:
    old = "<edXML:Content>V/v thử nghiệm liên thông văn bản điện tử<"
    assert found(RULE, changed("good/document-new", old, f"<edXML:Content>{'ệ' * 500}<")) == []
    assert codes(found(RULE, changed("good/document-new", old, f"<edXML:Content>{'ệ' * 501}<"))) == [
        "text-too-long"
    ]


def test_places_are_counted_together() -> None:
    (finding,) = found(RULE, sample("odd/places-too-long"))
    assert finding.path is not None
    assert finding.path.endswith("/ToPlaces")
    assert "1000" in finding.message.en


def test_the_same_name_has_room_by_where_it_stands() -> None:
    place = "V" * 51
    assert codes(found(RULE, changed("good/document-new", ">Tỉnh Mẫu<", f">{place}<"))) == ["text-too-long"]
    assert found(RULE, changed("good/document-new", ">Như trên<", f">{place}<")) == []


def test_the_lengths_of_the_decree_are_kept() -> None:
    for old, new in (
        (">101<", f">{'1' * 12}<"),
        (">Trần Văn Mẫu<", f">{'M' * 51}<"),
        (">3</edXML:PageAmount", ">1000</edXML:PageAmount"),
    ):
        assert codes(found(RULE, changed("good/document-new", old, new))) == ["text-too-long"]


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
