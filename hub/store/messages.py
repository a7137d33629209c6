"""Messages, answers and refusals: how they are written and found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.ledger import canonical
from hub.model import Message, StatusEntry, StoredRefusal
from hub.store import compact
from hub.store.compact import Kept
from hub.store.prepared import Prepared
from hub.store.tables import deliveries, messages, refusals, statuses
from hub.store.writer import Transaction
from schemas.edxml.envelope import PackageKind
from schemas.findings import Finding
from schemas.text import Text

MOST_FOUND = 50  # messages that one reference may mean


def idempotency_key(sender_agency: str, document_id: str, kind: str, sha256: str) -> str:
    """Return what makes two hand-ins the same one: sender, DocumentId, kind and content."""
    joined = "\x00".join((sender_agency, document_id, kind, sha256))
    return hashlib.sha256(joined.encode()).hexdigest()


def insert(
    tx: Transaction, message: Message, key: str, judge_at: datetime | None = None, *, compress: bool = True
) -> None:
    """Write a message down. `judge_at`: signatures are left to be judged, from then on (`hub.store.judging`).

    `compress`: verdicts and findings too, which nodes of older versions cannot read.
    """
    row = {name: getattr(message, name) for name in _PLAIN}
    row |= {
        "idempotency_key": key,
        "kind": str(message.kind),
        **told("findings", [finding.as_json() for finding in message.findings], compress=compress),
        **told("verdicts", message.verdicts, compress=compress),
        "judge_at": judge_at,
    }
    tx.insert(messages, row)


def same(tx: Transaction, key: str) -> str | None:
    """Return the id of the message that has this idempotency key already, in the database or in this group."""
    if key in tx.noted:
        return tx.noted[key]
    found = tx.look(_SAME, {"key": key})
    return str(found.id) if found else None


_SAME = Prepared(sa.select(messages.c.id).where(messages.c.idempotency_key == sa.bindparam("key")))


@dataclass(frozen=True, slots=True)
class Known:
    """What stood there of a new document: the same one; another one of its sender's with its DocumentId."""

    same: str | None
    namesake: str | None


def known(tx: Transaction, key: str, sender_agency: str, document_id: str) -> Known:
    """Return what is there of a new document already, in the database or in this group: one question for both."""
    found = tx.look(_KNOWN, {"key": key, "sender": sender_agency, "document_id": document_id})
    name = _name(sender_agency, document_id)
    return Known(
        same=tx.noted.get(key) or (found.same if found else None),
        namesake=tx.noted.get(name) or (found.namesake if found else None),
    )


def note(tx: Transaction, key: str, message: Message) -> None:
    """Have the rest of this group know a message that it has just written down."""
    tx.noted[key] = message.id
    if message.kind is PackageKind.NEW:
        tx.noted[_name(message.sender_agency, message.document_id)] = message.id


def _name(sender_agency: str, document_id: str) -> str:
    return f"{sender_agency}\x00{document_id}"


_KNOWN = Prepared(
    sa.select(
        sa.select(messages.c.id)
        .where(messages.c.idempotency_key == sa.bindparam("key"))
        .scalar_subquery()
        .label("same"),
        sa.select(messages.c.id)
        .where(
            messages.c.document_id == sa.bindparam("document_id"),
            messages.c.sender_agency == sa.bindparam("sender"),
            messages.c.kind == str(PackageKind.NEW),
        )
        .limit(1)
        .scalar_subquery()
        .label("namesake"),
    )
)

_PLAIN = (
    "id",
    "sender",
    "sender_name",
    "sender_agency",
    "endpoint",
    "document_id",
    "code",
    "subject",
    "priority",
    "promulgated_on",
    "due_on",
    "status_code",
    "about",
    "document",
    "sha256",
    "size",
    "accepted_at",
)
_TOLD = ("findings", "findings_small", "verdicts", "verdicts_small")
COLUMNS = tuple(messages.c[name] for name in (*_PLAIN, "kind", *_TOLD))


def told(column: str, values: Sequence[Any], *, compress: bool) -> dict[str, str | bytes | None]:
    """Return what the columns of verdicts, or of findings, are to hold."""
    smaller = compact.small(values) if compress and values else None
    return {column: "[]" if smaller else compact.text(values), f"{column}_small": smaller}


def from_row(row: Sequence[Any]) -> Message:
    """Make a `Message` of `COLUMNS`, in their order."""
    *plain, kind, findings, findings_small, verdicts, verdicts_small = row
    return Message(
        **dict(zip(_PLAIN, plain, strict=True)),
        kind=PackageKind(kind),
        findings=Kept(findings, findings_small, Finding.from_json),
        verdicts=Kept(verdicts, verdicts_small, dict),
    )


def read_findings(kept: str, smaller: bytes | None = None) -> tuple[Finding, ...]:
    """Read findings back from their columns."""
    return tuple(Finding.from_json(value) for value in compact.read(kept, smaller))


def get(connection: sa.Connection, message: str) -> Message | None:
    """Return the message with this id."""
    row = _GET.first(connection, {"message": message})
    return from_row(row) if row else None


_GET = Prepared(sa.select(*COLUMNS).where(messages.c.id == sa.bindparam("message")))


def find(connection: sa.Connection, reference: str) -> list[Message]:
    """Return the messages that a person may mean: hub id, delivery id, DocumentId or number/notation; newest first.

    Answers to a document carry its DocumentId and code; they are found with the document, not beside it, unless the
    document itself never came here.
    """
    by_delivery = sa.select(deliveries.c.message).where(deliveries.c.id == reference)
    for condition in (
        messages.c.id == reference,
        messages.c.id.in_(by_delivery),
        messages.c.document_id == reference,
        messages.c.code == reference,
    ):
        query = sa.select(*COLUMNS).where(condition).order_by(messages.c.id.desc()).limit(MOST_FOUND)
        found = [from_row(row) for row in connection.execute(query)]
        if found:
            documents = [message for message in found if message.kind is not PackageKind.STATUS]
            return documents or found
    return []


def given_to(connection: sa.Connection, document_id: str, sha256: str, endpoint: str) -> Message | None:
    """Return the message of exactly this package that an endpoint has, or may have, from us; None if there is none."""
    sent_there = sa.select(deliveries.c.message).where(
        deliveries.c.endpoint == endpoint,
        deliveries.c.message == messages.c.id,
        deliveries.c.attempts > 0,  # it may be there before we hear that it is
    )
    query = sa.select(*COLUMNS).where(
        messages.c.document_id == document_id, messages.c.sha256 == sha256, sent_there.exists()
    )
    row = connection.execute(query.limit(1)).first()
    return from_row(row) if row else None


def first_of(connection: sa.Connection, ids: Sequence[str]) -> Message | None:
    """Return the first message with one of these ids; None if none of them is ours."""
    if not ids:
        return None
    query = sa.select(*COLUMNS).where(messages.c.id.in_(ids)).order_by(messages.c.id).limit(1)
    row = connection.execute(query).first()
    return from_row(row) if row else None


def sent_on(connection: sa.Connection, document_id: str, sender: str, kind: PackageKind) -> Message | None:
    """Return the newest message of a sender with this DocumentId that somebody has, or may have, from us."""
    tried = sa.select(deliveries.c.id).where(deliveries.c.message == messages.c.id, deliveries.c.attempts > 0)
    taken = sa.select(deliveries.c.id).where(
        deliveries.c.message == messages.c.id, deliveries.c.state == "delivered"
    )
    query = (
        sa.select(*COLUMNS)
        .where(
            messages.c.document_id == document_id,
            messages.c.sender == sender,
            messages.c.kind == str(kind),
            sa.or_(tried.exists(), taken.exists()),
        )
        .order_by(messages.c.id.desc())
    )
    row = connection.execute(query.limit(1)).first()
    return from_row(row) if row else None


@dataclass(frozen=True, slots=True)
class Named:
    """A document that is known by a DocumentId."""

    id: str  # Message.id
    document_id: str
    kind: PackageKind
    endpoint: str  # that handed it in


def documents_named(
    connection: sa.Connection, document_ids: Iterable[str], sender_agency: str
) -> list[Named]:
    """Return the documents that an agency sent under one of these DocumentIds, newest first."""
    query = (
        sa.select(messages.c.id, messages.c.document_id, messages.c.kind, messages.c.endpoint)
        .where(
            messages.c.document_id.in_(list(document_ids)),
            messages.c.sender_agency == sender_agency,
            messages.c.kind != str(PackageKind.STATUS),
        )
        .order_by(messages.c.id.desc())
    )
    return [
        Named(row.id, row.document_id, PackageKind(row.kind), row.endpoint)
        for row in connection.execute(query)
    ]


def named_by_others(connection: sa.Connection, document_id: str, sender_agency: str) -> bool:
    """Tell whether somebody else sent a document under this DocumentId."""
    query = sa.select(messages.c.id).where(
        messages.c.document_id == document_id,
        messages.c.sender_agency != sender_agency,
        messages.c.kind != str(PackageKind.STATUS),
    )
    return connection.execute(query.limit(1)).first() is not None


def delivered(
    connection: sa.Connection, message: str, agency: str | None, codes: Iterable[str]
) -> tuple[str, str | None] | None:
    """Return the agency and endpoint of a message's delivery to an agency, or to one of these codes as written."""
    mine = deliveries.c.agency == agency
    query = (
        sa.select(deliveries.c.agency, deliveries.c.endpoint)
        .where(deliveries.c.message == message, sa.or_(mine, deliveries.c.addressee.in_(list(codes))))
        .order_by(sa.case((mine, 0), else_=1), deliveries.c.id)
        .limit(1)
    )
    found = connection.execute(query).first()
    return (found.agency, found.endpoint) if found else None


# --- answers ------------------------------------------------------------------------------------------------------


def insert_status(
    tx: Transaction, entry: StatusEntry, sender_agency: str, document: str | None, agency: str | None
) -> None:
    """Write an answer down: about which document (its first version), to whose standing it belongs."""
    tx.insert(
        statuses,
        {
            "id": entry.id,
            "message": entry.message,
            "sender": entry.sender,
            "sender_agency": sender_agency,
            "to": entry.to,
            "code": entry.code,
            "description": entry.description,
            "stated_at": entry.stated_at,
            "recorded_at": entry.recorded_at,
            "note": entry.note,
            "document": document,
            "agency": agency,
        },
    )


def statuses_of(connection: sa.Connection, message: str) -> tuple[StatusEntry, ...]:
    """Return the answers to a document, oldest first."""
    query = (
        sa.select(statuses)
        .where(statuses.c.message == message)
        .order_by(statuses.c.recorded_at, statuses.c.id)
    )
    return tuple(
        StatusEntry(
            id=row.id,
            message=row.message,
            sender=row.sender,
            to=row.to,
            code=row.code,
            description=row.description,
            stated_at=row.stated_at,
            recorded_at=row.recorded_at,
            note=row.note,
        )
        for row in connection.execute(query)
    )


# --- refusals -----------------------------------------------------------------------------------------------------


def insert_refusal(tx: Transaction, refusal: StoredRefusal) -> None:
    """Write a refusal down."""
    tx.insert(
        refusals,
        {
            "id": refusal.id,
            "at": refusal.at,
            "endpoint": refusal.endpoint,
            "code": refusal.code,
            "message": canonical(refusal.message.as_json()),
            "findings": canonical([finding.as_json() for finding in refusal.findings]),
            "sha256": refusal.sha256,
            "size": refusal.size,
            "sender": refusal.sender,
            "document_id": refusal.document_id,
            "document_code": refusal.document_code,
        },
    )


def find_refusals(connection: sa.Connection, reference: str) -> list[StoredRefusal]:
    """Return the refusals with this id, this DocumentId or this number and notation, newest first."""
    named = (refusals.c.id, refusals.c.document_id, refusals.c.document_code)
    query = (
        sa.select(refusals)
        .where(sa.or_(*(each == reference for each in named)))
        .order_by(refusals.c.id.desc())
        .limit(MOST_FOUND)
    )
    return [
        StoredRefusal(
            id=row.id,
            at=row.at,
            endpoint=row.endpoint,
            code=row.code,
            message=Text.from_json(json.loads(row.message)),
            findings=read_findings(row.findings),
            sha256=row.sha256,
            size=row.size,
            sender=row.sender,
            document_id=row.document_id,
            document_code=row.document_code,
        )
        for row in connection.execute(query)
    ]
