"""From what a person has in hand to what is meant: ids, numbers and notations, or only what is remembered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hub import trace
from hub.errors import NotFound, Sought
from hub.model import Delivery, DeliveryState
from hub.store import actions, references
from hub.store.actions import Which
from hub.store.references import Remembered, fits
from hub.store.tables import deliveries
from hub.trace import Trace
from schemas.text import Sentence, Text

if TYPE_CHECKING:
    from hub.app import Hub

MOST_LISTED = 20  # documents that are offered when several may be meant

NOTHING = Sentence(
    vi="Trục không biết văn bản nào có mã, DocumentId hay số ký hiệu “{reference}”",
    en="The hub knows no document with the id, DocumentId or number “{reference}”",
)
SEVERAL = Sentence(
    vi="“{reference}” là số ký hiệu của {count} văn bản; hãy nêu mã của một trong số đó: {ids}",
    en="“{reference}” may be {count} documents; give the id of one of them: {ids}",
)
NO_DELIVERY = Sentence(
    vi="“{reference}” không có lượt chuyển nào: trục đã từ chối gói tin; xem “edochub why {reference}”",
    en="“{reference}” has no deliveries: the hub refused it; see “edochub why {reference}”",
)
NOT_AN_ADDRESSEE = Sentence(
    vi="{to} không phải nơi nhận của {message}; các nơi nhận: {codes}",
    en="{to} is not an addressee of {message}; there are: {codes}",
)


@dataclass(frozen=True, slots=True)
class Named:
    """A reference as it was given, and what it may mean: the newest first, nothing if it is unknown."""

    reference: str
    found: tuple[Trace, ...]


async def traced(
    hub: Hub, given: Iterable[str], remembered: Remembered, limit: int = MOST_LISTED
) -> list[Named]:
    """Return what each reference means, of it only what fits what is remembered; without one, all that fits that.

    A reference that means nothing stops no other.
    """

    def ask(connection: sa.Connection) -> list[Named]:
        named = [
            Named(each, tuple(found for found in trace.find(connection, each) if _fits(found, remembered)))
            for each in dict.fromkeys(given)
        ]
        if not named and remembered.anything:
            messages = references.find(connection, remembered, limit)
            named = [Named("", tuple(trace.of_message(connection, each) for each in messages))]
        return named

    return await hub.store.read(ask)


def _fits(found: Trace, remembered: Remembered) -> bool:
    if not remembered.anything or found.message is None:
        return True
    message = found.message
    agencies = {message.sender_agency, *(each.agency for each in found.deliveries)}
    return (
        (remembered.agency is None or remembered.agency in agencies)
        and (remembered.since is None or message.accepted_at >= remembered.since)
        and (remembered.until is None or message.accepted_at < remembered.until)
        and fits(message.subject, remembered.words)
    )


def agency_id(hub: Hub, code: str | None) -> str | None:
    """Return whose code it is. Raises `NotFound`."""
    if code is None:
        return None
    found = hub.directory.resolve(code)
    if found.agency is None:
        raise NotFound(found.explanation, Sought.AGENCY)
    return found.agency.id


async def deliveries_meant(hub: Hub, reference: str, to: str | None = None) -> tuple[Delivery, ...]:
    """Return the one delivery of this id, or all of the one message that is meant, or its delivery to an agency.

    Raises `NotFound`, also when several messages may be meant.
    """
    found = await hub.trace(reference)
    if not found:
        raise NotFound(NOTHING.say(reference=reference))
    messages = [each for each in found if each.message is not None]
    if not messages:
        raise NotFound(NO_DELIVERY.say(reference=reference))
    if len(messages) > 1:
        ids = ", ".join(each.message.id for each in messages if each.message)
        raise NotFound(SEVERAL.say(reference=reference, count=len(messages), ids=ids), Sought.DELIVERY)
    (meant,) = messages
    assert meant.message is not None
    one = tuple(each for each in meant.deliveries if each.id == reference)
    if one or to is None:
        return one or meant.deliveries
    resolved = hub.directory.resolve(to).agency
    there = tuple(
        each
        for each in meant.deliveries
        if each.addressee == to or (resolved is not None and each.agency == resolved.id)
    )
    if not there:
        codes = ", ".join(each.addressee for each in meant.deliveries)
        raise NotFound(NOT_AN_ADDRESSEE.say(to=to, message=meant.message.id, codes=codes), Sought.DELIVERY)
    return there


async def listed(hub: Hub, which: Which) -> tuple[list[Delivery], dict[str, Text], int]:
    """Return a page of deliveries, the last errors of those that failed, and how many are meant in all."""

    def ask(connection: sa.Connection) -> tuple[list[Delivery], dict[str, Text], int]:
        found = actions.listed(connection, which)
        errors = actions.last_errors(connection, [each.id for each in found if each.attempts])
        return found, errors, actions.counted(connection, which) if which.states else -1

    return await hub.store.read(ask)


async def chosen(
    hub: Hub,
    *,
    endpoint: str | None,
    agency: str | None,
    states: tuple[DeliveryState, ...],
    older_than_seconds: float | None = None,
    after: str = "",
    limit: int = 50,
) -> Which:
    """Return what filters mean. An agency that is not in the directory counts as the code that was written.

    Raises `NotFound` for an endpoint that is not there, and for a code that nobody has and nothing ever went to.
    """
    if endpoint is not None:
        await hub.endpoint(endpoint)
    await hub.refresh_directory()
    whose = hub.directory.resolve(agency).agency if agency else None
    if agency and whose is None and not await _ever_sent_to(hub, agency):
        raise NotFound(hub.directory.resolve(agency).explanation, Sought.AGENCY)
    before = hub.clock() - timedelta(seconds=older_than_seconds) if older_than_seconds is not None else None
    return Which(
        endpoint=endpoint,
        agency=whose.id if whose else None,
        code=agency if agency and whose is None else None,
        states=states,
        before=before,
        after=after,
        limit=limit,
    )


async def _ever_sent_to(hub: Hub, code: str) -> bool:
    """Tell whether a code may be meant that is not in the directory: one that a route leads to, or one of old."""
    if hub.directory.route_for(code) is not None:
        return True
    sent = sa.select(deliveries.c.id).where(deliveries.c.addressee == code).limit(1)
    return await hub.store.read(lambda connection: connection.execute(sent).first()) is not None
