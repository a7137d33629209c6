"""Does what a container of ours encloses hold by itself: every certificate, CRL and OCSP answer has a known issuer.

None of it is signed by the signature, and what is of no use to a verdict could be changed without anybody noticing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from schemas.text import Text
from signing import certificates, revocation_crl, revocation_ocsp
from signing import reasons_container as reasons
from signing.certificates import UnreadableCertificate
from signing.revocation_crl import UnusableRevocation
from signing.trust import TrustStore
from signing.verdict import Reason
from signing.xades_read import Signature

CERTIFICATE = Text(vi="chứng thư", en="a certificate")
CRL = Text(vi="danh sách thu hồi", en="a revocation list")
OCSP = Text(vi="trả lời OCSP", en="an OCSP answer")


def unproven(part: str, signature: Signature, trust: TrustStore) -> Iterator[Reason]:
    """Yield a reason for each value enclosed with the signature that no known issuer signed."""
    enclosed = [_certificate(der) for der in (*signature.key_certificates, *signature.certificates)]
    found = [certificate for certificate in enclosed if certificate is not None]
    trusted = (*trust.anchors, *trust.timestamp_anchors, *trust.intermediates)
    known = [*found, *(certificate.x509 for certificate in trusted)]
    if len(found) < len(enclosed) or not all(_is_issued(one, known) for one in found):
        yield reasons.VALUE_NOT_PROVEN.because(part=part, what=CERTIFICATE)
    if not all(_crl_holds(der, known) for der in signature.crls):
        yield reasons.VALUE_NOT_PROVEN.because(part=part, what=CRL)
    if not all(_answer_holds(der, known) for der in signature.ocsp_responses):
        yield reasons.VALUE_NOT_PROVEN.because(part=part, what=OCSP)


def _certificate(der: bytes) -> x509.Certificate | None:
    try:
        return certificates.load(der).x509
    except UnreadableCertificate:
        return None


def _is_issued(certificate: x509.Certificate, known: Sequence[x509.Certificate]) -> bool:
    return any(_issued_by(certificate, issuer) for issuer in known if issuer.subject == certificate.issuer)


def _issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _crl_holds(der: bytes, known: Sequence[x509.Certificate]) -> bool:
    try:
        crl = revocation_crl.load(der)
    except UnusableRevocation:
        return False
    return any(crl.issued_by(issuer) for issuer in known)


def _answer_holds(der: bytes, known: Sequence[x509.Certificate]) -> bool:
    try:
        answer = revocation_ocsp.load(der)
    except UnusableRevocation:
        return False
    return any(answer.vouched_for_by(issuer) is not None for issuer in known)
