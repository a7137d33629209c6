"""A certificate as it came, read once: everything that is asked of it later is worked out when it is loaded.

Certificates arrive inside strangers' documents. `load` bounds their size, reads every part that is used,
and raises `UnreadableCertificate` for whatever is wrong; nothing after it can fail. What was read is
remembered by SHA-256 of the DER.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from schemas.findings import shortened
from signing.recent import Recent
from signing.verdict import CertificateSummary

LARGEST = 16 * 1024  # DER octets; real ones have one to three thousand

# With an ExtendedKeyUsage that names none of these (a web server's, a time stamp's) it signs no documents.
DOCUMENT_PURPOSES = frozenset(
    {
        ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
        ExtendedKeyUsageOID.CLIENT_AUTH,  # the usual one in Vietnamese certificates for persons and agencies
        ExtendedKeyUsageOID.EMAIL_PROTECTION,
        ObjectIdentifier("1.3.6.1.5.5.7.3.36"),  # documentSigning, RFC 9336
        ObjectIdentifier("1.3.6.1.4.1.311.10.3.12"),  # Microsoft document signing
    }
)


class UnreadableCertificate(Exception):
    """These octets are not a certificate that can be worked with."""


@dataclass(frozen=True, slots=True, eq=False)
class Certificate:
    """A certificate with what the profile asks of it. `usage` names its key usages, for people."""

    x509: x509.Certificate
    summary: CertificateSummary
    name: str
    public_key: CertificatePublicKeyTypes
    is_authority: bool
    may_sign: bool
    usage: str

    @property
    def der(self) -> bytes:
        """The octets it was read from."""
        return self.x509.public_bytes(Encoding.DER)


_recent: Recent[bytes, Certificate] = Recent(most=1024)


def load(der: bytes) -> Certificate:
    """Read a certificate, or raise `UnreadableCertificate`."""
    if len(der) > LARGEST:
        raise UnreadableCertificate(f"expected at most {LARGEST} octets, got {len(der)}")
    digest = hashlib.sha256(der).digest()
    known = _recent.get(digest)
    if known is None:
        known = _read(der, digest.hex())
        _recent.put(digest, known)
    return known


def of(certificate: x509.Certificate) -> Certificate:
    """Return our view of a certificate that cryptography has already loaded."""
    return load(certificate.public_bytes(Encoding.DER))


def _read(der: bytes, sha256: str) -> Certificate:
    # cryptography raises these for broken encodings, unknown key types and impossible extensions.
    try:
        return _understood(x509.load_der_x509_certificate(der), sha256)
    except (
        ValueError,
        TypeError,
        OverflowError,
        UnsupportedAlgorithm,
        x509.InvalidVersion,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
    ) as error:
        raise UnreadableCertificate(f"not a certificate: {type(error).__name__}") from error


def _understood(certificate: x509.Certificate, sha256: str) -> Certificate:
    usages = _usages(certificate)
    return Certificate(
        x509=certificate,
        summary=_summary(certificate, sha256),
        name=_common_name(certificate.subject),
        public_key=certificate.public_key(),
        is_authority=_is_authority(certificate),
        may_sign=bool(usages & {"digitalSignature", "nonRepudiation"}) and _fits_documents(certificate),
        usage=", ".join(sorted(usages | _purposes(certificate))) or "-",
    )


def _summary(certificate: x509.Certificate, sha256: str) -> CertificateSummary:
    return CertificateSummary(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        serial=f"{certificate.serial_number:x}",
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        sha256=sha256,
    )


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(shortened(str(found[0].value) if found else name.rfc4514_string()))


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _usages(certificate: x509.Certificate) -> set[str]:
    """Return the key usages under the names of RFC 5280, 4.2.1.3. Without the extension: none."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return set()
    named = {
        "digitalSignature": usage.digital_signature,
        "nonRepudiation": usage.content_commitment,
        "keyEncipherment": usage.key_encipherment,
        "dataEncipherment": usage.data_encipherment,
        "keyAgreement": usage.key_agreement,
        "keyCertSign": usage.key_cert_sign,
        "cRLSign": usage.crl_sign,
    }
    return {name for name, granted in named.items() if granted}


def _extended(certificate: x509.Certificate) -> x509.ExtendedKeyUsage | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return None


def _fits_documents(certificate: x509.Certificate) -> bool:
    # RFC 5280, 4.2.1.12: if the extension is there, the key may be used only for one of its purposes.
    extended = _extended(certificate)
    return extended is None or not DOCUMENT_PURPOSES.isdisjoint(extended)


def _purposes(certificate: x509.Certificate) -> set[str]:
    extended = _extended(certificate)
    return set() if extended is None else {purpose.dotted_string for purpose in extended}


def key_name(key: CertificatePublicKeyTypes) -> str:
    """Return what kind of key it is, for people: "RSA 2048", "EC secp256r1"."""
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}"
    return type(key).__name__.removesuffix("PublicKey").lstrip("_")
