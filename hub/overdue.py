"""What is late: what is waited for, since when, whose turn it is. What can still be mended comes first, worst first.

A missing 06 is not a failure, since few systems ever send it: only a DueDate makes its absence late, and a document in
reply will do as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from hub.calendar import Calendar, vietnamese_day
from hub.config import DeadlineSettings
from hub.deadlines import RULE, Kind, Rule, Turn, due, midnight
from hub.exchange.history import standing
from hub.exchange.states import Request
from hub.store import exchange as exchange_store
from hub.store import overdue as store
from hub.store.overdue import Open, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """One thing that is late."""

    rule: Rule
    open: Open
    due: datetime
    late: timedelta  # of what was sent late: how late it was

    @property
    def turn(self) -> str:
        """The code of whose turn it is, or was."""
        return self.open.sender if self.rule.turn is Turn.SENDER else (self.open.addressee or "")

    @property
    def rank(self) -> tuple[bool, bool, timedelta]:
        """Sorts: what can be mended first, then the urgent, then the latest."""
        return (self.rule.id is Kind.SENT, self.open.priority == 0, -self.late)

    def as_json(self) -> dict[str, Any]:
        """Return the shape that `--json` publishes."""
        return {
            "kind": str(self.rule.id),
            "turn": {"who": str(self.rule.turn), "code": self.turn},
            "message": self.open.message,
            "document_id": self.open.document_id,
            "code": self.open.code,
            "subject": self.open.subject,
            "from": self.open.sender,
            "to": self.open.addressee,
            "delivery": self.open.delivery,
            "state": self.open.state,
            "priority": self.open.priority,
            "since": self.open.since.isoformat(),
            "due": self.due.isoformat(),
            "late_seconds": int(self.late.total_seconds()),
            "rule": {
                "name": self.rule.name.as_json(),
                "within": self.rule.within.as_json(),
                "citation": self.rule.citation.as_json(),
                "basis": self.rule.basis,
            },
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What to hold the candidates against: the moment, the calendar and the settings."""

    now: datetime
    calendar: Calendar
    settings: DeadlineSettings

    def scope(self, agency: str | None, limit: int) -> Scope:
        """Return what to ask the database about."""
        since = self.now - timedelta(days=self.settings.look_back_days)
        return Scope(since=since, limit=limit, agency=agency)

    def judged(self, kind: Kind, found: Open, since: datetime, until: datetime) -> Iterator[Overdue]:
        """Yield what is late of something that began at a moment and was, or is, open until another."""
        rule = RULE[kind]
        last = due(
            rule,
            since,
            self.calendar,
            urgent=found.priority > 0,
            urgent_minutes=self.settings.urgent_minutes,
        )
        if until > last:
            yield Overdue(rule=rule, open=found, due=last, late=until - last)


def overdue(
    connection: sa.Connection, watch: Watch, *, agency: str | None, kind: Kind | None, limit: int
) -> list[Overdue]:
    """Return what is late, of one kind or of all; of one agency's doing, or of everybody's."""
    scope = watch.scope(agency, limit)
    found = [
        *(_unanswered(connection, watch, scope) if kind in (None, Kind.ARRIVAL, Kind.REGISTRATION) else ()),
        *(_asked_back(connection, watch, scope) if kind in (None, Kind.REQUEST) else ()),
        *(_unsettled(connection, watch, scope) if kind in (None, Kind.REPLY) else ()),
        *(_sent(connection, watch, scope) if kind in (None, Kind.SENT) else ()),
    ]
    of_kind = [each for each in found if kind in (None, each.rule.id)]
    return sorted(of_kind, key=lambda each: each.rank)[:limit]


def _unanswered(connection: sa.Connection, watch: Watch, scope: Scope) -> Iterator[Overdue]:
    for found in store.unanswered(connection, scope):
        kind = Kind.REGISTRATION if found.arrived else Kind.ARRIVAL
        yield from watch.judged(kind, found, found.since, watch.now)


def _asked_back(connection: sa.Connection, watch: Watch, scope: Scope) -> Iterator[Overdue]:
    for found in store.asked_back(connection, scope):
        document = exchange_store.document_of(connection, found.message)
        assert found.agency is not None
        if standing(connection, document, found.agency).request is Request.RECALL:
            yield from watch.judged(Kind.REQUEST, found, found.since, watch.now)


def _unsettled(connection: sa.Connection, watch: Watch, scope: Scope) -> Iterator[Overdue]:
    for found in store.unsettled(connection, scope, vietnamese_day(watch.now)):
        assert found.due_on is not None
        yield from watch.judged(Kind.REPLY, found, midnight(found.due_on), watch.now)


def _sent(connection: sa.Connection, watch: Watch, scope: Scope) -> Iterator[Overdue]:
    for found in store.sent_late(connection, scope):
        assert found.promulgated_on is not None
        yield from watch.judged(Kind.SENT, found, midnight(found.promulgated_on), found.since)
