"""Do the events of the ledger tell of every step that a delivery took?"""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa

from hub import ledger
from hub.model import Delivery
from hub.store import deliveries as delivery_store
from hub.store import ledger as ledger_store

STEPS = {
    ("queued", "sending"),
    ("waiting_for_retry", "sending"),
    ("sending", "delivered"),
    ("sending", "refused"),
    ("sending", "waiting_for_retry"),
    ("sending", "suspended"),
    ("sending", "queued"),
    ("available", "delivered"),
    ("available", "refused"),
    ("suspended", "queued"),
    ("waiting_for_retry", "queued"),
    ("held", "queued"),
    ("queued", "withdrawn"),
    ("waiting_for_retry", "withdrawn"),
    ("sending", "withdrawn"),
    ("available", "withdrawn"),
    ("suspended", "withdrawn"),
    ("held", "withdrawn"),
    ("held", "available"),
    # what operators do
    ("queued", "suspended"),
    ("waiting_for_retry", "suspended"),
    ("available", "suspended"),
    ("suspended", "suspended"),
    ("suspended", "available"),
    ("queued", "refused"),
    ("waiting_for_retry", "refused"),
    ("suspended", "refused"),
    ("held", "refused"),
    ("refused", "queued"),
    ("refused", "available"),
    ("delivered", "queued"),
    ("delivered", "available"),
    ("queued", "delivered"),
    ("waiting_for_retry", "delivered"),
    ("suspended", "delivered"),
    ("queued", "available"),
    ("waiting_for_retry", "available"),
    ("available", "queued"),
}


def one_picture(connection: sa.Connection) -> tuple[list[ledger.Row], list[Delivery]]:
    """Read events and deliveries as they stood at one moment. For `Store.read_alone`: it sets up the transaction."""
    if connection.dialect.name == "postgresql":
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
    return list(ledger_store.rows(connection)), delivery_store.in_state(connection, None, 10_000)


def check_events(rows: list[ledger.Row], deliveries: list[Delivery]) -> None:
    """Fail when the events of a delivery leave a step out, or do not lead to where it stands."""
    states: dict[str, str] = {}
    claims: Counter[str] = Counter()
    for row in rows:
        for delivery, state in ledger.states_told(row):
            before = states.get(delivery)
            assert before is None or (before, state) in STEPS, f"{row.kind}: from {before} to {state}"
            states[delivery] = state
            claims[delivery] += {"delivery.sending": 1, "delivery.put-back": -1}.get(row.kind, 0)
    assert states == {each.id: str(each.state) for each in deliveries}
    assert {each.id: each.attempts for each in deliveries} == {
        each.id: claims[each.id] for each in deliveries
    }
