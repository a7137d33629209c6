"""The files of the evidence, read: what it says of the exchange, as far as it can be read at all.

Whoever made the evidence may have written anything; from here on the shapes hold, and `unreadable` has the rest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from signing import evidence, notes
from signing import reasons_evidence as reasons
from signing.evidence import Index, NotEvidence
from signing.notes import BadNote, Checkpoint, VerifierKey
from signing.verdict import Reason

T = TypeVar("T")


@dataclass(slots=True)
class Exchange:
    """The files of the evidence, read. What cannot be read stays None and is in `unreadable`, by name."""

    files: Mapping[str, bytes]
    sealers: frozenset[str] = frozenset()  # the subjects of the certificates that it was sealed with
    index: Index | None = None
    bodies: tuple[str, ...] = ()
    events: tuple[Mapping[str, Any], ...] = ()
    proofs: Mapping[int, evidence.Proof] = field(default_factory=dict)
    head: Checkpoint | None = None
    note: notes.Note | None = None
    unreadable: dict[str, Reason] = field(default_factory=dict)
    # of the ledger -> the receipts that name it
    keys: dict[VerifierKey, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.index = self._read(evidence.INDEX, Index.read)
        told = self._read(evidence.EVENTS, _events_of) or ()
        self.bodies = tuple(body for body, _ in told)
        self.events = tuple(event for _, event in told)
        self.proofs = self._read(evidence.PROOFS, evidence.read_proofs) or {}
        self.note = self._read(evidence.CHECKPOINT, notes.parse)
        if self.note is not None:
            text = self.note.text
            self.head = self._read(evidence.CHECKPOINT, lambda _: Checkpoint.parse(text))

    def _read(self, name: str, how: Callable[[bytes], T]) -> T | None:
        content = self.files.get(name)
        if content is None:
            self.unreadable[name] = reasons.PART_MISSING.because(part=name)
            return None
        try:
            return how(content)
        except (NotEvidence, BadNote) as error:
            self.unreadable[name] = reasons.PART_UNREADABLE.because(part=name, detail=error)
            return None

    def told(self, kind: str, message: str) -> Mapping[str, Any] | None:
        """Return the event of this kind about a message."""
        return next((e for e in self.events if e.get("kind") == kind and e.get("message") == message), None)

    def accepted_with(self, sha256: str) -> Mapping[str, Any] | None:
        """Return the event by which a package with this digest was accepted."""
        return next(
            (
                event
                for event in self.events
                if event.get("kind") == "document.accepted" and details(event).get("sha256") == sha256
            ),
            None,
        )

    def beginning(self) -> Mapping[str, Any] | None:
        """Return the event by which the exchange began: accepted, or refused."""
        if self.index is None:
            return None
        kind = "document.refused" if self.index.refused else "document.accepted"
        return self.told(kind, self.index.id)

    def removed(self) -> Mapping[str, Any] | None:
        """Return the event that says that the package was removed when its time was over."""
        return self.told("payload.removed", self.index.id) if self.index is not None else None


def _events_of(content: bytes) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """Return each event's body and what it says, or raise `NotEvidence` if one of them is no event."""
    return tuple((body, _event(body)) for body in evidence.read_events(content))


def _event(body: str) -> Mapping[str, Any]:
    """Read an event, or raise `NotEvidence` if it is none: what comes after relies on its shape."""
    try:
        said: dict[str, Any] = json.loads(body)
        whole = (
            type(said["seq"]) is int and isinstance(said["details"], dict) and isinstance(said["kind"], str)
        )
        at = datetime.fromisoformat(said["at"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise NotEvidence(f"an event: {type(error).__name__}") from error
    if not whole or at.tzinfo is None:
        raise NotEvidence("an event without number, kind, time or details")
    return said


def details(event: Mapping[str, Any]) -> Mapping[str, Any]:
    details: Mapping[str, Any] = event.get("details", {})
    return details
