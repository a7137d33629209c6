"""What a rule is, of whatever standard: one thing that must be so, why, since when, and what is said when it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from schemas.findings import Finding, Kind, Severity
from schemas.text import Text

Subject = TypeVar("Subject")


@dataclass(frozen=True)
class Rule(Generic[Subject]):
    """A rule. `about` says what must be so; `kinds` are all that its check can find; `effective` is its first day."""

    id: str
    about: Text
    citation: Text
    effective: date
    kinds: tuple[Kind, ...]
    check: Callable[[Subject], Iterable[Finding]]

    @property
    def severity(self) -> Severity:
        """The worst that this rule can find."""
        errors = any(kind.severity is Severity.ERROR for kind in self.kinds)
        return Severity.ERROR if errors else Severity.WARNING

    def as_json(self) -> dict[str, Any]:
        """Return the shape that `edochub rules --json` publishes."""
        return {
            "id": self.id,
            "severity": str(self.severity),
            "about": self.about.as_json(),
            "citation": self.citation.as_json(),
            "effective": self.effective.isoformat(),
            "findings": [kind.as_json() for kind in self.kinds],
        }
