"""Which hubs a package has passed: told beside it from hub to hub, never inside it.

A hop is a hub's code, the hub's own id for the package, and when it was accepted there. Who hands a package on names
the hops so far and itself; who takes it keeps them in the ledger, with the acceptance. The ids are nobody else's, so a
hub that finds one of its own knows that the package has come back, whatever the hubs call themselves.

As text: `code;id;time`, separated by commas. What cannot be read is as if it had not been said: it comes from outside.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

from hub.ids import is_id

HEADER = "Edochub-Hops"
MOST_HOPS = 16  # a package that has passed more goes in circles
LONGEST = 8_192  # characters of the text
LONGEST_CODE = 100


@dataclass(frozen=True, slots=True)
class Hop:
    """One hub that a package has passed."""

    hub: str  # HubSettings.code
    message: str  # Message.id there
    at: datetime

    def as_json(self) -> dict[str, Any]:
        """Return the shape that the ledger keeps and `--json` publishes."""
        return {"hub": self.hub, "message": self.message, "at": self.at.isoformat()}


Hops = tuple[Hop, ...]


def written(hops: Iterable[Hop]) -> str:
    """Return hops as a header holds them: ASCII, the first hub first."""
    return ", ".join(f"{quote(hop.hub, safe='')};{hop.message};{hop.at.isoformat()}" for hop in hops)


def read(text: str | None) -> Hops:
    """Return the hops of a header; none at all if any of it cannot be read. Never more than one over the limit."""
    if not text or len(text) > LONGEST:
        return ()
    made = []
    for each in text.split(",")[: MOST_HOPS + 1]:
        code, message, at = [*each.strip().split(";"), "", "", ""][:3]
        try:
            when, name = datetime.fromisoformat(at), unquote(code, errors="strict")
        except ValueError:
            return ()
        if when.tzinfo is None or not is_id(message) or not name.isprintable() or len(name) > LONGEST_CODE:
            return ()
        made.append(Hop(name, message, when))
    return tuple(made)


def from_json(told: Iterable[dict[str, Any]]) -> Hops:
    """Read hops as the ledger keeps them."""
    return tuple(Hop(each["hub"], each["message"], datetime.fromisoformat(each["at"])) for each in told)
