"""What an agency's account is shown of a document: what concerns the agency, and nothing of others' systems.

Who sent it sees every addressee. An addressee sees its own delivery, the answers between it and the sender, and that
the document was accepted. Neither is told who else had the papers, nor which machine of whom did not answer.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from adapters.console.visit import Visit
from hub.model import Attempt, Delivery, DeliveryState, Message, StatusEntry, TraceEvent

PAPERS = frozenset({"document.downloaded", "document.evidenced"})
OF_SYSTEMS = frozenset({"delivery.attempted", "delivery.waiting", "delivery.suspended"})
TROUBLE = frozenset({DeliveryState.WAITING_FOR_RETRY, DeliveryState.SUSPENDED})


def whole(visit: Visit, message: Message) -> bool:
    """Tell whether somebody may know of all addressees of a document."""
    return visit.only_agency in {None, message.sender_agency}


def is_told(event: TraceEvent, actor: str, its: Collection[str] | None, answers: Collection[str]) -> bool:
    """Tell whether an agency's account hears of an event. `its`: the deliveries that it may know of; None: all."""
    if event.kind in PAPERS:
        return event.actor == actor
    if its is None:
        return True
    if event.delivery is not None:
        return event.delivery in its
    return event.kind == "document.accepted" or event.details.get("answer") in answers


def own_statuses(statuses: Collection[StatusEntry], its: Collection[Delivery]) -> tuple[StatusEntry, ...]:
    """Return the answers from and to the addressees of some deliveries."""
    codes = {each.addressee for each in its}
    return tuple(each for each in statuses if each.sender in codes or each.to in codes)


def event_without_hosts(event: TraceEvent) -> TraceEvent:
    """Return an event without what a system's failure says of its machine."""
    if event.kind not in OF_SYSTEMS:
        return event
    return replace(event, details={key: value for key, value in event.details.items() if key != "reason"})


def delivery_without_hosts(delivery: Delivery) -> Delivery:
    """Return a delivery without what a system's failure says of its machine."""
    return replace(delivery, reason=None) if delivery.state in TROUBLE else delivery


def attempt_without_hosts(attempt: Attempt) -> Attempt:
    """Return a try without what a system's failure says of its machine; why somebody refused is said."""
    return attempt if attempt.outcome == "refused" else replace(attempt, detail=None)
