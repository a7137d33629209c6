"""An operator's word that an endpoint is well again, heard by every node: its documents are tried at once.

An endpoint that fails is left alone for a while, and that while is in the memory of the node that delivers to it. The
command that releases a delivery is another process; what it leaves behind is the event in the ledger. Each sweep looks
through the events that are new, by their numbers.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import sqlalchemy as sa

from hub.store.database import Store
from hub.store.given import RESENT
from hub.store.prepared import Prepared
from hub.store.tables import events

SAID = ("delivery.resumed", RESENT)

_HEAD = Prepared(sa.select(events.c.seq).order_by(events.c.seq.desc()).limit(1))
_NEWS = Prepared(
    sa.select(events.c.body)
    .where(events.c.seq > sa.bindparam("seen"), events.c.seq <= sa.bindparam("head"))
    .where(sa.or_(*(events.c.kind == kind for kind in SAID)))
)


class Forgiving:
    """Tells the worker. `forgive` and `wake` take an endpoint's id."""

    def __init__(self, store: Store, forgive: Callable[[str], None], wake: Callable[[str], None]) -> None:
        self._store = store
        self._forgive = forgive
        self._wake = wake
        self._seen: int | None = None  # the last event that was looked at

    async def sweep(self) -> None:
        """Look what was said since the last time."""
        seen = self._seen
        self._seen, endpoints = await self._store.read(lambda connection: said_since(connection, seen))
        for endpoint in endpoints:
            self._forgive(endpoint)
            self._wake(endpoint)


def said_since(connection: sa.Connection, seen: int | None) -> tuple[int, list[str]]:
    """Return the number of the newest event, and the endpoints that something was released for since `seen`."""
    newest = _HEAD.first(connection, {})
    head = int(newest.seq) if newest else 0
    if seen is None or head == seen:
        return head, []
    found = (
        json.loads(row.body)["details"].get("endpoint")
        for row in _NEWS.all(connection, {"seen": seen, "head": head})
    )
    return head, list(dict.fromkeys(endpoint for endpoint in found if endpoint))
