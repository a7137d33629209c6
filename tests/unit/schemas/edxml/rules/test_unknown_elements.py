"""Strangers' elements are warned of and travel on."""

from __future__ import annotations

from schemas.edxml.rules.unknown_elements import RULE
from schemas.findings import Severity
from tests.unit.schemas.edxml.rules.checks import codes, found
from tests.unit.schemas.samples import changed, sample


def test_an_unknown_element_is_named_in_a_warning() -> None:
    (finding,) = found(RULE, sample("odd/document-with-warnings"))
    assert finding.severity is Severity.WARNING
    assert "“LoaiMat”" in finding.message.en


def test_an_element_of_another_namespace_is_unknown_whatever_its_name() -> None:
    foreign = '<Subject xmlns="urn:other">x</Subject><edXML:Content>'
    assert codes(found(RULE, changed("good/document-new", "<edXML:Content>", foreign))) == ["element-unknown"]


def test_elements_of_the_other_kind_of_package_are_unknown_here() -> None:
    content = changed("good/document-new", "<edXML:Content>", "<edXML:StaffInfo/><edXML:Content>")
    assert codes(found(RULE, content)) == ["element-unknown"]


def test_other_info_is_looked_at_too() -> None:
    content = changed("good/document-new", "<edXML:Direction>", "<edXML:Khac/><edXML:Direction>")
    assert codes(found(RULE, content)) == ["element-unknown"]


def test_the_additions_of_known_vendors_are_known() -> None:
    for name in ("document-jar", "document-dotnet", "status-refused-02"):
        assert found(RULE, sample(f"good/{name}")) == []
