"""One OCSP answer, read once (RFC 6960): about which certificates, what it says, and whether it may say so.

It is signed by the issuer of the certificate, or by a responder to whom that issuer gave a certificate with the purpose
OCSPSigning (4.2.2.2) that was valid at the answer's thisUpdate. Nobody else is believed. CertID with SHA-1 (which names
a certificate and protects nothing; the national authority answers with it) or SHA-256. A nonce is not asked for: these
answers are kept, and their dates say how long they count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from asn1crypto.keys import PublicKeyInfo
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing.recent import Recent
from signing.revocation_crl import BROKEN, STRONG, UNREADABLE, Entry, UnusableRevocation

LARGEST = 256 * 1024
MOST_ANSWERS = 64  # in one response; ours ask about one certificate
MOST_CERTIFICATES = 8
CERT_ID_HASHES = (hashes.SHA1, hashes.SHA256)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of one serial number. `status` UNKNOWN: the responder does not know the certificate."""

    serial: int
    issuer_name_hash: bytes
    issuer_key_hash: bytes
    algorithm: str
    status: ocsp.OCSPCertStatus
    revoked: Entry | None
    this_update: datetime
    next_update: datetime | None

    def is_about(self, certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
        """Tell whether the CertID is that of this certificate (RFC 6960, 4.1.1)."""
        return (
            self.serial == certificate.serial_number
            and self.issuer_name_hash == _hash(self.algorithm, issuer.subject.public_bytes())
            and self.issuer_key_hash == _hash(self.algorithm, key_bits(issuer))
        )


@dataclass(frozen=True, slots=True, eq=False)
class OcspResponse:
    """A successful response. `sha256` names it in evidence."""

    der: bytes
    parsed: ocsp.OCSPResponse
    sha256: str
    responder: x509.Name | bytes  # its name, or the SHA-1 of its key
    certificates: tuple[x509.Certificate, ...]
    answers: tuple[Answer, ...]
    keeps_expired: bool  # it has an archive cut-off: it answers for expired certificates too
    _signed_for: dict[bytes, x509.Certificate | None] = field(default_factory=dict, repr=False)

    @property
    def as_of(self) -> datetime:
        """The newest thisUpdate: when its signer must have been entitled."""
        return max(answer.this_update for answer in self.answers)

    def vouched_for_by(self, issuer: x509.Certificate) -> x509.Certificate | None:
        """Return who signed it, if that may answer for what this issuer issued. The answer is remembered."""
        key = issuer.fingerprint(hashes.SHA256())
        if key not in self._signed_for:
            self._signed_for[key] = next(self._signers(issuer), None)
        return self._signed_for[key]

    def _signers(self, issuer: x509.Certificate) -> Iterator[x509.Certificate]:
        for candidate in (issuer, *self.certificates):
            try:
                if (
                    self._names(candidate)
                    and self._signed_with(candidate)
                    and (candidate == issuer or _delegated(candidate, issuer, self.as_of))
                ):
                    yield candidate
            except BROKEN:  # a certificate or key that cannot be read
                continue

    def _names(self, candidate: x509.Certificate) -> bool:
        """Tell whether the ResponderID is this certificate's: by name, or by the SHA-1 of its key."""
        if isinstance(self.responder, bytes):
            return self.responder == _hash("sha1", key_bits(candidate))
        return self.responder == candidate.subject

    def _signed_with(self, candidate: x509.Certificate) -> bool:
        algorithm, key = self.parsed.signature_hash_algorithm, candidate.public_key()
        assert algorithm is not None  # `load` saw to it
        try:
            if isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(self.parsed.signature, self.parsed.tbs_response_bytes, ec.ECDSA(algorithm))
            elif isinstance(key, rsa.RSAPublicKey) and key.key_size >= 2048:
                key.verify(
                    self.parsed.signature, self.parsed.tbs_response_bytes, padding.PKCS1v15(), algorithm
                )
            else:
                return False
        except InvalidSignature:
            return False
        return True


_recent: Recent[bytes, OcspResponse] = Recent(most=4096)
LARGEST_REMEMBERED = (
    16 * 1024
)  # strangers' files bring answers along; honest ones have two to five thousand octets


def load(der: bytes) -> OcspResponse:
    """Read a response, or raise `UnusableRevocation`. What was read is remembered."""
    if len(der) > LARGEST:
        raise UnusableRevocation(UNREADABLE.say(detail=f"{len(der)} > {LARGEST}"))
    digest = hashlib.sha256(der).digest()
    known = _recent.get(digest)
    if known is None:
        known = _read(der, digest.hex())
        if len(der) <= LARGEST_REMEMBERED:
            _recent.put(digest, known)
    return known


def _read(der: bytes, sha256: str) -> OcspResponse:
    try:
        parsed = ocsp.load_der_ocsp_response(der)
        if parsed.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise UnusableRevocation(UNREADABLE.say(detail=f"OCSP {parsed.response_status.name}"))
        if not isinstance(parsed.signature_hash_algorithm, STRONG):
            raise UnusableRevocation(UNREADABLE.say(detail=parsed.signature_algorithm_oid.dotted_string))
        singles = list(parsed.responses)
        responder = parsed.responder_name or parsed.responder_key_hash
        if not 1 <= len(singles) <= MOST_ANSWERS or responder is None:
            raise UnusableRevocation(UNREADABLE.say(detail=f"1..{MOST_ANSWERS}: {len(singles)}"))
        if any(extension.critical for extension in parsed.extensions):
            raise UnusableRevocation(UNREADABLE.say(detail="critical extension"))
        answers = [_answer(single) for single in singles if isinstance(single.hash_algorithm, CERT_ID_HASHES)]
        if not answers:
            raise UnusableRevocation(UNREADABLE.say(detail="CertID"))
        return OcspResponse(
            der=der,
            parsed=parsed,
            sha256=sha256,
            responder=responder,
            certificates=tuple(parsed.certificates[:MOST_CERTIFICATES]),
            answers=tuple(answers),
            keeps_expired=len(singles) == 1 and _has_archive_cutoff(parsed),
        )
    except BROKEN as error:
        raise UnusableRevocation(UNREADABLE.say(detail=type(error).__name__)) from error


def _answer(single: ocsp.OCSPSingleResponse) -> Answer:
    date = single.revocation_time_utc
    return Answer(
        serial=single.serial_number,
        issuer_name_hash=single.issuer_name_hash,
        issuer_key_hash=single.issuer_key_hash,
        algorithm=single.hash_algorithm.name,
        status=single.certificate_status,
        revoked=Entry(date, single.revocation_reason) if date is not None else None,
        this_update=single.this_update_utc,
        next_update=single.next_update_utc,
    )


def _has_archive_cutoff(parsed: ocsp.OCSPResponse) -> bool:
    # RFC 6960, 4.4.4. cryptography has no class for it; a response with one answer shows its extensions.
    return any(each.oid.dotted_string == "1.3.6.1.5.5.7.48.1.6" for each in parsed.single_extensions)


def _delegated(candidate: x509.Certificate, issuer: x509.Certificate, at: datetime) -> bool:
    try:
        candidate.verify_directly_issued_by(issuer)
        purposes = candidate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (InvalidSignature, x509.ExtensionNotFound):
        return False
    if not isinstance(candidate.signature_hash_algorithm, STRONG):
        return False
    in_time = candidate.not_valid_before_utc <= at <= candidate.not_valid_after_utc
    return in_time and ExtendedKeyUsageOID.OCSP_SIGNING in purposes


def key_bits(certificate: x509.Certificate) -> bytes:
    """Return the bits of the public key as CertID and ResponderID hash them (without algorithm and length)."""
    public = certificate.public_key()
    spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    bits: bytes = PublicKeyInfo.load(spki)["public_key"].contents[1:]
    return bits


def _hash(algorithm: str, octets: bytes) -> bytes:
    return hashlib.new(algorithm, octets, usedforsecurity=False).digest()
