"""Templates, and how values are written for people: times in Vietnam's zone, numbers with their separators.

Templates hold no words of their own: `w.KEY` is a string of `words.WORDS` in the reader's language, `say("KEY", n=3)`
one with blanks. Whatever is not marked safe is escaped, and a name that a template does not know is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from adapters.console.codes import by_machine, refusal_name
from adapters.console.singular import OF_ONE
from adapters.console.steps import next_step
from adapters.console.words import SENTENCES, WORDS
from hub import events
from hub.accounts import ROLES
from hub.commands.overdue import spoken
from hub.directory import Directory
from hub.errors import NotFound
from hub.model import DeliveryState, TraceEvent
from hub.report.sheets import Cell, written
from hub.routes import STRANGER
from hub.show import VIETNAM, clean, day, when
from hub.words import ATTEMPTS, LEVELS, NOTES, STATES
from schemas.edxml.codes import PRIORITY_NAMES, kind_name, status_name
from schemas.edxml.envelope import PackageKind, Priority
from schemas.text import Text, language

TEMPLATES = Path(__file__).parent / "templates"

# The colour of a state: what is well, under way, waits for a person, or ended badly.
TONES: dict[str, str] = {
    "delivered": "good",
    "available": "wait",
    "queued": "wait",
    "sending": "wait",
    "waiting_for_retry": "warn",
    "held": "warn",
    "suspended": "bad",
    "refused": "bad",
    "withdrawn": "quiet",
    "valid": "good",
    "invalid": "bad",
    "undetermined": "warn",
    "absent": "quiet",
}


class Words:
    """The strings of the templates in the reader's language."""

    def __getattr__(self, key: str) -> str:
        if key.startswith("__"):
            raise AttributeError(key)
        return str(WORDS[key])

    def __html__(self) -> str:
        raise TypeError("expected one of the words, got all of them")


def say(key: str, **values: Any) -> str:
    """Return a sentence with its blanks filled, numbers as people write them, and one thing in the singular."""
    blank, singular = OF_ONE.get(key, ("", None))
    sentence = singular if singular is not None and values[blank] == 1 else SENTENCES[key]
    filled = {name: number(value) if isinstance(value, int) else value for name, value in values.items()}
    return str(sentence.say(**filled))


def number(value: int) -> str:
    """Return a whole number as people write it: 1.234 in Vietnamese, 1,234 in English."""
    written = f"{value:,}"
    return written.replace(",", ".") if language.get() == "vi" else written


def size(octets: int) -> str:
    """Return a size in the unit that fits."""
    value, unit = float(octets), "B"
    for larger in ("KB", "MB", "GB"):
        if value < 1_000:
            break
        value, unit = value / 1_000, larger
    written = f"{value:.0f}" if unit == "B" or value >= 100 else f"{value:.1f}"
    return f"{written.replace('.', ',') if language.get() == 'vi' else written} {unit}"


def minute(moment: datetime | None) -> str:
    """Return a time without its seconds."""
    return "–" if moment is None else when(moment)[:-3]


def clock(moment: datetime) -> str:
    """Return the time of day."""
    return moment.astimezone(VIETNAM).strftime("%H:%M:%S")


def iso(moment: datetime) -> str:
    """Return a time for machines."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def ago(moment: datetime | None, now: datetime) -> str:
    """Return how long ago something was, in its largest unit."""
    if moment is None:
        return "–"
    passed = max(now - moment, timedelta())
    if passed < timedelta(minutes=1):
        return str(WORDS["just_now"])
    return say("ago", time=spoken(passed))


def brief(name: str) -> str:
    """Return an agency's name as lists write it: people's committees are UBND to everybody."""
    return name.replace("Ủy ban nhân dân", "UBND").replace("Uỷ ban nhân dân", "UBND")


def agency_name(agency: str, directory: Directory) -> str:
    """Return the name of an agency; of one beyond this hub, its code."""
    try:
        return directory.agency(agency).name
    except NotFound:
        return agency.removeprefix(STRANGER)


def code_name(code: str, directory: Directory) -> str:
    """Return the name of the agency that bears a code, or bore it; of a stranger's, the code."""
    found = directory.resolve(code).agency
    return found.name if found is not None else code


def endpoint_name(endpoint: str, directory: Directory) -> str:
    """Return who is behind an endpoint: its agency if it speaks for one alone, else its own name."""
    found = directory.endpoint(endpoint)
    agencies = sorted(found.agencies) if found is not None else []
    return agency_name(agencies[0], directory) if len(agencies) == 1 else endpoint


def state_name(state: object) -> str:
    """Return a delivery's state in words."""
    return str(STATES[DeliveryState(str(state))])


def kind(value: object) -> str:
    """Return the name of a kind of package."""
    return str(kind_name(PackageKind(str(value))))


def status(code: str | None) -> str:
    """Return a business status with its name."""
    return f"{code} – {status_name(code)}" if code else ""


def priority(value: int) -> str:
    """Return the name of an urgency."""
    return str(PRIORITY_NAMES[Priority(value)])


def event_sentence(event: TraceEvent) -> str:
    """Return what happened, in words."""
    return events.sentence(event, when)


def from_json(value: Mapping[str, str]) -> str:
    """Return a stored sentence in the reader's language."""
    return str(Text.from_json(dict(value)))


def instant(value: str) -> str:
    """Return a stored time for people."""
    return when(datetime.fromisoformat(value))


def common_name(subject: str) -> str:
    """Return the common name of a certificate's subject; the whole of it if it has none."""
    found = re.search(r"(?:^|,)\s*CN=((?:[^,\\]|\\.)+)", subject)
    return found[1].replace("\\,", ",") if found else subject


def short_day(value: date | None) -> str:
    """Return a day, or a dash."""
    return "–" if value is None else day(value)


_environment = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_environment.globals.update(
    w=Words(),
    say=say,
    next_step=next_step,
    refusal_name=refusal_name,
    by_machine=by_machine,
    tones=TONES,
    agency_name=agency_name,
    code_name=code_name,
    endpoint_name=endpoint_name,
    actor=events.actor,
    event_sentence=event_sentence,
    attempt_words=ATTEMPTS,
    note_words=NOTES,
    roles=ROLES,
    levels=LEVELS,
)


def cell(value: Cell) -> str:
    """Return a cell of a report; counts with their separators."""
    return number(value) if isinstance(value, int) else written(value)


def textual(value: object) -> bool:
    """Tell whether a cell of a report holds words, not a figure."""
    return isinstance(value, str | Text)


FILTERS: dict[str, Callable[..., Any]] = {
    "cell": cell,
    "number": number,
    "size": size,
    "when": when,
    "minute": minute,
    "clock": clock,
    "iso": iso,
    "ago": ago,
    "clean": clean,
    "day": short_day,
    "state": state_name,
    "kind": kind,
    "status": status,
    "priority": priority,
    "text": from_json,
    "instant": instant,
    "spoken": spoken,
    "common_name": common_name,
    "brief": brief,
}


def _at_rendering(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter that is asked at each rendering: Jinja works those of constants out once, in one language."""

    @pass_context
    def asked(_context: Context, *values: Any) -> Any:
        return function(*values)

    return asked


_environment.tests["textual"] = textual
_environment.filters.update({name: _at_rendering(function) for name, function in FILTERS.items()})


def render(template: str, values: Mapping[str, Any]) -> str:
    """Return a template filled in."""
    return _environment.get_template(template).render(values)
