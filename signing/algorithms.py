"""Which algorithms attachments may be signed with, and until when: one table.

Attachments are judged years after they were signed, so an algorithm has an end, not a yes or no. The signature's date
is the one that a trusted time stamp proves; else the one that its signer claims, which must then lie within the life of
the certificate. The end of SHA-1 is when forging documents with it became affordable (chosen-prefix collisions,
eprint.iacr.org/2020/014); an operator can set another.

After its end an algorithm makes a signature INVALID, as in our profile for packages. EN 319 102-1 (5.2.8) would call
it INDETERMINATE, CRYPTO_CONSTRAINTS_FAILURE.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

from signing import reasons_attachment as reasons
from signing.certificates import key_name
from signing.verdict import Reason

# Accepted for signatures made before the date; None: without an end. What is not here is never accepted.
ENDS: Mapping[str, date | None] = {
    "sha1": date(2020, 1, 1),
    "sha224": date(2026, 1, 1),
    "sha256": None,
    "sha384": None,
    "sha512": None,
    "sha3_256": None,
    "sha3_384": None,
    "sha3_512": None,
}
MECHANISMS = frozenset({"rsassa_pkcs1v15", "rsassa_pss", "ecdsa"})

RSA_BITS = range(2048, 16384 + 1)
EC_BITS = 256


def ends(sha1_until: date | None = None) -> Mapping[str, date | None]:
    """Return the table, with another end for SHA-1 if one is given."""
    return ENDS if sha1_until is None else {**ENDS, "sha1": sha1_until}


def against(
    digest: str, mechanism: str, made: datetime, ends: Mapping[str, date | None]
) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
    """Return what speaks against a signature's algorithms, and what is to be noted, for one made at that time."""
    if mechanism not in MECHANISMS:
        return (reasons.ALGORITHM_FORBIDDEN.because(algorithm=mechanism or "-"),), ()
    if digest not in ends:
        return (reasons.ALGORITHM_FORBIDDEN.because(algorithm=digest or "-"),), ()
    end = ends[digest]
    if end is None:
        return (), ()
    kind = reasons.ALGORITHM_OLD if made < midnight(end) else reasons.ALGORITHM_ENDED
    reason = kind.because(algorithm=digest.upper(), date=f"{made:%Y-%m-%d}", until=end.isoformat())
    return ((), (reason,)) if kind is reasons.ALGORITHM_OLD else ((reason,), ())


def against_key(key: CertificatePublicKeyTypes) -> tuple[Reason, ...]:
    """Return what speaks against a key."""
    long_enough = (isinstance(key, rsa.RSAPublicKey) and key.key_size in RSA_BITS) or (
        isinstance(key, ec.EllipticCurvePublicKey) and key.curve.key_size >= EC_BITS
    )
    return () if long_enough else (reasons.KEY_TOO_SHORT.because(key=key_name(key)),)


def midnight(day: date) -> datetime:
    """Return when a day begins, in UTC."""
    return datetime.combine(day, time(), UTC)
