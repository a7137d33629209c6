"""Which recorded document a package is about: what it answers, updates, replaces or asks back.

A DocumentId is unique only together with its sender, so every look-up names both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from hub import findings
from hub.errors import NotAllowed, NotAnswerable
from hub.exchange.standing import RECALL_CODE
from hub.model import Agency
from hub.store import messages
from hub.store.messages import Named
from schemas.edxml.codes import normal_status
from schemas.edxml.envelope import Envelope, PackageKind
from schemas.findings import Finding


@dataclass(frozen=True, slots=True)
class Bearing:
    """Which recorded message a package is about, and what there is to say of that."""

    about: str | None = None
    findings: tuple[Finding, ...] = ()
    delivered_to: str | None = None  # who has the document that is asked back: a successor, perhaps
    delivered_through: str | None = None  # and through which endpoint
    came_through: str | None = None  # the endpoint that handed in the document that is answered


def acts_on_earlier(kind: PackageKind) -> bool:
    """Tell whether a package of this kind is about an earlier document."""
    return kind in {PackageKind.REVOKE, PackageKind.UPDATE, PackageKind.REPLACE}


def bearing_of_document(connection: sa.Connection, envelope: Envelope, sender_agency: str) -> Bearing:
    """Find what an update, a replacement or a recall is about: a document of the same sender.

    Somebody else's document can never be meant by MessageHeader/DocumentId; but whoever names it in
    Bussiness/DocumentId is told that it is not theirs. Raises `NotAllowed`.
    """
    found = messages.documents_named(connection, envelope.acts_on, sender_agency)
    for wanted in envelope.acts_on:
        for each in versions_first(found):
            if each.document_id == wanted:
                return Bearing(about=each.id)
    named = envelope.business.document_id if envelope.business else ""
    if named and messages.named_by_others(connection, named, sender_agency):
        problem = findings.RECALL_NOT_SENDER.at(document_id=named, code=envelope.sender.code)
        raise NotAllowed(problem.message, [problem])
    unknown = findings.ORIGINAL_UNKNOWN.at(document_id=envelope.acts_on[0] if envelope.acts_on else "")
    return Bearing(findings=(unknown,))


def bearing_of_answer(
    connection: sa.Connection,
    envelope: Envelope,
    sender: Agency,
    other_agency: str | None,
    *,
    carry: bool,
) -> Bearing:
    """Find the document that a status package answers, and refuse it unless it may.

    `other_agency` is the one that ResponseFor names: the document's sender, or for 13 one of its addressees. Only an
    addressee may answer, only the sender may ask back. Who has a document in place of a closed code is its addressee,
    and so is who bears the code that it was written to. An answer to a document that never came here is refused, or
    carried with a warning when the settings say so. Raises `NotAnswerable`.
    """
    code = normal_status(envelope.status.code) if envelope.status else None
    recall = code == RECALL_CODE
    author, addressee = (sender.id, other_agency) if recall else (other_agency, sender.id)
    author_code = envelope.sender.code if recall else envelope.receivers[0].code
    addressee_code = envelope.receivers[0].code if recall else envelope.sender.code
    found = messages.documents_named(connection, [envelope.document_id], author) if author else []
    if not found:
        kind = findings.ANSWER_CARRIED_UNKNOWN if carry else findings.ANSWER_UNKNOWN_DOCUMENT
        finding = kind.at(document_id=envelope.document_id, sender=author_code)
        if carry:
            return Bearing(findings=(finding,))
        raise NotAnswerable(finding.message, [finding])
    for each in versions_first(found):  # the newest version that this addressee got
        delivered = messages.delivered(connection, each.id, addressee, codes_meant(envelope, sender))
        if delivered is not None:
            to, through = delivered
            return Bearing(
                about=each.id,
                delivered_to=to if recall else None,
                delivered_through=through,
                came_through=None if recall else each.endpoint,
            )
    kind = findings.RECALL_NOT_ADDRESSEE if recall else findings.ANSWER_NOT_ADDRESSEE
    finding = kind.at(document_id=envelope.document_id, code=addressee_code)
    raise NotAnswerable(finding.message, [finding])


def codes_meant(envelope: Envelope, sender: Agency) -> list[str]:
    """Return the codes that an addressee's document may have been written to: for 13 the one that is named."""
    if envelope.status is not None and normal_status(envelope.status.code) == RECALL_CODE:
        return [envelope.receivers[0].code]
    return [each.value for each in sender.codes]


def versions_first(found: Sequence[Named]) -> list[Named]:
    """Return the versions of a document before the packages that only ask for it back: those are about a version."""
    return sorted(found, key=lambda each: each.kind is PackageKind.REVOKE)
