"""What was expected, against what happened. Every expectation of the demo is one of these, and each can fail."""

from __future__ import annotations

from dataclasses import dataclass, field

from schemas.findings import shortened
from schemas.text import Text


class Differs(Exception):
    """Something that the story cannot go on without did not happen."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


@dataclass(slots=True)
class Checks:
    """All expectations so far. `differences` are those that were not met, in words."""

    held: int = 0
    differences: list[Text] = field(default_factory=list)

    def same(self, what: Text, expected: object, got: object) -> bool:
        """Note whether something is as expected, and tell."""
        if expected == got:
            self.held += 1
            return True
        wanted, found = shortened(repr(expected)), shortened(repr(got))
        self.differences.append(
            Text(
                vi=f"{what.vi}: cần {wanted}, nhưng gặp {found}",
                en=f"{what.en}: expected {wanted}, got {found}",
            )
        )
        return False

    def differs(self, text: Text) -> None:
        """Note something that went otherwise."""
        self.differences.append(text)
