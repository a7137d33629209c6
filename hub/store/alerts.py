"""The rows of alerts: which are open, which have ended, and what was told of them to whom.

An alert is one occurrence: it is opened when its condition is first seen, ended when it is seen no more. Notices are
made in the same unit as what they speak of, with the words that are told and the bundle that they are told in; so a
node that dies between telling and noting is followed by one that tells the same bundle again, under the same key.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from hub.store.tables import alert_notices, alerts
from hub.store.writer import Transaction
from schemas.text import Text

END = "end"
LOOK_BACK = timedelta(days=30)  # how long the end of an alert may be told late


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is wrong at the moment."""

    key: str  # what, and with whom; the same as long as it is the same trouble
    kind: str
    words: Text
    urgent: bool = False  # not to wait for the end of quiet hours
    stage: str = ""  # told again when this changes


@dataclass(frozen=True, slots=True)
class Alert:
    """A condition from its start to its end."""

    id: str
    key: str
    kind: str
    words: Text
    urgent: bool
    stage: str
    since: datetime
    until: datetime | None
    told_at: datetime | None = None  # of its start

    def as_json(self) -> dict[str, Any]:
        """Return the shape that `--json` publishes."""
        return {
            "id": self.id,
            "key": self.key,
            "kind": self.kind,
            "words": self.words.as_json(),
            "urgent": self.urgent,
            "stage": self.stage,
            "since": self.since.isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "told_at": self.told_at.isoformat() if self.told_at else None,
        }


@dataclass(frozen=True, slots=True)
class Notice:
    """The start, a further stage or the end of an alert, as it is told."""

    alert: Alert
    phase: str
    words: Text

    @property
    def ends(self) -> bool:
        """Tell whether it says that the alert is over."""
        return self.phase == END


@dataclass(frozen=True, slots=True)
class Bundle:
    """Notices that are told in one message. Its id is the key by which a repeat is known."""

    id: str
    channel: str
    made_at: datetime
    notices: tuple[Notice, ...]


def open_keys(connection: sa.Connection) -> dict[str, Alert]:
    """Return the alerts that have not ended, by their keys."""
    found = connection.execute(sa.select(alerts).where(alerts.c.until.is_(None)))
    return {row.key: _alert(row) for row in found}


def note(tx: Transaction, found: Iterable[Condition], unknown: Collection[str]) -> None:
    """Open what is new, renew the words of what goes on, end what is gone. Kinds that are unknown stay as they are."""
    there = open_keys(tx.connection)
    seen: set[str] = set()
    for each in found:
        key = each.key[:160]
        if key in seen:
            continue
        seen.add(key)
        words = json.dumps(each.words.as_json(), ensure_ascii=False)
        known = there.get(key)
        if known is None:
            tx.insert(
                alerts,
                {
                    "id": tx.new_id(),
                    "key": key,
                    "kind": each.kind,
                    "words": words,
                    "urgent": each.urgent,
                    "stage": each.stage,
                    "since": tx.now,
                    "until": None,
                },
            )
        elif (known.words, known.urgent, known.stage) != (each.words, each.urgent, each.stage):
            this = sa.update(alerts).where(alerts.c.id == known.id)
            tx.execute(this.values(words=words, urgent=each.urgent, stage=each.stage))
    gone = [each.id for key, each in there.items() if key not in seen and each.kind not in unknown]
    if gone:
        tx.execute(sa.update(alerts).where(alerts.c.id.in_(gone)).values(until=tx.now))


def make_notices(tx: Transaction, channels: Sequence[str], patience: timedelta, *, quiet: bool) -> int:
    """Make what is to be told by now, one bundle for each channel; return how many notices."""
    lately = sa.or_(alerts.c.until.is_(None), alerts.c.until > tx.now - LOOK_BACK)
    known = [_alert(row) for row in tx.execute(sa.select(alerts).where(lately).order_by(alerts.c.id))]
    columns = (alert_notices.c.alert, alert_notices.c.phase, alert_notices.c.channel)
    these = alert_notices.c.alert.in_([each.id for each in known])
    made: dict[tuple[str, str], set[str]] = {}
    for row in tx.execute(sa.select(*columns).where(these)):
        made.setdefault((row.alert, row.channel), set()).add(row.phase)
    count = 0
    for channel in channels:
        bundle = tx.new_id()
        for each in known:
            told = made.get((each.id, channel), set())
            phase = _phase(each, told, tx.now - patience, quiet=quiet)
            if phase is not None:
                count += 1
                tx.insert(alert_notices, _row(each, phase, channel, bundle, tx.now))
    return count


def _phase(alert: Alert, told: Collection[str], before: datetime, *, quiet: bool) -> str | None:
    """Return what is to be told of an alert now, None for nothing."""
    if quiet and not alert.urgent:
        return None
    if alert.until is not None:
        return END if told and END not in told else None
    phase = f"start:{alert.stage}" if alert.stage else "start"
    return phase if alert.since <= before and phase not in told else None


def _row(alert: Alert, phase: str, channel: str, bundle: str, now: datetime) -> dict[str, Any]:
    return {
        "alert": alert.id,
        "phase": phase,
        "channel": channel,
        "bundle": bundle,
        "words": json.dumps(alert.words.as_json(), ensure_ascii=False),
        "made_at": now,
        "told_at": None,
    }


def untold(connection: sa.Connection) -> list[Bundle]:
    """Return the bundles that are still to be told, oldest first."""
    asked = (
        sa.select(alerts, alert_notices.c.phase, alert_notices.c.channel, alert_notices.c.bundle)
        .add_columns(alert_notices.c.words.label("told_words"), alert_notices.c.made_at)
        .join(alerts, alerts.c.id == alert_notices.c.alert)
        .where(alert_notices.c.told_at.is_(None))
        .order_by(alert_notices.c.bundle, alerts.c.id)
    )
    bundles: dict[tuple[str, str], tuple[datetime, list[Notice]]] = {}
    for row in connection.execute(asked):
        _, notices = bundles.setdefault((row.bundle, row.channel), (row.made_at, []))
        notices.append(Notice(_alert(row), row.phase, _text(row.told_words)))
    return [Bundle(id, channel, at, tuple(them)) for (id, channel), (at, them) in bundles.items()]


def told(tx: Transaction, bundle: Bundle) -> None:
    """Note that a bundle was told."""
    these = sa.and_(alert_notices.c.bundle == bundle.id, alert_notices.c.channel == bundle.channel)
    tx.execute(sa.update(alert_notices).where(these).values(told_at=tx.now))


def recent(connection: sa.Connection, limit: int) -> list[Alert]:
    """Return what is open, and of what has ended the newest; newest first."""
    told_at = (
        sa.select(sa.func.min(alert_notices.c.told_at))
        .where(alert_notices.c.alert == alerts.c.id, alert_notices.c.phase != END)
        .correlate(alerts)
        .scalar_subquery()
    )
    asked = sa.select(alerts, told_at.label("told_at")).order_by(
        alerts.c.until.is_not(None), alerts.c.since.desc()
    )
    return [_alert(row, row.told_at) for row in connection.execute(asked.limit(limit))]


def _alert(row: Any, told_at: datetime | None = None) -> Alert:
    return Alert(
        row.id, row.key, row.kind, _text(row.words), row.urgent, row.stage, row.since, row.until, told_at
    )


def _text(written: str) -> Text:
    words = json.loads(written)
    return Text(vi=words["vi"], en=words["en"])
