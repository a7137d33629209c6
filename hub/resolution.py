"""What the directory knows of one code on one day, and how it says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from hub.model import Agency, AgencyCode
from schemas.findings import shortened
from schemas.text import Sentence, Text

if TYPE_CHECKING:
    from hub.directory import Directory

KNOWN = Sentence(vi="Mã {code} là của {name}", en="The code {code} belongs to {name}")
NOT_YET = Sentence(
    vi="Mã {code} của {name} chưa có hiệu lực, chỉ dùng từ ngày {day}",
    en="The code {code} of {name} does not hold yet, only from {day}",
)
CLOSED = Sentence(
    vi="Mã {code} của {name} đã ngừng sử dụng từ ngày {day}; chưa ghi nhận cơ quan kế thừa",
    en="The code {code} of {name} closed on {day}; no successor is recorded",
)
CLOSED_NEARBY = Sentence(
    vi=(
        "Mã {code} của {name} đã ngừng sử dụng từ ngày {day}; chưa ghi nhận cơ quan kế thừa; "
        "các mã gần nhất: {nearest}"
    ),
    en="The code {code} of {name} closed on {day}; no successor is recorded; nearest known codes: {nearest}",
)
SUCCEEDED = Sentence(
    vi="Mã {code} của {name} đã ngừng sử dụng từ ngày {day}; cơ quan kế thừa: {successors}",
    en="The code {code} of {name} closed on {day}; succeeded by {successors}",
)
NOBODY = Sentence(
    vi="Không có cơ quan nào trong danh bạ mang mã {code}",
    en="No agency in the directory has the code {code}",
)
NEARBY = Sentence(
    vi="Không có cơ quan nào trong danh bạ mang mã {code}; các mã gần nhất: {nearest}",
    en="No agency in the directory has the code {code}; nearest known codes: {nearest}",
)


class Standing(StrEnum):
    """How a code stands on a day."""

    FOUND = "found"
    CLOSED = "closed"  # it names an agency but does not hold on that day: closed, or not open yet
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A code to offer instead of one that does not hold. `agency` is None if nobody bears the code."""

    code: str
    agency: Agency | None

    def __str__(self) -> str:
        return f"{self.code} ({self.agency.name})" if self.agency else self.code


@dataclass(frozen=True, slots=True)
class Succession:
    """Where the succession of a closed code ends, one candidate an agency."""

    candidates: tuple[Candidate, ...] = ()  # they hold on that day, will hold, or are not in the directory
    lost: tuple[str, ...] = ()  # closed as well, and nobody is recorded after them
    early: tuple[str, ...] = ()  # of the candidates, those that do not hold yet


@dataclass(frozen=True)
class Resolution:
    """What the directory knows of a code on a day. What only failures need is worked out when asked for."""

    code: str  # as asked
    state: Standing
    agency: Agency | None  # who bears the code, or bore it
    entry: AgencyCode | None  # the registered code that answered
    on: date | None
    directory: Directory = field(repr=False, compare=False)

    @cached_property
    def succession(self) -> Succession:
        """Where the succession of a closed code leads on that day."""
        return self.directory.succession(self)

    @property
    def successors(self) -> tuple[Candidate, ...]:
        """Who took over from a closed code, as far as they hold on that day."""
        return self.succession.candidates

    @cached_property
    def nearest(self) -> tuple[Candidate, ...]:
        """The open codes that one which leads nowhere may have been meant as."""
        astray = self.state is not Standing.FOUND and not self.successors
        return self.directory.candidates(self.code) if astray else ()

    @property
    def explanation(self) -> Text:
        """The answer as a sentence, with what to write instead."""
        code = shortened(self.code)
        nearest = ", ".join(map(str, self.nearest))
        if self.agency is None or self.entry is None:
            return NEARBY.say(code=code, nearest=nearest) if nearest else NOBODY.say(code=code)
        name = self.agency.name
        if self.state is Standing.FOUND:
            return KNOWN.say(code=code, name=name)
        if not self.ended:
            return NOT_YET.say(code=code, name=name, day=spoken(self.entry.valid_from))
        day = spoken(self.entry.valid_to)
        if not self.successors:
            said = CLOSED_NEARBY if nearest else CLOSED
            return said.say(code=code, name=name, day=day, nearest=nearest)
        return SUCCEEDED.say(code=code, name=name, day=day, successors=", ".join(map(str, self.successors)))

    @property
    def ended(self) -> bool:
        """Tell whether the code was closed by that day; a code may also not be open yet."""
        ends = self.entry.valid_to if self.entry else None
        return ends is not None and ends <= self.directory.day(self.on)


def spoken(day: date | None) -> Text:
    """Return a day as each language writes it."""
    if day is None:
        return Text(vi="không rõ", en="an unknown day")
    return Text(vi=day.strftime("%d/%m/%Y"), en=day.isoformat())
