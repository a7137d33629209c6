"""What is known of one signature: never a bare yes or no.

The four outcomes follow ETSI EN 319 102-1, 5.1.3 (TOTAL-PASSED, TOTAL-FAILED, INDETERMINATE), and ABSENT is
said of a package that carries none. Every outcome comes with reasons, each with a stable code and a
sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
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
    """A reason declared once, with its sentence in both languages. Every kind is in `REASONS`."""

    code: str
    message: Sentence

    def __post_init__(self) -> None:
        if self.code in REASONS:
            raise ValueError(f"two reasons have the code {self.code!r}")
        REASONS[self.code] = self

    def because(self, **values: Any) -> Reason:
        """Return the reason with its blanks filled, each value cut to what a reader can take in."""
        shown = {name: shortened(value) for name, value in values.items()}
        return Reason(self.code, self.message.say(**shown))


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is known of one signature (or, ABSENT, that there is none), as of `checked_at`."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    checked_at: datetime
    signer: str | None = None  # common name of the certificate
    certificate: CertificateSummary | None = None
    algorithm: str | None = None  # e.g. "rsa-sha256"
    path: str | None = None  # where the signature stands, e.g. /edXML/edXMLEnvelope/edXMLHeader/Signature
    covers: str | None = None  # "document": the whole package but the signature itself

    def as_json(self) -> dict[str, Any]:
        """Return the shape that the API and `--json` publish."""
        return {
            "outcome": str(self.outcome),
            "reasons": [reason.as_json() for reason in self.reasons],
            "checked_at": self.checked_at.isoformat(),
            "signer": self.signer,
            "certificate": self.certificate.as_json() if self.certificate else None,
            "algorithm": self.algorithm,
            "path": self.path,
            "covers": self.covers,
        }
