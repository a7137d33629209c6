"""What is written reads back as it was, and looks as the official samples look."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from schemas.catalog import Catalog
from schemas.edxml.attachments import attachments
from schemas.edxml.envelope import AttachmentInfo, Business, Envelope, PackageKind
from schemas.edxml.reader import read
from schemas.edxml.standard import strict_schema
from schemas.edxml.writer import write
from schemas.validator import validate
from schemas.xml import parse
from tests.unit.schemas.edxml.envelopes import documents, statuses
from tests.unit.schemas.samples import OFFICIAL_SAMPLES, TODAY, sample

Enclosed = list[tuple[AttachmentInfo, bytes]]


@settings(max_examples=150, deadline=None)
@given(documents())
def test_a_document_reads_back_as_it_was_written(package: tuple[Envelope, Enclosed]) -> None:
    envelope, enclosed = package
    tree = parse(write(envelope, enclosed))
    assert read(tree) == envelope
    assert [(found.info, found.decoded()) for found in attachments(tree)] == enclosed


@settings(max_examples=150, deadline=None)
@given(statuses())
def test_a_status_reads_back_as_it_was_written(envelope: Envelope) -> None:
    assert read(parse(write(envelope))) == envelope


def rewritten(content: bytes) -> tuple[Envelope, bytes]:
    tree = parse(content)
    envelope = read(tree)
    return envelope, write(envelope, [(found.info, found.decoded()) for found in attachments(tree)])


@pytest.mark.parametrize("name", ["document-new", "document-update", "document-replace", "status-refused-02"])
def test_what_we_write_is_valid_and_fits_the_strict_schema(name: str) -> None:
    envelope, content = rewritten(sample(f"good/{name}"))
    document = validate(content, Catalog.standard(), TODAY)
    assert document.findings == ()
    assert document.envelope == envelope
    assert strict_schema(envelope.kind).accepts(document.tree)


@pytest.mark.parametrize("path", OFFICIAL_SAMPLES, ids=lambda path: path.stem)
def test_an_official_sample_is_written_as_it_is_but_for_indentation_and_signature(path: Path) -> None:
    original = re.sub(r"<Signature>.*</Signature>", "", path.read_text("utf-8"), flags=re.DOTALL)
    # The official sample of a replacement names the replaced document twice.
    original = re.sub(
        r"(<edXML:ReplacementInfo>.*?</edXML:ReplacementInfo>)\s*\1", r"\1", original, flags=re.DOTALL
    )
    written = rewritten(path.read_bytes())[1].decode("utf-8")
    assert re.sub(r">\s+<", "><", written).strip() == re.sub(r">\s+<", "><", original).strip()


def test_prefixes_are_those_of_the_official_samples() -> None:
    _, content = rewritten(sample("good/document-dotnet"))
    tags = re.findall(rb"<([A-Za-z:]+)", content)
    bare = {tag for tag in tags if not tag.startswith(b"edXML:")}
    assert bare == {
        b"edXML", b"AttachmentEncoded", b"Attachment", b"ContentId", b"AttachmentName", b"Description",
        b"ContentType",
    }  # fmt: skip
    assert b'<edXML:ContentTransferEncoded xmlns:edXML="' in content
    assert content.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<edXML xmlns="')


def test_a_new_document_always_says_that_it_is_new() -> None:
    tree = parse(sample("good/document-new"))
    content = write(replace(read(tree), business=None, attachments=()))
    assert b"<edXML:BussinessDocType>0</edXML:BussinessDocType>" in content
    assert read(parse(content)).business is None


def test_markup_in_a_value_stays_a_value() -> None:
    envelope = replace(read(parse(sample("good/document-new"))), attachments=())
    for subject in ("<To/> & ]]> \"'", "một\r\nhai\tba"):
        assert read(parse(write(replace(envelope, subject=subject)))).subject == subject


def test_the_wrapping_of_the_java_sdk_is_taken_off_again() -> None:
    envelope = replace(read(parse(sample("good/document-new"))), attachments=())
    text = AttachmentInfo(content_id="1", name="ghi chú.txt", content_type="text/plain")
    pdf = AttachmentInfo(content_id="2", name="công văn.pdf", content_type="application/pdf")
    enclosed = [(text, b"x" * 100), (pdf, b"%PDF-1.4")]
    content = write(envelope, enclosed, zipped=True)
    assert content == write(envelope, enclosed, zipped=True)
    wrapped, raw = attachments(parse(content))
    assert wrapped.info.content_type == "application/zip"
    assert wrapped.decoded().startswith(b"PK")
    assert wrapped.payload() == b"x" * 100
    assert raw.decoded() == raw.payload() == b"%PDF-1.4"


def test_what_cannot_be_said_in_a_package_raises() -> None:
    envelope = read(parse(sample("good/document-new")))
    bare = replace(envelope, attachments=())
    status = read(parse(sample("good/status-accepted-03")))
    assert status.status is not None
    info = AttachmentInfo(content_id="1", name="a", content_type="b")
    with pytest.raises(ValueError, match="other attachments"):
        write(envelope)
    with pytest.raises(ValueError, match="same content id"):
        write(bare, [(info, b"x"), (info, b"y")])
    with pytest.raises(ValueError, match="says in Bussiness"):
        write(replace(bare, kind=PackageKind.REVOKE, business=None))
    with pytest.raises(ValueError, match="does not allow"):
        write(replace(bare, subject="\x00"))
    with pytest.raises(ValueError, match="its time"):
        write(replace(status, status=replace(status.status, at=None)))
    with pytest.raises(ValueError, match="one receiver"):
        write(replace(status, receivers=()))
    assert write(replace(bare, kind=PackageKind.REVOKE, business=Business()))
