"""What an endpoint that polls has to take: listing it, fetching it, taking it, declining it.

For these endpoints this is `deliver` and `acknowledge`: the far side comes for its documents, and its word that it has
one (`take`) is the receipt. Each may be repeated; an endpoint only ever sees what is addressed to its agencies.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from hub.model import Delivery, Message


@dataclass(frozen=True, slots=True)
class Waiting:
    """One entry of an inbox."""

    delivery: Delivery
    message: Message

    def as_json(self) -> dict[str, Any]:
        """Return the shape that the API and `--json` publish."""
        message = self.message
        return {
            "id": self.delivery.id,
            "message": message.id,
            "from": message.sender,
            "from_name": message.sender_name,
            "to": self.delivery.addressee,
            "kind": str(message.kind),
            "document_id": message.document_id,
            "code": message.code,
            "subject": message.subject,
            "priority": message.priority,
            "status": message.status_code,
            "size": message.size,
            "sha256": message.sha256,
            "accepted_at": message.accepted_at.isoformat(),
        }


class Bells:
    """Wakes the long polls of an endpoint when something came for it."""

    def __init__(self) -> None:
        self._bells: dict[str, asyncio.Event] = {}
        self._closed = False

    def ring(self, endpoint: str) -> None:
        """Something came, or may have come."""
        bell = self._bells.pop(endpoint, None)
        if bell is not None:
            bell.set()

    def ring_all(self) -> None:
        """Have everybody look: another process may have recorded something."""
        for endpoint in list(self._bells):
            self.ring(endpoint)

    def close(self) -> None:
        """End every wait, now and from now on."""
        self._closed = True
        self.ring_all()

    @property
    def closed(self) -> bool:
        """Tell whether nobody should wait any more."""
        return self._closed

    def bell(self, endpoint: str) -> asyncio.Event:
        """Return the bell that rings next. Take it before looking, so that nothing comes in between."""
        return self._bells.setdefault(endpoint, asyncio.Event())
