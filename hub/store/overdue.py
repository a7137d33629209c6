"""What somebody waits for: candidates for being overdue, the longest wait first. Whether they are, the calendar says.

Every question is bounded by a day to look back to and by a number of rows; the urgent and the ordinary are asked for
apart, because within each of them the longest wait is the one most overdue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from hub.model import DeliveryState
from hub.store.tables import deliveries, messages, replies, requests, statuses
from schemas.edxml.envelope import PackageKind

DOCUMENTS = (str(PackageKind.NEW), str(PackageKind.UPDATE), str(PackageKind.REPLACE))
THERE = (str(DeliveryState.AVAILABLE), str(DeliveryState.DELIVERED))
REGISTERED = ("02", "03", "04", "05", "06", "14", "15", "16")  # what is more than “it is there”
ENDED = ("02", "06", "14", "15")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is asked about: since when, how many, and whose turn."""

    since: datetime
    limit: int
    agency: str | None = None  # Agency.id of whose turn it is

    @property
    def since_day(self) -> date:
        """The day of `since`."""
        return self.since.date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Something that is waited for, or was too late: the document, between whom, and since when."""

    message: str
    document_id: str
    code: str
    subject: str
    sender: str
    sender_agency: str
    priority: int
    addressee: str | None
    agency: str | None
    delivery: str | None
    state: str | None  # DeliveryState
    since: datetime
    promulgated_on: date | None
    due_on: date | None
    arrived: bool = False  # a 01 was said


_COLUMNS = (
    messages.c.id.label("message"),
    messages.c.document_id,
    messages.c.code,
    messages.c.subject,
    messages.c.sender,
    messages.c.sender_agency,
    messages.c.priority,
    messages.c.promulgated_on,
    messages.c.due_on,
)
_ADDRESSEE = (
    deliveries.c.addressee,
    deliveries.c.agency,
    deliveries.c.id.label("delivery"),
    deliveries.c.state,
)
_SENT_WITH = deliveries.join(messages, messages.c.id == deliveries.c.message)


def unanswered(connection: sa.Connection, scope: Scope) -> list[Open]:
    """Return documents that are with their addressees and not registered there, as far as they said."""
    said = sa.select(statuses.c.id).where(
        statuses.c.message == messages.c.id, statuses.c.agency == deliveries.c.agency
    )
    query = (
        sa.select(
            *_COLUMNS, *_ADDRESSEE, deliveries.c.updated_at.label("since"), said.exists().label("arrived")
        )
        .select_from(_SENT_WITH)
        .where(
            messages.c.accepted_at >= scope.since,
            messages.c.kind.in_(DOCUMENTS),
            deliveries.c.state.in_(THERE),
            ~said.where(statuses.c.code.in_(REGISTERED)).exists(),
            ~overtaken(),
        )
        .order_by(deliveries.c.updated_at)
    )
    return _both(connection, query, scope, deliveries.c.agency)


def unsettled(connection: sa.Connection, scope: Scope, today: date) -> list[Open]:
    """Return documents whose DueDate has come without an end to them: neither done, nor refused, nor replied to."""
    query = (
        sa.select(*_COLUMNS, *_ADDRESSEE, deliveries.c.updated_at.label("since"))
        .select_from(_SENT_WITH)
        .where(*without_an_end(scope.since_day, today))
        .order_by(messages.c.due_on, deliveries.c.id)
    )
    return _both(connection, query, scope, deliveries.c.agency)


def asked_back(connection: sa.Connection, scope: Scope) -> list[Open]:
    """Return what was asked back, once for each document and addressee: the last time counts."""
    query = (
        sa.select(*_COLUMNS, *_ADDRESSEE, requests.c.at.label("since"))
        .select_from(requests)
        .join(messages, messages.c.id == requests.c.about)
        .join(
            deliveries,
            sa.and_(deliveries.c.message == requests.c.about, deliveries.c.agency == requests.c.agency),
        )
        .where(requests.c.kind == "recall", requests.c.at >= scope.since)
        .order_by(requests.c.at)
    )
    if scope.agency is not None:
        query = query.where(requests.c.agency == scope.agency)
    latest = {
        (row.document_id, row.sender_agency, row.agency): _open(row) for row in connection.execute(query)
    }
    return list(latest.values())


def sent_late(connection: sa.Connection, scope: Scope) -> list[Open]:
    """Return documents that came to the hub a day or more after their day, the latest of them first."""
    days = _days_between(connection, messages.c.promulgated_on, messages.c.accepted_at)
    query = (
        sa.select(*_COLUMNS, messages.c.accepted_at.label("since"))
        .where(
            messages.c.accepted_at >= scope.since,
            messages.c.kind.in_(DOCUMENTS),
            messages.c.promulgated_on.is_not(None),
            days >= 0.5,
        )
        .order_by(days.desc())
    )
    return _both(connection, query, scope, messages.c.sender_agency)


def overtaken() -> sa.ColumnElement[bool]:
    """Something newer was asked about this version: it is superseded, or asked back."""
    query = sa.select(requests.c.about).where(
        requests.c.about == messages.c.id,
        requests.c.message != messages.c.id,
        requests.c.agency == deliveries.c.agency,
    )
    return query.correlate(messages, deliveries).exists()


def without_an_end(since: date, until: date) -> tuple[sa.ColumnElement[bool], ...]:
    """Of a delivery joined with its message: its DueDate fell on these days, and nothing has ended it."""
    ended = sa.exists().where(
        statuses.c.document == sa.func.coalesce(messages.c.document, messages.c.id),
        statuses.c.agency == deliveries.c.agency,
        statuses.c.code.in_(ENDED),
    )
    replied = sa.exists().where(
        replies.c.document_id == messages.c.document_id, replies.c.agency == deliveries.c.agency
    )
    return (
        messages.c.due_on.is_not(None),
        messages.c.due_on.between(since, until),
        messages.c.kind.in_(DOCUMENTS),
        deliveries.c.state.in_(THERE),
        ~ended,
        ~replied,
        ~overtaken(),
    )


def _both(
    connection: sa.Connection, query: sa.Select[Any], scope: Scope, whose: sa.ColumnElement[str]
) -> list[Open]:
    """Ask for the urgent ones and for the others."""
    if scope.agency is not None:
        query = query.where(whose == scope.agency)
    rows: list[Any] = []
    for urgent in (messages.c.priority > 0, messages.c.priority == 0):
        rows += connection.execute(query.where(urgent).limit(scope.limit)).all()
    return [_open(row) for row in rows]


def _days_between(
    connection: sa.Connection, day: sa.Column[Any], moment: sa.Column[Any]
) -> sa.ColumnElement[float]:
    if connection.dialect.name == "postgresql":
        seconds = sa.extract("epoch", moment) - sa.extract("epoch", sa.cast(day, sa.DateTime(timezone=True)))
        return sa.cast(seconds / 86_400, sa.Float)
    return sa.func.julianday(moment) - sa.func.julianday(day)


def _open(row: Any) -> Open:
    known: Sequence[str] = row._fields
    return Open(
        message=row.message,
        document_id=row.document_id,
        code=row.code,
        subject=row.subject,
        sender=row.sender,
        sender_agency=row.sender_agency,
        priority=row.priority,
        addressee=row.addressee if "addressee" in known else None,
        agency=row.agency if "agency" in known else None,
        delivery=row.delivery if "delivery" in known else None,
        state=row.state if "state" in known else None,
        since=row.since,
        promulgated_on=row.promulgated_on,
        due_on=row.due_on,
        arrived=bool(row.arrived) if "arrived" in known else False,
    )
