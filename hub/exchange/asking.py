"""What a package of the sender asks of each addressee: an update, a replacement, a revocation, a 13.

Recall before delivery withdraws without asking. What its addressee cannot have yet, or has not said that it has, is
withdrawn with the record of the recall, and the addressee is not bothered. Who has it, or may have it because it is
being sent at this very moment, is asked; should that attempt fail, it is not tried again.

An attempt that failed may have got through all the same. The sender is told so; when it asks a second time, the
addressee is asked.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from hub import findings
from hub.exchange.bearing import versions_first
from hub.exchange.plan import ITSELF, WITHDRAWABLE, Plan, Request, together
from hub.exchange.standing import REPEATED, REQUESTED, WITHDRAWN
from hub.exchange.states import Input
from hub.model import Addressee, Delivery, DeliveryState, Routed
from hub.store import deliveries, messages
from hub.store import exchange as store
from hub.store.given import given_before
from schemas.edxml.envelope import Envelope, PackageKind
from schemas.findings import Finding


def asked_back(connection: sa.Connection, routed: Routed) -> Plan:
    """Plan a 13, which asks one addressee."""
    assert routed.about is not None
    document = store.document_of(connection, routed.about)
    return recall(connection, routed, routed.addressees[0], document)


def revoked(connection: sa.Connection, routed: Routed) -> Plan:
    """Plan a revocation: each addressee is asked to give the document back."""
    if routed.about is None:
        return together([_unknown(each, Input.RECALL) for each in routed.addressees], None)
    document = store.document_of(connection, routed.about)
    return together([recall(connection, routed, each, document) for each in routed.addressees], document)


def changed(connection: sa.Connection, routed: Routed) -> Plan:
    """Plan an update or a replacement: a version that supersedes what an addressee got, or takes the addressee off."""
    envelope = routed.verified.valid.envelope
    document = _continues(connection, routed)
    off = taken_off(envelope)
    plans = [
        recall(connection, routed, each, document)
        if document and _any_code(each) & off
        else _newer(connection, each, document)
        for each in routed.addressees
    ]
    return together([*plans, *_replaced(connection, routed, document)], document)


def recall(connection: sa.Connection, routed: Routed, addressee: Addressee, document: str) -> Plan:
    """Plan to have a document back from one addressee: withdraw what it has not got, ask for what it has."""
    held = deliveries.of_document(connection, document, addressee.agency.id, addressee.code)
    agency = held[-1].agency if held else addressee.agency.id
    open_ones = [each for each in held if each.state in WITHDRAWABLE]
    repeats = [each for each in open_ones if given_before(connection, each.message, each.id)]
    pending = [each for each in open_ones if each not in repeats]
    asks = not held or bool(repeats) or any(_may_be_there(each) for each in held)
    kind = Input.RECALL if asks else Input.WITHDRAWAL
    versions = [each.message for each in held] or [routed.about or ITSELF]
    told = _told(routed, addressee, pending, asks=asks)
    note = REQUESTED if asks else WITHDRAWN if pending else REPEATED
    return Plan(
        document=document,
        requests=tuple(Request(agency, version, document, str(kind)) for version in versions),
        withdraw=tuple(open_ones),
        needless=frozenset() if asks else frozenset({addressee.agency.id}),
        findings=(told,) if told else (),
        note=note,
        agency=agency,
    )


def _may_be_there(delivery: Delivery) -> bool:
    """Tell whether an addressee may have a version that will not be withdrawn now."""
    if delivery.state is DeliveryState.WITHDRAWN:
        return delivery.attempts > 0
    return delivery.state not in WITHDRAWABLE


def _told(routed: Routed, addressee: Addressee, pending: list[Delivery], *, asks: bool) -> Finding | None:
    """Return what the sender is told of a recall."""
    if asks and not pending:
        return None
    tried = any(each.attempts for each in pending)
    kind = (
        findings.RECALL_PARTLY_WITHDRAWN
        if asks
        else findings.RECALL_WITHDRAWN_AFTER_TRY
        if tried
        else findings.RECALL_WITHDRAWN
    )
    return kind.at(code=addressee.code, document_id=routed.verified.valid.envelope.document_id)


def taken_off(envelope: Envelope) -> frozenset[str]:
    """Return the codes that an update takes off the list of receivers (ReceiverType 0)."""
    changes = envelope.business.receiver_changes if envelope.business else ()
    return frozenset(change.code for change in changes if not change.added)


def _any_code(addressee: Addressee) -> frozenset[str]:
    return frozenset({addressee.code, *(code.value for code in addressee.agency.codes)})


def _continues(connection: sa.Connection, routed: Routed) -> str | None:
    """Return the document that a package is a new version of; None if it is a document of its own.

    A replacement is a document of its own, unless it bears the DocumentId of what it replaces: the official samples do.
    """
    envelope = routed.verified.valid.envelope
    if routed.about is None:
        return None
    if envelope.kind is PackageKind.REPLACE:
        about = messages.get(connection, routed.about)
        if about is None or about.document_id != envelope.document_id:
            return None
    return store.document_of(connection, routed.about)


def _newer(connection: sa.Connection, addressee: Addressee, document: str | None) -> Plan:
    """Plan a new version for one addressee: it supersedes the newest one that it was sent."""
    if document is None:
        return _unknown(addressee, Input.VERSION)
    held = deliveries.of_document(connection, document, addressee.agency.id, addressee.code)
    about, agency = (held[-1].message, held[-1].agency) if held else (ITSELF, addressee.agency.id)
    return Plan(requests=(Request(agency, about, document, str(Input.VERSION)),))


def _unknown(addressee: Addressee, kind: Input) -> Plan:
    """Plan a package whose earlier version never came here: the addressee is asked all the same."""
    return Plan(requests=(Request(addressee.agency.id, ITSELF, ITSELF, str(kind)),))


def _replaced(connection: sa.Connection, routed: Routed, own: str | None) -> list[Plan]:
    """Plan what a replacement does to the other documents that it replaces, for the addressees that it concerns."""
    envelope = routed.verified.valid.envelope
    if envelope.kind is not PackageKind.REPLACE:
        return []
    plans = []
    for document_id, codes in _named_as_replaced(envelope).items():
        named = messages.documents_named(connection, [document_id], routed.verified.sender.id)
        found = {store.document_of(connection, each.id) for each in versions_first(named)}
        for document in sorted(found - {own or ""}):
            for agency, code in _concerned(routed, codes):
                held = deliveries.of_document(connection, document, agency, code)
                if held:
                    last = held[-1]
                    request = Request(last.agency, last.message, document, str(Input.REPLACEMENT))
                    plans.append(Plan(requests=(request,)))
    return plans


def _named_as_replaced(envelope: Envelope) -> dict[str, tuple[str, ...]]:
    """Return the DocumentIds that a replacement names, each with the codes for which it is replaced; none: for all."""
    business = envelope.business
    if business is None:
        return {}
    named = {each.document_id: each.receivers for each in business.replacements}
    if business.document_id:
        named.setdefault(business.document_id, ())
    return named


def _concerned(routed: Routed, codes: Iterable[str]) -> list[tuple[str, str]]:
    """Return (agency, code) of those for whom a document is replaced; named by code alone if they get no package."""
    wanted = list(codes)
    if not wanted:
        return [(each.agency.id, each.code) for each in routed.addressees]
    return [
        next(((each.agency.id, code) for each in routed.addressees if code in _any_code(each)), ("", code))
        for code in wanted
    ]
