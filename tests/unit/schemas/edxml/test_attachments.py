"""Attachments are decoded, unwrapped where they were wrapped, and left alone where they were not."""

from __future__ import annotations

import base64
import io
import zipfile

import pytest

from schemas.edxml.archive import UnsafeArchive
from schemas.edxml.attachments import attachments, decoded, decoded_pieces, unwrapped
from schemas.edxml.envelope import AttachmentInfo
from schemas.findings import InvalidDocument
from schemas.xml import parse
from tests.unit.schemas.samples import sample

RANDOM = "0c0ffee0-1234-4abc-8def-0123456789ab"


def packed(*names: str, content: bytes = b"inside") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return made.getvalue()


def info(name: str, content_type: str = "application/zip") -> AttachmentInfo:
    return AttachmentInfo(content_id="1", name=name, content_type=content_type)


def test_attachments_come_in_the_order_of_the_package() -> None:
    first, second = attachments(parse(sample("good/document-new")))
    assert first.decoded().startswith(b"%PDF")
    assert second.info.name == "danh sach.txt"
    assert second.payload().decode("utf-8").startswith("Danh sách")


def test_base64_may_be_broken_into_lines() -> None:
    content = bytes(range(256)) * 3
    assert decoded("\r\n " + base64.encodebytes(content).decode().replace("\n", "\r\n\t")) == content


@pytest.mark.parametrize("text", ["AAA", "AA=A", "AAAA*", "AAAA====", "Ạ", "AA-_"])
def test_what_is_not_base64_raises(text: str) -> None:
    with pytest.raises(ValueError):
        decoded(text)


def test_the_place_of_the_first_stranger_is_told() -> None:
    (first, _) = attachments(parse(sample("bad/base64-broken")))
    with pytest.raises(InvalidDocument) as caught:
        first.decoded()
    assert "character “*” at position 41" in caught.value.findings[0].message.en
    assert caught.value.findings[0].path == "/edXML/AttachmentEncoded/Attachment[1]"


def test_a_single_file_is_taken_out_of_its_wrapping() -> None:
    assert unwrapped(info("ghi chú.txt"), packed(f"{RANDOM}.txt")) == b"inside"
    assert unwrapped(info("công văn.doc"), packed("x.edxml")) == b"inside"


def test_a_zip_that_somebody_attached_stays_a_zip() -> None:
    several, one = packed("a.txt", "b.txt"), packed("a.txt")
    assert unwrapped(info("hồ sơ.zip"), several) == several
    assert unwrapped(info("hồ sơ.zip"), one) == one
    assert unwrapped(info("hồ sơ.doc"), several) == several


def test_a_wrapped_zip_is_unwrapped_once() -> None:
    inner = packed("a.txt")
    assert unwrapped(info("hồ sơ.zip"), packed(f"{RANDOM}.zip", content=inner)) == inner


def test_other_types_are_never_unpacked() -> None:
    word = packed("word/document.xml")
    assert unwrapped(info("công văn.docx", "application/docx"), word) == word
    assert unwrapped(info("a.pdf", "application/pdf"), b"%PDF") == b"%PDF"


def test_an_unsafe_archive_is_refused_even_under_another_type() -> None:
    with pytest.raises(UnsafeArchive):
        unwrapped(info("a.bin", "application/octet-stream"), packed("../a"))


def test_what_is_declared_a_zip_must_be_one() -> None:
    with pytest.raises(UnsafeArchive) as caught:
        unwrapped(info("a.zip"), b"hello")
    assert caught.value.kind.code == "zip-unreadable"


@pytest.mark.parametrize("size", [1, 3, 4, 5, 7, 64, 1_000_000])
@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 100, 999])
def test_piece_by_piece_it_is_the_same(size: int, length: int) -> None:
    content = bytes(number % 251 for number in range(length))
    text = base64.encodebytes(content).decode().replace("\n", "\r\n")
    assert b"".join(decoded_pieces(text, size)) == content


@pytest.mark.parametrize("text", ["AAA", "AA=A", "AAAA====", "AA==AAAA", "AA==BBBB" * 10, "AAAA*", "Ạ"])
@pytest.mark.parametrize("size", [4, 8, 1_000_000])
def test_what_is_not_base64_raises_piece_by_piece_too(text: str, size: int) -> None:
    with pytest.raises(ValueError):
        list(decoded_pieces(text, size))


def test_an_attachment_comes_in_pieces_out_of_its_wrapping() -> None:
    for name in ("good/document-new", "good/document-zip-wrapped"):
        for attachment in attachments(parse(sample(name))):
            assert b"".join(attachment.pieces()) == attachment.payload()


def test_a_broken_one_says_so_in_pieces_too() -> None:
    (first, _) = attachments(parse(sample("bad/base64-broken")))
    with pytest.raises(InvalidDocument):
        list(first.pieces())
