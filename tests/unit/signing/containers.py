"""Keys, time-stamping authorities and containers for the tests of this folder. All names are invented."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from signing import asice, certificates
from signing.ca import CertificateAuthority, Revoked
from signing.keys import Algorithm, SigningKey, certificate_for, new_private_key, usage_for_documents
from signing.revocation import RevocationData
from signing.trust import TrustStore
from signing.tsa import LocalTimeStampAuthority
from signing.verdict import Verdict
from signing.xades import DataFile
from signing.xades_form import LEVELS

ISSUED = datetime(2026, 1, 5, 8, tzinfo=UTC)
SIGNED = ISSUED + timedelta(days=30)
NOW = SIGNED + timedelta(days=1)
AFTER = ISSUED + timedelta(days=4 * 365)  # when the certificates of signers have expired
MUCH_LATER = ISSUED + timedelta(days=12 * 365)  # when those of the time-stamping authority have

STAMPING = (ExtendedKeyUsageOID.TIME_STAMPING,)


@cache
def root() -> CertificateAuthority:
    """The root that the tests trust for documents."""
    return CertificateAuthority.create("Gốc ký thử nghiệm", ISSUED)


@cache
def between() -> CertificateAuthority:
    """An authority under it."""
    return root().authority("Trung gian thử nghiệm", ISSUED)


@cache
def stamp_root() -> CertificateAuthority:
    """The root that the tests trust for time stamps."""
    return CertificateAuthority.create("Gốc dấu thời gian thử nghiệm", ISSUED)


def signer(algorithm: Algorithm = "ecdsa-p256") -> SigningKey:
    """A key of the hub, valid for three years, whose certificate leads to the root through the one between."""
    return _signer(algorithm)


@cache
def _signer(algorithm: Algorithm) -> SigningKey:
    return between().issue("Trục thử nghiệm", ISSUED, organisation="Trục thử nghiệm", algorithm=algorithm)


def stamper_key(
    *,
    under: CertificateAuthority | None = None,
    algorithm: Algorithm = "ecdsa-p256",
    purposes: tuple[ObjectIdentifier, ...] = STAMPING,
    critical: bool = True,
    years: int = 10,
) -> SigningKey:
    """A key whose certificate is for time stamps, or, for attacks, nearly so."""
    authority = under or stamp_root()
    private = new_private_key(algorithm)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Dấu thời gian thử nghiệm")])
    builder = certificate_for(
        subject,
        authority.certificate.subject,
        private.public_key(),
        ISSUED,
        ISSUED + timedelta(days=365 * years),
    )
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(usage_for_documents(), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=critical)
    certificate = builder.sign(authority.key.private_key, hashes.SHA256())
    return SigningKey("tsa", private, (certificate, *authority.key.chain[:-1]))


def stamper(algorithm: Algorithm = "ecdsa-p256", at: datetime = SIGNED) -> LocalTimeStampAuthority:
    """An authority whose clock stands still."""
    return LocalTimeStampAuthority(_stamper_key(algorithm), lambda: at)


@cache
def _stamper_key(algorithm: Algorithm) -> SigningKey:
    return stamper_key(algorithm=algorithm)


def trust(
    *, stamps: bool = True, revocation: bool = False, known: RevocationData | None = None
) -> TrustStore:
    """A store that trusts the root, and that of the time stamps."""
    return TrustStore(
        [certificates.of(root().certificate)],
        timestamp_anchors=[certificates.of(stamp_root().certificate)] if stamps else [],
        require_revocation=revocation,
        revocation=known,
    )


# Containers

FILES = {
    "package.edxml": DataFile(b"<edXML>" + bytes(range(0x20, 0x7F)) + b"</edXML>", "application/xml"),
    "trail/summary.txt": DataFile("Bản tóm tắt".encode(), "text/plain"),
}


def known(
    *, revoked: dict[int, Revoked] | None = None, at: datetime = SIGNED, answers: bool = False
) -> RevocationData:
    """What the issuers say of everybody: lists, or OCSP answers for the signers."""
    lists = [root().crl(at), stamp_root().crl(at)]
    if not answers:
        return RevocationData.of([*lists, between().crl(at, revoked=revoked)])
    responder = between().ocsp_responder("Trả lời OCSP thử nghiệm", ISSUED)
    said = [
        between().ocsp(signer(algorithm).certificate, at, responder=responder)
        for algorithm in ("ecdsa-p256", "rsa-2048")
    ]
    return RevocationData.of(lists, said)


def container(
    level: str = "XAdES-B-B", algorithm: Algorithm = "ecdsa-p256", *, answers: bool = False
) -> bytes:
    """A container of `FILES` at this level, made once."""
    return _container(level, algorithm, answers)


@cache
def _container(level: str, algorithm: Algorithm, answers: bool) -> bytes:
    step = LEVELS.index(level)
    made = asice.write(
        FILES,
        signer(algorithm),
        at=SIGNED,
        timestamper=stamper() if step >= 1 else None,
        trust=trust(known=known(answers=answers)) if step >= 2 else None,
        archive=step >= 3,
    )
    return asyncio.run(made)


def only(content: bytes, store: TrustStore | None = None, at: datetime = NOW) -> Verdict:
    """Return the verdict on the only signature."""
    (verdict,) = asice.verify(asice.read(content), store or trust(), at)
    return verdict


def codes(verdict: Verdict) -> list[str]:
    """Return the codes of the reasons."""
    return [reason.code for reason in verdict.reasons]
