"""When a signature in or beside an attachment was made: claimed by its signer, proven by a time stamp, or neither.

A time stamp over the value (PAdES-B-T) counts first; else the earliest one over a whole revision that holds the
signature (PAdES-B-LTA). Later ones of these prove that earlier ones existed while their authorities' certificates held.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from signing import reasons_attachment as reasons
from signing import timestamp
from signing.attachment_case import Case, aspect, coverage
from signing.certificates import Certificate
from signing.facts import SignatureFacts
from signing.timestamp import TimeStampVerdict
from signing.verdict import Aspect, Outcome, Reason

CLOCKS_MAY_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """When a signature was made, as far as it is known."""

    claimed: datetime | None
    stamp: TimeStampVerdict | None
    stamped: datetime | None  # what the stamp says, whether or not that is proven
    proven: datetime | None


def times_of(case: Case, signature: SignatureFacts) -> Times:
    """Return when a signature was made."""
    extra = case.others(signature)
    known = case.revocation(signature)
    archived = _archived(case, signature)
    found = [
        timestamp.verify(
            token,
            signature.value,
            case.trust,
            case.at,
            proven_at=archived.time if archived else None,
            revocation=known,
            extra=extra,
        )
        for token in signature.time_stamps
    ]
    proven = min(
        (each for each in found if each.outcome is Outcome.VALID),
        key=lambda each: each.time or case.at,
        default=None,
    )
    stamp = proven or archived or (found[0] if found else None)
    return Times(
        claimed=signature.claimed_at,
        stamp=stamp,
        stamped=(proven.time if proven else None) or signature.stamped_at,
        proven=stamp.time if stamp is not None and stamp.outcome is Outcome.VALID else None,
    )


def _archived(case: Case, signature: SignatureFacts) -> TimeStampVerdict | None:
    """Return the earliest time stamp over a whole revision that holds this signature, if one can be verified."""
    held: list[TimeStampVerdict] = []
    proven_at: datetime | None = None
    # The newest first: it proves that the earlier ones existed while their authorities' certificates were valid.
    for stamp in reversed(case.facts.document_stamps):
        fit = (
            coverage(stamp, case.content).outcome is Outcome.VALID
            and not stamp.problem
            and len(stamp.byte_range) == 4
        )
        if stamp.revision <= signature.revision or not fit:
            continue
        start, length, after, rest = stamp.byte_range
        covered = case.content[start : start + length] + case.content[after : after + rest]
        found = timestamp.verify(
            stamp.time_stamps[0],
            covered,
            case.trust,
            case.at,
            proven_at=proven_at,
            revocation=case.revocation(stamp),
            extra=case.others(stamp),
        )
        if found.outcome is Outcome.VALID:
            held.append(found)
            proven_at = found.time
    return held[-1] if held else None


def answer(case: Case, leaf: Certificate, times: Times) -> Aspect:
    """Return the answer to when it was made: UNDETERMINED if something speaks against what is claimed."""
    evidence = {"received_at": case.at.isoformat()}
    for name, time in (
        ("claimed_at", times.claimed),
        ("stamped_at", times.stamped),
        ("proven_at", times.proven),
    ):
        if time is not None:
            evidence[name] = time.isoformat()
    doubts = [*_doubts(case, leaf, times)]
    skew = tuple(_skew(times))
    if times.claimed is not None and times.stamped is not None:
        evidence["clock_ahead_seconds"] = f"{(times.claimed - times.stamped).total_seconds():.0f}"
    outcome = Outcome.UNDETERMINED if doubts else Outcome.VALID
    return aspect(outcome, (*doubts, *_known(times), *skew), evidence)


def _doubts(case: Case, leaf: Certificate, times: Times) -> Iterator[Reason]:
    if times.stamp is not None and times.stamp.outcome is not Outcome.VALID:
        yield from times.stamp.reasons
    if times.claimed is None:
        return
    if times.claimed > case.at + CLOCKS_MAY_DIFFER:
        yield reasons.IN_FUTURE.because(time=_shown(times.claimed))
    elif not leaf.summary.not_before <= times.claimed <= leaf.summary.not_after:
        yield reasons.OUTSIDE_CERTIFICATE.because(time=_shown(times.claimed))


def _known(times: Times) -> Iterator[Reason]:
    if times.stamp is not None and times.proven is not None:
        authority = times.stamp.authority
        yield reasons.TIME_PROVEN.because(
            time=_shown(times.proven), authority=authority.subject if authority else "-"
        )
    elif times.claimed is not None:
        yield reasons.TIME_CLAIMED.because(time=_shown(times.claimed))
    else:
        yield reasons.TIME_UNSTATED.because()


def _skew(times: Times) -> Iterator[Reason]:
    """A clock that is ahead of the stamp is wrong; one behind it may be a stamp that came late."""
    if times.claimed is None or times.stamped is None:
        return
    ahead = (times.claimed - times.stamped).total_seconds()
    if ahead >= 1:
        yield reasons.CLOCK_AHEAD.because(seconds=f"{ahead:.0f}")
    elif -ahead > CLOCKS_MAY_DIFFER.total_seconds():
        yield reasons.CLOCK_BEHIND.because(seconds=f"{-ahead:.0f}")


def made(leaf: Certificate, times: Times, at: datetime) -> datetime:
    """Return when a signature was made, for the ends of algorithms: proven, else claimed and possible, else now."""
    if times.proven is not None:
        return times.proven
    claimed = times.claimed
    possible = claimed is not None and leaf.summary.not_before <= claimed <= leaf.summary.not_after
    return claimed if claimed is not None and possible and claimed <= at else at


def _shown(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S} UTC"
