"""Attachments, however they are packed: what is found in them, and what is said of what cannot be looked into."""

from __future__ import annotations

import io
import zipfile
from base64 import b64encode
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from schemas.xml import parse
from signing import attachments, salvage, xml
from signing.trust import TrustStore
from signing.verdict import Form, Outcome, Question, Verdict
from tests.unit.signing import pdfs
from tests.unit.signing.packages import EDXML
from tests.unit.signing.pdfs import RECEIVED

SAMPLE = Path(__file__).resolve().parents[4] / "shared" / "samples" / "edxml" / "edoc_new.edxml"
HIDDEN = "1896_QD-TTg_m_294779.doc"


@cache
def signed() -> bytes:
    return pdfs.sign(pdfs.blank(), pdfs.person())


def package(*files: tuple[str, str, bytes]) -> bytes:
    """Return a package with attachments: name, content type, octets."""
    each = "".join(
        f"<Attachment><ContentId>cid:{number}</ContentId><AttachmentName>{name}</AttachmentName>"
        f"<ContentType>{kind}</ContentType><ContentTransferEncoded>{b64encode(octets).decode()}"
        "</ContentTransferEncoded></Attachment>"
        for number, (name, kind, octets) in enumerate(files, start=1)
    )
    return (
        f'<edXML xmlns="{EDXML}"><edXMLEnvelope><edXMLHeader><MessageHeader><Subject>V/v</Subject>'
        "</MessageHeader></edXMLHeader><edXMLBody><edXMLManifest/></edXMLBody></edXMLEnvelope>"
        f"<AttachmentEncoded>{each}</AttachmentEncoded></edXML>"
    ).encode()


def archive(**files: bytes) -> bytes:
    return archived({name.replace("__", "."): octets for name, octets in files.items()})


def archived(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as written:
        for name, octets in files.items():
            written.writestr(name, octets)
    return out.getvalue()


def look(content: bytes, trust: TrustStore | None = None) -> list[Verdict]:
    return list(attachments.verify(parse(content), trust or pdfs.trust(), RECEIVED))


def told(content: bytes) -> list[tuple[str | None, str, str]]:
    return [(each.part, str(each.outcome), each.reasons[0].code) for each in look(content)]


PDF = "application/pdf"
ZIP = "application/zip"


def test_each_signed_attachment_has_its_verdicts_and_others_have_none() -> None:
    content = package(("a.pdf", PDF, signed()), ("b.txt", "text/plain", b"chu"), ("c.pdf", PDF, pdfs.blank()))
    assert told(content) == [
        ("a.pdf", "valid", "attachment.intact"),
        ("c.pdf", "absent", "attachment.not-signed"),
    ]


def test_a_signature_beside_two_files_of_one_name_is_of_neither() -> None:
    made = pdfs.cms_of(b"mot", pdfs.person())
    files = [("a.doc", "application/msword", b"mot"), ("a.doc.p7s", "application/pkcs7-signature", made)]
    assert told(package(*files)) == [("a.doc.p7s", "valid", "attachment.intact")]
    files.insert(0, ("a.doc", "application/msword", b"hai"))
    assert told(package(*files)) == [("a.doc.p7s", "undetermined", "attachment.named-twice")]


def test_archives_within_archives_and_packages_within_packages_are_looked_into() -> None:
    inner = xml.sign(package(("quyetdinh.pdf", PDF, signed())), pdfs.agency())
    outer = archive(goc__zip=archive(edoc__edxml=inner))
    found = look(package(("van_ban.zip", ZIP, outer)))
    where = "van_ban.zip/goc.zip/edoc.edxml"
    assert [(each.part, each.form) for each in found] == [
        (where, Form.XML),
        (f"{where}/quyetdinh.pdf", Form.PDF),
    ]
    assert found[1].outcome is Outcome.VALID


def test_a_single_file_in_a_zip_is_a_wrapping() -> None:
    wrapped = archived({"0b8f5f0e-77e4-4b6e-9b0f-000000000001.pdf": signed()})
    assert told(package(("cong_van.pdf", ZIP, wrapped))) == [("cong_van.pdf", "valid", "attachment.intact")]


def test_a_signature_beside_its_file_is_found_by_name() -> None:
    made = pdfs.cms_of(b"chu", pdfs.person())
    beside = package(("b.txt", "text/plain", b"chu"), ("b.txt.p7s", "application/pkcs7-signature", made))
    assert told(beside) == [("b.txt.p7s", "valid", "attachment.intact")]
    packed = package(("kho.zip", ZIP, archived({"b.txt": b"Chu", "b.txt.p7s": made})))
    assert told(packed) == [("kho.zip/b.txt.p7s", "invalid", "attachment.changed")]


def test_an_envelope_is_opened() -> None:
    made = pdfs.cms_of(signed(), pdfs.agency(), detached=False)
    assert told(package(("a.pdf.p7m", "application/pkcs7-mime", made))) == [
        ("a.pdf.p7m", "valid", "attachment.intact"),
        ("a.pdf.p7m/a.pdf", "valid", "attachment.intact"),
    ]


def test_a_signed_office_file_is_recognised_and_nothing_is_claimed() -> None:
    plain = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}
    marked = {**plain, "_xmlsignatures/sig1.xml": b"<Signature/>"}
    content = package(
        ("a.docx", "application/docx", archived(plain)), ("b.docx", "application/docx", archived(marked))
    )
    assert told(content) == [("b.docx", "undetermined", "office.not-verified")]


def test_what_is_nested_too_deeply_is_named() -> None:
    octets = signed()
    for number in range(6):
        octets = archived({f"{number}.zip" if number else "a.pdf": octets, "x.txt": b"x"})
    (verdict,) = look(package(("kho.zip", ZIP, octets)))
    assert (verdict.outcome, verdict.reasons[0].code) == (Outcome.UNDETERMINED, "attachment.too-deep")
    assert verdict.part is not None
    assert verdict.part.count("/") == attachments.DEEPEST


def test_too_many_files_are_not_all_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MOST_FILES", 3)
    kho = archived({f"{number}.pdf": pdfs.blank() for number in range(8)})
    found = told(package(("kho.zip", ZIP, kho)))
    assert [code for *_, code in found] == [
        "attachment.not-signed",
        "attachment.not-signed",
        "attachment.too-many",
    ]


def test_when_time_is_up_the_rest_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MOST_SECONDS", -1.0)
    assert told(package(("a.pdf", PDF, signed()))) == [("a.pdf", "undetermined", "attachment.too-many")]


@pytest.mark.parametrize("name", ["../../etc/passwd", "/root/x.pdf"])
def test_an_archive_with_dangerous_names_is_not_opened(name: str) -> None:
    (found,) = told(package(("kho.zip", ZIP, archived({name: signed(), "x": b""}))))
    assert found == ("kho.zip", "undetermined", "attachment.unsafe")


def test_names_become_labels_only() -> None:
    assert attachments.label("a\\b\x00\u202e.pdf") == "a/b??.pdf"
    assert len(attachments.label("x" * 10_000)) < 200


def test_base64_that_is_broken_is_named() -> None:
    content = package(("a.pdf", PDF, signed())).replace(
        b"<ContentTransferEncoded>", b"<ContentTransferEncoded>*"
    )
    assert told(content) == [("a.pdf", "undetermined", "attachment.unsafe")]


# A package within, which is no XML


def test_attachments_of_a_package_that_cannot_be_parsed_are_judged_all_the_same() -> None:
    inner = package(("a.pdf", PDF, signed())).replace(b"<edXMLManifest/>", b"<edXMLManifest/><!-- x -->")
    unsigned = look(package(("trong.edxml", "application/edxml", inner)))
    assert [(each.part, each.outcome) for each in unsigned] == [("trong.edxml/a.pdf", Outcome.VALID)]
    claimed = inner.replace(b"</MessageHeader>", b"</MessageHeader><ds:Signature>x</ds:Signature>")
    found = look(package(("trong.edxml", "application/edxml", claimed)))
    assert [each.reasons[0].code for each in found] == ["attachment.package-unreadable", "attachment.intact"]


@pytest.mark.parametrize("text", ["***", "aGk", ""])
def test_what_is_salvaged_may_be_broken(text: str) -> None:
    content = f"<AttachmentName>a.pdf</AttachmentName><ContentTransferEncoded>{text}</x>".encode()
    for found in salvage.files(content):
        with pytest.raises(ValueError):
            found.content()
    assert len(salvage.files(content * 100)) in (0, salvage.MOST)


def test_looking_for_tags_takes_no_longer_for_hostile_text() -> None:
    hostile = b"<" * 300_000 + b"<a:" * 100_000 + b"<Attachment " + b" " * 300_000
    assert salvage.files(hostile) == ()
    assert not salvage.looks_signed(hostile)


# The official sample


def expected(verdict: Verdict) -> None:
    assert (verdict.outcome, verdict.form, verdict.level) == (Outcome.UNDETERMINED, Form.PDF, "PKCS#7")
    assert [reason.code for reason in verdict.reasons] == [
        "certificate.expired",
        "certificate.chain-incomplete",
        "attachment.intact",
        "algorithm.old",
        "timestamp.algorithm-forbidden",
        "time.claimed-only",
        "time.signer-clock-ahead",
        "coverage.whole-file",
    ]
    assert {str(question): str(aspect.outcome) for question, aspect in verdict.aspects.items()} == {
        "integrity": "valid",
        "trust": "undetermined",
        "time": "undetermined",
        "coverage": "valid",
    }
    assert verdict.claimed_at == datetime(2018, 1, 2, 15, 16, 8, tzinfo=UTC)
    assert verdict.aspects[Question.TIME].evidence["clock_ahead_seconds"] == "43"
    assert verdict.aspects[Question.INTEGRITY].evidence["digest_algorithm"] == "sha1"
    assert verdict.certificate is not None
    assert verdict.certificate.not_after == datetime(2018, 11, 27, 7, 59, 47, tzinfo=UTC)


if SAMPLE.exists():

    def test_the_signed_pdf_inside_the_official_sample() -> None:
        package_inside, verdict = look(SAMPLE.read_bytes(), TrustStore.empty())
        assert (package_inside.part, package_inside.reasons[0].code) == (
            HIDDEN,
            "attachment.package-unreadable",
        )
        assert verdict.part == f"{HIDDEN}/GUIDE_INSTALL OPENVPN.SIGNED.PDF"
        expected(verdict)
