"""The tables that documents are found by, as they are filled: behind the ledger, in the order of its events."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hub import finding_terms as terms
from hub.finding_terms import Features
from hub.store.search import ENDS, POSITION, parts, position
from hub.store.tables import (
    deliveries,
    events,
    messages,
    search_documents,
    search_ends,
    search_words,
    settings,
)
from hub.store.writer import Transaction
from schemas.edxml.envelope import PackageKind

FTS5 = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS search_index USING fts5("
    "terms, content='search_documents', content_rowid='seq', detail='none', columnsize=0, "
    "tokenize=\"ascii tokenchars '._/~-'\")"
)


@dataclass(frozen=True, slots=True)
class Event:
    """What a reader of the ledger sees of an event."""

    seq: int
    kind: str
    message: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One document as it is found. `ends`: states of its deliveries that few are in."""

    seq: int
    message: str
    at: datetime
    terms: tuple[str, ...]
    ends: frozenset[str] = frozenset()


def since(connection: sa.Connection, after: int, limit: int) -> list[Event]:
    """Return the events after one, in order."""
    query = (
        sa.select(events.c.seq, events.c.kind, events.c.message)
        .where(events.c.seq > after)
        .order_by(events.c.seq)
        .limit(limit)
    )
    return [Event(row.seq, row.kind, row.message) for row in connection.execute(query)]


def entries(connection: sa.Connection, accepted: Mapping[str, int]) -> list[Entry]:
    """Return documents as they are to be found, given their numbers by message; answers to them are left out."""
    blocked = connection.dialect.name == "postgresql"
    ids = sorted(accepted)
    made = []
    for some in parts(ids):
        to = _deliveries_of(connection, some)
        query = sa.select(
            messages.c.id,
            messages.c.kind,
            messages.c.sender_agency,
            messages.c.code,
            messages.c.subject,
            messages.c.promulgated_on,
            messages.c.accepted_at,
        ).where(messages.c.id.in_(some), messages.c.kind != str(PackageKind.STATUS))
        for row in connection.execute(query):
            here = to.get(row.id, ())
            found_by = terms.terms_of(
                Features(
                    subject=row.subject,
                    sender=row.sender_agency,
                    addressees=frozenset(agency for agency, _ in here),
                    kind=PackageKind(row.kind),
                    code=row.code,
                    promulgated_on=row.promulgated_on,
                )
            )
            seq = accepted[row.id]
            more = terms.blocks(seq) if blocked else []
            ends = frozenset(state for _, state in here if state in ENDS)
            made.append(Entry(seq, row.id, row.accepted_at, (*found_by, *more), ends))
    return sorted(made, key=lambda entry: entry.seq)


def _deliveries_of(connection: sa.Connection, ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    query = sa.select(deliveries.c.message, deliveries.c.agency, deliveries.c.state).where(
        deliveries.c.message.in_(ids)
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for row in connection.execute(query):
        found.setdefault(row.message, []).append((row.agency, row.state))
    return found


def write(
    tx: Transaction,
    read: Sequence[Entry],
    again: Sequence[Entry],
    ends: Iterable[tuple[str, int]],
    words: Collection[str],
    moved: tuple[int, int],
) -> bool:
    """Write down what was read from one event to another, unless somebody else was quicker; tell whether we were.

    `again` are documents that are known already, and found by something else from now on.
    """
    before, after = moved
    if position(tx.connection) != before:
        return False
    if tx.connection.dialect.name == "sqlite":
        tx.execute(sa.text(FTS5))
    _forget(tx, again)
    rows = [
        {"seq": each.seq, "message": each.message, "at": each.at, "terms": " ".join(each.terms)}
        for each in (*read, *again)
    ]
    if rows:
        tx.execute(sa.insert(search_documents), rows)
        if tx.connection.dialect.name == "sqlite":
            tx.execute(sa.text("INSERT INTO search_index (rowid, terms) VALUES (:seq, :terms)"), rows)
    _add(tx, search_words, [{"term": each} for each in sorted(words)])
    own = {(state, each.seq) for each in (*read, *again) for state in each.ends}
    _add(tx, search_ends, [{"state": state, "seq": seq} for state, seq in sorted({*own, *ends})])
    if not before:
        _add(tx, settings, [{"key": POSITION, "value": "0"}])
    tx.execute(sa.update(settings).where(settings.c.key == POSITION).values(value=str(after)))
    return True


def _forget(tx: Transaction, again: Sequence[Entry]) -> None:
    """Take documents out, to be put in anew. FTS5 has to be told the terms that it knows them by."""
    if not again:
        return
    these = search_documents.c.seq.in_([each.seq for each in again])
    if tx.connection.dialect.name == "sqlite":
        known = tx.execute(sa.select(search_documents.c.seq, search_documents.c.terms).where(these)).all()
        delete = "INSERT INTO search_index (search_index, rowid, terms) VALUES ('delete', :seq, :terms)"
        for row in known:
            tx.execute(sa.text(delete), {"seq": row.seq, "terms": row.terms})
    tx.execute(sa.delete(search_documents).where(these))


def _add(tx: Transaction, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        postgres = tx.connection.dialect.name == "postgresql"
        insert = postgresql.insert(table) if postgres else sqlite.insert(table)
        tx.execute(insert.on_conflict_do_nothing(), rows)
