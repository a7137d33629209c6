"""CMS beside a file and around one."""

from __future__ import annotations

import base64

import pytest
from asn1crypto import cms as asn1
from cryptography.hazmat.primitives import hashes

from signing import cms
from signing.verdict import Form, Outcome, Question
from tests.unit.signing import pdfs
from tests.unit.signing.pdfs import RECEIVED

SIGNED = b"Noi dung bat ky"


def test_a_signature_beside_a_file_covers_it() -> None:
    made = pdfs.cms_of(SIGNED, pdfs.person())
    (verdict,), inside = cms.verify(made, SIGNED, pdfs.trust(), RECEIVED, part="a.doc.p7s")
    assert (verdict.outcome, verdict.form, verdict.level) == (Outcome.VALID, Form.CMS, "CAdES-B-B")
    assert (verdict.signer, verdict.covers, inside) == ("Nguyễn Văn Mẫu", "file", None)
    assert verdict.claimed_at == pdfs.SIGNED


@pytest.mark.parametrize("written", [base64.b64encode, base64.encodebytes])
def test_it_may_be_written_in_base64(written: object) -> None:
    assert callable(written)
    octets = written(pdfs.cms_of(SIGNED, pdfs.person()))
    armoured = b"-----BEGIN PKCS7-----\n" + octets + b"\n-----END PKCS7-----\n"
    for content in (octets, armoured):
        (verdict,), _ = cms.verify(content, SIGNED, pdfs.trust(), RECEIVED, part="a.p7s")
        assert verdict.outcome is Outcome.VALID


def test_beside_another_file_it_is_invalid() -> None:
    made = pdfs.cms_of(SIGNED, pdfs.person())
    (verdict,), _ = cms.verify(made, SIGNED + b".", pdfs.trust(), RECEIVED, part="a.doc.p7s")
    assert (verdict.outcome, verdict.reasons[0].code) == (Outcome.INVALID, "attachment.changed")


def test_around_a_file_it_gives_the_file_up() -> None:
    made = pdfs.cms_of(SIGNED, pdfs.person(), detached=False)
    (verdict,), inside = cms.verify(made, None, pdfs.trust(), RECEIVED, part="a.doc.p7m")
    assert (verdict.outcome, inside) == (Outcome.VALID, SIGNED)
    broken = made.replace(SIGNED, SIGNED.upper())
    (verdict,), inside = cms.verify(broken, None, pdfs.trust(), RECEIVED, part="a.doc.p7m")
    assert (verdict.outcome, inside) == (Outcome.INVALID, SIGNED.upper())


def test_a_value_by_a_weaker_hash_than_the_one_told_is_not_taken() -> None:
    message = asn1.ContentInfo.load(pdfs.cms_of(SIGNED, pdfs.person()))
    (signer,) = message["content"]["signer_infos"]
    attributes = signer["signed_attrs"].untag().dump()
    signer["signature"] = pdfs.person().sign(attributes, hashes.SHA1())
    signer["signature_algorithm"] = {"algorithm": "sha1_rsa"}
    (verdict,), _ = cms.verify(message.dump(force=True), SIGNED, pdfs.trust(), RECEIVED, part="a.doc.p7s")
    assert (verdict.outcome, verdict.reasons[0].code) == (Outcome.UNDETERMINED, "attachment.form-unsupported")
    assert "sha256 / sha1" in verdict.reasons[0].message.en


def test_the_attributes_of_one_signature_are_no_file_signed_by_another() -> None:
    """Without signed attributes the value is over the file itself, which may be those of a signature that has some."""
    message = asn1.ContentInfo.load(pdfs.cms_of(SIGNED, pdfs.person()))
    (signer,) = message["content"]["signer_infos"]
    attributes = signer["signed_attrs"].untag().dump()
    del signer["signed_attrs"]
    (verdict,), _ = cms.verify(message.dump(force=True), attributes, pdfs.trust(), RECEIVED, part="a.doc.p7s")
    assert (verdict.outcome, verdict.reasons[0].code) == (Outcome.UNDETERMINED, "attachment.form-unsupported")


def test_alone_it_says_what_is_missing() -> None:
    made = pdfs.cms_of(SIGNED, pdfs.person())
    (verdict,), _ = cms.verify(made, None, pdfs.trust(), RECEIVED, part="kho.zip/a.doc.p7s")
    assert (verdict.outcome, verdict.reasons[0].code) == (
        Outcome.UNDETERMINED,
        "attachment.nothing-beside",
    )
    assert "a.doc)" in verdict.reasons[0].message.en


@pytest.mark.parametrize("content", [b"", b"\x30\x80", b"not base64 at all \xff", b"\x30\x03\x02\x01\x01"])
def test_what_is_no_cms_has_a_verdict(content: bytes) -> None:
    (verdict,), _ = cms.verify(content, SIGNED, pdfs.trust(), RECEIVED, part="a.p7s")
    assert (verdict.outcome, verdict.reasons[0].code) == (Outcome.UNDETERMINED, "attachment.unreadable")
    assert verdict.aspects[Question.INTEGRITY].outcome is Outcome.UNDETERMINED


@pytest.mark.parametrize("at", range(0, 1200, 29))
def test_no_changed_octet_goes_unnoticed_or_crashes(at: int) -> None:
    made = bytearray(pdfs.cms_of(SIGNED, pdfs.agency()))
    made[at % len(made)] ^= 0x11
    verdicts, _ = cms.verify(bytes(made), SIGNED, pdfs.trust(), RECEIVED, part="a.p7s")
    assert all(verdict.reasons for verdict in verdicts)
    for verdict in verdicts:
        if verdict.outcome is Outcome.VALID:  # an octet that nobody signs: versions, tags of empty sets
            assert verdict.certificate is not None
            assert verdict.signer == "UBND xã Mẫu"
