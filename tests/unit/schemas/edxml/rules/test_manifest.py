"""Manifest and attachments name the same files, each once."""

from __future__ import annotations

import pytest

from schemas.edxml.rules.manifest import RULE
from tests.unit.schemas.edxml.rules.checks import codes, found
from tests.unit.schemas.samples import changed, sample


@pytest.mark.parametrize("name", ["attachment-missing", "attachment-unlisted"])
def test_a_file_on_one_side_only_is_an_error_that_names_it(name: str) -> None:
    (finding,) = found(RULE, sample(f"bad/{name}"))
    assert finding.code == name
    assert "“2”" in finding.message.en


def test_a_content_id_used_twice_is_an_error_on_each_side() -> None:
    assert codes(found(RULE, sample("bad/content-id-twice"))) == ["content-id-twice"] * 2


def test_a_content_id_that_is_missing_is_an_error() -> None:
    content = changed("good/document-update", "<ContentId>cid:1</ContentId>", "")
    assert codes(found(RULE, content)) == ["content-id-missing", "attachment-missing"]


def test_the_prefix_of_a_content_id_makes_no_difference() -> None:
    assert found(RULE, changed("good/document-new", "<ContentId>cid:1<", "<ContentId>1<")) == []


def test_dotnet_may_name_the_file_in_an_attribute_alone() -> None:
    content = changed("good/document-dotnet", "<edXML:ContentId>cid:1</edXML:ContentId>", "")
    assert found(RULE, content) == []


def test_what_the_manifest_says_otherwise_is_a_warning_with_both_words() -> None:
    (finding,) = found(RULE, sample("odd/manifest-differs"))
    assert finding.code == "manifest-differs"
    assert "“application/zip” as “ContentType” of “1”, the attachment “application/pdf”" in finding.message.en
    renamed = changed("good/document-new", "<AttachmentName>danh sach", "<AttachmentName>bang ke")
    assert codes(found(RULE, renamed)) == ["manifest-differs"]


def test_what_only_one_side_says_is_no_difference() -> None:
    bare = changed("good/document-new", "<edXML:AttachmentName>danh sach.txt</edXML:AttachmentName>", "")
    assert found(RULE, bare) == []


def test_a_package_without_files_is_in_order() -> None:
    assert found(RULE, sample("good/status-accepted-03")) == []
