"""record: everything of an accepted document, durable in one transaction, before the sender is answered.

The bytes, the message, its deliveries, the answer it may be, and the event that tells of all of it. The same package
handed in twice (sender, DocumentId, kind and content) finds the first one's message and changes nothing: the key is
unique in the database, and within a group commit the transaction remembers it.

The deliveries are the outbox: a worker that hears nothing of them finds them in the table (docs/adr/0004).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from hub import exchange, findings
from hub.errors import Refusal
from hub.exchange import NEEDLESS, Plan
from hub.metrics import timed
from hub.model import (
    Accepted,
    Addressee,
    Delivery,
    DeliveryState,
    Message,
    Received,
    Routed,
    StatusEntry,
)
from hub.store import deliveries as delivery_store
from hub.store import exchange as exchange_store
from hub.store import messages as message_store
from hub.store import payloads as payload_store
from hub.store.database import Store
from hub.store.messages import Known
from hub.store.payloads import Payload, Payloads
from hub.store.writer import Transaction
from schemas.edxml.envelope import PackageKind
from schemas.spooled import size_of
from schemas.text import Text

NOT_CONNECTED = Text(
    vi="Cơ quan nhận chưa có điểm kết nối; quản trị trục cần bổ sung",
    en="The addressee has no endpoint yet; the hub's operator must add one",
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the transaction did: the message is new, or it was there already."""

    message_id: str
    accepted: Accepted | None  # None: a duplicate
    refusal: Refusal | None = None  # what is on record makes this answer impossible; nothing was written


@timed("record")
async def record(routed: Routed, store: Store, payloads: Payloads) -> Accepted:
    """Write a routed document down; return the answer for its sender. Raises `NotAnswerable` and `Unavailable`."""
    received = routed.verified.received
    if size_of(received.content) > payloads.inline_bytes:
        payload = await asyncio.to_thread(payloads.put, received.content, received.sha256)
    else:
        payload = payloads.put(received.content, received.sha256)
    recorded = await store.write(lambda tx: write_down(tx, routed, payload), "record")
    if recorded.refusal is not None:
        raise recorded.refusal
    if recorded.accepted is not None:
        return recorded.accepted
    return await store.read(lambda connection: accepted_before(connection, recorded.message_id))


def write_down(tx: Transaction, routed: Routed, payload: Payload) -> Recorded:
    """The unit of work: everything, or nothing when it is there already."""
    verified = routed.verified
    envelope = verified.valid.envelope
    key = message_store.idempotency_key(
        verified.sender.id, envelope.document_id, kind_key(routed), payload.sha256
    )
    known = _known(tx, key, routed)
    if known.same is not None:
        return Recorded(known.same, None)
    plan = exchange.consider(tx, routed)
    if plan.refusal is not None:
        return Recorded("", None, plan.refusal)
    if envelope.status is None and (corrected := plan.document or routed.about):
        # Versions are told apart by their ids: no correction sorts before what it corrects, whatever a clock says.
        tx.go_behind(exchange_store.newest_id(tx.connection, corrected, routed.about))
    message = message_of(tx, routed, payload, plan, known.namesake)
    deliveries = tuple(
        needless(made) if addressee.agency.id in plan.needless else made
        for addressee in routed.addressees
        for made in [delivery_of(tx, message, addressee)]
    )
    message_store.note(tx, key, message)
    payload_store.keep(tx, payload)
    judge_at = tx.now if verified.unsettled else None
    message_store.insert(tx, message, key, judge_at, compress=payload.compress)
    for delivery in deliveries:
        delivery_store.insert(tx, delivery, message.priority)
        if delivery.endpoint is not None and not delivery.state.final:
            tx.wake(delivery.endpoint)
    actor = f"endpoint:{message.endpoint}"
    tx.trace(
        "document.accepted",
        actor=actor,
        message=message.id,
        kind=str(message.kind),
        **{"from": message.sender},
        document_id=message.document_id,
        code=message.code,
        sha256=message.sha256,
        size=message.size,
        signatures=[str(verdict.outcome) for verdict in verified.verdicts],
        deliveries=[
            told_of(delivery, addressee)
            for delivery, addressee in zip(deliveries, routed.addressees, strict=True)
        ],
        **told_hops(verified.received),
    )
    if message.kind is PackageKind.STATUS:
        note_answer(tx, routed, message, plan)
    elif envelope.response_for:
        exchange_store.insert_reply(
            tx, message.id, message.sender_agency, (each.document_id for each in envelope.response_for)
        )
    exchange.carry_out(tx, plan, message.id, actor, tx.now)
    return Recorded(message.id, Accepted(message=message, deliveries=deliveries, duplicate=False))


def told_hops(received: Received) -> dict[str, Any]:
    """Return what the ledger keeps of the way that a document came, if it came by other hubs."""
    return {"hops": [hop.as_json() for hop in received.hops]} if received.hops else {}


def told_of(delivery: Delivery, addressee: Addressee) -> dict[str, str | None]:
    """Return what the ledger keeps of a new delivery; of one that was forwarded, to whom."""
    told = {
        "id": delivery.id,
        "to": delivery.addressee,
        "endpoint": delivery.endpoint,
        "state": str(delivery.state),
    }
    return {**told, "forwarded_to": addressee.forwarded_to} if addressee.forwarded_to else told


def kind_key(routed: Routed) -> str:
    """Return the kind as the idempotency key has it: an answer's code belongs to it."""
    envelope = routed.verified.valid.envelope
    return f"{envelope.kind}:{envelope.status.code}" if envelope.status else str(envelope.kind)


def _known(tx: Transaction, key: str, routed: Routed) -> Known:
    """Return what is there already; only a new document may not bear the DocumentId of another one."""
    envelope = routed.verified.valid.envelope
    if envelope.kind is not PackageKind.NEW:
        return Known(message_store.same(tx, key), None)
    return message_store.known(tx, key, routed.verified.sender.id, envelope.document_id)


def message_of(
    tx: Transaction, routed: Routed, payload: Payload, plan: Plan, namesake: str | None = None
) -> Message:
    """Make the message of a routed document. `namesake`: another document of its sender's with its DocumentId."""
    verified = routed.verified
    envelope = verified.valid.envelope
    reused = (
        (findings.DOCUMENT_ID_REUSED.at(document_id=envelope.document_id, other=namesake),)
        if namesake
        else ()
    )
    return Message(
        id=tx.new_id(),
        kind=envelope.kind,
        sender=envelope.sender.code,
        sender_name=envelope.sender.name or verified.sender.name,
        sender_agency=verified.sender.id,
        endpoint=verified.received.endpoint.id,
        document_id=envelope.document_id,
        code=envelope.code,
        subject=envelope.subject,
        priority=int(envelope.priority),
        promulgated_on=envelope.promulgated_on,
        due_on=envelope.due_on,
        status_code=envelope.status.code if envelope.status else None,
        about=routed.about,
        sha256=payload.sha256,
        size=payload.size,
        findings=(*routed.findings, *plan.findings, *reused),
        verdicts=tuple(verdict.as_json() for verdict in verified.verdicts),
        accepted_at=tx.now,
        document=plan.document if envelope.status is None else None,
    )


def delivery_of(tx: Transaction, message: Message, addressee: Addressee) -> Delivery:
    """Make the delivery to one addressee, in the state that its endpoint calls for."""
    endpoint = addressee.endpoint
    if endpoint is None:
        state, next_try_at, reason = DeliveryState.HELD, None, addressee.reason or NOT_CONNECTED
    elif endpoint.polls:
        state, next_try_at, reason = DeliveryState.AVAILABLE, None, None
    else:
        state, next_try_at, reason = DeliveryState.QUEUED, tx.now, None
    return Delivery(
        id=tx.new_id(),
        message=message.id,
        addressee=addressee.code,
        agency=addressee.agency.id,
        endpoint=endpoint.id if endpoint else None,
        state=state,
        attempts=0,
        next_try_at=next_try_at,
        reason=reason,
        remote_id=None,
        created_at=tx.now,
        updated_at=tx.now,
    )


def needless(delivery: Delivery) -> Delivery:
    """Return the delivery of a recall to an addressee who never got what is recalled: it ends before it begins."""
    return replace(delivery, state=DeliveryState.WITHDRAWN, next_try_at=None, reason=NEEDLESS)


def note_answer(tx: Transaction, routed: Routed, message: Message, plan: Plan) -> None:
    """Write down what an answer says of its document, and what it does to the document's state."""
    envelope = routed.verified.valid.envelope
    status = envelope.status
    assert status is not None
    entry = StatusEntry(
        id=message.id,
        message=routed.about,
        sender=message.sender,
        to=envelope.receivers[0].code,
        code=status.code,
        description=status.description,
        stated_at=status.at,
        recorded_at=tx.now,
        note=plan.note,
    )
    message_store.insert_status(tx, entry, message.sender_agency, plan.document, plan.agency)
    if routed.about:
        tx.trace(
            "answer.recorded",
            actor=f"endpoint:{message.endpoint}",
            message=routed.about,
            answer=message.id,
            **{"from": message.sender},
            code=status.code,
            note=entry.note,
        )


def accepted_before(connection: sa.Connection, message_id: str) -> Accepted:
    """Return the answer that the first hand-in of a duplicate got, with its deliveries as they stand now."""
    message = message_store.get(connection, message_id)
    assert message is not None, f"message {message_id} has a key but no row"
    return Accepted(
        message=message, deliveries=delivery_store.of_message(connection, message_id), duplicate=True
    )
