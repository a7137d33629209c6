"""Dates are real and not of tomorrow, give or take a day."""

from __future__ import annotations

from datetime import date

from schemas.edxml.rules.dates import RULE
from tests.unit.schemas.edxml.rules.checks import codes, found
from tests.unit.schemas.samples import changed, sample


def test_a_day_that_does_not_exist_is_an_error_with_the_form_expected() -> None:
    (finding,) = found(RULE, sample("bad/date-30-february"))
    assert finding.code == "date-wrong"
    assert "yyyy/MM/dd" in finding.message.vi
    assert "2026/02/30" in finding.message.vi


def test_another_form_is_an_error() -> None:
    assert codes(found(RULE, sample("bad/date-day-first"))) == ["date-wrong"]


def test_one_day_is_left_for_clocks_that_disagree() -> None:
    content = sample("good/document-new")  # issued on 2026/11/20
    assert found(RULE, content, today=date(2026, 11, 19)) == []
    assert codes(found(RULE, content, today=date(2026, 11, 18))) == ["date-in-future"]


def test_a_due_date_that_is_none_is_a_warning() -> None:
    assert codes(found(RULE, changed("good/document-new", "2026/12/05", "05/12/2026"))) == ["due-date-wrong"]
    assert found(RULE, changed("good/document-new", "2026/12/05", "")) == []


def test_the_time_of_a_status_must_exist_and_may_be_early() -> None:
    assert codes(found(RULE, sample("bad/status-time-wrong"))) == ["date-wrong"]
    assert codes(found(RULE, sample("good/status-accepted-03"), today=date(2026, 11, 1))) == [
        "time-in-future"
    ]
    assert found(RULE, sample("good/status-accepted-03")) == []


def test_a_missing_date_is_another_rules_business() -> None:
    assert found(RULE, sample("bad/no-promulgation-date")) == []
    assert found(RULE, sample("bad/status-without-time")) == []
