"""The small authority issues what the real one would."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509

from signing.ca import CertificateAuthority
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
