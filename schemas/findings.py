"""What can be wrong with a document, and how that is said.

A `Kind` is declared once, with its stable code, its severity and its sentence and remedy in both languages; a
`Finding` is one kind found at one place. Every kind is in `KINDS`, from which `docs/findings.md` is made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from schemas.text import Sentence, Text


class Severity(StrEnum):
    """Whether a finding stops the document."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong: what, where, and what to do about it."""

    code: str
    severity: Severity
    message: Text
    remedy: Text
    line: int | None = None
    path: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the shape that the API and `--json` publish."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "message": self.message.as_json(),
            "remedy": self.remedy.as_json(),
            "line": self.line,
            "path": self.path,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Finding:
        """Read back what `as_json` wrote."""
        return cls(
            code=value["code"],
            severity=Severity(value["severity"]),
            message=Text.from_json(value["message"]),
            remedy=Text.from_json(value["remedy"]),
            line=value["line"],
            path=value["path"],
        )


KINDS: dict[str, Kind] = {}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of finding. Its code never changes once published: senders' software matches on it."""

    code: str
    severity: Severity
    message: Sentence
    remedy: Sentence

    def __post_init__(self) -> None:
        if self.code in KINDS:
            raise ValueError(f"two kinds of finding have the code {self.code!r}")
        KINDS[self.code] = self

    def as_json(self) -> dict[str, Any]:
        """Return what this kind is, its sentences with their blanks."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "message": {"vi": self.message.vi, "en": self.message.en},
            "remedy": {"vi": self.remedy.vi, "en": self.remedy.en},
        }

    def at(self, line: int | None = None, path: str | None = None, **values: Any) -> Finding:
        """Return the finding at a place. `values` fill the blanks, each cut to what a reader can take in."""
        shown = {name: shortened(value) for name, value in values.items()}
        return Finding(
            self.code,
            self.severity,
            self.message.say(**shown),
            self.remedy.say(**shown),
            line=line,
            path=path,
        )


@dataclass
class InvalidDocument(Exception):
    """The document cannot be taken as it is. Carries everything that was found, errors first."""

    findings: tuple[Finding, ...] = field(default_factory=tuple)
    said: Any = field(
        default=None, compare=False, repr=False
    )  # what it says all the same; None: nobody can read it

    def __str__(self) -> str:
        return "; ".join(str(finding.message) for finding in self.findings)


LONGEST_SHOWN = 80


def shortened(value: Any) -> Any:
    """Cut a stranger's string to 80 characters and make control characters visible; leave other values alone."""
    if not isinstance(value, str) or (len(value) <= LONGEST_SHOWN and value.isprintable()):
        return value
    shown = "".join(char if char.isprintable() else "\ufffd" for char in value[: LONGEST_SHOWN + 1])
    return shown if len(shown) <= LONGEST_SHOWN else shown[: LONGEST_SHOWN - 1] + "…"
