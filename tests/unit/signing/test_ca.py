"""The small authority issues what the real one would."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing.ca import Addresses, CertificateAuthority, Revoked
from tests.unit.signing.packages import ISSUED, authority, between, signer, usage


def extension(certificate: x509.Certificate, kind: type[x509.ExtensionType]) -> object:
    return certificate.extensions.get_extension_for_class(kind).value


def test_a_root_is_an_authority_that_issued_itself() -> None:
    root = authority().certificate
    root.verify_directly_issued_by(root)
    assert extension(root, x509.BasicConstraints) == x509.BasicConstraints(ca=True, path_length=None)


def test_an_authority_below_may_issue_for_signers_only() -> None:
    below = between().certificate
    below.verify_directly_issued_by(authority().certificate)
    assert extension(below, x509.BasicConstraints) == x509.BasicConstraints(ca=True, path_length=0)


def test_a_signer_gets_a_certificate_for_documents_and_the_path_below_the_root() -> None:
    leaf, above = signer().chain
    leaf.verify_directly_issued_by(above)
    assert above == between().certificate
    assert extension(leaf, x509.BasicConstraints) == x509.BasicConstraints(ca=False, path_length=None)
    assert extension(leaf, x509.KeyUsage) == usage(digital_signature=True, content_commitment=True)


def test_the_subject_is_in_the_usual_order() -> None:
    key = authority().issue("A", ISSUED, organisation="UBND xã Mẫu", unit="Văn phòng", province="Tỉnh Mẫu")
    assert key.certificate.subject.rfc4514_string() == "CN=A,OU=Văn phòng,O=UBND xã Mẫu,L=Tỉnh Mẫu,C=VN"
    assert key.chain == (key.certificate,)


@pytest.mark.parametrize(("days", "expected"), [(10, 10), (99_999, 7300)])
def test_no_certificate_outlives_its_issuer(days: int, expected: int) -> None:
    key = CertificateAuthority.create("Gốc", ISSUED).issue("A", ISSUED, organisation="B", days=days)
    assert key.certificate.not_valid_after_utc == ISSUED + timedelta(days=expected)


def test_it_names_the_addresses_that_it_was_given() -> None:
    named = Addresses("http://crl.example/a.crl", "http://ocsp.example/", "http://a.example/a.cer")
    root = CertificateAuthority.create("Gốc", ISSUED, addresses=named)
    leaf = root.issue("A", ISSUED, organisation="X").certificate
    text = repr(leaf.extensions)
    assert all(url in text for url in (named.crl, named.ocsp, named.issuer))
    assert "example" not in repr(root.certificate.extensions)
    assert "example" not in repr(
        root.authority("B", ISSUED).issue("C", ISSUED, organisation="X").certificate.extensions
    )


def test_a_time_stamping_authority_and_a_responder_have_their_purpose_alone() -> None:
    tsa = authority().time_stamp_authority("TSA", ISSUED).certificate
    purpose = tsa.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert purpose.critical
    assert list(purpose.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
    responder = authority().ocsp_responder("OCSP", ISSUED).certificate
    assert extension(responder, x509.ExtendedKeyUsage) == x509.ExtendedKeyUsage(
        [ExtendedKeyUsageOID.OCSP_SIGNING]
    )
    assert extension(responder, x509.OCSPNoCheck) == x509.OCSPNoCheck()


def test_a_list_says_what_was_revoked_when_and_why() -> None:
    serial = signer().certificate.serial_number
    why = Revoked(ISSUED, x509.ReasonFlags.key_compromise)
    crl = x509.load_der_x509_crl(between().crl(ISSUED, revoked={serial: why}, number=5))
    assert crl.is_signature_valid(between().key.private_key.public_key())
    entry = crl.get_revoked_certificate_by_serial_number(serial)
    assert entry is not None
    assert entry.revocation_date_utc == ISSUED
    assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason is why.reason
    assert crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 5
