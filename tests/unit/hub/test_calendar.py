"""The working days of Vietnam's administration."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from math import radians, sin
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.calendar import COLUMNS, DAY, OURS, Calendar, Certainty, DayKind, read, vietnamese_day
from hub.errors import Misconfigured

OFFICIAL = Calendar.load()
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))


def new_moon(number: int) -> date:
    """The day in Vietnam of the new moon `number`, counted from January 2000 (Meeus, Astronomical Algorithms, 49)."""
    k, t = float(number), number / 1236.85
    days = 2451550.09766 + 29.530588861 * k + 0.00015437 * t * t
    sun = radians((2.5534 + 29.1053567 * k) % 360)
    moon = radians((201.5643 + 385.81693528 * k) % 360)
    latitude = radians((160.7108 + 390.67050284 * k) % 360)
    days += -0.4072 * sin(moon) + 0.17241 * sin(sun) + 0.01608 * sin(2 * moon) + 0.01039 * sin(2 * latitude)
    days += 0.00739 * sin(moon - sun) - 0.00514 * sin(moon + sun) + 0.00208 * sin(2 * sun)
    days += -0.00111 * sin(moon - 2 * latitude) - 0.00057 * sin(moon + 2 * latitude)
    dynamical = datetime(2000, 1, 1, 12, tzinfo=UTC) + timedelta(days=days - 2451545)
    return vietnamese_day(dynamical - timedelta(seconds=72))


def months_of(year: int) -> list[date]:
    """The first days of the lunar months from Tết on. No month before the fourth is doubled in these years."""
    first = round((year - 2000) * 12.3685)
    tet = next(
        n for n in range(first - 2, first + 4) if date(year, 1, 21) <= new_moon(n) <= date(year, 2, 20)
    )
    return [new_moon(tet + n) for n in range(4)]


@pytest.mark.parametrize(
    ("year", "tet", "hung_kings"),
    [
        (2024, date(2024, 2, 10), date(2024, 4, 18)),
        (2025, date(2025, 1, 29), date(2025, 4, 7)),
        (2026, date(2026, 2, 17), date(2026, 4, 26)),
        (2027, date(2027, 2, 6), date(2027, 4, 16)),
    ],
)
def test_the_lunar_days_are_those_of_the_moon(year: int, tet: date, hung_kings: date) -> None:
    months = months_of(year)
    assert months[0] == tet
    assert months[2] + 9 * DAY == hung_kings, "the tenth day of the third month"
    for day, name in ((tet, "mùng 1"), (hung_kings, "Hùng Vương")):
        assert OFFICIAL.special[day].kind is DayKind.HOLIDAY
        assert name in OFFICIAL.special[day].name.vi


@pytest.mark.parametrize("year", [2024, 2025, 2026, 2027])
def test_each_year_has_the_days_of_the_law(year: int) -> None:
    holidays = [
        each for day, each in OFFICIAL.special.items() if day.year == year and each.kind is DayKind.HOLIDAY
    ]
    # Labour Code 2019, art. 112(1): 1 + 5 + 1 + 1 + 1 + 2; Culture Day since NQ 28/2026/QH16
    assert len(holidays) == (12 if year >= 2026 else 11)
    for month, day in ((1, 1), (4, 30), (5, 1), (9, 2)):
        assert OFFICIAL.special[date(year, month, day)].kind is DayKind.HOLIDAY
    assert date(year, 9, 1) in OFFICIAL.special or date(year, 9, 3) in OFFICIAL.special
    assert (date(year, 11, 24) in OFFICIAL.special) == (year >= 2026)
    assert sum("Tết " in each.name.vi and "Dương lịch" not in each.name.vi for each in holidays) == 5


def test_a_holiday_on_a_week_end_is_made_up_on_the_next_working_day() -> None:
    """Labour Code 2019, art. 111(3)."""
    holidays = {day for day, each in OFFICIAL.special.items() if each.kind is DayKind.HOLIDAY}
    made_up: set[date] = set()
    for day in sorted(holidays):
        if day.weekday() >= 5:
            day += DAY
            while day.weekday() >= 5 or day in holidays | made_up:
                day += DAY
            made_up.add(day)
    assert made_up == {day for day, each in OFFICIAL.special.items() if each.kind is DayKind.COMPENSATION}


@pytest.mark.parametrize("year", [2024, 2025, 2026, 2027])
def test_a_day_off_that_is_swapped_is_worked_on_a_saturday(year: int) -> None:
    of_year = [(day, each.kind) for day, each in OFFICIAL.special.items() if day.year == year]
    swapped = [day for day, kind in of_year if kind is DayKind.SWAP]
    worked = [day for day, kind in of_year if kind is DayKind.WORK]
    assert len(swapped) == len(worked)
    assert all(day.weekday() < 5 for day in swapped)
    assert all(day.weekday() == 5 for day in worked)


def test_past_years_are_confirmed_and_what_has_no_notice_yet_says_so() -> None:
    assert {each.certainty for day, each in OFFICIAL.special.items() if day.year < 2027} == {
        Certainty.CONFIRMED
    }
    assert OFFICIAL.special[date(2027, 2, 4)].certainty is Certainty.COMPUTED
    assert all(each.source for each in OFFICIAL.special.values())


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 20), True),
        (date(2026, 11, 21), False),  # Saturday
        (date(2026, 11, 24), False),  # Culture Day, a Tuesday
        (date(2026, 8, 22), True),  # a Saturday in lieu of 31 August
        (date(2026, 8, 31), False),
        (date(2026, 4, 27), False),  # in lieu of the Hùng Kings' Sunday
        (date(2024, 2, 14), False),
        (date(2024, 2, 15), True),
    ],
)
def test_some_days_that_everybody_remembers(day: date, works: bool) -> None:
    assert OFFICIAL.is_working(day) is works


def test_after_tet_work_begins_again() -> None:
    assert OFFICIAL.next_working_day(date(2026, 2, 13)) == date(2026, 2, 23)
    assert OFFICIAL.add_working_days(date(2025, 1, 24), 1) == date(2025, 2, 3)


@given(DAYS)
def test_the_next_working_day_is_one_and_none_lies_between(day: date) -> None:
    following = OFFICIAL.next_working_day(day)
    assert following > day
    assert OFFICIAL.is_working(following)
    assert OFFICIAL.working_days(day, following) == 1


@given(DAYS, st.integers(0, 40), st.integers(0, 40))
def test_adding_working_days_adds_up(day: date, some: int, more: int) -> None:
    start = OFFICIAL.add_working_days(day, 0)
    assert OFFICIAL.is_working(start)
    assert OFFICIAL.add_working_days(
        OFFICIAL.add_working_days(start, some), more
    ) == OFFICIAL.add_working_days(start, some + more)
    assert OFFICIAL.working_days(start, OFFICIAL.add_working_days(start, some)) == some


@given(DAYS, DAYS)
def test_a_later_day_is_never_due_earlier(one: date, other: date) -> None:
    first, last = sorted((one, other))
    assert OFFICIAL.next_working_day(first) <= OFFICIAL.next_working_day(last)


def test_counting_backward_is_a_bug_of_the_caller() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        OFFICIAL.add_working_days(date(2026, 11, 20), -1)


def test_outside_of_the_known_years_only_week_ends_are_off() -> None:
    assert OFFICIAL.years == range(2024, 2028)
    assert Calendar([]).years == range(0)
    assert OFFICIAL.is_working(date(2031, 9, 2))


def test_midnight_is_that_of_vietnam() -> None:
    assert vietnamese_day(datetime(2026, 11, 20, 17, 0, tzinfo=UTC)) == date(2026, 11, 21)
    assert vietnamese_day(datetime(2026, 11, 20, 16, 59, tzinfo=UTC)) == date(2026, 11, 20)


def own(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "holidays.csv"
    path.write_text("\n".join([",".join(COLUMNS), *rows]), encoding="utf-8")
    return path


def test_an_operators_file_adds_days_and_overrides_ours(tmp_path: Path) -> None:
    calendar = Calendar.load(
        own(
            tmp_path,
            "2026-11-23,swap,Nghỉ hoán đổi,Day off,confirmed,Thông báo giả định",
            "2026-11-28,work,Làm bù,Working Saturday,,",
            "2027-09-03,normal,Không nghỉ,Not a day off,confirmed,",
        )
    )
    assert not calendar.is_working(date(2026, 11, 23))
    assert calendar.is_working(date(2026, 11, 28))
    assert calendar.is_working(date(2027, 9, 3))
    assert not calendar.is_working(date(2026, 11, 24)), "ours stays where it says nothing"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("24/11/2026,holiday,Ngày lễ,Holiday,confirmed,x", "yyyy-mm-dd"),
        ("2026-11-24,off,Ngày lễ,Holiday,confirmed,x", "holiday | compensation | swap | work | normal"),
        ("2026-11-24,holiday,Ngày lễ,Holiday,perhaps,x", "confirmed | computed"),
        ("2026-11-24,holiday,,Holiday,confirmed,x", "name_vi"),
        ("2026-11-24,holiday,Ngày lễ,Holiday,confirmed,x,y", "source"),
    ],
)
def test_a_complaint_names_the_line_and_what_was_expected(tmp_path: Path, row: str, expected: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        Calendar.load(own(tmp_path, row))
    assert "line 2" in caught.value.message.en
    assert expected in caught.value.message.en


def test_other_columns_and_a_file_that_is_not_there_are_complained_of(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("day,name\n", encoding="utf-8")
    with pytest.raises(Misconfigured, match=r"own\.csv"):
        read(path)
    with pytest.raises(Misconfigured, match=r"gone\.csv"):
        read(tmp_path / "gone.csv")


def test_our_file_has_no_day_twice() -> None:
    days = [each.day for each in read(OURS)]
    assert days == sorted(set(days))
