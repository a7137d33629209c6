"""What is written reads back as it was, in either dialect, and looks as the official samples look."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from schemas.catalog import Catalog
from schemas.edxml.attachments import attachments
from schemas.edxml.codes import NAMESPACE
from schemas.edxml.elements import DIALECTS, Dialect
from schemas.edxml.envelope import AttachmentInfo, Business, Envelope, PackageKind
from schemas.edxml.reader import read
from schemas.edxml.strict import strict_schema, strictly
from schemas.edxml.writer import write
from schemas.validator import validate
from schemas.xml import parse
from tests.unit.schemas.edxml.envelopes import documents, statuses
from tests.unit.schemas.samples import OFFICIAL_SAMPLES, TODAY, sample

Enclosed = list[tuple[AttachmentInfo, bytes]]
OUR_SAMPLES = [
    "good/document-new", "good/document-update", "good/document-replace", "good/document-revoke",
    "odd/replaced-twice", "good/status-refused-02", "good/status-accepted-03", "good/status-take-back-13",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(documents(), st.sampled_from(DIALECTS))
def test_a_document_reads_back_as_it_was_written(
    package: tuple[Envelope, Enclosed], dialect: Dialect
) -> None:
    envelope, enclosed = package
    tree = parse(write(envelope, enclosed, dialect=dialect))
    assert read(tree) == envelope
    assert [(found.info, found.decoded()) for found in attachments(tree)] == enclosed


@settings(max_examples=150, deadline=None)
@given(statuses(), st.sampled_from(DIALECTS))
def test_a_status_reads_back_as_it_was_written(envelope: Envelope, dialect: Dialect) -> None:
    assert read(parse(write(envelope, dialect=dialect))) == envelope


def rewritten(content: bytes, dialect: Dialect = "vnpt") -> tuple[Envelope, bytes]:
    tree = parse(content)
    envelope = read(tree)
    enclosed = [(found.info, found.decoded()) for found in attachments(tree)]
    return envelope, write(envelope, enclosed, dialect=dialect)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", ["document-new", "document-update", "document-replace", "status-refused-02"])
def test_what_we_write_is_valid_and_fits_the_strict_schema(name: str, dialect: Dialect) -> None:
    envelope, content = rewritten(sample(f"good/{name}"), dialect)
    document = validate(content, Catalog.standard(), TODAY)
    assert document.findings == ()
    assert document.envelope == envelope
    assert strict_schema(envelope.kind, dialect).accepts(document.tree)
    assert strictly(document.tree) == []


def canonical(content: bytes) -> bytes:
    """Return the canonical form of what can survive rewriting.

    What cannot: blanks between elements and around values, and signature blocks, which rewriting breaks.
    """
    root = etree.fromstring(content, etree.XMLParser(remove_blank_text=True))
    for signature in list(root.iter(f"{{{NAMESPACE}}}Signature")):
        parent = signature.getparent()
        assert parent is not None
        parent.remove(signature)
    for element in root.iter():
        element.text = (element.text or "").strip() or None
        element.tail = None
    return etree.tostring(root, method="c14n")


@pytest.mark.parametrize("path", OFFICIAL_SAMPLES, ids=lambda path: path.stem)
def test_an_official_sample_has_the_same_canonical_form_when_it_is_written_again(path: Path) -> None:
    content = path.read_bytes()
    assert canonical(rewritten(content)[1]) == canonical(content)


@pytest.mark.parametrize("name", OUR_SAMPLES)
def test_our_samples_have_the_same_canonical_form_when_they_are_written_again(name: str) -> None:
    assert canonical(rewritten(sample(name))[1]) == canonical(sample(name))


def test_the_dotnet_sample_is_written_again_as_it_was() -> None:
    original = canonical(sample("good/document-dotnet"))
    written = canonical(rewritten(sample("good/document-dotnet"), "dotnet")[1])
    # The serializer chooses an id, and our sample links one of its files only.
    for form in (rb' id="[^"]*"', rb' xlink:[a-z]+="[^"]*"'):
        original, written = re.sub(form, b"", original), re.sub(form, b"", written)
    assert written == original


def test_what_vendors_added_survives() -> None:
    envelope, content = rewritten(sample("good/document-jar"))
    again = read(parse(content))
    assert again == envelope
    assert (again.reply_fors, again.reference_codes, again.application_type) == ("1", "NV-01", "1")
    assert again.attachments[0].field_name == "file"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_prefixes_are_those_of_the_official_samples(dialect: Dialect) -> None:
    _, content = rewritten(sample("odd/document-gateway"), dialect)
    tags = re.findall(rb"<([A-Za-z:]+)", content)
    bare = {tag for tag in tags if not tag.startswith(b"edXML:")}
    assert bare == {
        b"edXML", b"AttachmentEncoded", b"Attachment", b"ContentId", b"AttachmentName", b"Description",
        b"ContentType",
    }  # fmt: skip
    assert b'<edXML:ContentTransferEncoded xmlns:edXML="' in content
    assert content.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<edXML xmlns')


def test_dotnet_has_its_declarations_attributes_and_empty_signature() -> None:
    _, content = rewritten(sample("good/document-new"), "dotnet")
    text = content.decode("utf-8")
    assert 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"' in text
    assert 'xmlns:xsd="http://www.w3.org/2001/XMLSchema"' in text
    assert "<edXML:DigitalSignature/>" in text
    assert 'mustUnderstand="1" actor="http://schemas.xmlsoap.org/soap/actor/next"' in text
    assert '<edXML:Reference xlink:href="cid:1" xlink:role="XLinkRole" xlink:type="simple">' in text
    assert text.index("<edXML:SteeringType>") < text.index("<edXML:DocumentId>")
    assert b"DigitalSignature" not in rewritten(sample("good/document-new"))[1]


def test_quotes_in_a_content_id_do_not_break_out_of_an_attribute() -> None:
    info = AttachmentInfo(content_id='1" x:y="<&', name="a.txt", content_type="text/plain")
    bare = replace(read(parse(sample("good/document-new"))), attachments=())
    (found,) = attachments(parse(write(bare, [(info, b"x")], dialect="dotnet")))
    assert found.info == info


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
