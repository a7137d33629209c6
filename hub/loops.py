"""A package that comes back to a hub that has sent it on: stopped here, with a reason that its sender is told.

What says that it comes back: an id of ours among the hops beside it; or, where hubs on the way do not pass these on,
our own code in its TraceHeaderList, or our memory of having given this document to somebody, when it is handed in by a
system that does not speak for its sender. More hops than any real way has are a circle too.

Coming back is no harm when somebody else has the document from us as well: some axes hand it to every addressee that it
names, those of the hub that sent it among them, and they have had it already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from hub import findings
from hub.errors import Looped
from hub.hops import MOST_HOPS
from hub.model import Accepted, Received
from hub.store import deliveries, messages
from schemas.edxml.envelope import Envelope

if TYPE_CHECKING:
    from hub.app import Hub

MOST_TRACE_HEADERS = 64  # some axes write one each time, and none of the hubs between may pass hops on


async def returned(hub: Hub, received: Received, envelope: Envelope) -> Accepted | None:
    """Return our own message if that is what comes back and may; None if nothing says that it comes back.

    Raises `Looped` for what must not go round once more.
    """
    if len(received.hops) > MOST_HOPS or len(envelope.trace) > MOST_TRACE_HEADERS:
        raise loop(received)
    passed_here = any(hop.code == hub.config.hub.code for hop in envelope.trace)
    if not received.hops and not passed_here:
        return None

    def ask(connection: sa.Connection) -> Accepted | None:
        ours = messages.first_of(connection, [hop.message for hop in received.hops])
        if ours is None and passed_here:
            ours = messages.sent_on(connection, envelope.document_id, envelope.sender.code, envelope.kind)
        return _accepted(connection, ours.id) if ours else None

    found = await hub.store.read(ask)
    if found is None or _went_elsewhere_too(found, received):
        return found
    raise loop(received, found)


async def remembered(hub: Hub, received: Received, envelope: Envelope) -> Accepted | None:
    """Ask our memory alone of a package whose sender the endpoint does not speak for. Otherwise as `returned`."""

    def ask(connection: sa.Connection) -> tuple[Accepted | None, bool]:
        same = messages.given_to(connection, envelope.document_id, received.sha256, received.endpoint.id)
        if same is not None:
            return _accepted(connection, same.id), True
        ours = messages.sent_on(connection, envelope.document_id, envelope.sender.code, envelope.kind)
        return (
            (_accepted(connection, ours.id), False)
            if ours and ours.sha256 == received.sha256
            else (None, False)
        )

    found, given_here = await hub.store.read(ask)
    if found is None or given_here:
        return found
    raise loop(received, found)


def loop(received: Received, ours: Accepted | None = None) -> Looped:
    """Return the refusal, naming the way that the package took."""
    way = " → ".join(hop.hub for hop in received.hops) or received.endpoint.id
    finding = findings.ROUTE_LOOP.at(way=way, message=ours.message.id if ours else "-")
    return Looped(finding.message, [finding])


def _accepted(connection: sa.Connection, message: str) -> Accepted | None:
    known = messages.get(connection, message)
    if known is None:
        return None
    return Accepted(message=known, deliveries=deliveries.of_message(connection, message), duplicate=True)


def _went_elsewhere_too(ours: Accepted, received: Received) -> bool:
    """Tell whether the endpoint has it from us, and somebody else too: then it is told what it need not be told."""
    through = {each.endpoint for each in ours.deliveries}
    return received.endpoint.id in through and len(through) > 1
