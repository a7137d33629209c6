"""When the newest backup was made: a row of `settings`, for `edochub doctor` and alerts."""

from __future__ import annotations

import json
from datetime import datetime

import sqlalchemy as sa

from hub.store.tables import settings
from hub.store.writer import Transaction

KEY = "backup.last"


def last(connection: sa.Connection) -> datetime | None:
    """Return when the newest backup was made, None if there is none."""
    written = connection.scalar(sa.select(settings.c.value).where(settings.c.key == KEY))
    return datetime.fromisoformat(json.loads(written)["at"]) if written else None


def keep(tx: Transaction, folder: str) -> None:
    """Note that a backup was made."""
    tx.execute(sa.delete(settings).where(settings.c.key == KEY))
    tx.insert(settings, {"key": KEY, "value": json.dumps({"at": tx.now.isoformat(), "folder": folder})})
