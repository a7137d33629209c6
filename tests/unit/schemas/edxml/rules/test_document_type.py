"""Class and name of a kind go together, or the sender is told."""

from __future__ import annotations

import pytest

from schemas.edxml.rules.document_type import RULE
from tests.unit.schemas.edxml.rules.checks import found
from tests.unit.schemas.samples import changed, sample


def typed(code: str, name: str) -> bytes:
    text = changed("good/document-new", "<edXML:Type>2<", f"<edXML:Type>{code}<").decode("utf-8")
    return text.replace(">Công văn</edXML:TypeName>", f">{name}</edXML:TypeName>").encode()


@pytest.mark.parametrize(
    ("code", "name"), [("1", "Công văn"), ("1", "TỜ TRÌNH"), ("2", "Luật"), ("2", "Nghị định")]
)
def test_a_class_that_cannot_be_is_a_warning_with_its_meaning(code: str, name: str) -> None:
    (finding,) = found(RULE, typed(code, name))
    assert finding.code == "document-type-unlike-name"
    assert f"“{name}”" in finding.message.en
    assert ("Legal normative" in finding.message.en) is (code == "1")


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("1", "Luật"),
        ("2", "Công văn"),
        ("1", "Quyết định"),
        ("2", "Quyết định"),
        ("18", "Công văn"),
        ("1", "Khác"),
    ],
)
def test_what_may_be_is_left_alone(code: str, name: str) -> None:
    assert found(RULE, typed(code, name)) == []


def test_a_status_has_no_class() -> None:
    assert found(RULE, sample("good/status-accepted-03")) == []
