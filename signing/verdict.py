"""What is known of one signature: never a bare yes or no.

The four outcomes follow ETSI EN 319 102-1, 5.1.3 (TOTAL-PASSED, TOTAL-FAILED, INDETERMINATE), and ABSENT is
said of a package that carries none. Every outcome comes with reasons, each with a stable code and a
sentence.

A verdict answers several questions apart, each with its own outcome, reasons and evidence: is what was signed
intact, does the certificate lead to an anchor, was it revoked, when was it signed, how much does it cover, and does
the holder fit the sender. `conclude` makes one outcome of the answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from schemas.findings import shortened
from schemas.text import Sentence, Text


class Outcome(StrEnum):
    """How a signature stands."""

    VALID = "valid"
    INVALID = "invalid"
    UNDETERMINED = "undetermined"
    ABSENT = "absent"


OUTCOMES: dict[Outcome, Text] = {
    Outcome.VALID: Text(vi="hợp lệ", en="valid"),
    Outcome.INVALID: Text(vi="không hợp lệ", en="invalid"),
    Outcome.UNDETERMINED: Text(vi="chưa xác định", en="undetermined"),
    Outcome.ABSENT: Text(vi="không có chữ ký số", en="no signature"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a verdict is what it is."""

    code: str
    message: Text

    def as_json(self) -> dict[str, Any]:
        """Return the shape that the API and `--json` publish."""
        return {"code": self.code, "message": self.message.as_json()}


REASONS: dict[str, ReasonKind] = {}


@dataclass(frozen=True, slots=True)
class ReasonKind:
    """A reason declared once, with its sentence in both languages. Every kind is in `REASONS`.

    `remedy` says what the sender can do; `policy` names it for the reasons of `reasons`. Good news needs none.
    """

    code: str
    message: Sentence
    remedy: Sentence | None = None

    def __post_init__(self) -> None:
        if self.code in REASONS:
            raise ValueError(f"two reasons have the code {self.code!r}")
        REASONS[self.code] = self

    def because(self, **values: Any) -> Reason:
        """Return the reason with its blanks filled, each value cut to what a reader can take in."""
        if not values:
            return _same(self)
        shown = {name: shortened(value) for name, value in values.items()}
        return Reason(self.code, self.message.say(**shown))


_SAME: dict[str, Reason] = {}  # reasons without blanks, which every verdict says in the same words


def _same(kind: ReasonKind) -> Reason:
    known = _SAME.get(kind.code)
    if known is None:
        known = _SAME[kind.code] = Reason(kind.code, kind.message.say())
    return known


@dataclass(frozen=True, slots=True)
class CertificateSummary:
    """What people want to know of a certificate. `sha256` is the fingerprint of its DER, in hex."""

    subject: str
    issuer: str
    serial: str
    not_before: datetime
    not_after: datetime
    sha256: str

    def as_json(self) -> dict[str, Any]:
        """Return the shape that the API and `--json` publish; times in ISO 8601, UTC."""
        return {
            "subject": self.subject,
            "issuer": self.issuer,
            "serial": self.serial,
            "not_before": self.not_before.isoformat(),
            "not_after": self.not_after.isoformat(),
            "sha256": self.sha256,
        }


class Form(StrEnum):
    """What kind of signature it is."""

    XML = "xml"  # in the package itself: docs/signature-profile.md
    XADES = "xades"  # of an ASiC-E container
    PDF = "pdf"  # in an attachment: ISO 32000, PAdES
    CMS = "cms"  # beside an attachment, or around a receipt


class Question(StrEnum):
    """What is asked of a signature, each apart from the others."""

    INTEGRITY = "integrity"  # is what was signed as it was signed
    TRUST = "trust"  # does the certificate lead to an anchor, and may it sign
    REVOCATION = "revocation"  # was it taken back
    TIME = "time"  # when was it signed, and can that be proved
    COVERAGE = "coverage"  # how much of the document was signed
    HOLDER = "holder"  # does the certificate belong to who sent it


QUESTIONS: dict[Question, Text] = {
    Question.INTEGRITY: Text(vi="nguyên vẹn", en="integrity"),
    Question.TRUST: Text(vi="tin cậy", en="trust"),
    Question.REVOCATION: Text(vi="thu hồi", en="revocation"),
    Question.TIME: Text(vi="thời điểm", en="time"),
    Question.COVERAGE: Text(vi="phạm vi", en="coverage"),
    Question.HOLDER: Text(vi="chủ thể", en="holder"),
}

# Whatever else is in doubt, a signature without these is not valid.
ALWAYS_NEEDED = frozenset({Question.INTEGRITY, Question.TRUST, Question.TIME, Question.COVERAGE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Aspect:
    """The answer to one question. ABSENT: it was not asked. `evidence` names what was seen: digests, times, serials."""

    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    evidence: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the shape that the API and `--json` publish."""
        return {
            "outcome": str(self.outcome),
            "reasons": [reason.as_json() for reason in self.reasons],
            "evidence": dict(self.evidence),
        }


def conclude(
    aspects: Mapping[Question, Aspect], needed: frozenset[Question] = ALWAYS_NEEDED
) -> tuple[Outcome, tuple[Reason, ...]]:
    """Return one outcome for all answers, and the reasons, those that decided first.

    INVALID if one answer is; else UNDETERMINED if a needed one is not VALID; else VALID (EN 319 102-1, 5.1.3). The
    holder never makes a signature invalid: it is a question about the sender.
    """
    deciding = {question: aspect for question, aspect in aspects.items() if question is not Question.HOLDER}
    broken = [aspect for aspect in deciding.values() if aspect.outcome is Outcome.INVALID]
    doubtful = [
        aspect
        for question in Question
        if question in needed and (aspect := aspects.get(question, _UNASKED)).outcome is not Outcome.VALID
    ]
    if broken:
        outcome, first = Outcome.INVALID, broken
    elif doubtful:
        outcome, first = Outcome.UNDETERMINED, doubtful
    else:
        outcome, first = Outcome.VALID, []
    rest = [
        aspects[question] for question in Question if question in aspects and aspects[question] not in first
    ]
    told: dict[str, Reason] = {}
    for reason in (reason for aspect in (*first, *rest) for reason in aspect.reasons):
        told.setdefault(reason.code, reason)
    return outcome, tuple(told.values())


_UNASKED = Aspect(outcome=Outcome.ABSENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is known of one signature (or, ABSENT, that there is none), as of `checked_at`."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    checked_at: datetime
    form: Form = Form.XML
    part: str | None = None  # the attachment it belongs to, by name; None: the package itself
    level: str | None = None  # e.g. "XAdES-B-LT", "PAdES-B-T"
    signer: str | None = None  # common name of the certificate
    certificate: CertificateSummary | None = None
    algorithm: str | None = None  # e.g. "rsa-sha256"
    path: str | None = None  # where the signature stands, e.g. /edXML/edXMLEnvelope/edXMLHeader/Signature
    covers: str | None = None  # "document": the whole package but the signature itself
    claimed_at: datetime | None = None  # when the signer says that it was signed
    proven_at: datetime | None = None  # the earliest time that a trusted time stamp proves
    aspects: Mapping[Question, Aspect] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the shape that the API and `--json` publish."""
        return {
            "outcome": str(self.outcome),
            "reasons": [reason.as_json() for reason in self.reasons],
            "checked_at": self.checked_at.isoformat(),
            "form": str(self.form),
            "part": self.part,
            "level": self.level,
            "signer": self.signer,
            "certificate": self.certificate.as_json() if self.certificate else None,
            "algorithm": self.algorithm,
            "path": self.path,
            "covers": self.covers,
            "claimed_at": self.claimed_at.isoformat() if self.claimed_at else None,
            "proven_at": self.proven_at.isoformat() if self.proven_at else None,
            "aspects": {str(question): aspect.as_json() for question, aspect in self.aspects.items()},
        }
