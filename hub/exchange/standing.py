"""How one document stands with one addressee, and what an input does to that: the tables of `states`, applied.

Nothing here is kept: the standing is worked out from the recorded history each time it is asked for, so it cannot
disagree with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from hub.exchange.states import (
    ANY_STEP,
    CONTRADICTS,
    FOREMOST,
    IMPOSSIBLE,
    LATE,
    NAMES,
    PASSED,
    PROGRESS,
    REQUESTS,
    SAME,
    STEPS,
    WARNED,
    Input,
    Progress,
    Request,
)
from schemas.edxml.codes import normal_status
from schemas.text import Text

RECALL_CODE = "13"

# Notes on what an input did, as the history keeps them (`StatusEntry.note`).
ADVANCED, REPEATED, REQUESTED, REPLIED, WITHDRAWN = "advanced", "repeated", "request", "reply", "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened to a document with one addressee."""

    input: Input
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a document stands with one addressee."""

    progress: Progress = Progress.SENT
    request: Request = Request.NOTHING
    said: frozenset[Input] = field(default_factory=frozenset)  # of the newest version
    since: datetime | None = None  # when `state` came to be so; None: since it was sent

    @property
    def state(self) -> Progress | Request:
        """What a person wants to read: a recall that matters, else the progress, else what was asked."""
        if self.request in FOREMOST:
            return self.request
        if self.progress is Progress.SENT and self.request is not Request.NOTHING:
            return self.request
        return self.progress

    @property
    def name(self) -> Text:
        """The state in words."""
        return NAMES[self.state]


@dataclass(frozen=True, slots=True)
class Effect:
    """What an input did: the standing afterwards, the note for the history, and whether to warn or to refuse."""

    standing: Standing
    note: str
    warns: bool = False
    refused: bool = False


def code_input(code: str) -> Input | None:
    """Return the input that an addressee's status code is; None for 13, which is the sender's, and unknown codes."""
    meant = normal_status(code)
    return Input(meant) if meant in set(Input) else None


def apply(standing: Standing, event: Event) -> Effect:
    """Return what an event does. When it is refused or changes nothing, the standing stays as it was."""
    effect = _step(standing, event) if event.input in STEPS else _request(standing, event)
    if effect.standing.state is not standing.state or (event.input is Input.VERSION and not effect.refused):
        return replace(effect, standing=replace(effect.standing, since=event.at))
    return effect


def standing_of(events: Iterable[Event]) -> Standing:
    """Return how a document stands after a history, oldest first."""
    standing = Standing()
    for event in events:
        standing = apply(standing, event).standing
    return standing


def _step(standing: Standing, event: Event) -> Effect:
    """An addressee says 01 to 06. The request decides whether it may, the progress what it means."""
    gate = REQUESTS[standing.request][ANY_STEP]
    if gate == IMPOSSIBLE:
        return Effect(standing, CONTRADICTS, refused=True)
    cell = PROGRESS[standing.progress][event.input]
    warns = gate == PASSED + WARNED or cell.endswith(WARNED) or cell == CONTRADICTS
    said = replace(standing, said=standing.said | {event.input})
    if cell in (SAME, LATE) and event.input in standing.said:
        return Effect(said, REPEATED, warns)
    if cell in (SAME, LATE, CONTRADICTS):
        return Effect(said, REPEATED if cell == SAME else cell, warns)
    return Effect(replace(said, progress=Progress(cell.rstrip(WARNED))), ADVANCED, warns)


def _request(standing: Standing, event: Event) -> Effect:
    """The sender asks, or the addressee replies to it."""
    cell = REQUESTS[standing.request][event.input]
    if cell == IMPOSSIBLE:
        return Effect(standing, CONTRADICTS, refused=True)
    if cell == CONTRADICTS:
        return Effect(standing, CONTRADICTS, warns=True)
    if cell == SAME:
        return Effect(standing, REPEATED)
    note = _NOTES.get(event.input, REQUESTED)
    after = replace(standing, request=Request(cell))
    if event.input is Input.VERSION:
        after = replace(after, progress=Progress.SENT, said=frozenset())
    return Effect(after, note)


_NOTES = {Input.AGREES: REPLIED, Input.REFUSES: REPLIED, Input.WITHDRAWAL: WITHDRAWN}
