"""route: whom each To means, and what the package is about. Raises `NoRoute`, `NotAnswerable` and `NotAllowed`.

What becomes of each code is decided in `hub/destination.py`, as of the day of the document. A code that leads nowhere
refuses the whole document, naming the nearest known codes: nobody gets it until everybody can. One whose agency is not
connected yet, or whose successor a person must choose, gets a delivery that is HELD. Status packages have no To; they
go to the agency that ResponseFor names, by an old code too, for ever.

What came from a hub is not sent back to it by a route: the sending hub delivers to its own, and it has the other
addressees of the package too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date

import sqlalchemy as sa

from hub import exchange, findings
from hub.destination import (
    Case,
    Destination,
    Outcome,
    Successions,
    day_of_document,
    decide,
    decide_answer,
)
from hub.destination_words import candidates_text, explanation
from hub.directory import VIETNAM, Directory
from hub.errors import NoRoute, NotFound
from hub.metrics import timed
from hub.model import Addressee, Endpoint, Routed, VerifiedDocument
from hub.routes import known_stranger
from schemas.edxml.envelope import Envelope, PackageKind
from schemas.findings import Finding

MOST_PROBLEMS = 10
Read = Callable[[Callable[[sa.Connection], exchange.Bearing]], Awaitable[exchange.Bearing]]

# Whose document is held for a person, and whom the sender is told of.
HELD_CASES = frozenset({Case.SPLIT, Case.DOUBTFUL})


@timed("route")
async def route(
    verified: VerifiedDocument,
    directory: Directory,
    read: Read,
    *,
    carry_unknown: bool,
    successions: Successions = "forward",
) -> Routed:
    """Find every addressee of a verified document."""
    envelope = verified.valid.envelope
    if envelope.kind is PackageKind.STATUS:
        return await _answer(verified, directory, read, carry_unknown, successions)
    made = decided(envelope, directory, verified.received.at.astimezone(VIETNAM).date(), successions)
    addressees, notes = addressed(made, verified.received.endpoint)
    bearing = exchange.Bearing()
    if exchange.acts_on_earlier(envelope.kind):
        bearing = await read(
            lambda connection: exchange.bearing_of_document(connection, envelope, verified.sender.id)
        )
    return Routed(
        verified=verified,
        addressees=addressees,
        about=bearing.about,
        findings=(*verified.findings, *notes, *bearing.findings),
    )


async def _answer(
    verified: VerifiedDocument, directory: Directory, read: Read, carry: bool, successions: Successions
) -> Routed:
    """Find the document that a status package is about, and with it who must hear of it."""
    envelope = verified.valid.envelope
    today = verified.received.at.astimezone(VIETNAM).date()
    made = decide_answer(directory, envelope.receivers[0].code, today=today, successions=successions)
    if made.outcome is Outcome.REFUSED:
        refuse_unroutable([_problem(made)])
    bearer = made.bearer
    assert bearer is not None
    bearing = await read(
        lambda connection: exchange.bearing_of_answer(
            connection, envelope, verified.sender, bearer.id, carry=carry
        )
    )
    return Routed(
        verified=verified,
        addressees=(
            _asked_back(bearing, made, directory) or _retraced(bearing, made, directory) or addressee(made),
        ),
        about=bearing.about,
        findings=(*verified.findings, *_notes(made), *bearing.findings),
    )


def _asked_back(bearing: exchange.Bearing, made: Destination, directory: Directory) -> Addressee | None:
    """Return who has the document that its sender asks back: it may have been forwarded, or sent to the next hub."""
    if bearing.delivered_to is None or (made.agency and bearing.delivered_to == made.agency.id):
        return None
    try:
        agency = directory.agency(bearing.delivered_to)
    except NotFound:  # it went to a code that is not in the directory
        agency = known_stranger(bearing.delivered_to, made.code)
    endpoint = directory.endpoint(bearing.delivered_through) if bearing.delivered_through else None
    return Addressee(code=made.code, agency=agency, endpoint=endpoint)


def _retraced(bearing: exchange.Bearing, made: Destination, directory: Directory) -> Addressee | None:
    """Return the way back of an answer to somebody behind another hub: the way that the document came.

    A route may lead elsewhere: where routes make a circle, an answer that followed them would not find its sender.
    """
    if made.route is None or made.agency is None or bearing.came_through is None:
        return None
    endpoint = directory.endpoint(bearing.came_through)
    if endpoint is None or endpoint.disabled:
        return None
    return Addressee(code=made.code, agency=made.agency, endpoint=endpoint)


def decided(
    envelope: Envelope, directory: Directory, today: date, successions: Successions
) -> list[Destination]:
    """Decide on every receiver; stop when there is enough to tell the sender."""
    written_on = day_of_document(envelope.promulgated_on, today)
    made: list[Destination] = []
    refused = 0
    for receiver in envelope.receivers:
        made.append(
            decide(directory, receiver.code, written_on=written_on, today=today, successions=successions)
        )
        refused += made[-1].outcome is Outcome.REFUSED
        if refused == MOST_PROBLEMS:  # looking for the nearest codes costs milliseconds each
            break
    return made


def addressed(
    made: Sequence[Destination], source: Endpoint
) -> tuple[tuple[Addressee, ...], tuple[Finding, ...]]:
    """Return an addressee for each agency and what the sender is told, or raise `NoRoute` naming all that fail."""
    refuse_unroutable([_problem(each) for each in made if each.outcome is Outcome.REFUSED])
    back = [each for each in made if _leads_back(each, source)]
    onward = [each for each in made if not _leads_back(each, source)]
    if not onward:
        refuse_unroutable([_returns(each, source) for each in back])
    found: dict[str, Addressee] = {}
    notes = [findings.ADDRESSEE_AT_SENDER.at(code=each.code, endpoint=source.id) for each in back]
    for each in sorted(onward, key=lambda each: each.forwarded):  # who is named by its own code goes first
        notes += _notes(each)
        reached = addressee(each)
        if reached.agency.id in found:
            other = found[reached.agency.id].code
            notes.append(findings.ADDRESSEE_TWICE.at(code=each.code, other=other))
        else:
            found[reached.agency.id] = reached
    return tuple(found.values()), tuple(notes)


def addressee(made: Destination) -> Addressee:
    """Return the addressee that a decision means: the code as written, and who gets it."""
    assert made.agency is not None
    return Addressee(
        code=made.code,
        agency=made.agency,
        endpoint=made.endpoint,
        reason=explanation(made) if made.case in HELD_CASES else None,
        forwarded_to=made.reached if made.forwarded else None,
    )


def refuse_unroutable(problems: Sequence[Finding]) -> None:
    """Raise `NoRoute` when there is a problem."""
    if problems:
        raise NoRoute(problems[0].message, problems)


def _leads_back(made: Destination, source: Endpoint) -> bool:
    return made.route is not None and made.endpoint is not None and made.endpoint.id == source.id


def _returns(made: Destination, source: Endpoint) -> Finding:
    pattern = made.route.pattern if made.route else made.code
    return findings.ADDRESSEE_RETURNS.at(code=made.code, pattern=pattern, endpoint=source.id)


def _problem(made: Destination) -> Finding:
    """Return why a code leads nowhere."""
    kind = findings.ADDRESSEE_UNKNOWN if made.case is Case.UNKNOWN else findings.ADDRESSEE_CLOSED
    return kind.at(code=made.code, explanation=explanation(made))


def _notes(made: Destination) -> list[Finding]:
    """Return what the sender is told of a code that did not simply lead to its agency's endpoint."""
    assert made.agency is not None
    notes = []
    if made.case is Case.CHANGED:
        notes.append(
            findings.ADDRESSEE_CODE_CHANGED.at(code=made.code, name=made.agency.name, present=made.reached)
        )
    elif made.case is Case.FORWARDED:
        notes.append(
            findings.ADDRESSEE_FORWARDED.at(code=made.code, successor=made.reached, name=made.agency.name)
        )
    elif made.case in HELD_CASES:
        kind = findings.ADDRESSEE_SPLIT if made.case is Case.SPLIT else findings.ADDRESSEE_SUCCESSOR_HELD
        return [kind.at(code=made.code, candidates=candidates_text(made.candidates))]
    if made.endpoint is None:
        notes.append(findings.ADDRESSEE_NOT_CONNECTED.at(code=made.code))
    return notes
