"""What reports count, counted by the database: sums by agency, so that no answer grows with the number of documents.

Only verdicts are read one by one, some at a time: they are kept compressed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from hub.model import DeliveryState
from hub.store import compact
from hub.store.overdue import overtaken
from hub.store.tables import Instant, deliveries, messages, replies, requests, statuses
from schemas.edxml.envelope import PackageKind

CHUNK = 2_000  # verdicts read at once
PAST, FUTURE = (
    sa.literal(datetime.fromisoformat(each), Instant)
    for each in ("1970-01-01T00:00:00+00:00", "9999-01-01T00:00:00+00:00")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which documents: accepted from one moment until before another, of these kinds; of one agency, or of all."""

    since: datetime
    until: datetime
    kinds: Sequence[PackageKind]
    agency: str | None = None  # Agency.id: the sender's, or the addressee's

    @property
    def accepted(self) -> sa.ColumnElement[bool]:
        """The condition that a message was accepted then and is a document."""
        return sa.and_(self._then, messages.c.kind.in_([str(kind) for kind in self.kinds]))

    @property
    def _then(self) -> sa.ColumnElement[bool]:
        return sa.and_(messages.c.accepted_at >= self.since, messages.c.accepted_at < self.until)

    def all_kinds(self) -> sa.Select[Any]:
        """Return the question how many packages of each kind there are."""
        query = sa.select(messages.c.kind, sa.func.count()).where(self._then).group_by(messages.c.kind)
        return query if self.agency is None else query.where(messages.c.sender_agency == self.agency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One deadline as the database judges it: by the day of its beginning, or within a time of it."""

    due: Mapping[date, datetime]  # by the day in Vietnam on which it began
    due_urgent: Mapping[date, datetime] | None = None
    urgent_seconds: float | None = None  # in place of those


Outcomes = Iterator[tuple[str, str, int]]  # agency, Timeliness, how many


def kinds(connection: sa.Connection, asked: Asked) -> Iterator[tuple[PackageKind, int]]:
    """Yield how many packages of each kind were accepted."""
    for kind, count in connection.execute(asked.all_kinds()):
        yield PackageKind(kind), count


def sent(connection: sa.Connection, asked: Asked) -> Iterator[tuple[str, str, int]]:
    """Yield how many documents came from which agency by which endpoint."""
    who = (messages.c.sender_agency, messages.c.endpoint)
    query = sa.select(*who, sa.func.count()).where(asked.accepted).group_by(*who)
    for row in connection.execute(_of(query, asked, messages.c.sender_agency)):
        yield row[0], row[1], row[2]


def received(connection: sa.Connection, asked: Asked) -> Iterator[tuple[str, str | None, DeliveryState, int]]:
    """Yield how many deliveries of documents went to which agency by which endpoint, and how they stand."""
    who = (deliveries.c.agency, deliveries.c.endpoint, deliveries.c.state)
    query = sa.select(*who, sa.func.count()).select_from(_SENT).where(asked.accepted).group_by(*who)
    for row in connection.execute(_of(query, asked, deliveries.c.agency)):
        yield row[0], row[1], DeliveryState(row[2]), row[3]


def verdicts(
    connection: sa.Connection, asked: Asked
) -> Iterator[tuple[str, Sequence[Mapping[str, Any]], bool]]:
    """Yield the sender of each document, the verdicts on it, and whether its attachments are still to be judged."""
    order = (messages.c.accepted_at, messages.c.id)
    query = sa.select(
        *order,
        messages.c.sender_agency,
        messages.c.verdicts,
        messages.c.verdicts_small,
        sa.and_(messages.c.judge_at.is_not(None), messages.c.judgings == 0).label("waits"),
    ).where(asked.accepted)
    query = _of(query, asked, messages.c.sender_agency).order_by(*order).limit(CHUNK)
    rows = connection.execute(query).all()
    while rows:
        for row in rows:
            yield row.sender_agency, compact.read(row.verdicts, row.verdicts_small), bool(row.waits)
        at, last = rows[-1].accepted_at, rows[-1].id
        later = sa.or_(
            messages.c.accepted_at > at, sa.and_(messages.c.accepted_at == at, messages.c.id > last)
        )
        rows = connection.execute(query.where(messages.c.accepted_at >= at, later)).all()


# --- deadlines ----------------------------------------------------------------------------------------------------


def sent_in_time(connection: sa.Connection, asked: Asked, rule: Rule, now: datetime) -> Outcomes:
    """Yield how many documents were sent in time after the day that they bear."""
    query = sa.select(
        messages.c.sender_agency.label("agency"),
        (messages.c.priority > 0).label("urgent"),
        messages.c.promulgated_on.label("day"),
        messages.c.accepted_at.label("since"),
        messages.c.accepted_at.label("done"),
        sa.false().label("needless"),
    ).where(asked.accepted, messages.c.promulgated_on.is_not(None))
    return _judged(connection, _of(query, asked, messages.c.sender_agency), rule, now)


def answered_in_time(
    connection: sa.Connection, asked: Asked, codes: Sequence[str] | None, rule: Rule, now: datetime
) -> Outcomes:
    """Yield how many deliveries that are with their addressees were answered in time, by some code or by any."""
    query = sa.select(
        deliveries.c.agency.label("agency"),
        (messages.c.priority > 0).label("urgent"),
        _day(connection, deliveries.c.updated_at).label("day"),
        deliveries.c.updated_at.label("since"),
        _said(codes).label("done"),
        overtaken().label("needless"),
    ).select_from(_SENT)
    query = query.where(asked.accepted, deliveries.c.state.in_(_THERE))
    return _judged(connection, _of(query, asked, deliveries.c.agency), rule, now)


def given_back_in_time(
    connection: sa.Connection, asked: Asked, codes: Sequence[str], rule: Rule, now: datetime
) -> Outcomes:
    """Yield how many deliveries that were asked back were answered in time, counted from when that was first asked."""
    document = sa.func.coalesce(messages.c.document, messages.c.id)
    recalls = (
        sa.select(
            deliveries.c.agency.label("agency"),
            document.label("document"),
            sa.func.min(requests.c.at).label("since"),
        )
        .select_from(requests)
        .join(messages, messages.c.id == requests.c.about)
        .join(
            deliveries,
            sa.and_(deliveries.c.message == requests.c.about, deliveries.c.agency == requests.c.agency),
        )
        .where(asked.accepted, requests.c.kind == "recall", deliveries.c.state.in_(_THERE))
        .group_by(deliveries.c.id, deliveries.c.agency, document)
    )
    each = _of(recalls, asked, deliveries.c.agency).subquery("recalls")
    said = (
        sa.select(sa.func.min(statuses.c.recorded_at))
        .where(
            statuses.c.document == each.c.document,
            statuses.c.agency == each.c.agency,
            statuses.c.code.in_(codes),
            statuses.c.recorded_at >= each.c.since,
        )
        .correlate(each)
        .scalar_subquery()
    )
    query = sa.select(
        each.c.agency,
        sa.false().label("urgent"),
        _day(connection, each.c.since).label("day"),
        each.c.since,
        said.label("done"),
        sa.false().label("needless"),
    )
    return _judged(connection, query, rule, now)


def replied_in_time(
    connection: sa.Connection, asked: Asked, ended: Sequence[str], rule: Rule, now: datetime
) -> Outcomes:
    """Yield how many deliveries with a DueDate came to an end, or to a document in reply, in time."""
    said = (
        sa.select(sa.func.min(statuses.c.recorded_at))
        .where(
            statuses.c.document == sa.func.coalesce(messages.c.document, messages.c.id),
            statuses.c.agency == deliveries.c.agency,
            statuses.c.code.in_(ended),
        )
        .correlate(messages, deliveries)
        .scalar_subquery()
    )
    reply = messages.alias("reply")
    replied = (
        sa.select(sa.func.min(reply.c.accepted_at))
        .join_from(replies, reply, reply.c.id == replies.c.message)
        .where(replies.c.document_id == messages.c.document_id, replies.c.agency == deliveries.c.agency)
        .correlate(messages, deliveries)
        .scalar_subquery()
    )
    both = (
        sa.select(
            deliveries.c.agency.label("agency"),
            sa.false().label("urgent"),
            messages.c.due_on.label("day"),
            said.label("said"),
            replied.label("replied"),
            overtaken().label("needless"),
        )
        .select_from(_SENT)
        .where(asked.accepted, messages.c.due_on.is_not(None), deliveries.c.state.in_(_THERE))
    )
    two = _of(both, asked, deliveries.c.agency).subquery()
    first = sa.case(
        (two.c.replied < two.c.said, two.c.replied), else_=sa.func.coalesce(two.c.said, two.c.replied)
    )
    query = sa.select(
        two.c.agency, two.c.urgent, two.c.day, first.label("since"), first.label("done"), two.c.needless
    )
    return _judged(connection, query, rule, now)


def _judged(connection: sa.Connection, query: sa.Select[Any], rule: Rule, now: datetime) -> Outcomes:
    """Judge what began on a `day` and was `done` at a moment, or is not: in time, late, open, or of no interest."""
    begun = query.subquery("begun")
    known = sorted(rule.due)
    table = sa.values(
        sa.column("day", sa.Date), sa.column("due", Instant), sa.column("urgent_due", Instant), name="days"
    )
    urgent = rule.due_urgent or rule.due
    days = table.data([(day, rule.due[day], urgent[day]) for day in known]).cte("days")
    none = sa.case((begun.c.day < known[0], PAST), else_=FUTURE)  # a day beyond those that are known
    due = sa.func.coalesce(sa.case((begun.c.urgent, days.c.urgent_due), else_=days.c.due), none)

    def met(at: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        by_day = at <= due
        if rule.urgent_seconds is None:
            return by_day
        at_once = _seconds(connection, at, begun.c.since) <= rule.urgent_seconds
        return sa.case((begun.c.urgent, at_once), else_=by_day)

    present = sa.literal(now, Instant)
    outcome = sa.case(
        (sa.and_(begun.c.done.is_not(None), met(begun.c.done)), "on_time"),
        (begun.c.done.is_not(None), "late"),
        (begun.c.needless, None),
        (met(present), "open"),
        else_="late",
    ).label("outcome")
    told = (
        sa.select(begun.c.agency, outcome)
        .select_from(begun.outerjoin(days, days.c.day == begun.c.day))
        .subquery()
    )
    counted = sa.select(told.c.agency, told.c.outcome, sa.func.count()).where(told.c.outcome.is_not(None))
    for row in connection.execute(counted.group_by(told.c.agency, told.c.outcome)):
        yield row[0], row[1], row[2]


# --- how long it takes --------------------------------------------------------------------------------------------


def paces(
    connection: sa.Connection, asked: Asked, percents: Sequence[int], *, answers: bool
) -> Iterator[tuple[str, int, tuple[float, ...]]]:
    """Yield, for each agency, how many it took (or answered), and the percentiles of nearest rank in seconds."""
    done: sa.ColumnElement[Any] = _said(None) if answers else deliveries.c.updated_at
    since = deliveries.c.updated_at if answers else deliveries.c.created_at
    states = _THERE if answers else [str(DeliveryState.DELIVERED)]
    query = (
        sa.select(deliveries.c.agency.label("agency"), done.label("done"), since.label("since"))
        .select_from(_SENT)
        .where(asked.accepted, deliveries.c.state.in_(states))
    )
    both = _of(query, asked, deliveries.c.agency).subquery()
    seconds = _seconds(connection, both.c.done, both.c.since)
    ranked = (
        sa.select(
            both.c.agency,
            seconds.label("seconds"),
            sa.func.row_number().over(partition_by=both.c.agency, order_by=seconds).label("rank"),
            sa.func.count().over(partition_by=both.c.agency).label("many"),
        )
        .where(both.c.done.is_not(None))
        .subquery()
    )
    wanted = [ranked.c.rank == (ranked.c.many * percent + 99) // 100 for percent in percents]
    chosen = sa.select(ranked.c.agency, ranked.c.many, ranked.c.rank, ranked.c.seconds).where(sa.or_(*wanted))
    found: dict[tuple[str, int], dict[int, float]] = {}
    for row in connection.execute(chosen):
        found.setdefault((row.agency, row.many), {})[row.rank] = max(0.0, float(row.seconds))
    for (agency, count), by_rank in found.items():
        yield agency, count, tuple(by_rank[(count * percent + 99) // 100] for percent in percents)


# --- parts of the questions -----------------------------------------------------------------------------------------

_SENT = messages.join(deliveries, deliveries.c.message == messages.c.id)
_THERE = [str(DeliveryState.AVAILABLE), str(DeliveryState.DELIVERED)]


def _of(query: sa.Select[Any], asked: Asked, whose: sa.ColumnElement[str]) -> sa.Select[Any]:
    return query if asked.agency is None else query.where(whose == asked.agency)


def _said(codes: Sequence[str] | None) -> sa.ScalarSelect[Any]:
    """Return when an addressee first said one of some codes of a version; anything but 13, if none are given."""
    which = statuses.c.code != "13" if codes is None else statuses.c.code.in_(codes)
    query = sa.select(sa.func.min(statuses.c.recorded_at)).where(
        statuses.c.message == messages.c.id, statuses.c.agency == deliveries.c.agency, which
    )
    return query.correlate(messages, deliveries).scalar_subquery()


def _day(connection: sa.Connection, moment: sa.ColumnElement[Any]) -> sa.ColumnElement[date]:
    """Return the day in Vietnam."""
    if connection.dialect.name == "postgresql":
        return sa.cast(sa.func.timezone(sa.literal_column("INTERVAL '7 hours'"), moment), sa.Date)
    return sa.func.date(moment, "+7 hours", type_=sa.Date)


def _seconds(
    connection: sa.Connection, later: sa.ColumnElement[Any], earlier: sa.ColumnElement[Any]
) -> sa.ColumnElement[float]:
    """Return how long it was, to the millisecond."""
    if connection.dialect.name == "postgresql":
        between = sa.extract("epoch", later) - sa.extract("epoch", earlier)
        return sa.func.round(sa.cast(between, sa.Numeric), 3)
    return sa.func.round((sa.func.julianday(later) - sa.func.julianday(earlier)) * 86_400, 3)
