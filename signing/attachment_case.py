"""What all signatures of one file are judged with, and how much of the file each of them covers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from signing import certificates
from signing import reasons_attachment as reasons
from signing.algorithms import ENDS
from signing.certificates import Certificate, UnreadableCertificate
from signing.facts import FileFacts, SignatureFacts
from signing.revocation import RevocationData
from signing.trust import TrustStore
from signing.verdict import Aspect, Form, Outcome, Reason

_END = re.compile(rb"startxref\s{1,8}\d{1,20}\s{1,8}%%EOF\s*+")  # of a revision: ISO 32000-2, 7.5.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What all signatures of one file are judged with."""

    form: Form
    part: str
    trust: TrustStore
    at: datetime  # when the hub received it
    facts: FileFacts
    content: bytes  # what is signed
    ends: Mapping[str, date | None] = field(default_factory=lambda: ENDS)

    def revocation(self, signature: SignatureFacts) -> RevocationData:
        """Return what is known of revocations, with what the file and the signature bring along."""
        crls = (*self.facts.crls, *signature.crls)
        responses = (*self.facts.ocsp_responses, *signature.ocsp_responses)
        if not crls and not responses:
            return self.trust.revocation
        return self.trust.revocation.joined(RevocationData.of(crls, responses))

    def others(self, signature: SignatureFacts) -> tuple[Certificate, ...]:
        """Return the certificates beside the signer's own. Those that cannot be read cannot help."""
        ders = (*signature.others, *self.facts.certificates)
        return tuple(_readable(der for der in dict.fromkeys(ders) if der != signature.certificate))


def _readable(ders: Iterable[bytes]) -> Iterator[Certificate]:
    for der in ders:
        try:
            yield certificates.load(der)
        except UnreadableCertificate:
            continue


def coverage(signature: SignatureFacts, content: bytes) -> Aspect:
    """Return how much a signature covers of a file, and whether what came later changes what it says."""
    words = {"revision": signature.revision, "revisions": signature.revisions}
    evidence = {"covers": covers(signature) or "-"}
    if signature.byte_range:
        evidence["byte_range"] = " ".join(map(str, signature.byte_range))
    if signature.coverage == "other":
        return aspect(Outcome.INVALID, (reasons.COVERAGE_UNCLEAR.because(),), evidence)
    after = content[sum(signature.byte_range[2:]) :] if signature.byte_range else b""
    last = signature.revision == signature.revisions
    if signature.coverage == "file" or (last and not after.strip()):
        return aspect(Outcome.VALID, (reasons.WHOLE.because(),), evidence)
    if last:
        return aspect(Outcome.UNDETERMINED, (reasons.APPENDED.because(count=len(after)),), evidence)
    evidence["changes"] = signature.changes
    if signature.changes == "other" or not signature.allowed:
        return aspect(Outcome.INVALID, (reasons.CHANGED_AFTER.because(**words),), evidence)
    if behind := _behind_the_end(content):
        return aspect(Outcome.UNDETERMINED, (reasons.APPENDED.because(count=behind),), evidence)
    if signature.changes == "fields":
        return aspect(Outcome.UNDETERMINED, (reasons.FIELDS_FILLED.because(**words),), evidence)
    return aspect(Outcome.VALID, (reasons.SIGNED_ON.because(**words),), evidence)


def _behind_the_end(content: bytes) -> int:
    """Return how many octets stand behind the last revision: some readers find in them what others pass over."""
    end = 0
    for found in _END.finditer(content):
        end = found.end()
    return len(content) - end


def covers(signature: SignatureFacts) -> str | None:
    """Return what a verdict calls what a signature covers."""
    if signature.coverage == "file":
        return "file"
    return f"revision {signature.revision} of {signature.revisions}" if signature.revisions else None


def aspect(outcome: Outcome, why: Sequence[Reason], evidence: Mapping[str, str] | None = None) -> Aspect:
    """Return an answer."""
    return Aspect(outcome=outcome, reasons=tuple(why), evidence=evidence or {})
