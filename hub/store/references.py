"""Messages by what a person remembers of them: who sent or got it, words of its subject, about when. Newest first.

The database narrows by time and agency, which are indexed; the words are compared here, where diacritics and capitals
are forgiven alike on every database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hub.ids import first_id
from hub.model import Message
from hub.search import folded
from hub.store import messages as store
from hub.store.tables import deliveries, messages
from schemas.edxml.envelope import PackageKind

MOST_LOOKED_AT = 200_000  # subjects that one question reads through
PAGE = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What is remembered of a document. `agency` is an `Agency.id`: its sender or one of its addressees."""

    agency: str | None = None
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None  # not including that moment

    @property
    def anything(self) -> bool:
        """Tell whether there is anything to go by."""
        return bool(self.agency or self.subject.strip() or self.since or self.until)

    @property
    def words(self) -> frozenset[str]:
        """The words of the subject, without diacritics and capitals."""
        return frozenset(folded(self.subject))


def find(connection: sa.Connection, remembered: Remembered, limit: int) -> list[Message]:
    """Return the documents that fit all that is remembered, the newest first. Answers are not looked for."""
    words = remembered.words
    found: list[Message] = []
    before = first_id(remembered.until) if remembered.until else ""
    for _ in range(MOST_LOOKED_AT // PAGE):
        rows = connection.execute(_page(remembered, before)).all()
        fitting = [row.id for row in rows if fits(row.subject, words)][: limit - len(found)]
        if fitting:
            query = sa.select(*store.COLUMNS).where(messages.c.id.in_(fitting)).order_by(messages.c.id.desc())
            found += [store.from_row(row) for row in connection.execute(query)]
        if len(rows) < PAGE or len(found) >= limit:
            break
        before = rows[-1].id
    return found


def fits(subject: str, words: frozenset[str]) -> bool:
    """Tell whether a subject has all of these words."""
    return not words or words <= frozenset(folded(subject))


def _page(remembered: Remembered, before: str) -> sa.Select[tuple[str, str]]:
    query = (
        sa.select(messages.c.id, messages.c.subject)
        .where(messages.c.kind != str(PackageKind.STATUS))
        .order_by(messages.c.id.desc())
        .limit(PAGE)
    )
    if before:
        query = query.where(messages.c.id < before)
    if remembered.since is not None:
        query = query.where(messages.c.id >= first_id(remembered.since))
    if remembered.agency is not None:
        to = sa.select(deliveries.c.id).where(
            deliveries.c.message == messages.c.id, deliveries.c.agency == remembered.agency
        )
        query = query.where(sa.or_(messages.c.sender_agency == remembered.agency, to.exists()))
    return query
