"""What each operation does."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import pybase64
import structlog
from lxml import etree

from adapters.soap import convert, numbers
from adapters.soap.callers import Caller
from adapters.soap.parts import Part, safe_type
from adapters.soap.replies import element, report
from adapters.soap.requests import Envelope, child, word
from hub.app import Hub
from hub.directory import Directory, code_on
from hub.errors import HubError, NotFound, Refusal
from hub.model import Agency, Parcel
from hub.store import received
from hub.store.received import Received
from schemas.edxml.envelope import PackageKind
from schemas.edxml.reader import moment
from schemas.findings import shortened
from schemas.text import Sentence, Text

STATUSES = frozenset({PackageKind.STATUS})
DOCUMENTS = frozenset(PackageKind) - STATUSES
MOST_WAITING = 5_000
MOST_TRACES = 500  # of one reply; the next call has the rest
ARRIVED = "01"
DIGITS = re.compile(r"[0-9]{1,19}")

NO_SUCH = Sentence(
    vi="Không có văn bản số {number} trong số những gì gửi đến cơ quan này",
    en="There is no document with the number {number} among what was sent to this agency",
)
BAD_TIME = Sentence(
    vi="TimeStamp “{got}” phải có dạng yyyy/MM/dd HH:mm:ss",
    en="TimeStamp “{got}” must be yyyy/MM/dd HH:mm:ss",
)
ARRIVED_WORDS = Text(
    vi="Hệ thống nhận đã xác nhận nhận được văn bản",
    en="The receiving system has confirmed that it has the document",
)

log = structlog.get_logger(__name__)


class BadCall(HubError):
    """Something in the call cannot be understood."""

    code = "request.invalid"


@dataclass(frozen=True, slots=True)
class Call:
    """A call whose sender has proven who it is."""

    hub: Hub
    caller: Caller
    action: str
    envelope: Envelope

    @property
    def wrapper(self) -> etree._Element | None:
        """The element in the Body that names the call."""
        return child(self.envelope.body, self.action, f"{self.action}Request")


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. `sent` is done when the client has got it whole."""

    inside: tuple[etree._Element, ...]
    header: tuple[etree._Element, ...] = ()
    files: tuple[Part, ...] = ()
    sent: Callable[[], Awaitable[None]] | None = None


async def send_document(call: Call) -> Answer:
    """SendDocument: make a package of the call, and take it in."""
    at = call.envelope
    try:
        content = await asyncio.to_thread(
            convert.document,
            child(at.header, "MessageHeader"),
            child(at.header, "TraceHeaderList"),
            child(at.header, "Signature"),
            child(at.body, "Manifest", "edXMLManifest"),
            at.files,
        )
    except Refusal as refusal:
        await call.hub.refuse_unread(
            call.caller.endpoint, refusal, sum(len(part.content) for part in at.files)
        )
        raise
    accepted = await call.hub.accept(call.caller.endpoint, content)
    return Answer((report(), element("DocumentId", str(numbers.number_of(accepted.message.id)))))


async def pending(call: Call) -> Answer:
    """GetPendingDocumentIds: the numbers of the documents that wait for the agency."""
    found = await _waiting(call, DOCUMENTS, MOST_WAITING)
    listed = dict.fromkeys(numbers.number_of(each.delivery) for each in found)
    ids = [element("DocumentId", str(number)) for number in listed]
    return Answer((element("DocumentIds", *ids),))


async def get_document(call: Call) -> Answer:
    """GetDocument: a document in the older form. Fetching changes nothing."""
    delivery = await _sought(call, word(call.wrapper, "DocumentId"))
    parcel = await call.hub.fetch(call.caller.endpoint, delivery.delivery)
    made = await asyncio.to_thread(convert.older, parcel.content)
    files = await asyncio.to_thread(lambda: tuple(map(_as_text, made.files)))
    return Answer((made.manifest,), header=made.header, files=files)


async def confirm_received(call: Call) -> Answer:
    """ConfirmReceived: the system has the document; its sender hears 01 from the agency, as the eDoc hub does it."""
    delivery = await _sought(call, word(call.wrapper, "DocumentId"))
    await call.hub.take(call.caller.endpoint, delivery.delivery)
    try:
        await call.hub.answer(
            call.caller.endpoint, delivery.message, ARRIVED, ARRIVED_WORDS.vi, speaker=delivery.addressee
        )
    except (Refusal, NotFound) as error:  # it has the document all the same
        log.info("soap.arrival-not-told", delivery=delivery.delivery, error=str(error))
    return Answer((report(),))


async def update_traces(call: Call) -> Answer:
    """UpdateTraces: the agency's answer about a document, as a status package."""
    said = child(call.envelope.body, "Status")
    named = word(child(said, "ResponseFor"), "DocumentId")
    document_id = await _document_named(call, named) if DIGITS.fullmatch(named) else None
    try:
        content = convert.status(said, document_id)
    except Refusal as refusal:
        await call.hub.refuse_unread(call.caller.endpoint, refusal, 0)
        raise
    await call.hub.accept(call.caller.endpoint, content)
    return Answer((report(),))


async def get_traces(call: Call) -> Answer:
    """GetTraces: the answers that came for the agency.

    Without TimeStamp those that were not given out yet, which count as given out once the reply is through; with one,
    all since then, and nothing changes: so that a reply that got lost can be asked for again.
    """
    since = _since(word(call.wrapper, "TimeStamp"))
    if since is None:
        found = await _waiting(call, STATUSES, MOST_TRACES)
    else:
        agency, endpoint = call.caller.agency.id, call.caller.endpoint.id
        found = await call.hub.store.read(
            lambda connection: received.since(connection, endpoint, agency, STATUSES, since, MOST_TRACES)
        )
    traces = [convert.older_status((await _fetch(call, each)).content) for each in found]

    async def taken() -> None:
        for each in found:
            await call.hub.take(call.caller.endpoint, each.delivery)

    return Answer((element("Traces", *traces),), sent=taken if since is None else None)


async def check_permission(call: Call) -> Answer:  # noqa: ARG001
    """CheckPermission: who gets so far may call."""
    return Answer((report(),))


async def organizations(call: Call) -> Answer:
    """GetOrganizations: every agency that is open today."""
    hub = call.hub
    today = hub.clock().astimezone(hub.zone).date()
    directory = hub.directory

    def listed() -> tuple[etree._Element, ...]:
        return tuple(
            _organization(directory, agency, code)
            for agency in directory.agencies
            if (code := code_on(agency, today)) is not None
        )

    return Answer((element("Organizations", *await asyncio.to_thread(listed)),))


OPERATIONS: Mapping[str, Callable[[Call], Awaitable[Answer]]] = {
    "SendDocument": send_document,
    "GetPendingDocumentIds": pending,
    "GetDocument": get_document,
    "ConfirmReceived": confirm_received,
    "UpdateTraces": update_traces,
    "GetTraces": get_traces,
    "CheckPermission": check_permission,
    "GetOrganizations": organizations,
}


async def _waiting(call: Call, kinds: Iterable[PackageKind], limit: int) -> list[Received]:
    agency, endpoint = call.caller.agency.id, call.caller.endpoint.id
    return await call.hub.store.read(
        lambda connection: received.waiting(connection, endpoint, agency, kinds, limit)
    )


async def _sought(call: Call, written: str) -> Received:
    """Return the delivery that a number means: the first that still waits, of the two that may share one."""
    number = numbers.read(written)
    found = [] if number is None else [each for each in await _of_that_time(call, number)]
    if not found:
        raise NotFound(NO_SUCH.say(number=shortened(written) or "-"))
    return next((each for each in found if each.waits), found[0])


async def _of_that_time(call: Call, number: int) -> list[Received]:
    agency, endpoint = call.caller.agency.id, call.caller.endpoint.id
    found = await call.hub.store.read(
        lambda connection: received.beginning(connection, endpoint, agency, numbers.prefix_of(number))
    )
    return [each for each in found if numbers.number_of(each.delivery) == number]


async def _document_named(call: Call, written: str) -> str | None:
    """Return the DocumentId of the document that has this number here; None if none has."""
    number = numbers.read(written)
    if number is None:
        return None
    got = [each.document_id for each in await _of_that_time(call, number)]
    return next(iter(got or await _sent_then(call, number)), None)


async def _sent_then(call: Call, number: int) -> list[str]:
    """Return the DocumentIds of what the system itself sent and was told this number for."""
    endpoint, prefix = call.caller.endpoint.id, numbers.prefix_of(number)
    found = await call.hub.store.read(lambda connection: received.sent(connection, endpoint, prefix))
    return [document_id for id_, document_id in found if numbers.number_of(id_) == number]


async def _fetch(call: Call, each: Received) -> Parcel:
    return await call.hub.fetch(call.caller.endpoint, each.delivery)


def _since(written: str) -> datetime | None:
    if not written:
        return None
    at = moment(written)
    if at is None:
        raise BadCall(BAD_TIME.say(got=shortened(written)))
    return at


def _as_text(part: Part) -> Part:
    """Return a file as the eDoc hub hands files out: the base64 text is what the part holds."""
    return Part(part.content_id, safe_type(part.content_type), pybase64.b64encode(part.content))


def _organization(directory: Directory, agency: Agency, code: str) -> etree._Element:
    above = directory.resolve(agency.parent).agency if agency.parent else None
    said: Iterator[tuple[str, str]] = iter(
        (
            ("OrganId", code),
            ("OrganizationInCharge", above.name if above else ""),
            ("OrganName", agency.name),
            *((name, "") for name in ("OrganAdd", "Email", "Telephone", "Fax", "Website")),
        )
    )
    return element("Organization", *(element(name, value) for name, value in said))
