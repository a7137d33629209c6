"""Lost letters are counted, in the header and in attachments' names."""

from __future__ import annotations

from schemas.edxml.rules.damaged_text import RULE
from tests.unit.schemas.edxml.rules.checks import codes, found
from tests.unit.schemas.samples import changed, sample


def test_lost_letters_are_counted_where_they_stand() -> None:
    (finding,) = found(RULE, sample("odd/text-damaged"))
    assert "In the value of “Subject”, 2 letters were lost" in finding.message.en


def test_names_of_attachments_and_hops_are_looked_at_too() -> None:
    name = changed("good/document-new", "<AttachmentName>danh", "<AttachmentName>d\ufffdnh")
    assert codes(found(RULE, name)) == ["text-damaged"]
    reason = changed("good/document-new", ">Văn bản mới<", ">Văn b\ufffdn mới<")
    assert codes(found(RULE, reason)) == ["text-damaged"]


def test_whole_texts_are_left_alone() -> None:
    assert found(RULE, sample("good/document-new")) == []
