"""What the problems of the reading process mean for a verdict."""

from __future__ import annotations

from signing import reasons_attachment as reasons
from signing.facts import FileFacts, SignatureFacts
from signing.verdict import Outcome, Reason


def of_file(facts: FileFacts) -> Reason:
    """Return why a file, or the rest of it, was not looked into."""
    match facts.problem:
        case "encrypted":
            return reasons.ENCRYPTED.because()
        case "too-large":
            return reasons.TOO_LARGE.because(size=facts.detail)
        case "too-many":
            return reasons.TOO_MANY.because(count=facts.detail)
        case "too-slow" | "died":
            return reasons.NOT_READ.because()
        case "unsupported":
            return reasons.UNSUPPORTED.because(form=facts.detail)
    return reasons.UNREADABLE.because(detail=facts.detail or facts.problem)


def of_signature(signature: SignatureFacts) -> tuple[Reason, Outcome]:
    """Return what is wrong with one signature. A malformed one is INVALID (EN 319 102-1, 5.1.3: FORMAT_FAILURE)."""
    match signature.problem:
        case "unsupported":
            return reasons.UNSUPPORTED.because(form=signature.detail), Outcome.UNDETERMINED
        case "no-certificate":
            return reasons.NO_CERTIFICATE.because(name=signature.name), Outcome.UNDETERMINED
    return reasons.MALFORMED.because(name=signature.name, detail=signature.detail or "-"), Outcome.INVALID
