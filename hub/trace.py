"""What happened to a document: everything that the hub knows of it, from one reference."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from hub.model import Attempt, Delivery, Message, StatusEntry, StoredRefusal, TraceEvent
from hub.store import deliveries, ledger, messages


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One accepted document, or one refused one: its events, deliveries with their attempts, and answers."""

    message: Message | None = None
    refusal: StoredRefusal | None = None
    events: tuple[TraceEvent, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    attempts: dict[str, tuple[Attempt, ...]] = field(default_factory=dict)
    statuses: tuple[StatusEntry, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the shape that the API and `--json` publish."""
        shown: dict[str, Any] = {
            "message": self.message.as_json() if self.message else {},
            "events": [event.as_json() for event in self.events],
            "deliveries": [
                delivery.as_json()
                | {"attempts_made": [attempt.as_json() for attempt in self.attempts.get(delivery.id, ())]}
                for delivery in self.deliveries
            ],
            "statuses": [status.as_json() for status in self.statuses],
        }
        if self.refusal:
            shown["refusal"] = self.refusal.as_json()
        return shown


def find(connection: sa.Connection, reference: str) -> list[Trace]:
    """Return what a reference may mean: a hub id, a delivery's id, a DocumentId, a number/notation, a refusal's id."""
    found = [of_message(connection, message) for message in messages.find(connection, reference)]
    refused = [
        Trace(refusal=refusal, events=ledger.of_message(connection, refusal.id))
        for refusal in messages.find_refusals(connection, reference)
    ]
    return [*found, *refused]


def of_message(connection: sa.Connection, message: Message) -> Trace:
    """Return the trace of one message."""
    its_deliveries = deliveries.of_message(connection, message.id)
    return Trace(
        message=message,
        events=ledger.of_message(connection, message.id),
        deliveries=its_deliveries,
        attempts=deliveries.attempts_of(connection, [delivery.id for delivery in its_deliveries]),
        statuses=messages.statuses_of(connection, message.id),
    )
