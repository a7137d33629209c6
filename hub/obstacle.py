"""Why something that a person asks for cannot be done, and which step would clear the way.

The hub says WHAT is in the way. HOW it is cleared each face says in its own words: the shell with a command
(`hub.commands._hints`), the console with a button or a page of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from schemas.text import Sentence, Text


class Step(StrEnum):
    """What would clear the way."""

    CONNECT = "connect"  # an endpoint for the agency
    CHOOSE = "choose"  # one of the successors is named as the addressee
    AGAIN = "again"  # it is sent though the addressee has it
    RELEASE = "release"  # it is let go on instead
    RESEND = "resend"  # it is sent again instead
    SWITCH_ON = "switch-on"  # the endpoint
    SEE_ACCOUNTS = "see-accounts"  # which accounts there are
    NAME_AGENCY = "name-agency"  # the agency of an account is named
    NO_AGENCY = "no-agency"  # no agency is named


@dataclass(frozen=True, slots=True)
class Obstacle(Text):
    """What is in the way. `about`: the delivery, agency or endpoint that the step is taken with."""

    step: Step
    about: str = ""


def obstacle(said: Sentence | Text, step: Step, about: str = "", **values: object) -> Obstacle:
    """Return an obstacle; a sentence has its blanks filled with the values."""
    text = said.say(**values) if isinstance(said, Sentence) else said
    return Obstacle(vi=text.vi, en=text.en, step=step, about=about)
