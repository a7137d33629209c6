"""Attachments can be decoded and are not empty."""

from __future__ import annotations

import pytest

from schemas.edxml.rules.attachment_encoding import RULE
from tests.unit.schemas.edxml.rules.checks import codes, found_in_attachments
from tests.unit.schemas.samples import changed, sample


@pytest.mark.parametrize(
    ("name", "words"),
    [("base64-broken", "ký tự «*» ở vị trí 41"), ("base64-cut", "không chia hết cho 4")],
)
def test_broken_base64_is_an_error_that_says_where(name: str, words: str) -> None:
    (finding,) = found_in_attachments(RULE, sample(f"bad/{name}"))
    assert finding.code == "attachment-base64-broken"
    assert words in finding.message.vi
    assert "101_SGDM-VP.pdf" in finding.message.vi


def test_padding_in_the_middle_is_broken_too() -> None:
    content = changed("good/document-new", ">JVBERi0", ">JV==Ri0")
    (finding,) = found_in_attachments(RULE, content)
    assert "“=”" in finding.message.en


def test_an_empty_attachment_is_an_error() -> None:
    assert codes(found_in_attachments(RULE, sample("bad/attachment-empty"))) == ["attachment-empty"]


def test_sound_attachments_are_left_alone() -> None:
    assert found_in_attachments(RULE, sample("good/document-new")) == []
