"""acknowledge: what came of an attempt, durable, and word of it to the sender.

    receipt       -> DELIVERED (or AVAILABLE, when the far side fetches it itself)
    refusal       -> REFUSED, and in the same transaction a status 02 with the reason goes to the sender
    unavailable   -> WAITING_FOR_RETRY until the next try; SUSPENDED after the last one
    fault         -> SUSPENDED

A settlement counts only while the delivery is still in the state (and this node's) that it was taken in: a repeat, or
the late word of a node that was given up on, changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.errors import Refusal, Unavailable
from hub.model import Attempt, Delivery, DeliveryState, Receipt, ReceiptKind, Routed
from hub.steps.deliver import Outcome
from hub.steps.record import write_down
from hub.store import deliveries as store
from hub.store.deliveries import Claimed, Settlement
from hub.store.payloads import Payload
from hub.store.writer import Transaction
from schemas.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How one attempt at a claimed delivery ended."""

    claimed: Claimed
    outcome: Outcome
    started_at: datetime
    retry_in: timedelta | None  # None: no further try
    word: tuple[Routed, Payload] | None = None  # the status package that tells the sender of a refusal


def acknowledge(tx: Transaction, ending: Ending, node: str) -> bool:
    """Write down how an attempt ended; tell whether the delivery was still ours to settle."""
    delivery = ending.claimed.delivery
    settlement = settlement_of(ending, tx.now, f"hub:{node}")
    if not store.settle(tx, delivery, settlement, [DeliveryState.SENDING], node):
        return False
    store.insert_attempt(tx, delivery.id, attempt_of(ending, tx.now))
    if settlement.state is DeliveryState.AVAILABLE and delivery.endpoint:
        tx.wake(delivery.endpoint)
    if ending.word is not None:
        write_down(tx, *ending.word)
    return True


def settlement_of(ending: Ending, now: datetime, actor: str) -> Settlement:
    """Say where the delivery stands from now on."""
    outcome = ending.outcome
    number = (("attempt", ending.claimed.attempt),)
    if isinstance(outcome, Receipt):
        available = outcome.kind is ReceiptKind.AVAILABLE
        return Settlement(
            state=DeliveryState.AVAILABLE if available else DeliveryState.DELIVERED,
            event="delivery.available" if available else "delivery.delivered",
            actor=actor,
            remote_id=outcome.remote_id,
            details=number + ((("given_sha256", outcome.given_sha256),) if outcome.given_sha256 else ()),
        )
    if isinstance(outcome, Refusal):
        return Settlement(
            state=DeliveryState.REFUSED,
            event="delivery.refused",
            actor=actor,
            reason=outcome.message,
            details=(*number, ("code", outcome.code)),
        )
    if isinstance(outcome, Unavailable) and ending.retry_in is not None:
        return Settlement(
            state=DeliveryState.WAITING_FOR_RETRY,
            event="delivery.waiting",
            actor=actor,
            reason=outcome.message,
            next_try_at=now + ending.retry_in,
            details=number,
        )
    return Settlement(
        state=DeliveryState.SUSPENDED,
        event="delivery.suspended",
        actor=actor,
        reason=outcome.message,
        details=(*number, ("code", outcome.code)),
    )


def attempt_of(ending: Ending, now: datetime) -> Attempt:
    """Make the row of an attempt."""
    outcome = ending.outcome
    if isinstance(outcome, Receipt):
        word, detail = str(outcome.kind), None
    elif isinstance(outcome, Refusal):
        word, detail = "refused", outcome.message
    elif isinstance(outcome, Unavailable):
        word, detail = "unavailable", outcome.message
    else:
        word, detail = "fault", outcome.message
    return Attempt(
        number=ending.claimed.attempt, started_at=ending.started_at, ended_at=now, outcome=word, detail=detail
    )


def take(tx: Transaction, delivery: Delivery, actor: str) -> bool:
    """An endpoint that polls says that it has a delivery; tell whether that was news."""
    return store.settle(
        tx,
        delivery,
        Settlement(state=DeliveryState.DELIVERED, event="delivery.delivered", actor=actor),
        [DeliveryState.AVAILABLE],
    )


def decline(
    tx: Transaction, delivery: Delivery, reason: Text, actor: str, word: tuple[Routed, Payload] | None
) -> bool:
    """An endpoint that polls refuses a delivery; the sender is told by a status 02. Tell whether that was news."""
    news = store.settle(
        tx,
        delivery,
        Settlement(state=DeliveryState.REFUSED, event="delivery.refused", actor=actor, reason=reason),
        [DeliveryState.AVAILABLE],
    )
    if news and word is not None:
        write_down(tx, *word)
    return news
