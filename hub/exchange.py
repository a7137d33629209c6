"""What may answer what: the business side of an exchange, between one document and one addressee.

Answers are kept for ever, in the order in which they came; the current state only moves forward by rank, because
polling and retries bring answers out of order. 13 is the sender's request to have a document back, 15 and 16 answer
it (and an update), so these stand beside the ranks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from hub import findings
from hub.errors import NotAllowed, NotAnswerable
from hub.store import messages
from schemas.edxml.codes import normal_status
from schemas.edxml.envelope import Envelope, PackageKind
from schemas.findings import Finding

# 01 arrived < 03 registered < 04 assigned = 05 in progress < 06 done. 02 is a refusal: it ends a document's way, and
# only 01 may stand before it.
RANKS = {"01": 1, "02": 2, "03": 2, "04": 3, "05": 3, "06": 4}
RECALL = "13"
RECALL_ANSWERS = ("15", "16")


def note(before: Sequence[str], code: str) -> str:
    """Say what an answer does to the state that the answers before it made.

    advanced: it is the current state now; repeated: it was said before; late: a lower rank than the current one;
    request and reply: 13, and 15 or 16.
    """
    meant = normal_status(code) or code
    if meant == RECALL:
        return "request"
    if meant in RECALL_ANSWERS:
        return "reply"
    known = [normal_status(each) or each for each in before]
    if meant in known and meant not in ("04", "05"):  # assigning again, and progress, are said more than once
        return "repeated"
    highest = max((RANKS.get(each, 0) for each in known), default=0)
    return "late" if RANKS.get(meant, 0) < highest else "advanced"


@dataclass(frozen=True, slots=True)
class Bearing:
    """Which recorded message a package is about, and what there is to say of that."""

    about: str | None = None
    findings: tuple[Finding, ...] = ()


def bearing_of_document(connection: sa.Connection, envelope: Envelope, sender_agency: str) -> Bearing:
    """Find what an update, a replacement or a recall is about: a document of the same sender.

    A DocumentId is unique only together with its sender, so somebody else's document can never be meant by
    MessageHeader/DocumentId; but whoever names it in Bussiness/DocumentId is told that it is not theirs.
    Raises `NotAllowed`.
    """
    found = messages.documents_named(connection, envelope.acts_on, sender_agency)
    for wanted in envelope.acts_on:
        for message, document_id in found:
            if document_id == wanted:
                return Bearing(about=message)
    named = envelope.business.document_id if envelope.business else ""
    if named and messages.named_by_others(connection, named, sender_agency):
        problem = findings.RECALL_NOT_SENDER.at(document_id=named, code=envelope.sender.code)
        raise NotAllowed(problem.message, [problem])
    unknown = findings.ORIGINAL_UNKNOWN.at(document_id=envelope.acts_on[0] if envelope.acts_on else "")
    return Bearing(findings=(unknown,))


def bearing_of_answer(
    connection: sa.Connection,
    envelope: Envelope,
    sender_agency: str,
    other_agency: str | None,
    *,
    carry: bool,
) -> Bearing:
    """Find the document that a status package answers, and refuse it unless it may.

    `other_agency` is the one that ResponseFor names: the document's sender, or for 13 one of its addressees. Only an
    addressee may answer, only the sender may ask back. An answer to a document that never came here is refused, or
    carried with a warning when the settings say so. Raises `NotAnswerable`.
    """
    code = normal_status(envelope.status.code) if envelope.status else None
    recall = code == RECALL
    author, addressee = (sender_agency, other_agency) if recall else (other_agency, sender_agency)
    author_code = envelope.sender.code if recall else envelope.receivers[0].code
    addressee_code = envelope.receivers[0].code if recall else envelope.sender.code
    found = messages.documents_named(connection, [envelope.document_id], author) if author else []
    if not found:
        kind = findings.ANSWER_CARRIED_UNKNOWN if carry else findings.ANSWER_UNKNOWN_DOCUMENT
        finding = kind.at(document_id=envelope.document_id, sender=author_code)
        if carry:
            return Bearing(findings=(finding,))
        raise NotAnswerable(finding.message, [finding])
    for message, _ in found:  # the newest version that this addressee got
        if addressee in messages.addressed_agencies(connection, [message]):
            return Bearing(about=message)
    kind = findings.RECALL_NOT_ADDRESSEE if recall else findings.ANSWER_NOT_ADDRESSEE
    finding = kind.at(document_id=envelope.document_id, code=addressee_code)
    raise NotAnswerable(finding.message, [finding])


def acts_on_earlier(kind: PackageKind) -> bool:
    """Tell whether a package of this kind is about an earlier document."""
    return kind in {PackageKind.REVOKE, PackageKind.UPDATE, PackageKind.REPLACE}
