"""Who else hears of an answer: endpoints that follow documents which are not theirs, but belong to a matter of theirs.

A one-stop shop, say, has a dossier, and an agency's own system sends the documents about it. An adapter says which
documents its endpoints follow (`Adapter.follows`); each answer to one of them (a status package) gets a delivery for
the follower too, beside that for the document's sender. It is a delivery like any other: queued, retried, traced.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
import structlog

from hub.adapter import Follows, adapter_class
from hub.directory import Directory
from hub.model import Addressee, Endpoint, Message, Routed
from hub.store import messages
from hub.store.database import Store
from schemas.edxml.envelope import PackageKind

log = structlog.get_logger()


@dataclass
class Followers:
    """The endpoints that follow documents; they are sorted out once for each state of the directory."""

    store: Store
    _known: tuple[int, tuple[tuple[Endpoint, Follows], ...]] = field(default=(-1, ()))

    async def add_to(self, routed: Routed, directory: Directory) -> Routed:
        """Return an answer with those who follow what it answers among its addressees; anything else as it is."""
        following = self._following(directory)
        if (
            not following
            or routed.about is None
            or routed.verified.valid.envelope.kind is not PackageKind.STATUS
        ):
            return routed
        about = routed.about
        document = await self.store.read(lambda connection: _document(connection, about))
        if document is None:
            return routed
        hear_of_it = {each.agency.id for each in routed.addressees} | {routed.verified.sender.id}
        more = []
        for endpoint, follows in following:
            if not (endpoint.agencies & hear_of_it) and _safely(follows, document, endpoint):
                agency = directory.agency(min(endpoint.agencies))
                hear_of_it.add(agency.id)
                more.append(Addressee(code=agency.code, agency=agency, endpoint=endpoint))
        return replace(routed, addressees=(*routed.addressees, *more))

    def _following(self, directory: Directory) -> tuple[tuple[Endpoint, Follows], ...]:
        if self._known[0] != directory.version:
            found = []
            for endpoint in directory.endpoints:
                follows = None if endpoint.disabled or not endpoint.agencies else _follows(endpoint)
                if follows is not None:
                    found.append((endpoint, follows))
            self._known = (directory.version, tuple(found))
        return self._known[1]


def _document(connection: sa.Connection, message: str) -> Message | None:
    return messages.get(connection, message)


def _follows(endpoint: Endpoint) -> Follows | None:
    try:
        return adapter_class(endpoint.adapter).follows(endpoint.address)
    except (
        Exception
    ) as error:  # somebody's adapter, or an address of another time, must not hold up an answer
        log.warning("followers.unusable", endpoint=endpoint.id, error=str(error))
        return None


def _safely(follows: Callable[[Message], Any], document: Message, endpoint: Endpoint) -> bool:
    try:
        return bool(follows(document))
    except Exception:
        log.exception("followers.fault", endpoint=endpoint.id)
        return False
