"""Whether an addressee has had a delivery already, whatever became of it since: the ledger remembers it."""

from __future__ import annotations

import sqlalchemy as sa

from hub.store.prepared import Prepared
from hub.store.tables import events

GIVEN = "delivery.delivered"
STOPPED = "delivery.stopped"  # a person stopped it
RESENT = "delivery.resent"
DECLINED = "delivery.refused"  # by the addressee, which had it then

_EVENTS = Prepared(
    sa.select(events.c.kind)
    .where(events.c.message == sa.bindparam("of"), events.c.delivery == sa.bindparam("delivery"))
    .order_by(events.c.seq)
)


def kinds(connection: sa.Connection, message: str, delivery: str) -> list[str]:
    """Return the kinds of the events that tell of a delivery, oldest first."""
    return [str(row.kind) for row in _EVENTS.all(connection, {"of": message, "delivery": delivery})]


def given_before(connection: sa.Connection, message: str, delivery: str) -> bool:
    """Tell whether the addressee once said that it has a delivery."""
    return GIVEN in kinds(connection, message, delivery)


def had(connection: sa.Connection, message: str, delivery: str) -> bool:
    """Tell whether the addressee once had a delivery, to keep it or to refuse it."""
    return not {GIVEN, DECLINED}.isdisjoint(kinds(connection, message, delivery))


def stopped_by_a_person(connection: sa.Connection, message: str, delivery: str) -> bool:
    """Tell whether the last thing that happened to a delivery is that a person stopped it."""
    return kinds(connection, message, delivery)[-1:] == [STOPPED]
