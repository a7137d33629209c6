"""Archives that nobody should open are refused with the reason."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest

from schemas.edxml.envelope import AttachmentInfo
from schemas.edxml.reader import read
from schemas.edxml.rules.attachment_archive import RULE
from schemas.edxml.writer import write
from schemas.xml import parse
from tests.unit.schemas.edxml.rules.checks import codes, found_in_attachments
from tests.unit.schemas.samples import sample


def with_archive(*files: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    info = AttachmentInfo(content_id="1", name="ho so.zip", content_type="application/zip")
    bare = read(parse(sample("good/document-new")))
    return write(replace(bare, attachments=()), [(info, made.getvalue())])


@pytest.mark.parametrize("name", ["zip-unreadable", "zip-unsafe-name", "zip-same-name-twice"])
def test_each_danger_has_its_own_code(name: str) -> None:
    assert codes(found_in_attachments(RULE, sample(f"bad/{name}"))) == [name]


def test_a_bomb_is_refused_without_being_unpacked() -> None:
    (finding,) = found_in_attachments(RULE, with_archive(("zeros", bytes(30_000_000))))
    assert finding.code == "zip-bomb"
    assert "200:1" in finding.message.en
    assert finding.path == "/edXML/AttachmentEncoded/Attachment"


def test_an_honest_archive_is_left_alone() -> None:
    assert found_in_attachments(RULE, with_archive(("a.txt", b"a"), ("b.txt", b"b"))) == []
    assert found_in_attachments(RULE, sample("good/document-zip-wrapped")) == []
