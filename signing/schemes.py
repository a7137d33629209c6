"""The arithmetic of the three permitted signature algorithms: does this key fit, is this value right, make
one.

ECDSA values are r||s, each as wide as the curve (XMLDSig 1.1, 6.4.3), never the DER form that most
libraries speak.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from signing import profile, reasons
from signing.certificates import key_name
from signing.keys import SigningKey
from signing.profile import Scheme
from signing.reasons import Refused
from signing.verdict import Reason

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


def fitting(scheme: Scheme, key: CertificatePublicKeyTypes) -> PublicKey:
    """Return the key if the algorithm may be used with it, or raise `Refused`."""
    if scheme.curve is None and isinstance(key, rsa.RSAPublicKey):
        exponent = key.public_numbers().e
        if key.key_size not in profile.RSA_BITS or exponent not in profile.RSA_EXPONENTS:
            raise Refused(reasons.KEY_WEAK.because(size=key.key_size, exponent=exponent.bit_length()))
        return key
    if scheme.curve and isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, scheme.curve):
        return key
    raise Refused(reasons.KEY_MISMATCH.because(got=key_name(key), algorithm=scheme.name))


def check_value(scheme: Scheme, key: PublicKey, value: bytes, signed: bytes) -> Reason | None:
    """Return what is wrong with the signature value over these octets, or None."""
    expected = key.key_size // 8 if isinstance(key, rsa.RSAPublicKey) else 2 * scheme.width
    if len(value) != expected:
        return reasons.VALUE_MALFORMED.because(
            element="SignatureValue", expected=f"{expected} byte", got=f"{len(value)} byte"
        )
    try:
        _verify(scheme, key, value, signed)
    except InvalidSignature:
        return reasons.VALUE_WRONG.because()
    return None


def _verify(scheme: Scheme, key: PublicKey, value: bytes, signed: bytes) -> None:
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(value, signed, padding.PKCS1v15(), scheme.hash)
        return
    r, s = (int.from_bytes(half, "big") for half in (value[: scheme.width], value[scheme.width :]))
    key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(scheme.hash))


def scheme_of(key: CertificatePublicKeyTypes) -> Scheme | None:
    """Return the algorithm that the owner of this public key signs with, or None if the profile has none for it."""
    for scheme in profile.SCHEMES.values():
        try:
            fitting(scheme, key)
        except Refused:
            continue
        return scheme
    return None


def value_of(scheme: Scheme, key: SigningKey, octets: bytes) -> bytes:
    """Sign the octets. Raises `signing.keys.UnusableKey` if the key's device or program fails."""
    value = key.sign(octets, scheme.hash)
    if scheme.curve is None:
        return value
    r, s = decode_dss_signature(value)
    return r.to_bytes(scheme.width, "big") + s.to_bytes(scheme.width, "big")
