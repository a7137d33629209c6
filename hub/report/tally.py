"""Counts of a report from the database's rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from hub.calendar import DAY, vietnamese_day
from hub.deadlines import RULE, Kind, due, midnight
from hub.report.counts import DOCUMENTS, ENDED, GIVEN_BACK, REGISTERED, Counts, Question, Times, signed_by
from hub.report.figures import Signed, Timeliness
from hub.store import report as store
from hub.store.report import Asked, Rule

BEFORE = timedelta(
    days=60
)  # what was due longer before the period than that was late in it whatever the holidays
PERCENTS = (50, 95)


def tally(connection: sa.Connection, question: Question) -> Counts:
    """Count, in one picture of the database."""
    if connection.dialect.name == "postgresql":
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
    asked = Asked(
        since=question.period.since,
        until=question.period.until,
        kinds=sorted(DOCUMENTS),
        agency=question.agency,
    )
    counts = Counts()
    counts.kinds.update(dict(store.kinds(connection, asked)))
    for agency, endpoint, count in store.sent(connection, asked):
        counts.sent[agency, endpoint] += count
    for agency, through, state, count in store.received(connection, asked):
        counts.received[agency, through, state] += count
    for agency, verdicts, waits in store.verdicts(connection, asked):
        counts.signed[agency, Signed.WAITING if waits else signed_by(verdicts)] += 1
    for kind, outcomes in _timed(connection, question, asked):
        for agency, outcome, count in outcomes:
            counts.timed[agency, kind, Timeliness(outcome)] += count
    counts.to_take = dict(_paces(connection, asked, answers=False))
    counts.to_answer = dict(_paces(connection, asked, answers=True))
    return counts


def _timed(
    connection: sa.Connection, question: Question, asked: Asked
) -> Iterator[tuple[Kind, store.Outcomes]]:
    now = question.now
    sent, arrival = rule_of(Kind.SENT, question), rule_of(Kind.ARRIVAL, question)
    registration, reply = rule_of(Kind.REGISTRATION, question), rule_of(Kind.REPLY, question)
    recall, given_back = rule_of(Kind.REQUEST, question), sorted(GIVEN_BACK)
    registered, ended = sorted(REGISTERED), sorted(ENDED)
    yield Kind.SENT, store.sent_in_time(connection, asked, sent, now)
    yield Kind.ARRIVAL, store.answered_in_time(connection, asked, None, arrival, now)
    yield Kind.REGISTRATION, store.answered_in_time(connection, asked, registered, registration, now)
    yield Kind.REQUEST, store.given_back_in_time(connection, asked, given_back, recall, now)
    yield Kind.REPLY, store.replied_in_time(connection, asked, ended, reply, now)


def rule_of(kind: Kind, question: Question) -> Rule:
    """Return a deadline as the database judges it: the last moment for each day on which something may begin."""
    rule = RULE[kind]
    at_once = question.urgent_minutes * 60 if rule.urgent_at_once else None
    return Rule(
        due=_moments(kind, question, urgent=False),
        due_urgent=_moments(kind, question, urgent=True) if kind is Kind.SENT else None,
        urgent_seconds=at_once,
    )


def _moments(kind: Kind, question: Question, *, urgent: bool) -> Mapping[date, datetime]:
    first = question.period.first - BEFORE
    last = max(vietnamese_day(question.now), question.period.last)
    return {
        day: due(
            RULE[kind],
            midnight(day),
            question.calendar,
            urgent=urgent,
            urgent_minutes=question.urgent_minutes,
        )
        for day in (first + DAY * n for n in range((last - first).days + 1))
    }


def _paces(connection: sa.Connection, asked: Asked, *, answers: bool) -> Iterator[tuple[str, Times]]:
    for agency, count, (median, p95) in store.paces(connection, asked, PERCENTS, answers=answers):
        yield agency, Times(count, median, p95)
