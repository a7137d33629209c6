"""What senders asked of addressees about their documents, and what these said: the rows that `hub.exchange` reads.

A document is known by its first version's message (`document`); updates, and replacements under the same DocumentId,
are later versions of it. Whose standing a row belongs to is the agency of the delivery, which may be a successor of the
one that was written to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.model import DeliveryState
from hub.store.tables import deliveries, messages, replies, requests, statuses
from hub.store.writer import Transaction

NEW_VERSION = ("version", "replacement")  # kinds of requests that leave something superseded


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A package of the sender asks something of one addressee, about one version of a document."""

    message: str  # the package that asks
    agency: str
    about: str  # the version; the package itself, when nothing earlier is known here
    document: str
    kind: str  # hub.exchange.states.Input
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An answer of one addressee about a document. A 13 is not among these: it is asked, not said."""

    id: str
    agency: str
    code: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Superseded:
    """A newer message stands in place of an older one, for some addressees."""

    older: str
    newer: str
    agencies: tuple[str, ...]


def insert(tx: Transaction, asked: Asked) -> None:
    """Write down what is asked."""
    tx.insert(
        requests,
        {
            "message": asked.message,
            "agency": asked.agency,
            "about": asked.about,
            "document": asked.document,
            "kind": asked.kind,
            "at": asked.at,
        },
    )


def insert_reply(tx: Transaction, message: str, agency: str, document_ids: Iterable[str]) -> None:
    """Write down which documents a document says it is the answer to."""
    for position, document_id in enumerate(dict.fromkeys(document_ids)):
        row = {"message": message, "position": position, "agency": agency, "document_id": document_id}
        tx.insert(replies, row)


def document_of(connection: sa.Connection, message: str) -> str:
    """Return the first version of the document that a message is a version of, or asks back."""
    query = sa.select(sa.func.coalesce(messages.c.document, messages.c.id)).where(messages.c.id == message)
    return str(connection.execute(query).scalar_one())


def newest_id(connection: sa.Connection, document: str, about: str | None) -> str:
    """Return the newest id that the versions of a document and their deliveries have, `about` among them."""
    query = (
        sa.select(sa.func.max(sa.func.coalesce(deliveries.c.id, messages.c.id)), sa.func.max(messages.c.id))
        .select_from(messages.outerjoin(deliveries, deliveries.c.message == messages.c.id))
        .where(sa.or_(messages.c.id.in_([document, about or document]), messages.c.document == document))
    )
    return max((each for each in connection.execute(query).one() if each), default="")


def asked(connection: sa.Connection, document: str, agency: str | None = None) -> list[Asked]:
    """Return what was asked about a document, oldest first.

    A version that was withdrawn before its addressee had it never began anything: it is left out.
    """
    never_came = sa.exists().where(
        requests.c.kind == "version",
        deliveries.c.message == requests.c.message,
        deliveries.c.agency == requests.c.agency,
        deliveries.c.state == str(DeliveryState.WITHDRAWN),
    )
    query = (
        sa.select(requests)
        .where(requests.c.document == document, ~never_came)
        .order_by(requests.c.message, requests.c.about)
    )
    if agency is not None:
        query = query.where(requests.c.agency == agency)
    return [_asked(row) for row in connection.execute(query)]


def said(connection: sa.Connection, document: str, agency: str | None = None) -> list[Said]:
    """Return what addressees said about a document, oldest first."""
    query = (
        sa.select(statuses.c.id, statuses.c.agency, statuses.c.code, statuses.c.recorded_at)
        .where(statuses.c.document == document, statuses.c.agency.is_not(None), statuses.c.code != "13")
        .order_by(statuses.c.id)
    )
    if agency is not None:
        query = query.where(statuses.c.agency == agency)
    return [
        Said(id=row.id, agency=row.agency, code=row.code, at=row.recorded_at)
        for row in connection.execute(query)
    ]


def recalled_by(connection: sa.Connection, message: str, agency: str) -> str | None:
    """Return the newest package that asks an addressee to give a version back, if there is one."""
    query = (
        sa.select(sa.func.max(requests.c.message))
        .where(requests.c.about == message, requests.c.agency == agency)
        .where(requests.c.kind.in_(("recall", "withdrawal")))
    )
    found = connection.execute(query).scalar()
    return str(found) if found else None


def superseding(connection: sa.Connection, message: str) -> list[Superseded]:
    """Return which messages stand in place of this one, and in place of which this one stands."""
    query = (
        sa.select(requests.c.about, requests.c.message, requests.c.agency)
        .where(
            sa.or_(requests.c.about == message, requests.c.message == message),
            requests.c.about != requests.c.message,
            requests.c.kind.in_(NEW_VERSION),
        )
        .order_by(requests.c.message, requests.c.about, requests.c.agency)
    )
    found: dict[tuple[str, str], list[str]] = {}
    for row in connection.execute(query):
        found.setdefault((row.about, row.message), []).append(row.agency)
    return [
        Superseded(older=older, newer=newer, agencies=tuple(agencies))
        for (older, newer), agencies in found.items()
    ]


def _asked(row: Any) -> Asked:
    return Asked(
        message=row.message,
        agency=row.agency,
        about=row.about,
        document=row.document,
        kind=row.kind,
        at=row.at,
    )
