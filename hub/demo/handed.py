"""What the scene knows of a package that the hub has taken: where it has to arrive, and what its sender was told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from hub.demo.papers import Paper
from hub.model import DeliveryState
from schemas.findings import Finding


@dataclass(slots=True, kw_only=True)
class Handed:
    """A package that the hub has taken, and in which state each of its deliveries has to end."""

    id: str
    by: str
    paper: Paper | None  # None: the hub wrote it for them
    deliveries: dict[str, str]  # delivery -> addressee
    expected: dict[str, DeliveryState]  # delivery -> state
    told: tuple[Finding, ...] = ()  # what its sender was told of the addressees' codes
    answers: list[tuple[str, str]] = field(default_factory=list)  # (who says so, status code)

    @property
    def open(self) -> str | None:
        """The delivery that the story leaves as it is: in an inbox, or held for a person."""
        return next((delivery for delivery, state in self.expected.items() if not state.final), None)

    def expect(self, addressee: str, state: DeliveryState) -> None:
        """Expect another end for one addressee."""
        for delivery, to in self.deliveries.items():
            if to == addressee:
                self.expected[delivery] = state


def about_codes(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return what a sender is told of the codes that it wrote to."""
    return tuple(finding for finding in findings if finding.code.startswith("addressee."))
