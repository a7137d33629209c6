"""Until when something must happen."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from hub.calendar import VIETNAM, Calendar
from hub.deadlines import BASES, RULE, RULES, Kind, due, midnight

CALENDAR = Calendar.load()


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=VIETNAM)


def until(kind: Kind, since: str, *, urgent: bool = False) -> str:
    last = due(RULE[kind], at(since), CALENDAR, urgent=urgent, urgent_minutes=60)
    return last.astimezone(VIETNAM).isoformat(" ", "minutes")[:16]


@pytest.mark.parametrize(
    ("kind", "since", "last"),
    [
        (Kind.SENT, "2026-11-19 00:00", "2026-11-20 12:00"),  # Thursday: Friday noon
        (Kind.SENT, "2026-11-20 00:00", "2026-11-23 12:00"),  # Friday: Monday noon
        (Kind.SENT, "2026-02-13 00:00", "2026-02-23 12:00"),  # before Tết
        (Kind.ARRIVAL, "2026-11-20 08:00", "2026-11-21 00:00"),  # the end of that day
        (Kind.ARRIVAL, "2026-11-20 23:59", "2026-11-21 00:00"),
        (Kind.ARRIVAL, "2026-11-21 08:00", "2026-11-24 00:00"),  # a Saturday: the end of Monday
        (Kind.REGISTRATION, "2026-11-20 08:00", "2026-11-24 00:00"),
        (Kind.REGISTRATION, "2026-11-23 08:00", "2026-11-26 00:00"),  # 24 November is Culture Day
        (Kind.REQUEST, "2026-11-19 08:00", "2026-11-21 00:00"),
        (Kind.REPLY, "2026-11-20 00:00", "2026-11-21 00:00"),
        (Kind.REPLY, "2026-11-24 00:00", "2026-11-26 00:00"),  # due on a holiday: the next working day
    ],
)
def test_a_deadline_is_on_the_working_calendar(kind: Kind, since: str, last: str) -> None:
    assert until(kind, since) == last


@pytest.mark.parametrize(
    ("kind", "since", "last"),
    [
        (Kind.SENT, "2026-11-20 00:00", "2026-11-21 00:00"),
        (Kind.ARRIVAL, "2026-11-21 22:30", "2026-11-21 23:30"),  # at any hour of any day
        (Kind.REGISTRATION, "2026-11-20 08:00", "2026-11-20 09:00"),
        (Kind.REPLY, "2026-11-20 00:00", "2026-11-21 00:00"),
    ],
)
def test_urgent_documents_are_due_at_once(kind: Kind, since: str, last: str) -> None:
    assert until(kind, since, urgent=True) == last


def test_every_kind_has_one_rule_with_its_source_and_how_sure_it_is() -> None:
    assert [rule.id for rule in RULES] == [*dict.fromkeys(rule.id for rule in RULES)]
    assert {rule.id for rule in RULES} == set(Kind)
    for rule in RULES:
        assert rule.citation.vi != rule.citation.en
        assert rule.basis in BASES


@pytest.mark.parametrize("kind", list(Kind))
def test_no_deadline_passes_before_it_begins(kind: Kind) -> None:
    moment = midnight(at("2026-01-01").date())
    while moment.year == 2026:
        assert due(RULE[kind], moment, CALENDAR, urgent=False, urgent_minutes=60) > moment
        moment += timedelta(hours=7)
