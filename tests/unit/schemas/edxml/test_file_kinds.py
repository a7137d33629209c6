"""What a file is, is told by its bytes; its name only promises."""

from __future__ import annotations

import io
import zipfile

import pytest

from schemas.edxml import file_kinds as kinds
from schemas.edxml.file_kinds import FileKind, is_binary, keeps_promise, kind_of, media_type_of, suffix_of


def packed(*names: str, first: tuple[str, str] | None = None) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        if first:
            archive.writestr(zipfile.ZipInfo(first[0]), first[1])
        for name in names:
            archive.writestr(name, "x")
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7", kinds.PDF),
        (b"\r\n junk %PDF-1.4", kinds.PDF),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", kinds.OLE),
        (packed("[Content_Types].xml", "word/document.xml"), kinds.WORD),
        (packed("[Content_Types].xml", "xl/workbook.xml"), kinds.SHEET),
        (packed("[Content_Types].xml", "ppt/presentation.xml"), kinds.SLIDES),
        (
            packed("content.xml", first=("mimetype", "application/vnd.oasis.opendocument.text")),
            kinds.OPEN_DOCUMENT,
        ),
        (packed("a.txt"), kinds.ZIP),
        (b"PK\x05\x06" + bytes(18), kinds.ZIP),
        (b"JVBERi0xLjQK", kinds.TWICE),
        (b"<?xml version='1.0'?><a/>", kinds.XML),
        (b"\n  <html>", kinds.XML),
        (b'<edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016"/>', kinds.EDXML),
        ("Kính gửi".encode(), kinds.TEXT),
        (("ệ" * 600).encode(), kinds.TEXT),
        (b"\x00\x01", kinds.UNKNOWN),
        (b"abc\xff", kinds.UNKNOWN),
        (b"", kinds.UNKNOWN),
    ],
)
def test_a_kind_is_told_by_its_bytes(content: bytes, kind: FileKind) -> None:
    assert kind_of(content) is kind


def test_a_letter_cut_at_the_end_of_what_is_looked_at_is_still_text() -> None:
    for shift in range(4):
        assert kind_of(b"a" * shift + "ệ".encode() * 1000) is kinds.TEXT


def test_suffixes_do_not_depend_on_case_or_folders() -> None:
    assert suffix_of("C:\\hồ sơ\\Công văn.PDF") == ".pdf"
    assert suffix_of("không tên") == ""


def test_a_suffix_that_nobody_knows_promises_nothing() -> None:
    assert keeps_promise("dữ liệu.dat", b"\x00")
    assert not keeps_promise("dữ liệu.pdf", b"\x00")
    assert keeps_promise("bảng.xls", b"<html>")


def test_what_no_text_editor_writes_is_binary() -> None:
    assert is_binary("a.PDF")
    assert is_binary("a.zip")
    assert not is_binary("a.txt")
    assert not is_binary("a.xml")


def test_media_types_are_those_of_the_suffix() -> None:
    assert media_type_of("a.pdf") == "application/pdf"
    assert media_type_of("a.doc") == "application/msword"
    assert media_type_of("a.txt") == "text/plain"
    assert media_type_of("a.xyz") == "application/octet-stream"
