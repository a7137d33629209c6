"""The working days of Vietnam's administration, in its own time (UTC+7).

A day is worked on from Monday to Friday unless a special day says otherwise. Special days are data with a source and a
certainty (`data/holidays.csv`): public holidays (Labour Code 2019, art. 112), days off in lieu of those that fall on a
week-end (art. 111(3)), and days that the government swaps with a Saturday, which is then worked on. Notices come out
year by year, so an operator's own CSV of the same columns (`[calendar] holidays`) adds days and overrides ours.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from hub.errors import Misconfigured
from schemas.text import Text

VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")  # no daylight saving since 1975
OURS = Path(__file__).parent / "data" / "holidays.csv"
COLUMNS = ("date", "kind", "name_vi", "name_en", "certainty", "source")
DAY = timedelta(days=1)
Word = TypeVar("Word", bound=StrEnum)


class DayKind(StrEnum):
    """Why a day is not what its weekday says."""

    HOLIDAY = "holiday"  # art. 112(1)
    COMPENSATION = "compensation"  # in lieu of a holiday on a week-end, art. 111(3)
    SWAP = "swap"  # off, and a Saturday is worked on instead
    WORK = "work"  # that Saturday
    NORMAL = "normal"  # in an operator's file: not special after all


class Certainty(StrEnum):
    """How sure a special day is."""

    CONFIRMED = "confirmed"  # the law or a notice names it
    COMPUTED = "computed"  # from the law and the lunar calendar, before the year's notice


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialDay:
    """A day that is not what its weekday says, and who says so."""

    day: date
    kind: DayKind
    name: Text
    certainty: Certainty
    source: str


class Calendar:
    """Tells working days from others, and counts them."""

    def __init__(self, special: Iterable[SpecialDay]) -> None:
        """Later entries override earlier ones of the same day."""
        known = {each.day: each for each in special}
        self.special: Mapping[date, SpecialDay] = {
            day: each for day, each in sorted(known.items()) if each.kind is not DayKind.NORMAL
        }

    @classmethod
    def load(cls, own: Path | None = None) -> Calendar:
        """Return the calendar of our data, with an operator's file over it. Raises `Misconfigured`."""
        return cls([*read(OURS), *(read(own) if own else ())])

    @property
    def years(self) -> range:
        """The years that special days are known of; outside of them only week-ends are off."""
        return range(min(self.special).year, max(self.special).year + 1) if self.special else range(0)

    def is_working(self, day: date) -> bool:
        """Tell whether offices work on that day."""
        special = self.special.get(day)
        return day.weekday() < 5 if special is None else special.kind is DayKind.WORK

    def next_working_day(self, day: date) -> date:
        """Return the first working day after that day."""
        day += DAY
        while not self.is_working(day):
            day += DAY
        return day

    def add_working_days(self, day: date, count: int) -> date:
        """Return the count-th working day after that day; with 0 the day itself, or the next one if it is off."""
        if count < 0:
            raise ValueError(f"expected a count of 0 or more, got {count}")
        if count == 0:
            return day if self.is_working(day) else self.next_working_day(day)
        for _ in range(count):
            day = self.next_working_day(day)
        return day

    def working_days(self, after: date, until: date) -> int:
        """Count the working days after one day, up to and including another."""
        return sum(self.is_working(after + DAY * n) for n in range(1, (until - after).days + 1))


def vietnamese_day(moment: datetime) -> date:
    """Return the day that it is in Vietnam at a moment."""
    return moment.astimezone(VIETNAM).date()


def read(path: Path) -> list[SpecialDay]:
    """Read special days from a CSV with our columns. Raises `Misconfigured` naming the file and the line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if tuple(rows.fieldnames or ()) != COLUMNS:
                raise complaint(path, 1, ",".join(COLUMNS), ",".join(rows.fieldnames or ()))
            return [_special(path, rows.line_num, row) for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Misconfigured(
            Text(
                vi=f"Không đọc được lịch nghỉ {path}: {error}",
                en=f"Cannot read the holidays in {path}: {error}",
            )
        ) from error


def complaint(path: Path, line: int, expected: str, got: str) -> Misconfigured:
    """Return the complaint about one line of a file."""
    return Misconfigured(
        Text(
            vi=f"{path}, dòng {line}: cần {expected}, nhưng gặp “{got}”",
            en=f"{path}, line {line}: expected {expected}, got “{got}”",
        )
    )


def _special(path: Path, line: int, row: dict[str, str | None]) -> SpecialDay:
    got = {name: (row.get(name) or "").strip() for name in COLUMNS}
    if (
        len(row) != len(COLUMNS) or not got["name_vi"] or not got["name_en"]
    ):  # a comma too many, or a name too few
        raise complaint(path, line, ",".join(COLUMNS), ",".join(got.values()))
    try:
        day = date.fromisoformat(got["date"])
    except ValueError as error:
        raise complaint(path, line, "yyyy-mm-dd", got["date"]) from error
    return SpecialDay(
        day=day,
        kind=_one_of(path, line, DayKind, got["kind"]),
        name=Text(vi=got["name_vi"], en=got["name_en"]),
        certainty=_one_of(path, line, Certainty, got["certainty"] or str(Certainty.CONFIRMED)),
        source=got["source"],
    )


def _one_of(path: Path, line: int, words: type[Word], got: str) -> Word:
    try:
        return words(got)
    except ValueError as error:
        raise complaint(path, line, " | ".join(words), got) from error
