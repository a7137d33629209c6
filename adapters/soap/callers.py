"""Who calls: the agency's code as OrganId, and the endpoint's secret as Token.

Token and OrganId travel in three places, one for each kind of call. OrganId says which endpoint it is; it has to be one
of this adapter, and Token its secret, whoever chose it. Nobody learns which of the two was wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from lxml import etree

from adapters.soap.requests import Envelope, child, word
from hub.app import Hub
from hub.errors import HubError
from hub.model import Agency, Endpoint
from schemas.findings import shortened
from schemas.text import Text

ADAPTER = "soap"
LONGEST_SECRET = 512
SIGNED = frozenset(
    {"SendDocument", "UpdateTraces"}
)  # their OrganId and Token stand in Header/Signature/KeyInfo

log = structlog.get_logger(__name__)


class Unproven(HubError):
    """OrganId and Token are not those of a system of this hub."""

    code = "unauthenticated"

    def __init__(self) -> None:
        super().__init__(
            Text(
                vi="OrganId hoặc Token không đúng, hoặc hệ thống này không được nói thay cơ quan đó",
                en="OrganId or Token is wrong, or this system does not speak for that agency",
            )
        )


@dataclass(frozen=True, slots=True)
class Caller:
    """A system that has proven who it is, and the agency that it calls for."""

    endpoint: Endpoint
    agency: Agency
    code: str  # OrganId as written


async def who(hub: Hub, envelope: Envelope, action: str) -> Caller:
    """Return who calls. Raises `Unproven`, and `Unavailable` when the database does not answer."""
    holder = credentials(envelope, action)
    code, token = word(holder, "OrganId"), word(holder, "Token")
    await hub.refresh_directory()
    agency = hub.directory.resolve(code).agency if code else None
    endpoint = hub.directory.endpoint_for(agency) if agency is not None else None
    if (
        endpoint is None
        or agency is None
        or endpoint.adapter != ADAPTER
        or endpoint.disabled
        or not 0 < len(token) <= LONGEST_SECRET
        or not await hub.holds(endpoint, token)
    ):
        log.info("soap.unproven", organ=shortened(code))
        raise Unproven
    return Caller(endpoint, agency, code)


def credentials(envelope: Envelope, action: str) -> etree._Element | None:
    """Return the element that holds OrganId and Token of a call."""
    if action in SIGNED:
        return child(child(envelope.header, "Signature"), "KeyInfo")
    if action == "CheckPermission":
        return child(envelope.header, "CheckPermission")
    return child(envelope.body, action, f"{action}Request")
