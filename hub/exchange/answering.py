"""What an answer of an addressee does to the standing of its document, or why it is refused."""

from __future__ import annotations

from hub import findings
from hub.errors import NotAnswerable
from hub.exchange import asking
from hub.exchange.bearing import codes_meant
from hub.exchange.history import standing
from hub.exchange.plan import Plan
from hub.exchange.standing import (
    ADVANCED,
    RECALL_CODE,
    REPLIED,
    REQUESTED,
    Event,
    Standing,
    apply,
    code_input,
)
from hub.exchange.states import REPLIES, Input
from hub.model import Routed
from hub.store import exchange as store
from hub.store import messages
from hub.store.writer import Transaction
from schemas.edxml.codes import normal_status, status_name
from schemas.edxml.envelope import PackageKind
from schemas.findings import Finding


def consider(tx: Transaction, routed: Routed) -> Plan:
    """Decide what recording a package does beside keeping it. A new document does nothing and asks nothing."""
    kind = routed.verified.valid.envelope.kind
    if kind is PackageKind.NEW:
        return NOTHING
    tx.flush()  # what this very group has recorded counts
    if kind is PackageKind.STATUS:
        return _status(tx, routed)
    if kind is PackageKind.REVOKE:
        return asking.revoked(tx.connection, routed)
    return asking.changed(tx.connection, routed)


NOTHING = Plan()


def _status(tx: Transaction, routed: Routed) -> Plan:
    status = routed.verified.valid.envelope.status
    assert status is not None
    recall = normal_status(status.code) == RECALL_CODE
    if routed.about is None:  # carried, as the settings have it: nothing is known of its document
        meant = code_input(status.code)
        return Plan(note=REQUESTED if recall else REPLIED if meant in REPLIES else ADVANCED)
    if recall:
        return asking.asked_back(tx.connection, routed)
    return answered(tx, routed, routed.about, code_input(status.code))


def answered(tx: Transaction, routed: Routed, about: str, meant: Input | None) -> Plan:
    """Decide what an answer to a recorded document does."""
    envelope, sender = routed.verified.valid.envelope, routed.verified.sender
    has_it = messages.delivered(tx.connection, about, sender.id, codes_meant(envelope, sender))
    agency = has_it[0] if has_it else sender.id
    document = store.document_of(tx.connection, about)
    if meant is None:  # the rules of the package let no such code pass
        return Plan(document=document, agency=agency, note=ADVANCED)
    now = standing(tx.connection, document, agency)
    effect = apply(now, Event(input=meant, at=tx.now))
    if effect.refused:
        problem = _problem(routed, meant)
        return Plan(refusal=NotAnswerable(problem.message, [problem]))
    return Plan(
        document=document,
        agency=agency,
        note=effect.note,
        findings=(_warning(routed, meant, now),) if effect.warns else (),
    )


def _problem(routed: Routed, meant: Input) -> Finding:
    """Return why an answer cannot be taken."""
    kind = findings.ANSWER_NOTHING_ASKED if meant in REPLIES else findings.ANSWER_AFTER_RECALL
    return kind.at(code=str(meant), document_id=routed.verified.valid.envelope.document_id)


def _warning(routed: Routed, meant: Input, before: Standing) -> Finding:
    """Return how an answer does not fit what was said before."""
    return findings.ANSWER_CONTRADICTS.at(
        code=str(meant),
        name=status_name(str(meant)),
        document_id=routed.verified.valid.envelope.document_id,
        state=before.name,
    )
