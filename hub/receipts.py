"""The receipts that the hub gives: for what it accepted, refused and delivered, and how a document was answered.

What a receipt says is taken from the ledger's events, whose bodies it carries, never from tables that change; the same
question has the same content for ever, once a checkpoint covers its events. The signature around it is made on demand
by the hub's key: `signing.receipts`.

    accepted   a package was taken, and is safe            refused   a package was not taken, and why
    delivered  an addressee has a delivery                 failed    an addressee refused it, or it was withdrawn
    answered   a status package was taken, and what it says of which document
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog

from hub.errors import NotFound, Sought
from hub.ledger import Row
from hub.model import Endpoint
from hub.store import checkpoints, deliveries, messages
from hub.store import ledger as ledger_store
from hub.store.checkpoints import LedgerAltered, Sealed
from schemas.edxml.envelope import PackageKind
from schemas.text import Text
from signing import merkle, notes, receipts
from signing.notes import BadNote, Checkpoint, VerifierKey
from signing.signing_key import SigningKey
from signing.timestamp_client import NoTimeStamp

if TYPE_CHECKING:
    from hub.app import Hub

log = structlog.get_logger()

ENDS = {
    "delivery.delivered": "delivered",
    "delivery.refused": "failed",
    "delivery.withdrawn": "failed",
    "delivery.expired": "failed",
}


async def issue(hub: Hub, reference: str, key: SigningKey, viewer: Endpoint | None = None) -> bytes:
    """Return the signed receipt, DER of a CMS SignedData, for what a reference means. See `content`."""
    return await signed(hub, await content(hub, reference, viewer), key)


async def signed(hub: Hub, said: Mapping[str, Any], key: SigningKey) -> bytes:
    """Sign what `content` returned; time-stamped (CAdES-B-T) if somebody stamps and answers in time, else B-B."""
    try:
        return await receipts.sign(said, key, at=hub.clock(), timestamper=hub.notary.stamper)
    except NoTimeStamp as error:
        log.warning("receipt.no-timestamp", error=str(error))
        return await receipts.sign(said, key, at=hub.clock())


async def content(hub: Hub, reference: str, viewer: Endpoint | None = None) -> dict[str, Any]:
    """Return what the receipt for a package, a refusal or a delivery says.

    A reference is one of the hub's ids, a DocumentId or a number/notation. Raises `NotFound`: it means nothing, is not
    the viewer's to see, or is a delivery that has not ended.
    """
    keys, key = hub.notary.log_keys(), hub.notary.key()
    ours = {"code": hub.config.hub.code, "name": hub.config.hub.name}
    unsealed = {"origin": hub.notary.origin, "key": str(key.verifier) if key else None, "checkpoint": None}

    def ask(connection: sa.Connection) -> dict[str, Any]:
        said, events = _said(connection, reference, viewer)
        sealed = checkpoints.first_over(connection, events[-1].seq)
        known = _known(sealed, keys) if sealed else unsealed
        return {**said, "hub": ours, "ledger": known, "events": _cited(connection, events, sealed)}

    return await hub.store.read(ask)


def _known(sealed: Sealed, keys: tuple[VerifierKey, ...]) -> dict[str, Any]:
    """Return what a receipt says of the ledger: the checkpoint, and the key that signed it, be it a former one."""
    try:
        note = notes.parse(sealed.note.encode())
        signer = notes.verify(note, keys)[0].key
        origin = Checkpoint.parse(note.text).origin
    except BadNote as error:
        raise LedgerAltered(error.text) from error
    return {"origin": origin, "key": str(signer), "checkpoint": sealed.note}


def _said(
    connection: sa.Connection, reference: str, viewer: Endpoint | None
) -> tuple[dict[str, Any], list[Row]]:
    """Return what is said of the newest thing that the reference means, and the events that say it."""
    from hub.app import concerns

    for message in messages.find(connection, reference):
        its_deliveries = deliveries.of_message(connection, message.id)
        if viewer is not None and not concerns(message, its_deliveries, viewer):
            continue
        events = list(ledger_store.rows_of(connection, message.id))
        if any(delivery.id == reference for delivery in its_deliveries):
            return _of_delivery(events, reference)
        if message.kind is PackageKind.STATUS and message.about:
            about = list(ledger_store.rows_of(connection, message.about))
            return _of_answer(events, about, message.id)
        return _of_package(events)
    for refusal in messages.find_refusals(connection, reference):
        if viewer is None or refusal.endpoint == viewer.id:
            return _of_refusal(list(ledger_store.rows_of(connection, refusal.id)))
    raise NotFound(
        Text(vi=f"Không có biên nhận nào cho {reference}", en=f"There is no receipt for {reference}"),
        Sought.RECEIPT,
    )


def _of_package(events: Sequence[Row], kind: str = "accepted") -> tuple[dict[str, Any], list[Row]]:
    accepted = _first(events, "document.accepted")
    told = _details(accepted)
    said = {
        "kind": kind,
        "at": accepted.at.isoformat(),
        "message": accepted.message,
        "document_id": told["document_id"],
        "sender": told["from"],
        "addressees": [each["to"] for each in told["deliveries"]],
        "sha256": told["sha256"],
        "size": told["size"],
    }
    return said, [accepted]


def _of_delivery(events: Sequence[Row], delivery: str) -> tuple[dict[str, Any], list[Row]]:
    said, cited = _of_package(events)
    ends = [row for row in events if row.delivery == delivery and row.kind in ENDS]
    if not ends:
        raise NotFound(
            Text(
                vi=f"Lượt chuyển {delivery} chưa kết thúc nên chưa có biên nhận",
                en=f"The delivery {delivery} has not ended: there is no receipt yet",
            )
        )
    end = ends[-1]
    told = _details(end)
    to = [each["to"] for each in _details(cited[0])["deliveries"] if each["id"] == delivery]
    said |= {"kind": ENDS[end.kind], "at": end.at.isoformat(), "delivery": delivery, "addressees": to}
    said |= {name: told[name] for name in ("reason", "remote_id") if told.get(name) is not None}
    return said, [*cited, end]


def _of_answer(events: Sequence[Row], about: Sequence[Row], message: str) -> tuple[dict[str, Any], list[Row]]:
    said, cited = _of_package(events, "answered")
    recorded = [
        row for row in about if row.kind == "answer.recorded" and _details(row).get("answer") == message
    ]
    if not recorded:
        return {**said, "kind": "accepted"}, cited
    told = _details(recorded[-1])
    said |= {"about": recorded[-1].message, "code": told["code"], "note": told["note"]}
    return said, sorted([*cited, recorded[-1]], key=lambda row: row.seq)


def _of_refusal(events: Sequence[Row]) -> tuple[dict[str, Any], list[Row]]:
    refused = _first(events, "document.refused")
    told = _details(refused)
    said = {
        "kind": "refused",
        "at": refused.at.isoformat(),
        "refusal": refused.message,
        "endpoint": refused.actor.removeprefix("endpoint:"),
        "code": told["code"],
        "findings": told["findings"],
        "sha256": told["sha256"],
        "size": told["size"],
    }
    return said, [refused]


def _cited(connection: sa.Connection, events: Sequence[Row], sealed: Sealed | None) -> list[dict[str, Any]]:
    """Return the events as a receipt carries them, each with its proof if a checkpoint covers them all."""
    nodes = checkpoints.tiles(connection)
    cited = []
    for row in events:
        leaf = merkle.leaf_hash(row.body.encode())
        event: dict[str, Any] = {"seq": row.seq, "body": row.body, "leaf": leaf.hex()}
        if sealed is not None:
            event["proof"] = receipts.proof(merkle.inclusion(row.seq - 1, sealed.size, nodes))
        cited.append(event)
    return cited


def _first(events: Sequence[Row], kind: str) -> Row:
    for row in events:
        if row.kind == kind:
            return row
    raise LedgerAltered(
        Text(
            vi=f"Sổ nhật ký thiếu sự kiện {kind}: hãy chạy “edochub ledger verify”",
            en=f"The ledger lacks the event {kind}: run “edochub ledger verify”",
        )
    )


def _details(row: Row) -> dict[str, Any]:
    details: dict[str, Any] = json.loads(row.body)["details"]
    return details
