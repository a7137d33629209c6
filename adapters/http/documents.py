"""What a sender does: hand a document in, see how it stands, follow its trace, answer or ask back.

A document that is refused is refused with findings, and the refusal is on record even when its bytes were never read
whole: the sender's complaint and the operator's search meet at the same id.
"""

from __future__ import annotations

from starlette.types import ASGIApp

from adapters.http import questions
from adapters.http.answers import Json, no_such_document
from adapters.http.api import PREFIX, Call
from adapters.http.bodies import Unread
from hub.trace import Trace


async def submit(call: Call) -> ASGIApp:
    """POST /documents: take a package in. 201 when it is new, 200 when it was taken before."""
    questions.only(call.request)
    questions.package_type(call.request)
    claimed = questions.claimed_sha256(call.request)
    call.hub.knock(call.endpoint, call.request.headers.get("content-length"))
    try:
        async with call.bodies.package(call.request) as content:
            accepted = await call.hub.accept(call.endpoint, content, claimed_sha256=claimed)
    except Unread as refusal:
        await call.hub.refuse_unread(call.endpoint, refusal, refusal.size)
        raise
    return Json(
        accepted.as_json(),
        status_code=200 if accepted.duplicate else 201,
        headers={"Location": f"{PREFIX}/documents/{accepted.message.id}"},
    )


async def show(call: Call) -> ASGIApp:
    """GET /documents/{id}: how a document stands, as it was answered when it came, and its envelope."""
    questions.only(call.request)
    accepted = await call.hub.accepted(call.reference, call.endpoint)
    return Json({**accepted.as_json(), "message": accepted.message.as_json()})


async def trace(call: Call) -> ASGIApp:
    """GET /documents/{id}/trace: everything that happened to a document, or to a refusal.

    The id may also be a number and notation, which more than one document can bear: the newest is shown, and
    `others` names the rest.
    """
    questions.only(call.request)
    found = await call.hub.trace(call.reference, call.endpoint)
    if not found:
        raise no_such_document(call.reference)
    newest, *others = sorted(found, key=_id, reverse=True)
    return Json({**newest.as_json(), "others": [_id(other) for other in others]})


async def state(call: Call) -> ASGIApp:
    """POST /documents/{id}/statuses: answer a document that came, or ask back one that was sent (13)."""
    questions.only(call.request)
    body = await questions.json_object(
        call.request, call.bodies.seconds, required=["code"], optional=["description", "from", "to"]
    )
    accepted = await call.hub.answer(
        call.endpoint,
        call.reference,
        body["code"],
        body["description"],
        to=body["to"] or None,
        speaker=body["from"] or None,
    )
    return Json(
        accepted.as_json(),
        status_code=200 if accepted.duplicate else 201,
        headers={"Location": f"{PREFIX}/documents/{accepted.message.id}"},
    )


def _id(trace: Trace) -> str:
    """Return the hub's id: of the message, or of the refusal. These sort by time."""
    known = trace.message or trace.refusal
    return known.id if known else ""
