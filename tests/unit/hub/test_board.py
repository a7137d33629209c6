"""What is late by now, found by halving; whose row comes first; how a connection does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from hub.board import MINUTE, Health, Row, health_of, limits_at, newest_late
from hub.calendar import Calendar
from hub.deadlines import RULE, Kind, due
from hub.model import DeliveryState
from hub.store.board import Group
from tests.unit.hub.directories import agency, directory, endpoint

CALENDAR = Calendar.load(None)
MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # nine in the morning in Vietnam
TWO_WEEKS = timedelta(days=14)


@pytest.mark.parametrize("kind", [Kind.ARRIVAL, Kind.REGISTRATION])
@pytest.mark.parametrize("urgent", [True, False])
@pytest.mark.parametrize("hours", range(0, 96, 7))
def test_the_newest_minute_that_is_late_is_late_and_the_next_is_not(
    kind: Kind, urgent: bool, hours: int
) -> None:
    now = MONDAY + timedelta(hours=hours)

    found = newest_late(kind, now, now - TWO_WEEKS, CALENDAR, urgent=urgent, urgent_minutes=60)

    def late(began: datetime) -> bool:
        return due(RULE[kind], began, CALENDAR, urgent=urgent, urgent_minutes=60) < now

    assert late(found)
    assert not late(found + MINUTE)


def test_nothing_is_late_that_began_only_now() -> None:
    since = MONDAY - timedelta(minutes=30)

    assert newest_late(Kind.ARRIVAL, MONDAY, since, CALENDAR, urgent=True, urgent_minutes=60) == since


def test_a_due_date_has_passed_when_its_day_is_over() -> None:
    limits = limits_at(MONDAY, MONDAY - TWO_WEEKS, CALENDAR, 60)

    assert limits.reply == date(2026, 11, 20), "Saturday and Sunday are due on Monday"


def test_what_hurts_most_comes_first() -> None:
    fine = Row(agency="a", code="A", name="A", waiting=9, oldest=MONDAY)
    older = replace(fine, code="B", oldest=MONDAY - TWO_WEEKS)
    late = replace(fine, code="C", waiting=0, oldest=None, late=1)
    stuck = replace(fine, code="D", waiting=0, suspended=1)
    urgent = replace(late, code="E", late_urgent=1)

    rows = sorted([fine, older, late, stuck, urgent], key=lambda row: row.hurt)

    assert [row.code for row in rows] == ["E", "D", "C", "B", "A"]


@pytest.mark.parametrize(
    ("states", "hours", "health"),
    [
        ((), 0, Health.FINE),
        ((DeliveryState.QUEUED,), 100, Health.FINE),
        ((DeliveryState.AVAILABLE,), 23, Health.FINE),
        ((DeliveryState.AVAILABLE,), 25, Health.SILENT),
        ((DeliveryState.SUSPENDED, DeliveryState.AVAILABLE), 25, Health.STOPPED),
        ((DeliveryState.SUSPENDED, DeliveryState.WAITING_FOR_RETRY), 1, Health.FAILING),
    ],
)
def test_the_health_of_a_connection_is_told_by_what_is_open_for_it(
    states: tuple[DeliveryState, ...], hours: int, health: Health
) -> None:
    commune = agency("Xã", "H49.61")
    known = directory(commune, endpoints=(endpoint("xa", commune),))
    oldest = MONDAY - timedelta(hours=hours)
    groups = [Group(commune.id, "H49.61", "xa", state, 1, oldest, 0) for state in states]
    row = Row(agency=commune.id, code="H49.61", name="Xã", endpoint="xa")

    assert health_of(row, known, groups, MONDAY) is health
    assert health_of(replace(row, endpoint=None), known, groups, MONDAY) is Health.NONE


def test_a_connection_that_is_switched_off_is_off() -> None:
    commune = agency("Xã", "H49.61")
    off = replace(endpoint("xa", commune), disabled=True)
    row = Row(agency=commune.id, code="H49.61", name="Xã", endpoint="xa")

    assert health_of(row, directory(commune, endpoints=(off,)), (), MONDAY) is Health.OFF
