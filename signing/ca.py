"""A small certification authority, for demonstrations and tests. Its certificates look like those of the real
one.

Not for production: it keeps no list of what it issued and revokes nothing. Official-duty certificates come
from the government's own authority (Ban Cơ yếu Chính phủ); the hub only needs their roots in its trust
folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID, ObjectIdentifier

from signing.keys import Algorithm, SigningKey, certificate_for, new_private_key, usage_for_documents

AUTHORITY_LIFE = timedelta(days=20 * 365)


@dataclass(frozen=True, slots=True)
class CertificateAuthority:
    """An authority with its key. `key.chain` leads from its own certificate up to the root."""

    key: SigningKey

    @classmethod
    def create(cls, name: str, now: datetime, algorithm: Algorithm = "ecdsa-p256") -> CertificateAuthority:
        """Return a new root."""
        private = new_private_key(algorithm)
        subject = _name(common_name=name, organisation=name)
        builder = certificate_for(subject, subject, private.public_key(), now, now + AUTHORITY_LIFE)
        certificate = _as_authority(builder, None).sign(private, hashes.SHA256())
        return cls(SigningKey("ca", private, (certificate,)))

    @property
    def certificate(self) -> x509.Certificate:
        """Its own certificate: what is laid into the trust folder of who is to trust it."""
        return self.key.certificate

    @property
    def pem(self) -> bytes:
        """Its own certificate as the content of a file."""
        return self.certificate.public_bytes(Encoding.PEM)

    def authority(
        self, name: str, now: datetime, algorithm: Algorithm = "ecdsa-p256"
    ) -> CertificateAuthority:
        """Issue for an authority below this one, which may issue only for signers."""
        private = new_private_key(algorithm)
        subject = _name(common_name=name, organisation=name)
        builder = certificate_for(
            subject, self.certificate.subject, private.public_key(), now, self._end(now)
        )
        return CertificateAuthority(
            SigningKey("ca", private, (self._signed(_as_authority(builder, 0)), *self.key.chain))
        )

    def issue(
        self,
        common_name: str,
        now: datetime,
        *,
        organisation: str,
        unit: str = "",
        province: str = "",
        days: int = 3 * 365,
        algorithm: Algorithm = "ecdsa-p256",
        name: str = "signer",
        usage: x509.KeyUsage | None = None,
    ) -> SigningKey:
        """Issue for a person or an agency that signs documents. `name` is that of the key, not the owner."""
        private = new_private_key(algorithm)
        subject = _name(common_name=common_name, organisation=organisation, unit=unit, province=province)
        until = min(now + timedelta(days=days), self.certificate.not_valid_after_utc)
        builder = certificate_for(subject, self.certificate.subject, private.public_key(), now, until)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(usage or usage_for_documents(), critical=True)
        return SigningKey(name, private, (self._signed(builder), *self._path_below_root()))

    def _signed(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.private_key.public_key())
        return builder.add_extension(issuer, critical=False).sign(self.key.private_key, hashes.SHA256())

    def _end(self, now: datetime) -> datetime:
        return min(now + AUTHORITY_LIFE, self.certificate.not_valid_after_utc)

    def _path_below_root(self) -> tuple[x509.Certificate, ...]:
        # Who verifies has the root already; sending it along would only look like an attempt to be believed.
        return self.key.chain[:-1]


def _as_authority(builder: x509.CertificateBuilder, path_length: int | None) -> x509.CertificateBuilder:
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
    return builder.add_extension(usage, critical=True)


def _name(*, common_name: str, organisation: str, unit: str = "", province: str = "") -> x509.Name:
    """Return a subject in the order that Vietnamese certificates use: C, L, O, OU, CN."""
    parts: list[tuple[ObjectIdentifier, str]] = [
        (NameOID.COUNTRY_NAME, "VN"),
        (NameOID.LOCALITY_NAME, province),
        (NameOID.ORGANIZATION_NAME, organisation),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
        (NameOID.COMMON_NAME, common_name),
    ]
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts if value])
