"""The number that every change of the directory raises: how a node notices that its snapshot is old.

It is read before the rows, so that a snapshot taken in the middle of a change is at worst taken again.
"""

from __future__ import annotations

import sqlalchemy as sa

from hub.store import tables
from hub.store.writer import Transaction

VERSION_KEY = "directory-version"


def version(connection: sa.Connection) -> int:
    """Return the number that every change of the directory raises."""
    found = connection.scalar(sa.select(tables.settings.c.value).where(tables.settings.c.key == VERSION_KEY))
    return int(found) if found is not None else 0


def bump(tx: Transaction) -> None:
    """Tell every node that its snapshot is old. Writers take turns, so nobody counts at the same time."""
    settings = tables.settings
    raised = str(version(tx.connection) + 1)
    mine = settings.c.key == VERSION_KEY
    if not tx.execute(sa.update(settings).where(mine).values(value=raised)).rowcount:
        tx.execute(sa.insert(settings).values(key=VERSION_KEY, value=raised))
