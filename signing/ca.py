"""A small certification authority, for demonstrations and tests. Its certificates look like those of the real
one.

It signs CRLs and OCSP answers about what it is told was revoked, issues for an OCSP responder and for a time-stamping
authority, and names the addresses of `Addresses` in its certificates.

Not for production: it keeps no list of what it issued. Official-duty certificates come from the government's own
authority (Ban Cơ yếu Chính phủ); the hub only needs their roots in its trust folder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    NameOID,
    ObjectIdentifier,
)

from signing.keys import Algorithm, SigningKey, certificate_for, new_private_key, usage_for_documents

AUTHORITY_LIFE = timedelta(days=20 * 365)
LIST_LIFE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Addresses:
    """The URLs that an authority writes into what it issues; empty: it names none."""

    crl: str = ""
    ocsp: str = ""
    issuer: str = ""  # where its own certificate can be had, in DER


@dataclass(frozen=True, slots=True)
class Revoked:
    """That a certificate was taken back, when, and why."""

    date: datetime
    reason: x509.ReasonFlags = x509.ReasonFlags.unspecified


@dataclass(frozen=True, slots=True)
class CertificateAuthority:
    """An authority with its key. `key.chain` leads from its own certificate up to the root."""

    key: SigningKey
    addresses: Addresses = field(default_factory=Addresses)

    @classmethod
    def create(
        cls,
        name: str,
        now: datetime,
        algorithm: Algorithm = "ecdsa-p256",
        addresses: Addresses | None = None,
    ) -> CertificateAuthority:
        """Return a new root."""
        private = new_private_key(algorithm)
        subject = _name(common_name=name, organisation=name)
        builder = certificate_for(subject, subject, private.public_key(), now, now + AUTHORITY_LIFE)
        certificate = _as_authority(builder, None).sign(private, hashes.SHA256())
        return cls(SigningKey("ca", private, (certificate,)), addresses or Addresses())

    @property
    def certificate(self) -> x509.Certificate:
        """Its own certificate: what is laid into the trust folder of who is to trust it."""
        return self.key.certificate

    @property
    def pem(self) -> bytes:
        """Its own certificate as the content of a file."""
        return self.certificate.public_bytes(Encoding.PEM)

    def authority(
        self,
        name: str,
        now: datetime,
        algorithm: Algorithm = "ecdsa-p256",
        addresses: Addresses | None = None,
    ) -> CertificateAuthority:
        """Issue for an authority below this one, which may issue only for signers and writes these addresses."""
        private = new_private_key(algorithm)
        subject = _name(common_name=name, organisation=name)
        builder = certificate_for(
            subject, self.certificate.subject, private.public_key(), now, self._end(now)
        )
        return CertificateAuthority(
            SigningKey("ca", private, (self._signed(_as_authority(builder, 0)), *self.key.chain)),
            addresses or Addresses(),
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
        subject = _name(common_name=common_name, organisation=organisation, unit=unit, province=province)
        return self._issued(name, subject, now, days, algorithm, usage or usage_for_documents())

    def time_stamp_authority(
        self, common_name: str, now: datetime, *, days: int = 3 * 365, algorithm: Algorithm = "ecdsa-p256"
    ) -> SigningKey:
        """Issue for a time-stamping authority: the purpose timeStamping alone, critical (RFC 3161, 2.3)."""
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        subject = _name(common_name=common_name, organisation=common_name)
        return self._issued("tsa", subject, now, days, algorithm, usage_for_documents(), (purpose, True))

    def ocsp_responder(
        self, common_name: str, now: datetime, *, days: int = 90, algorithm: Algorithm = "ecdsa-p256"
    ) -> SigningKey:
        """Issue for who answers OCSP in its place: the purpose OCSPSigning, and nocheck (RFC 6960, 4.2.2.2)."""
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
        subject = _name(common_name=common_name, organisation=common_name)
        return self._issued(
            "ocsp",
            subject,
            now,
            days,
            algorithm,
            usage_for_documents(),
            (purpose, False),
            (x509.OCSPNoCheck(), False),
        )

    # --- what was taken back --------------------------------------------------------------------------------------

    def crl(
        self,
        now: datetime,
        *,
        revoked: Mapping[int, Revoked] | None = None,
        number: int = 1,
        life: timedelta = LIST_LIFE,
        extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
    ) -> bytes:
        """Return the list of the revoked serial numbers, DER, made now."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
        builder = builder.last_update(now).next_update(now + life)
        builder = builder.add_extension(x509.CRLNumber(number), critical=False)
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        for serial, why in (revoked or {}).items():
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(why.date)
            if why.reason is not x509.ReasonFlags.unspecified:  # RFC 5280, 5.3.1: leave it out instead
                entry = entry.add_extension(x509.CRLReason(why.reason), critical=False)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self.key.private_key, hashes.SHA256()).public_bytes(Encoding.DER)

    def ocsp(
        self,
        certificate: x509.Certificate,
        now: datetime,
        status: ocsp.OCSPCertStatus | Revoked = ocsp.OCSPCertStatus.GOOD,
        *,
        responder: SigningKey | None = None,
        life: timedelta | None = LIST_LIFE,
        algorithm: hashes.SHA1 | hashes.SHA256 | None = None,
    ) -> bytes:
        """Return an OCSP answer about a certificate of this authority, DER, signed by it or by its responder."""
        signer = responder or self.key
        revoked = status if isinstance(status, Revoked) else None
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=certificate,
            issuer=self.certificate,
            algorithm=algorithm or hashes.SHA1(),  # noqa: S303  as the national authority does: it only names
            cert_status=ocsp.OCSPCertStatus.REVOKED if isinstance(status, Revoked) else status,
            this_update=now,
            next_update=now + life if life is not None else None,
            revocation_time=revoked.date if revoked else None,
            revocation_reason=revoked.reason if revoked else None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
        if responder is not None:
            builder = builder.certificates([signer.certificate])
        return builder.sign(signer.private_key, hashes.SHA256()).public_bytes(Encoding.DER)

    # --------------------------------------------------------------------------------------------------------------

    def _issued(
        self,
        name: str,
        subject: x509.Name,
        now: datetime,
        days: int,
        algorithm: Algorithm,
        usage: x509.KeyUsage,
        *extensions: tuple[x509.ExtensionType, bool],
    ) -> SigningKey:
        private = new_private_key(algorithm)
        until = min(now + timedelta(days=days), self.certificate.not_valid_after_utc)
        builder = certificate_for(subject, self.certificate.subject, private.public_key(), now, until)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(usage, critical=True)
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return SigningKey(name, private, (self._signed(builder), *self._path_below_root()))

    def _signed(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.private_key.public_key())
        builder = builder.add_extension(issuer, critical=False)
        for extension in _naming(self.addresses):
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self.key.private_key, hashes.SHA256())

    def _end(self, now: datetime) -> datetime:
        return min(now + AUTHORITY_LIFE, self.certificate.not_valid_after_utc)

    def _path_below_root(self) -> tuple[x509.Certificate, ...]:
        # Who verifies has the root already; sending it along would only look like an attempt to be believed.
        return self.key.chain[:-1]


def _naming(addresses: Addresses) -> Iterator[x509.ExtensionType]:
    """Yield the extensions that name the addresses (RFC 5280, 4.2.1.13 and 4.2.2.1)."""
    if addresses.crl:
        name = x509.UniformResourceIdentifier(addresses.crl)
        yield x509.CRLDistributionPoints([x509.DistributionPoint([name], None, None, None)])
    access = [
        x509.AccessDescription(method, x509.UniformResourceIdentifier(url))
        for method, url in (
            (AuthorityInformationAccessOID.OCSP, addresses.ocsp),
            (AuthorityInformationAccessOID.CA_ISSUERS, addresses.issuer),
        )
        if url
    ]
    if access:
        yield x509.AuthorityInformationAccess(access)


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
