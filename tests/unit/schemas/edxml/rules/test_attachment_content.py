"""Names promise a kind of file; the content keeps the promise or the receiver is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemas.edxml.attachments import attachments
from schemas.edxml.envelope import AttachmentInfo
from schemas.edxml.reader import read
from schemas.edxml.rules.attachment_content import RULE
from schemas.edxml.writer import write
from schemas.findings import Finding, Severity
from schemas.xml import parse
from tests.unit.schemas.samples import sample


def found(name: str, content: bytes) -> list[Finding]:
    info = AttachmentInfo(content_id="1", name=name, content_type="application/octet-stream")
    bare = replace(read(parse(sample("good/document-new"))), attachments=())
    (attachment,) = attachments(parse(write(bare, [(info, content)])))
    return list(RULE.check(attachment))


@pytest.mark.parametrize(
    ("name", "content", "got"),
    [
        ("công văn.pdf", b"hello", "plain text"),
        ("công văn.pdf", b"\x00\x01\x02", "of no kind that is known here"),
        ("công văn.pdf", b"JVBERi0xLjQK", "a PDF encoded in base64 twice"),
        ("công văn.pdf", b"PK\x05\x06" + bytes(18), "a zip archive"),
        ("công văn.PDF", b"\x89PNG\r\n", "a PNG image"),
        ("công văn.docx", b"%PDF-1.7", "PDF"),
        ("công văn.doc", b"<?xml", "XML or HTML"),
        ("ảnh.jpg", b"MZ\x90", "a Windows program"),
        ("bảng.xlsx", b"{\\rtf1", "RTF"),
    ],
)
def test_another_content_is_a_warning_that_says_what_it_is(name: str, content: bytes, got: str) -> None:
    (finding,) = found(name, content)
    assert finding.severity is Severity.WARNING
    assert finding.message.en.endswith(f"it is {got}.")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("công văn.pdf", b"%PDF-1.7"),
        ("công văn.pdf", b"\r\n\x00 junk %PDF-1.4"),
        ("công văn.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("công văn.doc", b"{\\rtf1"),
        ("gói.edxml", b"\n<edXML/>"),
        ("không tên", b"anything"),
        ("ghi chú.txt", b"anything"),
    ],
)
def test_what_keeps_its_promise_is_left_alone(name: str, content: bytes) -> None:
    assert found(name, content) == []
