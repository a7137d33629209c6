"""Files that went through a text editor are recognised, sound ones are not accused."""

from __future__ import annotations

import base64

import pytest

from schemas.edxml.rules.destroyed import RULE
from tests.unit.schemas.edxml.rules.checks import found_in_attachments
from tests.unit.schemas.samples import changed, sample

TEXT = "Danh sách giả định: không có cơ quan nào trong số này có thật.\n"


def attached(content: bytes) -> bytes:
    """Return a package whose second attachment, no PDF by name, has this content."""
    old = base64.b64encode(TEXT.encode()).decode()
    return changed("good/document-new", old, base64.b64encode(content).decode())


def test_a_pdf_read_and_written_as_text_is_an_error_that_names_the_cause() -> None:
    (finding,) = found_in_attachments(RULE, sample("bad/pdf-destroyed"))
    assert finding.code == "pdf-destroyed"
    assert "UTF-8" in finding.message.vi
    assert "4 times U+FFFD" in finding.message.en


def test_a_long_one_is_found_across_slices() -> None:
    binary = b"%PDF-1.4\n" + bytes(range(256)) * 9000
    destroyed = binary.decode("utf-8", "replace").encode("utf-8")
    assert len(found_in_attachments(RULE, attached(destroyed))) == 1


def test_other_binary_files_are_known_by_their_names() -> None:
    (finding,) = found_in_attachments(RULE, sample("bad/attachment-destroyed"))
    assert finding.code == "attachment-destroyed"
    assert "“so do.png”" in finding.message.en


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\nstream \xef\xbf\xbd \xff\xfe endstream",
        b"%PDF-1.4\nall ASCII\n%%EOF",
        "Ký tự \ufffd trong một tệp văn bản".encode(),
        b"\xef\xbf\xbd",
    ],
)
def test_sound_files_are_not_accused(content: bytes) -> None:
    assert found_in_attachments(RULE, attached(content)) == []
