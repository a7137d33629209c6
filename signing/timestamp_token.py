"""What a time-stamp token says, and whether it holds in itself: RFC 3161 with RFC 5816, no question of trust.

A token is a CMS SignedData over a TSTInfo. `read` takes it apart and checks, in this order, raising `Refused`:

1. the form: one signer, version 3, a TSTInfo of version 1, its imprint by SHA-256, SHA-384 or SHA-512;
2. the signer's certificate is enclosed, and bound by signingCertificate or signingCertificateV2 (RFC 5816, 2.2.1);
3. the signed attributes name the content type and carry the digest of the TSTInfo (RFC 5652, 11);
4. the signature value, by RSA (PKCS#1 v1.5) or ECDSA with SHA-2;
5. the certificate is for time stamping and for nothing else (RFC 3161, 2.3).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing import certificates, profile
from signing import reasons_container as reasons
from signing.certificates import Certificate, UnreadableCertificate
from signing.reasons import Refused
from signing.verdict import Reason

LARGEST = 256 * 1024  # octets of a token; real ones have two to eight thousand
MOST_CERTIFICATES = 16

# The media types of RFC 3161, 3.4.
QUERY = "application/timestamp-query"
REPLY = "application/timestamp-reply"

_NEEDED = ("content_type", "message_digest")

HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
# Of the certificate within signingCertificate (version 1), SHA-1 is fixed by RFC 2634, 5.4.1: it only names one of
# the certificates enclosed, which must then hold by itself.
CERTIFICATE_HASHES = {**{name: name for name in HASHES}, "sha1": "sha1"}


@dataclass(frozen=True, slots=True)
class Token:
    """A token that holds in itself. `extra` are the certificates beside the authority's own."""

    algorithm: str  # of the imprint: sha256, sha384 or sha512
    imprint: bytes
    time: datetime
    accuracy: timedelta
    serial: int
    nonce: int | None
    authority: Certificate
    extra: tuple[Certificate, ...]


def read(octets: bytes) -> Token:
    """Return what the DER (or BER) of a token says, or raise `Refused`."""
    if len(octets) > LARGEST:
        raise _malformed(expected=f"<= {LARGEST} byte", got=f"{len(octets)} byte")
    try:
        return _read(octets)
    # asn1crypto raises these, at whatever moment the part is first looked at.
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, AttributeError) as error:
        raise _malformed(expected="TimeStampToken", got=type(error).__name__) from error


def _read(octets: bytes) -> Token:
    content = cms.ContentInfo.load(octets, strict=True)
    if content["content_type"].native != "signed_data":
        raise _malformed(expected="signedData", got=str(content["content_type"].native))
    signed = content["content"]
    inner = signed["encap_content_info"]
    if inner["content_type"].native != "tst_info":
        raise _malformed(expected="id-ct-TSTInfo", got=str(inner["content_type"].native))
    info_octets = bytes(inner["content"])
    info = tsp.TSTInfo.load(info_octets, strict=True)
    signer = _only_signer(signed)
    digest = _hash_name(signer["digest_algorithm"])
    if {_hash_name(one) for one in signed["digest_algorithms"]} != {digest}:
        raise _malformed(expected=digest, got="digestAlgorithms")
    authority, extra = _certificates(signed, signer)
    attributes = _attributes(signer)
    _check_bound(attributes, authority)
    if attributes["content_type"] != ["tst_info"]:
        raise _malformed(expected="id-ct-TSTInfo", got="contentType")
    if attributes["message_digest"] != [hashlib.new(digest, info_octets).digest()]:
        raise Refused(reasons.TIMESTAMP_VALUE_WRONG.because())
    _check_value(signer, digest, authority)
    _check_purpose(authority)
    return _token(info, authority, extra)


def _token(info: Any, authority: Certificate, extra: tuple[Certificate, ...]) -> Token:
    imprint = info["message_imprint"]
    algorithm = _hash_name(imprint["hash_algorithm"])
    if info["version"].native != "v1":
        raise _malformed(expected="TSTInfo v1", got=str(info["version"].native))
    hashed, time = imprint["hashed_message"].native, info["gen_time"].native
    if time.tzinfo is None:
        raise _malformed(expected="genTime + Z", got="genTime")
    if len(hashed) != HASHES[algorithm].digest_size:
        raise _malformed(expected=algorithm, got=f"{len(hashed)} byte")
    # What we do not understand and must (RFC 3161, 2.4.2) we refuse.
    if any(extension["critical"].native for extension in info["extensions"]):
        raise _malformed(expected="TSTInfo", got="critical extension")
    return Token(
        algorithm=algorithm,
        imprint=hashed,
        time=time.astimezone(UTC),
        accuracy=_accuracy(info["accuracy"]),
        serial=info["serial_number"].native,
        nonce=info["nonce"].native,
        authority=authority,
        extra=extra,
    )


def _only_signer(signed: Any) -> Any:
    signers = signed["signer_infos"]
    if signed["version"].native != "v3" or len(signers) != 1:
        raise _malformed(
            expected="SignedData v3, 1 SignerInfo", got=f"{signed['version'].native}, {len(signers)}"
        )
    signer = signers[0]
    expected = "v1" if signer["sid"].name == "issuer_and_serial_number" else "v3"
    if signer["version"].native != expected:
        raise _malformed(expected=f"SignerInfo {expected}", got=str(signer["version"].native))
    return signer


def _hash_name(algorithm: Any) -> str:
    name = str(algorithm["algorithm"].native)
    if name not in HASHES or algorithm["parameters"].native is not None:
        raise Refused(reasons.TIMESTAMP_ALGORITHM_FORBIDDEN.because(algorithm=name))
    return name


def _certificates(signed: Any, signer: Any) -> tuple[Certificate, tuple[Certificate, ...]]:
    """Return the signer's certificate and the others, or raise `Refused`."""
    enclosed = [one.chosen.dump() for one in signed["certificates"] if one.name == "certificate"]
    if not 1 <= len(enclosed) <= MOST_CERTIFICATES or len(enclosed) != len(signed["certificates"]):
        raise _malformed(expected="1 X.509", got=f"{len(enclosed)}")
    try:
        found = [certificates.load(der) for der in enclosed]
    except UnreadableCertificate as error:
        raise _malformed(expected="X.509", got="certificates") from error
    own = [certificate for certificate in found if _is_named(certificate.x509, signer["sid"])]
    if len(own) != 1:
        raise _malformed(expected="1 X.509", got="sid")
    return own[0], tuple(certificate for certificate in found if certificate is not own[0])


def _is_named(certificate: x509.Certificate, sid: Any) -> bool:
    if sid.name == "issuer_and_serial_number":
        issuer, serial = sid.chosen["issuer"], sid.chosen["serial_number"].native
        same: bool = (
            certificate.issuer.public_bytes() == issuer.dump() and certificate.serial_number == serial
        )
        return same
    try:
        known = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        return False
    return bool(known.digest == sid.chosen.native)


def _attributes(signer: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for attribute in signer["signed_attrs"]:
        name = attribute["type"].native
        if name in found:
            raise _malformed(expected="SignedAttributes", got=str(name))
        values = attribute["values"]
        # Of the others nobody has asked, and reading them could be made to take long.
        found[name] = [v.native for v in values] if name in _NEEDED else list(values)
    for name in _NEEDED:
        if name not in found:
            raise _malformed(expected=name, got="-")
    return found


def _check_bound(attributes: dict[str, list[Any]], authority: Certificate) -> None:
    """Raise `Refused` unless every signingCertificate attribute, and at least one, names this certificate first."""
    bindings = [value for name in attributes if name.startswith("signing_cert") for value in attributes[name]]
    if not bindings or not all(_binds(value["certs"][0], authority) for value in bindings):
        raise Refused(reasons.TIMESTAMP_UNBOUND.because())


def _binds(named: Any, authority: Certificate) -> bool:
    second = isinstance(named, tsp.ESSCertIDv2)
    algorithm = str(named["hash_algorithm"]["algorithm"].native) if second else "sha1"
    if algorithm not in CERTIFICATE_HASHES or (second and algorithm == "sha1"):
        return False
    if hashlib.new(algorithm, authority.der, usedforsecurity=False).digest() != named["cert_hash"].native:
        return False
    issuer_serial = named["issuer_serial"]
    return issuer_serial.native is None or (
        issuer_serial["serial_number"].native == authority.x509.serial_number
    )


def _check_value(signer: Any, digest: str, authority: Certificate) -> None:
    # RFC 5652, 5.4: signed with the tag of a SET instead of [0]; 5.3: in DER whatever the rest is in.
    attributes = b"\x31" + signer["signed_attrs"].dump()[1:]
    algorithm, value, key = signer["signature_algorithm"], signer["signature"].native, authority.public_key
    name = str(algorithm["algorithm"].native)
    if name.endswith(("_rsa", "_ecdsa")) and name.partition("_")[0] != digest:
        raise Refused(reasons.TIMESTAMP_ALGORITHM_FORBIDDEN.because(algorithm=name))
    try:
        if isinstance(key, rsa.RSAPublicKey) and name in ("rsassa_pkcs1v15", f"{digest}_rsa"):
            if key.key_size < profile.RSA_BITS[0]:
                raise Refused(reasons.TIMESTAMP_ALGORITHM_FORBIDDEN.because(algorithm=f"RSA {key.key_size}"))
            key.verify(value, attributes, padding.PKCS1v15(), HASHES[digest])
        elif isinstance(key, ec.EllipticCurvePublicKey) and name == f"{digest}_ecdsa":
            key.verify(value, attributes, ec.ECDSA(HASHES[digest]))
        else:
            raise Refused(reasons.TIMESTAMP_ALGORITHM_FORBIDDEN.because(algorithm=name))
    except InvalidSignature as error:
        raise Refused(reasons.TIMESTAMP_VALUE_WRONG.because()) from error


def _check_purpose(authority: Certificate) -> None:
    try:
        extension = authority.x509.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        extension = None
    fits = (
        extension is not None
        and extension.critical
        and list(extension.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
        and not authority.is_authority
    )
    if not fits:
        raise Refused(reasons.TIMESTAMP_WRONG_PURPOSE.because(authority=authority.name))


def _accuracy(accuracy: Any) -> timedelta:
    if accuracy.native is None:
        return timedelta(0)
    return timedelta(
        seconds=accuracy["seconds"].native or 0,
        milliseconds=accuracy["millis"].native or 0,
        microseconds=accuracy["micros"].native or 0,
    )


def _malformed(*, expected: str, got: str) -> Refused:
    reason: Reason = reasons.TIMESTAMP_MALFORMED.because(expected=expected, got=got)
    return Refused(reason)
