"""What a rule is. Each lives in a file of its own, beside its citation; `rules/__init__.py` lists them in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from schemas.edxml.attachments import Attachment
from schemas.edxml.package import Package
from schemas.findings import Finding, Kind, Severity
from schemas.text import Text

Subject = TypeVar("Subject")


@dataclass(frozen=True)
class Rule(Generic[Subject]):
    """A business rule. `kinds` are all that its check can find; `effective` is the first day that it holds."""

    id: str
    citation: Text
    effective: date
    kinds: tuple[Kind, ...]
    check: Callable[[Subject], Iterable[Finding]]

    @property
    def severity(self) -> Severity:
        """The worst that this rule can find."""
        return (
            Severity.ERROR
            if any(kind.severity is Severity.ERROR for kind in self.kinds)
            else Severity.WARNING
        )


PackageRule = Rule[Package]
AttachmentRule = Rule[Attachment]

# The first day of the standard: rules that come from it hold since then.
STANDARD_SINCE = date(2016, 4, 1)


def qcvn(vi: str, en: str) -> Text:
    """Return a citation of the standard. Paragraph numbers are those of its part on the data format."""
    return Text(vi=f"QCVN 102:2016/BTTTT, {vi}", en=f"QCVN 102:2016/BTTTT, {en}")
