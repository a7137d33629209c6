"""registerAgency and deleteAgency: a system's own units, under its own codes. The directory stays the operator's.

The body of registerAgency is not covered by the signature. So only what lies below the caller's own codes can be
registered, and only what it registered can be closed: whoever plays a call back harms nobody else.
"""

from __future__ import annotations

import json
from typing import Any

from adapters.vxp import replies
from adapters.vxp.calls import BadCall, Call, Reply
from adapters.vxp.words import day_of, text
from hub.store import registrations
from hub.store.registrations import Registration
from schemas.text import Text

NOT_JSON = Text(
    vi="Nội dung phải là một đối tượng JSON có code, pcode và name",
    en="The body must be a JSON object with code, pcode and name",
)
NO_CODE = Text(vi="Thiếu tham số AgencyCode", en="The parameter AgencyCode is missing")


async def register(call: Call) -> Reply:
    """registerAgency: add a unit, or change it. `mail`, `mobile` and `fax` are not kept."""
    asked = registration(await call.small_body())
    hub, endpoint = call.hub, call.endpoint
    await hub.store.write(
        lambda tx: registrations.register(tx, hub.directory, endpoint, asked), "register_agency"
    )
    await hub.refresh_directory()
    await hub.resume_held(await hub.endpoint(endpoint.id), f"endpoint:{endpoint.id}")
    return Reply.json(replies.success())


async def delete(call: Call) -> Reply:
    """deleteAgency: close a unit that was registered. It stays known, and answers to it still arrive."""
    code = call.parameter("AgencyCode")
    if not code:
        raise BadCall(NO_CODE)
    hub, today = call.hub, day_of(call.hub.clock())
    await hub.store.write(
        lambda tx: registrations.close(tx, hub.directory, call.endpoint, code, today), "close_agency"
    )
    await hub.refresh_directory()
    return Reply.json(replies.success())


def registration(body: bytes) -> Registration:
    """Read the body of a registerAgency. Raises `BadCall`."""
    try:
        read: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadCall(NOT_JSON) from error
    if not isinstance(read, dict):
        raise BadCall(NOT_JSON)
    given = {name: " ".join(text(read.get(name)).split()) for name in ("code", "name", "pcode")}
    if not all(given.values()):
        raise BadCall(NOT_JSON)
    return Registration(code=given["code"], name=given["name"], parent=given["pcode"])
