"""What happened to a document: everything that the hub knows of it, from one reference."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub import exchange
from hub.exchange import Standing
from hub.model import Attempt, Delivery, Message, StatusEntry, StoredRefusal, TraceEvent
from hub.store import deliveries, ledger, messages
from hub.store import exchange as exchange_store
from hub.store.exchange import Superseded
from schemas.edxml.envelope import PackageKind


@dataclass(frozen=True, slots=True, kw_only=True)
class AddresseeState:
    """How a document, all its versions together, stands with one addressee."""

    to: str  # as written in the message that is traced
    standing: Standing
    since: datetime

    def as_json(self) -> dict[str, Any]:
        """Return the shape that the API and `--json` publish."""
        return {
            "to": self.to,
            "state": str(self.standing.state),
            "name": self.standing.name.as_json(),
            "progress": str(self.standing.progress),
            "request": str(self.standing.request),
            "since": self.since.isoformat(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One accepted document, or one refused one: its events, deliveries with their attempts, and answers."""

    message: Message | None = None
    refusal: StoredRefusal | None = None
    events: tuple[TraceEvent, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    attempts: dict[str, tuple[Attempt, ...]] = field(default_factory=dict)
    statuses: tuple[StatusEntry, ...] = ()
    states: tuple[AddresseeState, ...] = ()
    superseding: tuple[Superseded, ...] = ()  # in place of which it stands, and which stand in its place

    @property
    def supersedes(self) -> list[Superseded]:
        """The earlier messages in whose place this one stands."""
        return [each for each in self.superseding if self.message and each.newer == self.message.id]

    @property
    def superseded_by(self) -> list[Superseded]:
        """The later messages that stand in place of this one."""
        return [each for each in self.superseding if self.message and each.older == self.message.id]

    def codes_of(self, agencies: tuple[str, ...]) -> list[str]:
        """Return the codes under which these agencies are addressees of this message."""
        return [each.addressee for each in self.deliveries if each.agency in agencies]

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
            "states": [state.as_json() for state in self.states],
            "supersedes": [self._other(each.older, each.agencies) for each in self.supersedes],
            "superseded_by": [self._other(each.newer, each.agencies) for each in self.superseded_by],
        }
        if self.refusal:
            shown["refusal"] = self.refusal.as_json()
        return shown

    def _other(self, message: str, agencies: tuple[str, ...]) -> dict[str, Any]:
        return {"message": message, "to": self.codes_of(agencies)}


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
        states=states_of(connection, message, its_deliveries),
        superseding=tuple(exchange_store.superseding(connection, message.id)),
    )


def states_of(
    connection: sa.Connection, message: Message, its_deliveries: tuple[Delivery, ...]
) -> tuple[AddresseeState, ...]:
    """Return how a document stands with each addressee of a message. An answer is no document: it has no states."""
    if message.kind is PackageKind.STATUS:
        return ()
    standings = exchange.standings(connection, message.document or message.id)
    found = [(each.addressee, standings.get(each.agency, Standing())) for each in its_deliveries]
    return tuple(
        AddresseeState(to=to, standing=standing, since=standing.since or message.accepted_at)
        for to, standing in found
    )
