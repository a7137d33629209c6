"""sendEdoc: a package into the journey. The package says what it is and where it goes; the headers only who sends it.

The same package again, which is what a client's system sends by itself when a connection drops, is the first one again,
for ever: the journey knows it by its content.
"""

from __future__ import annotations

import asyncio

from adapters.http.bodies import Unread
from adapters.vxp import replies
from adapters.vxp.calls import Call, Reply
from adapters.vxp.hashes import package_in
from hub import findings, hops
from hub.directory import Directory
from hub.errors import Corrupted, NotAllowed, TooLarge
from hub.model import Accepted, Endpoint

IN_LOOP_BYTES = 262_144  # above this, hashing is worth a thread


async def send(call: Call) -> Reply:
    """Take a package in. `DocId` is the message's id."""
    refused = foreign_sender(call)
    if refused is not None:
        await call.hub.refuse_unread(call.endpoint, refused, 0)
        raise refused
    call.hub.knock(call.endpoint, call.request.headers.get("content-length"))
    try:
        async with call.package() as body:
            accepted = await _accept(call, body)
    except Unread as unread:
        refusal = TooLarge(call.hub.config.server.package_bytes)
        await call.hub.refuse_unread(call.endpoint, refusal, unread.size)
        raise refusal from unread
    return Reply.json(replies.success(DocId=accepted.message.id))


async def _accept(call: Call, body: bytes) -> Accepted:
    claimed = call.parameter("hash-file")
    try:
        if len(body) > IN_LOOP_BYTES:
            content = await asyncio.to_thread(package_in, body, claimed)
        else:
            content = package_in(body, claimed)
    except Corrupted as refusal:
        await call.hub.refuse_unread(call.endpoint, refusal, len(body))
        raise
    return await call.hub.accept(
        call.endpoint, content, hops=hops.read(call.request.headers.get(hops.HEADER))
    )


class ForeignSender(NotAllowed):
    """The call's `from` is not the caller's. `sentence` is what the axis says to that."""

    def __init__(self, code: str, endpoint: Endpoint, system_id: str) -> None:
        finding = findings.SENDER_NOT_ALLOWED.at(endpoint=endpoint.id, code=code)
        super().__init__(finding.message, [finding])
        self.sentence = f"Don vi gui {code} khong dung voi ma da dang ky: {system_id}"


def foreign_sender(call: Call) -> ForeignSender | None:
    """Return the refusal of a call whose `from` its system does not speak for. The package's From is judged later."""
    code = call.parameter("from")
    if not code or speaks_for(call.hub.directory, call.endpoint, code):
        return None
    if hops.HEADER in call.request.headers:  # a hub's: it may be a circle, which the package tells
        return None
    return ForeignSender(code, call.endpoint, call.caller.system_id)


def speaks_for(directory: Directory, endpoint: Endpoint, code: str) -> bool:
    """Tell whether an endpoint may send for a code: it speaks for its agency, or a route to the code leads there."""
    agency = directory.resolve(code).agency
    if agency is not None and directory.endpoint_for(agency) is not None:
        return agency.id in endpoint.agencies
    route = directory.route_for(code)
    return route is not None and route.endpoint == endpoint.id
