"""Lists, fetching, and the transport's status: an inbox, as the protocol has it.

Parameters of earlier calls stay in the SDK and come with later ones. So only what an operation defines is read, and
what could hide a document from its addressee is not: neither `status` nor a date narrows what waits, for the value may
be left over from another call, and the list then looks like an empty inbox.

Another edochub asks for what waits with `Prefer: wait=SECONDS` (RFC 7240): an empty list is then answered when
something comes, or the time is over. No SDK says so.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from adapters.http.inbox import unless_over
from adapters.vxp import address, patience, replies, words
from adapters.vxp.calls import JSON, BadCall, Call, Reply
from adapters.vxp.identity import delivery_id, doc_id
from hub import hops, trace_header
from hub.errors import NotFound
from hub.ids import is_id, new_id
from hub.model import DeliveryState, Parcel
from hub.steps.deliver import writable
from hub.store import exchanged
from hub.store.exchanged import Exchanged
from schemas.edxml.envelope import PackageKind
from schemas.findings import shortened
from schemas.text import Sentence, Text

SERVICE = "eDoc"
MOST_WAITING = 5_000  # items of one list; what is done makes room for the others
MOST_SENT = 20_000
SENT_FOR = timedelta(days=7)  # how far back the list of what was sent goes; one document is found for ever
IN_LOOP_BYTES = 262_144
OCTETS = {"content-type": "application/octet-stream"}

STATUSES = frozenset({PackageKind.STATUS})
DOCUMENTS = frozenset(PackageKind) - STATUSES
KINDS = {"edoc": DOCUMENTS, "status": STATUSES}

INITIAL, PROCESSING, DONE, FAIL = "initial", "processing", "done", "fail"
DESCRIPTIONS = {INITIAL: "Khoi tao", PROCESSING: "Dang xu ly", DONE: "Hoan thanh", FAIL: "That bai"}
FINISHED = {
    DeliveryState.DELIVERED: DONE,
    DeliveryState.REFUSED: FAIL,
    DeliveryState.WITHDRAWN: FAIL,
}
NO_REASON = "Hệ thống nhận báo xử lý thất bại (fail) và không nêu lý do"

NO_SUCH = Sentence(
    vi="Không có văn bản {doc} trong số những gì gửi đến hệ thống này",
    en="There is no document {doc} among what was sent to this system",
)
NO_STATUS = Sentence(
    vi="Trạng thái “{got}” không dùng được; cần initial, processing, done hoặc fail",
    en="The status “{got}” cannot be used; expected initial, processing, done or fail",
)


async def received(call: Call) -> Reply:
    """getReceivedEdocList: everything that waits for the caller's agencies and is not finished."""
    kinds = kinds_asked(call)
    wait = min(patience.asked(call.request.headers), call.hub.config.server.longest_wait_seconds)

    async def look() -> list[Exchanged]:
        return await call.hub.store.read(
            lambda connection: exchanged.waiting(connection, call.endpoint.id, kinds, MOST_WAITING)
        )

    if wait <= 0:
        found: list[Exchanged] | None = await look()
    else:
        found = await unless_over(call.request, call.hub.inbox.bells.first(call.endpoint.id, look, wait))
    body = replies.success(data=[_received(each) for each in found or ()])
    return Reply(body, JSON | patience.applied(wait))


async def count_documents(call: Call) -> Reply:
    """countReceiveEdoc."""
    return await _count(call, DOCUMENTS)


async def count_statuses(call: Call) -> Reply:
    """countReceiveStatus."""
    return await _count(call, STATUSES)


async def sent(call: Call) -> Reply:
    """getSentEdocList: what the caller sent of late; one document alone, if `docId` names one that the caller sent."""
    one = call.parameter("docId", "docid").upper()
    if is_id(one):
        alone = await call.hub.store.read(
            lambda connection: exchanged.sent_by(
                connection, call.endpoint.id, frozenset(PackageKind), message=one, limit=MOST_SENT
            )
        )
        if alone:
            return Reply.json(replies.success(data=[_sent(each) for each in alone]))
    kinds, since = kinds_asked(call), new_id(call.hub.clock() - SENT_FOR)[:10]
    found = await call.hub.store.read(
        lambda connection: exchanged.sent_by(
            connection, call.endpoint.id, kinds, after=since, limit=MOST_SENT
        )
    )
    return Reply.json(replies.success(data=[_sent(each) for each in found]))


async def fetch(call: Call) -> Reply:
    """getEdoc: the package, byte for byte. Fetching changes nothing; `filePath` is the client's own affair."""
    async with call.bodies.fetches:
        parcel = await _parcel(call)
        content = await _given(call, parcel)
        large = len(content) > IN_LOOP_BYTES
        body = await asyncio.to_thread(replies.package, content) if large else replies.package(content)
        return Reply(body, JSON | await _beside(call, parcel))


async def download(call: Call) -> Reply:
    """downloadEdoc: the package as the body itself."""
    async with call.bodies.fetches:
        parcel = await _parcel(call)
        return Reply(await _given(call, parcel), OCTETS | await _beside(call, parcel))


async def update_status(call: Call) -> Reply:
    """updateStatus: `done` and `fail` finish a delivery, `processing` is noted, `initial` says nothing new."""
    # Clients fetch by `docId` and finish by `docid`; both stay in their parameters.
    delivery = _named(call.parameter("docid", "docId"))
    asked = call.parameter("status")
    status = asked.lower()
    if status == DONE:
        await call.hub.take(call.endpoint, delivery)
    elif status == FAIL:
        reason = writable(call.parameter("description")) or NO_REASON
        await call.hub.decline(call.endpoint, delivery, reason)
    elif status == PROCESSING:
        await _begin(call, delivery)
    elif status == INITIAL:
        await call.hub.inbox.delivery(call.endpoint, delivery)
    else:
        raise BadCall(NO_STATUS.say(got=shortened(asked) or "-"))
    return Reply.json(replies.success())


def kinds_asked(call: Call) -> frozenset[PackageKind]:
    """Return the kinds of package that `messagetype` means; without one that we know, all."""
    return KINDS.get(call.parameter("messagetype").lower(), DOCUMENTS | STATUSES)


def message_type(kind: PackageKind) -> str:
    """Return what the protocol calls a kind of package."""
    return "status" if kind is PackageKind.STATUS else "edoc"


def status_of(item: Exchanged) -> str:
    """Return where a delivery stands, in the protocol's words."""
    return FINISHED.get(item.state, PROCESSING if item.begun else INITIAL)


async def _count(call: Call, kinds: frozenset[PackageKind]) -> Reply:
    found = await call.hub.store.read(
        lambda connection: exchanged.count_waiting(connection, call.endpoint.id, kinds)
    )
    return Reply.json(replies.success(count=found))


async def _parcel(call: Call) -> Parcel:
    return await call.hub.fetch(call.endpoint, _named(call.parameter("docId", "docid")))


async def _given(call: Call, parcel: Parcel) -> bytes:
    """Return what the caller is given: the package as it came, or with a TraceHeader of ours if it asked for that."""
    content, endpoint = parcel.content, call.endpoint
    if not address.read(endpoint.address).trace_header:
        return content
    code, at = call.hub.config.hub.code, parcel.message.accepted_at
    longer = await asyncio.to_thread(trace_header.inserted, content, code, at)
    if longer != content:
        given, actor = hashlib.sha256(longer).hexdigest(), f"endpoint:{endpoint.id}"
        message = parcel.message
        await call.hub.store.write(
            lambda tx: exchanged.note_given(tx, parcel.id, message.id, actor, message.sha256, given), "given"
        )
    return longer


async def _beside(call: Call, parcel: Parcel) -> dict[str, str]:
    """Return what goes beside a package to a client that is a hub: where it has been."""
    if hops.HEADER not in call.request.headers:
        return {}
    return {hops.HEADER: hops.written(await call.hub.hops(parcel.message.id))}


async def _begin(call: Call, delivery: str) -> None:
    found, message = await call.hub.inbox.delivery(call.endpoint, delivery)
    if not found.state.final:
        actor = f"endpoint:{call.endpoint.id}"
        await call.hub.store.write(lambda tx: exchanged.begin(tx, found.id, message.id, actor), "begin")


def _named(written: str) -> str:
    found = delivery_id(written)
    if found is None:
        raise NotFound(NO_SUCH.say(doc=shortened(written) or "-"))
    return found


def _received(item: Exchanged) -> Mapping[str, Any]:
    status = status_of(item)
    return {
        "docId": doc_id(item.delivery),
        "serviceType": SERVICE,
        "messageType": message_type(item.kind),
        "created_time": words.written(item.accepted_at),
        "updated_time": words.written(item.updated_at),
        "from": item.sender,
        "to": item.addressee,
        "status": status,
        "status_desc": DESCRIPTIONS[status],
    }


def _sent(item: Exchanged) -> Mapping[str, Any]:
    status = status_of(item)
    return {
        "serviceType": SERVICE,
        "messageType": message_type(item.kind),
        "senderDocId": item.message,
        "receiverDocId": doc_id(item.delivery),
        "fromCode": item.sender,
        "toCode": item.addressee,
        "title": item.subject,
        "notation": item.code,
        "sentTime": words.written(item.accepted_at),
        "receivedTime": words.written(item.updated_at) if item.state in FINISHED else "",
        "sendStatus": DONE,
        "sendStatusDesc": DESCRIPTIONS[DONE],
        "receiveStatus": status,
        "receiveStatusDesc": _described(item, status),
        "sha256": item.sha256,  # not of the protocol: another hub knows its own package by it
    }


def _described(item: Exchanged, status: str) -> str:
    return "Da lay lai" if item.state is DeliveryState.WITHDRAWN else DESCRIPTIONS[status]


WRONG_OPERATION = Sentence(
    vi="Không có thao tác “{got}”; có: {known}", en="There is no operation “{got}”; there are: {known}"
)


def unknown_operation(name: str, known: str) -> BadCall:
    """Return the refusal of a call to something that the protocol does not have."""
    return BadCall(WRONG_OPERATION.say(got=shortened(name) or "-", known=Text(vi=known, en=known)))
