"""Judge a time stamp: does the token hold, was it made for this, and do we trust who made it.

What breaks the token itself, or was stamped other than what is shown, makes it INVALID. What is only in doubt, an
authority that we do not know, one whose certificate has expired or was revoked, leaves it UNDETERMINED: the time is
then told but proves nothing.

An authority's certificate expires; what it stamped keeps its proof only if another time stamp was put around it
before. Who has verified that outer one passes its time as `proven_at`.

The tokens come from `tsa.LocalTimeStampAuthority` or over HTTP from `timestamp_client.HttpTimeStamper`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from cryptography import x509

from signing import reasons_container as reasons
from signing import timestamp_token
from signing.certificates import Certificate
from signing.reasons import Refused
from signing.revocation import RevocationData
from signing.timestamp_token import Token
from signing.trust import Chain, Purpose, TrustStore
from signing.verdict import CertificateSummary, Outcome, Reason

CLOCKS_MAY_DIFFER = timedelta(minutes=5)


class TimeStampAuthority(Protocol):
    """Who makes time stamps."""

    async def stamp(self, digest_sha256: bytes) -> bytes:
        """Return a TimeStampToken (DER of a CMS ContentInfo) over the digest. Raises `NoTimeStamp`."""


@dataclass(frozen=True, slots=True)
class TimeStampVerdict:
    """What a time stamp proves. `time` is what it says, whether or not that is proven; see `outcome`."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    time: datetime | None = None
    authority: CertificateSummary | None = None
    accuracy: timedelta = timedelta(0)
    chain: tuple[x509.Certificate, ...] = ()  # from the authority's certificate up to the anchor


def verify(
    token: bytes,
    imprint_of: bytes,
    trust: TrustStore,
    at: datetime,
    *,
    proven_at: datetime | None = None,
    revocation: RevocationData | None = None,
    extra: Sequence[Certificate] = (),
) -> TimeStampVerdict:
    """Judge a token over these octets as of `at`. See `verify_imprint` for the rest."""

    def imprint(algorithm: str) -> bytes:
        return hashlib.new(algorithm, imprint_of).digest()

    return verify_imprint(token, imprint, trust, at, proven_at=proven_at, revocation=revocation, extra=extra)


def verify_imprint(
    token: bytes,
    imprint: Callable[[str], bytes],
    trust: TrustStore,
    at: datetime,
    *,
    proven_at: datetime | None = None,
    revocation: RevocationData | None = None,
    extra: Sequence[Certificate] = (),
) -> TimeStampVerdict:
    """Judge a token over what `imprint` digests by the algorithm it is given (sha256, sha384, sha512).

    `proven_at`: when the token is known, by another time stamp, to have existed. `revocation`: used instead of the
    trust store's. `extra`: certificates that may lie between the authority's and an anchor.
    """
    try:
        read = timestamp_token.read(token)
    except Refused as refused:
        return TimeStampVerdict(Outcome.INVALID, refused.reasons)
    authority = read.authority
    if imprint(read.algorithm) != read.imprint:
        why = reasons.TIMESTAMP_OF_SOMETHING_ELSE.because()
        return TimeStampVerdict(Outcome.INVALID, (why,), read.time, authority.summary, read.accuracy)
    known = revocation if revocation is not None else trust.revocation
    chain = _chain(read, extra, trust)
    doubts = _doubts(read, chain, trust, known, at, proven_at)
    if doubts:
        return TimeStampVerdict(
            Outcome.UNDETERMINED, doubts, read.time, authority.summary, read.accuracy, chain
        )
    held = reasons.TIMESTAMP_HOLDS.because(authority=authority.name, time=_shown(read.time))
    return TimeStampVerdict(Outcome.VALID, (held,), read.time, authority.summary, read.accuracy, chain)


def _doubts(
    token: Token,
    chain: tuple[x509.Certificate, ...],
    trust: TrustStore,
    revocation: RevocationData,
    at: datetime,
    proven_at: datetime | None,
) -> tuple[Reason, ...]:
    name = token.authority.name
    if token.time > at + CLOCKS_MAY_DIFFER:
        return (reasons.TIMESTAMP_IN_FUTURE.because(time=_shown(token.time)),)
    if not chain:
        return (reasons.TIMESTAMP_UNTRUSTED.because(authority=name, time=_shown(token.time)),)
    # The token may have been made at any time until it is known to have been there.
    known_by = at if proven_at is None else min(at, proven_at)
    doubts = []
    end = min(certificate.not_valid_after_utc for certificate in chain)
    if known_by > end:
        doubts.append(reasons.TIMESTAMP_EXPIRED.because(authority=name, date=f"{end:%Y-%m-%d}"))
    status = revocation.status(chain, known_by)
    if status.outcome is Outcome.INVALID:
        doubts.append(reasons.TIMESTAMP_REVOKED.because(authority=name))
    elif status.outcome is not Outcome.VALID and trust.require_revocation:
        doubts.append(reasons.TIMESTAMP_REVOCATION_UNKNOWN.because(authority=name))
    return tuple(doubts)


def _chain(token: Token, extra: Sequence[Certificate], trust: TrustStore) -> tuple[x509.Certificate, ...]:
    """Return the path from the authority's certificate to an anchor at the token's time, or nothing."""
    found = trust.chain(token.authority, (*token.extra, *extra), token.time, Purpose.TIME_STAMPS)
    return found.certificates if isinstance(found, Chain) else ()


def _shown(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S} UTC"
