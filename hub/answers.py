"""Status packages that the hub writes for those who do not build their own.

An addressee answers through the API with a code and a sentence; an addressee's system refuses a delivery; a sender
asks a document back. Each becomes a package of QCVN 102:2016 and travels like everybody else's, written in the dialect
of the endpoint that it goes to: some software reads one order of elements and one way of prefixes only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import structlog

from hub import journey
from hub.destination import decide_answer
from hub.directory import Directory
from hub.errors import Fault, NotAllowed, NotAnswerable, NotFound, Refusal
from hub.exchange import RECALL
from hub.model import (
    Accepted,
    Agency,
    Delivery,
    Endpoint,
    Message,
    Routed,
    StatusEntry,
    VerifiedDocument,
)
from hub.routes import known_stranger
from hub.steps.receive import receive
from hub.steps.route import route
from hub.steps.verify import verify
from hub.store.payloads import Payload
from schemas.edxml import writer
from schemas.edxml.codes import normal_status
from schemas.edxml.elements import Dialect
from schemas.edxml.envelope import Envelope, Organization, PackageKind, Reference, StatusAnswer
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub

log = structlog.get_logger()

VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
REPEATED_WITHIN = timedelta(days=1)  # the same words again: a repeat of the question, not news

Speaker = tuple[str, Agency]  # the code under which an agency speaks, and the agency


def status_package(
    about: Message,
    speaker: Speaker,
    named: str,
    code: str,
    description: str,
    at: datetime,
    dialect: Dialect = "vnpt",
) -> bytes:
    """Return the package by which `speaker` answers a message.

    `named` goes into ResponseFor/OrganId: the document's sender, or for 13 the addressee that is asked. `dialect` is
    how whoever gets it wants it written.
    """
    number, _, notation = about.code.partition("/")
    spoken_as, agency = speaker
    promulgated = about.promulgated_on.strftime("%Y/%m/%d") if about.promulgated_on else ""
    return writer.write(
        Envelope(
            kind=PackageKind.STATUS,
            sender=Organization(code=spoken_as, name=agency.name, in_charge=agency.name),
            receivers=(Organization(code=named),),
            document_id=about.document_id,
            number=number,
            notation=notation,
            response_for=(
                Reference(
                    organ_code=named,
                    document_id=about.document_id,
                    code=about.code,
                    promulgated_on=promulgated,
                ),
            ),
            status=StatusAnswer(
                code=code,
                description=description,
                at=at.astimezone(VIETNAM).replace(microsecond=0),
            ),
        ),
        dialect=dialect,
    )


def for_endpoint(
    hub: Hub,
    endpoint: Endpoint,
    accepted: Accepted,
    code: str,
    description: str,
    to: str | None,
    speaker_code: str | None,
    said: Sequence[StatusEntry],
) -> bytes:
    """Return the status package that an endpoint asks the hub to write. `said` are the answers there are already.

    Raises `NotAnswerable` and `NotAllowed`.
    """
    if normal_status(code) == RECALL:
        speaker, asked = _asking_back(hub, endpoint, accepted, to)
        named, reader = asked.addressee, hub.directory.endpoint(asked.endpoint or "")
    else:
        speaker, named = _answering(hub, endpoint, accepted, speaker_code), accepted.message.sender
        reader = _endpoint_of(hub, named)
    own = [entry for entry in said if entry.sender == speaker[0]]
    at = _when_said(own[-1:], named, code, description, hub.clock())
    return status_package(accepted.message, speaker, named, code, description, at, _dialect(reader))


def _endpoint_of(hub: Hub, sender: str) -> Endpoint | None:
    """Return the endpoint through which the sender of a document hears of it."""
    today = hub.clock().astimezone(VIETNAM).date()
    return decide_answer(
        hub.directory, sender, today=today, successions=hub.config.policy.successions
    ).endpoint


def _dialect(reader: Endpoint | None) -> Dialect:
    """Return how a package is written for the endpoint that it goes to; as the samples are if there is none yet."""
    return reader.dialect if reader is not None else "vnpt"


def _when_said(last: Sequence[StatusEntry], to: str, code: str, description: str, now: datetime) -> datetime:
    """Return the moment of an answer: its first one, if it is what was said last, word for word.

    Who heard nothing of us says it again, perhaps a good while later. With its moment the package keeps its bytes, and
    is known to be the same one.
    """
    for entry in last:
        same = (entry.to, entry.code, entry.description.split()) == (to, code, description.split())
        if same and entry.stated_at is not None and now - entry.recorded_at < REPEATED_WITHIN:
            return entry.stated_at
    return now


def _answering(hub: Hub, endpoint: Endpoint, accepted: Accepted, code: str | None) -> Speaker:
    own = [each for each in accepted.deliveries if each.agency in endpoint.agencies]
    meant = [each for each in own if code is None or each.addressee == code]
    if len(meant) == 1:
        return _speaker_of(hub.directory, meant[0])
    if own:
        codes = ", ".join(delivery.addressee for delivery in own)
        raise NotAnswerable(
            Text(
                vi=f"Điểm kết nối {endpoint.id} là nhiều nơi nhận của văn bản này; phải nêu một trong số: {codes}",
                en=f"Endpoint {endpoint.id} is several of this document's addressees; name one of: {codes}",
            )
        )
    raise NotAnswerable(
        Text(
            vi=f"Điểm kết nối {endpoint.id} không phải nơi nhận của văn bản này",
            en=f"Endpoint {endpoint.id} is not an addressee of this document",
        )
    )


def _speaker_of(directory: Directory, delivery: Delivery) -> Speaker:
    """Return how the addressee of a delivery speaks: under the code that was written; a successor under its own."""
    try:
        agency = directory.agency(delivery.agency)
    except NotFound:  # it went to the next hub
        return delivery.addressee, known_stranger(delivery.agency, delivery.addressee)
    bearer = directory.resolve(delivery.addressee).agency
    return (delivery.addressee if bearer and bearer.id == agency.id else agency.code), agency


def _asking_back(
    hub: Hub, endpoint: Endpoint, accepted: Accepted, to: str | None
) -> tuple[Speaker, Delivery]:
    """Return who asks a document back, and the delivery that is asked for."""
    document = accepted.message
    if document.sender_agency not in endpoint.agencies:
        raise NotAllowed(
            Text(
                vi=f"Điểm kết nối {endpoint.id} không phải bên gửi văn bản này, không thể yêu cầu lấy lại",
                en=f"Endpoint {endpoint.id} is not the sender of this document: it cannot ask for it back",
            )
        )
    asked = [each for each in accepted.deliveries if to is None or each.addressee == to]
    if len(asked) != 1:
        codes = ", ".join(delivery.addressee for delivery in accepted.deliveries)
        raise NotAnswerable(
            Text(
                vi=f"Yêu cầu lấy lại phải nêu một nơi nhận trong số: {codes}",
                en=f"To ask a document back, name one of its addressees: {codes}",
            )
        )
    return (document.sender, hub.directory.agency(document.sender_agency)), asked[0]


def _itself(hub: Hub) -> Endpoint:
    """Return the hub as who hands in: no endpoint brings the word of one that is not connected."""
    return Endpoint(id=hub.config.hub.code[:64], adapter="", address=None, agencies=frozenset())


async def of_refusal(
    hub: Hub, delivery: Delivery, message: Message, reason: Text
) -> tuple[Routed, Payload] | None:
    """Prepare the status 02 that tells a sender that an addressee refused; None when there is nobody to tell.

    An answer that is refused is not answered: that could go on for ever. For who is not connected the hub speaks.
    """
    if message.status_code is not None:
        return None
    endpoint = hub.directory.endpoint(delivery.endpoint) if delivery.endpoint else _itself(hub)
    if endpoint is None:
        return None
    speaker = _speaker_of(hub.directory, delivery)
    dialect = _dialect(_endpoint_of(hub, message.sender))
    content = status_package(message, speaker, message.sender, "02", reason.vi, hub.clock(), dialect)
    try:
        received = receive(endpoint, content, None, limit_bytes=len(content), at=hub.clock())
        valid = journey.checked(hub, received)
        if delivery.agency in endpoint.agencies:
            verified = verify(received, valid, hub.directory, hub.trust)
        else:  # it went by a route: the next hub refuses for an agency that no endpoint here speaks for
            verified = VerifiedDocument(
                received=received, valid=valid, sender=speaker[1], verdicts=(), findings=valid.findings
            )
        routed = await route(
            verified,
            hub.directory,
            hub.store.read,
            carry_unknown=True,
            successions=hub.config.policy.successions,
        )
        routed = await hub.followers.add_to(routed, hub.directory)
    except (Refusal, Fault) as error:
        log.warning("refusal.not-told", delivery=delivery.id, error=str(error))
        return None
    return routed, hub.payloads.put(content, received.sha256)
