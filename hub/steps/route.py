"""route: whom each To means, and what the package is about. Raises `NoRoute`, `NotAnswerable` and `NotAllowed`.

A code that is unknown or closed refuses the whole document, naming the nearest known codes: nobody gets it until
everybody can. An agency that is known but not connected yet gets a delivery that is HELD. Status packages have no To;
they go to the agency that ResponseFor names, by an old code too, for ever.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import sqlalchemy as sa

from hub import exchange, findings
from hub.directory import Directory, Standing
from hub.errors import NoRoute
from hub.model import Addressee, Routed, VerifiedDocument
from schemas.edxml.envelope import Envelope, PackageKind
from schemas.findings import Finding

MOST_PROBLEMS = 10
Read = Callable[[Callable[[sa.Connection], exchange.Bearing]], Awaitable[exchange.Bearing]]


async def route(
    verified: VerifiedDocument, directory: Directory, read: Read, *, carry_unknown: bool
) -> Routed:
    """Find every addressee of a verified document."""
    envelope = verified.valid.envelope
    answer = envelope.kind is PackageKind.STATUS
    addressees, notes = addressed(envelope, directory, closed_too=answer)
    bearing = exchange.Bearing()
    if answer:
        other = addressees[0].agency.id
        bearing = await read(
            lambda connection: exchange.bearing_of_answer(
                connection, envelope, verified.sender.id, other, carry=carry_unknown
            )
        )
    elif exchange.acts_on_earlier(envelope.kind):
        bearing = await read(
            lambda connection: exchange.bearing_of_document(connection, envelope, verified.sender.id)
        )
    return Routed(
        verified=verified,
        addressees=addressees,
        about=bearing.about,
        findings=(*verified.findings, *notes, *bearing.findings),
    )


def addressed(
    envelope: Envelope, directory: Directory, *, closed_too: bool
) -> tuple[tuple[Addressee, ...], tuple[Finding, ...]]:
    """Resolve every receiver, or raise `NoRoute` naming all that cannot be."""
    found: dict[str, Addressee] = {}
    notes: list[Finding] = []
    problems: list[Finding] = []
    for receiver in envelope.receivers:
        if len(problems) == MOST_PROBLEMS:  # looking for the nearest codes costs milliseconds each
            break
        resolution = directory.resolve(receiver.code)
        agency = resolution.agency
        if agency is None:
            problems.append(
                findings.ADDRESSEE_UNKNOWN.at(code=receiver.code, explanation=resolution.explanation)
            )
        elif resolution.state is Standing.CLOSED and not closed_too:
            problems.append(
                findings.ADDRESSEE_CLOSED.at(code=receiver.code, explanation=resolution.explanation)
            )
        elif agency.id in found:
            notes.append(findings.ADDRESSEE_TWICE.at(code=receiver.code, other=found[agency.id].code))
        else:
            endpoint = directory.endpoint_for(agency)
            if endpoint is None:
                notes.append(findings.ADDRESSEE_NOT_CONNECTED.at(code=receiver.code))
            found[agency.id] = Addressee(code=receiver.code, agency=agency, endpoint=endpoint)
    refuse_unroutable(problems)
    return tuple(found.values()), tuple(notes)


def refuse_unroutable(problems: Sequence[Finding]) -> None:
    """Raise `NoRoute` when there is a problem."""
    if problems:
        raise NoRoute(problems[0].message, problems)
