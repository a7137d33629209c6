"""The board: what was not taken, not answered, is late, agency by agency; what hurts most comes first.

The figures are `hub.store.board`'s. What is open is counted at every look; what is not answered takes longer to count
in a large book, and a board that is looked at every few seconds counts it once a minute (`Board.look` keeps it).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hub.calendar import DAY, Calendar, vietnamese_day
from hub.deadlines import RULE, Kind, due, midnight
from hub.directory import Directory
from hub.errors import NotFound
from hub.model import DeliveryState, StoredRefusal
from hub.routes import STRANGER
from hub.store import board as store
from hub.store.board import Group, Limits, Silence
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub

LOOK_BACK_DAYS = 14  # how long ago given documents are asked for an answer; `edochub overdue` looks further
COUNTED_AGAIN = timedelta(seconds=60)
REFUSED_WITHIN = timedelta(hours=24)
MOST_REFUSALS = 5
SILENT_AFTER = timedelta(days=1)  # an endpoint that polls and has left something for so long
MINUTE = timedelta(minutes=1)


class Health(StrEnum):
    """How the connection to an agency does."""

    FINE = "fine"
    FAILING = "failing"  # it does not take what it is brought
    SILENT = "silent"  # it does not come for what is there
    STOPPED = "stopped"  # deliveries are suspended: a person must look
    OFF = "off"  # switched off
    NONE = "none"  # there is none


HEALTH: dict[Health, Text] = {
    Health.FINE: Text(vi="tốt", en="fine"),
    Health.FAILING: Text(vi="không nhận được", en="failing"),
    Health.SILENT: Text(vi="không đến lấy", en="does not fetch"),
    Health.STOPPED: Text(vi="có lượt tạm dừng", en="suspended"),
    Health.OFF: Text(vi="đang khóa", en="switched off"),
    Health.NONE: Text(vi="chưa kết nối", en="not connected"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How things stand with one agency as an addressee."""

    agency: str  # Agency.id
    code: str
    name: str
    endpoint: str | None = None
    health: Health = Health.FINE
    error: Text | None = None
    waiting: int = 0  # queued, being sent, waiting for the next try, in the inbox
    urgent: int = 0  # of those and of the stuck ones
    held: int = 0
    suspended: int = 0
    oldest: datetime | None = None  # of what was not taken: the hub has it since then
    unanswered: int = 0
    unanswered_since: datetime | None = None
    late: int = 0
    late_urgent: int = 0
    overdue: int = 0  # their DueDate has passed

    @property
    def untaken(self) -> int:
        """How many it was sent and has not taken."""
        return self.waiting + self.held + self.suspended

    @property
    def hurt(self) -> tuple[int, int, int, int, float]:
        """Sorts: the urgent that are late, what nobody will mend by itself, what is late, what waits, since when."""
        since = self.oldest.timestamp() if self.oldest else float("inf")
        return (
            -self.late_urgent,
            -(self.held + self.suspended),
            -(self.late + self.overdue),
            -self.untaken,
            since,
        )

    def as_json(self) -> dict[str, Any]:
        """Return the shape that the API and `--json` publish."""
        return {
            "code": self.code,
            "name": self.name,
            "endpoint": self.endpoint,
            "health": str(self.health),
            "error": self.error.as_json() if self.error else None,
            "untaken": self.untaken,
            "waiting": self.waiting,
            "held": self.held,
            "suspended": self.suspended,
            "urgent": self.urgent,
            "oldest": self.oldest.isoformat() if self.oldest else None,
            "unanswered": self.unanswered,
            "unanswered_since": self.unanswered_since.isoformat() if self.unanswered_since else None,
            "late": self.late,
            "late_urgent": self.late_urgent,
            "overdue": self.overdue,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The whole board at one moment."""

    at: datetime
    rows: tuple[Row, ...]
    refused: int  # packages that the hub refused in the last 24 hours
    refusals: tuple[StoredRefusal, ...]  # the newest of them

    @property
    def totals(self) -> dict[str, int]:
        """The sums over all agencies."""
        names = ("untaken", "held", "suspended", "unanswered", "late", "late_urgent", "overdue")
        return {name: sum(getattr(row, name) for row in self.rows) for name in names}

    def as_json(self) -> dict[str, Any]:
        """Return the shape that the API and `--json` publish."""
        return {
            "at": self.at.isoformat(),
            "totals": self.totals,
            "agencies": [row.as_json() for row in self.rows],
            "refused": self.refused,
            "refusals": [refusal.as_json() for refusal in self.refusals],
        }


@dataclass(slots=True)
class Watching:
    """One who looks at the board again and again. `days`: how long ago given documents are asked for an answer."""

    hub: Hub
    days: int = LOOK_BACK_DAYS
    _counted_at: datetime | None = field(default=None, init=False)
    _silences: list[Silence] = field(default_factory=list, init=False)
    _overdue: dict[str, int] = field(default_factory=dict, init=False)

    async def look(self) -> Board:
        """Return the board as it is now."""
        hub, now = self.hub, self.hub.clock()
        await hub.refresh_directory()
        if self._counted_at is None or now - self._counted_at >= COUNTED_AGAIN:
            self._silences, self._overdue = await hub.store.read(lambda c: self._count(c, now))
            self._counted_at = now

        def ask(connection: sa.Connection) -> Board:
            groups = store.open_groups(connection)
            rows = _rows(hub.directory, groups, self._silences, self._overdue, now)
            since = now - REFUSED_WITHIN
            return Board(
                at=now,
                rows=tuple(sorted((_with_error(connection, row) for row in rows), key=lambda row: row.hurt)),
                refused=store.count_refusals(connection, since),
                refusals=tuple(store.newest_refusals(connection, since, MOST_REFUSALS)),
            )

        return await hub.store.read(ask)

    def _count(self, connection: sa.Connection, now: datetime) -> tuple[list[Silence], dict[str, int]]:
        since = now - timedelta(days=self.days)
        urgent = self.hub.config.deadlines.urgent_minutes
        limits = limits_at(now, since, self.hub.calendar, urgent)
        return (
            store.silences(connection, since, limits),
            store.unsettled(connection, since.date(), limits),
        )


async def look(hub: Hub, days: int = LOOK_BACK_DAYS) -> Board:
    """Return the board as it is now."""
    return await Watching(hub, days).look()


# --- what is late by now ------------------------------------------------------------------------------------------


def limits_at(now: datetime, since: datetime, calendar: Calendar, urgent_minutes: float) -> Limits:
    """Return the newest moments at which something must have been given to be late by now, and the newest such day."""

    def newest(kind: Kind, *, urgent: bool) -> datetime:
        return newest_late(kind, now, since, calendar, urgent=urgent, urgent_minutes=urgent_minutes)

    return Limits(
        arrival=newest(Kind.ARRIVAL, urgent=False),
        arrival_urgent=newest(Kind.ARRIVAL, urgent=True),
        registration=newest(Kind.REGISTRATION, urgent=False),
        registration_urgent=newest(Kind.REGISTRATION, urgent=True),
        reply=_last_due(now, calendar, urgent_minutes),
    )


def newest_late(
    kind: Kind, now: datetime, since: datetime, calendar: Calendar, *, urgent: bool, urgent_minutes: float
) -> datetime:
    """Return the newest minute from which something that began then is late now; `since` if nothing newer is.

    A later beginning is never due earlier: the minute is found by halving.
    """
    low, high = 0, int((now - since) / MINUTE)
    while low < high:
        middle = (low + high + 1) // 2
        began = since + middle * MINUTE
        if due(RULE[kind], began, calendar, urgent=urgent, urgent_minutes=urgent_minutes) < now:
            low = middle
        else:
            high = middle - 1
    return since + low * MINUTE


def _last_due(now: datetime, calendar: Calendar, urgent_minutes: float) -> date:
    """Return the last day that a DueDate may be and have passed."""
    day = vietnamese_day(now)
    while due(RULE[Kind.REPLY], midnight(day), calendar, urgent=False, urgent_minutes=urgent_minutes) >= now:
        day -= DAY
    return day


# --- agency by agency ---------------------------------------------------------------------------------------------


def _rows(
    directory: Directory,
    groups: Iterable[Group],
    silences: Iterable[Silence],
    overdue: dict[str, int],
    now: datetime,
) -> list[Row]:
    rows: dict[str, Row] = {}
    open_of: dict[str, list[Group]] = {}
    for group in groups:
        open_of.setdefault(group.agency, []).append(group)
        row = rows.setdefault(group.agency, _row(directory, group.agency, group.addressee))
        rows[group.agency] = _added(row, group)
    for silence in silences:
        if silence.count or silence.late:
            row = rows.setdefault(silence.agency, _row(directory, silence.agency))
            rows[silence.agency] = replace(
                row,
                unanswered=silence.count,
                unanswered_since=silence.oldest,
                late=silence.late,
                late_urgent=silence.late_urgent,
            )
    for agency, count in overdue.items():
        rows[agency] = replace(rows.setdefault(agency, _row(directory, agency)), overdue=count)
    return [
        replace(row, health=health_of(row, directory, open_of.get(agency, ()), now))
        for agency, row in rows.items()
    ]


def _row(directory: Directory, agency: str, written: str = "") -> Row:
    """Return the row of an agency with nothing in it yet."""
    try:
        known = directory.agency(agency)
    except NotFound:  # it went to the next hub by its code
        code = written or agency.removeprefix(STRANGER)
        return Row(agency=agency, code=code, name=code)
    endpoint = directory.endpoint_for(known)
    return Row(agency=agency, code=known.code, name=known.name, endpoint=endpoint.id if endpoint else None)


def _added(row: Row, group: Group) -> Row:
    held = group.count if group.state is DeliveryState.HELD else 0
    suspended = group.count if group.state is DeliveryState.SUSPENDED else 0
    return replace(
        row,
        endpoint=row.endpoint or group.endpoint,
        waiting=row.waiting + group.count - held - suspended,
        held=row.held + held,
        suspended=row.suspended + suspended,
        urgent=row.urgent + group.urgent,
        oldest=min(filter(None, (row.oldest, group.oldest)), default=None),
    )


def health_of(row: Row, directory: Directory, groups: Iterable[Group], now: datetime) -> Health:
    """Return how the connection to an agency does, by what is open for it."""
    endpoint = directory.endpoint(row.endpoint) if row.endpoint else None
    if endpoint is None:
        return Health.NONE
    if endpoint.disabled:
        return Health.OFF
    states = {group.state: group for group in groups}
    if DeliveryState.WAITING_FOR_RETRY in states:
        return Health.FAILING
    if DeliveryState.SUSPENDED in states:
        return Health.STOPPED
    waits = states.get(DeliveryState.AVAILABLE)
    return Health.SILENT if waits is not None and now - waits.oldest > SILENT_AFTER else Health.FINE


def _with_error(connection: sa.Connection, row: Row) -> Row:
    """Add what goes wrong where something does."""
    if row.endpoint is None or row.health not in (Health.FAILING, Health.STOPPED, Health.OFF):
        return row
    return replace(row, error=store.last_error(connection, row.endpoint))
