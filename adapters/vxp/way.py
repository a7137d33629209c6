"""Questions between two edochubs beside the protocol: the way of a document, and what was taken.

    edochubTrace   our part of the way of a document that passed between the two, and what our neighbours tell of it
    edochubTaken   what the caller took or refused in a time, so that it can hold it against its own book

They are signed as every call is, with the digest of the body among what is signed. Another axis answers that it has no
such operation; then there is nothing to be had. An SDK never asks.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adapters.vxp import address, replies
from adapters.vxp.axis import Axis, Lost, Refused
from adapters.vxp.calls import BadCall, Call, Reply
from adapters.vxp.codes import unanswered
from adapters.vxp.identity import doc_id
from hub.errors import NotFound
from hub.store import exchanged
from hub.way import Answer, Question
from hub.whole_way import whole
from schemas.text import Text

TRACE, TAKEN = "edochubTrace", "edochubTaken"
MOST_TAKEN = 50_000

NOT_TOLD = Text(
    vi="Điểm kết nối này được cấu hình không trả lời về đường đi của văn bản (trace=off)",
    en="This endpoint is set not to be told of the way of documents (trace=off)",
)
BAD_QUESTION = Text(vi="Câu hỏi không đúng định dạng", en="The question is not of the right form")
NOT_AN_ANSWER = Text(vi="không phải câu trả lời về đường đi", en="it is no answer about a way")


# --- asking -------------------------------------------------------------------------------------------------------


async def ask(axis: Axis, question: Question) -> Answer:
    """Ask the far side for the way of a document. Raises `Unavailable` and `Misconfigured`."""
    body = json.dumps(question.as_json()).encode()
    try:
        reply = await axis.question(TRACE, body, seconds=question.seconds)
    except Refused as no:
        raise unanswered(no.code, no.words, axis.line.host) from no
    try:
        return Answer.from_json(reply.get("data"))
    except ValueError as error:
        raise axis.rubbish(NOT_AN_ANSWER, operation=TRACE) from error


async def ask_taken(axis: Axis, since: datetime, until: datetime) -> list[Mapping[str, Any]] | None:
    """Return what the far side says that we took or refused in a time; None if it cannot tell."""
    body = json.dumps({"since": since.isoformat(), "until": until.isoformat()}).encode()
    try:
        reply = await axis.question(TAKEN, body)
    except (Refused, Lost):  # another axis has no such operation, and says so in whatever way
        return None
    data = reply.get("data")
    return [each for each in data if isinstance(each, dict)] if isinstance(data, list) else None


# --- answering ----------------------------------------------------------------------------------------------------


async def trace(call: Call) -> Reply:
    """edochubTrace. Raises `NotFound` where the settings say that the neighbour is not told."""
    if not address.read(call.endpoint.address).tells:
        raise NotFound(NOT_TOLD)
    try:
        question = Question.from_json(await _question(call))
    except ValueError as error:
        raise BadCall(BAD_QUESTION) from error
    told = await whole(call.hub, question, call.endpoint)
    return Reply.json(replies.success(data=told.as_json()))


async def taken(call: Call) -> Reply:
    """edochubTaken: the finished deliveries to the caller, each with the package's digest."""
    asked = await _question(call)
    try:
        since, until = (datetime.fromisoformat(asked[name]) for name in ("since", "until"))
    except (KeyError, TypeError, ValueError) as error:
        raise BadCall(BAD_QUESTION) from error
    if since.tzinfo is None or until.tzinfo is None:
        raise BadCall(BAD_QUESTION)
    found = await call.hub.store.read(
        lambda connection: exchanged.finished(connection, call.endpoint.id, since, until, MOST_TAKEN)
    )
    data = [
        {
            "docId": doc_id(each.delivery),
            "from": each.sender,
            "to": each.addressee,
            "state": str(each.state),
            "at": each.updated_at.isoformat(),
            "sha256": each.sha256,
        }
        for each in found
    ]
    return Reply.json(replies.success(data=data))


async def _question(call: Call) -> dict[str, Any]:
    body = await call.small_body()
    digest = hashlib.sha256(body).hexdigest()
    if not hmac.compare_digest(digest, call.parameter("hash-file").lower()):
        raise BadCall(BAD_QUESTION)
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadCall(BAD_QUESTION) from error
    if not isinstance(asked, dict):
        raise BadCall(BAD_QUESTION)
    return asked
