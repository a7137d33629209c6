"""What an examination found: one part after the other, each with its own outcome, and one outcome for the whole.

A part is what a person would point at: a file in an evidence container, a signature, the ledger's proof. `decides` is
false for what is told but is not what the file has to prove: a document that nobody signed does not make the evidence
of its exchange less true.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any

from schemas.text import Text
from signing.verdict import Outcome, Reason, Verdict


class Ending(IntEnum):
    """How the program ends: the exit codes of `edochub verify`."""

    VALID = 0
    INVALID = 1
    UNDETERMINED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing that was looked at."""

    name: str  # as in the container: package.edxml, ledger/checkpoint; or where it stands
    about: Text
    outcome: Outcome
    reasons: tuple[Reason, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    facts: tuple[tuple[Text, str], ...] = ()
    decides: bool = True

    def as_json(self) -> dict[str, Any]:
        """Return the shape that `--json` publishes."""
        return {
            "name": self.name,
            "about": self.about.as_json(),
            "outcome": str(self.outcome),
            "decides": self.decides,
            "reasons": [reason.as_json() for reason in self.reasons],
            "signatures": [verdict.as_json() for verdict in self.verdicts],
            "facts": [{"name": name.as_json(), "value": value} for name, value in self.facts],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is known of a file. `sha256` is that of its octets, in hex."""

    file: str
    kind: str  # package, pdf, evidence, container, receipt, checkpoint: `kinds`
    sha256: str
    at: datetime
    parts: tuple[Part, ...] = field(default_factory=tuple)
    about: tuple[
        tuple[Text, object], ...
    ] = ()  # what evidence or a receipt says that it is about; text or a time

    @property
    def outcome(self) -> Outcome:
        """The worst of what decides. Nothing to decide by proves nothing."""
        return worst(part.outcome for part in self.parts if part.decides)

    @property
    def ending(self) -> Ending:
        """The exit code."""
        if self.outcome is Outcome.INVALID:
            return Ending.INVALID
        return Ending.VALID if self.outcome is Outcome.VALID else Ending.UNDETERMINED

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Every verdict on a signature, in the order of the parts."""
        return tuple(verdict for part in self.parts for verdict in part.verdicts)

    def as_json(self) -> dict[str, Any]:
        """Return the shape that `--json` publishes."""
        return {
            "file": self.file,
            "kind": self.kind,
            "sha256": self.sha256,
            "at": self.at.isoformat(),
            "outcome": str(self.outcome),
            "about": [{"name": name.as_json(), "value": _told(value)} for name, value in self.about],
            "parts": [part.as_json() for part in self.parts],
            "signatures": [verdict.as_json() for verdict in self.verdicts],
        }


def _told(value: object) -> object:
    if isinstance(value, Text):
        return value.as_json()
    return value.isoformat() if isinstance(value, datetime) else str(value)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return INVALID if one is, VALID if all are and there is one, UNDETERMINED otherwise."""
    known = set(outcomes)
    if Outcome.INVALID in known:
        return Outcome.INVALID
    return Outcome.VALID if known == {Outcome.VALID} else Outcome.UNDETERMINED
