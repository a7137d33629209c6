"""The tables that documents are found by, as they are asked: newest first. `search_filling.py` fills them.

A document is known by the number of the event that accepted it: numbers are in the order of the commits, so whoever
has read up to one has missed nothing before it. PostgreSQL keeps terms in a GIN index, which has no order: what many
documents fit is asked block by block of the ledger, newest first, each larger than the one before
(`hub.finding_terms.blocks`). SQLite has FTS5, which is in order by itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from hub import finding_terms as terms
from hub.finding_terms import BLOCK_BITS, Clauses, Term
from hub.model import DeliveryState
from hub.store.tables import (
    deliveries,
    events,
    messages,
    search_documents,
    search_ends,
    search_words,
    settings,
)

Value = TypeVar("Value")

POSITION = "search.read"  # of `settings`: the last event that was read
ACCEPTED = "document.accepted"
ENDS = frozenset({DeliveryState.REFUSED, DeliveryState.WITHDRAWN})  # of deliveries, and rare
MOST_ASKED = 500  # values in one IN list
PAGE = 250  # rows of one step back
FEW = 500  # that the planner expects: then all are asked for at once
TOO_MANY = 1_000  # in one block: then its four parts are asked instead


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that was found: number, message, when it was accepted."""

    seq: int
    message: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Within:
    """Where to look: from below one number down to another, at what was accepted from one moment until another."""

    below: int
    low: int = 0
    since: datetime | None = None
    until: datetime | None = None

    @property
    def in_time(self) -> sa.ColumnElement[bool]:
        """The condition on when it was accepted."""
        at = search_documents.c.at
        since = sa.true() if self.since is None else at >= self.since
        return sa.and_(since, sa.true() if self.until is None else at < self.until)


def position(connection: sa.Connection) -> int:
    """Return the last event that was read; 0 if none was."""
    query = sa.select(settings.c.value).where(settings.c.key == POSITION)
    return int(connection.scalar(query) or 0)


def head(connection: sa.Connection) -> int:
    """Return the last event that there is."""
    return int(connection.scalar(sa.select(sa.func.max(events.c.seq))) or 0)


def numbers(connection: sa.Connection, ids: Collection[str]) -> dict[str, int]:
    """Return the numbers of messages."""
    found: dict[str, int] = {}
    for some in parts(sorted(ids)):
        query = sa.select(events.c.message, events.c.seq).where(
            events.c.message.in_(some), events.c.kind == ACCEPTED
        )
        found.update((row.message, row.seq) for row in connection.execute(query))
    return found


def beginning(connection: sa.Connection, term: str, limit: int) -> list[str]:
    """Return the terms of the vocabulary that begin so, the first in the alphabet."""
    query = sa.select(search_words.c.term).where(search_words.c.term.startswith(term, autoescape=True))
    return list(connection.scalars(query.order_by(search_words.c.term).limit(limit)))


def matching(connection: sa.Connection, clauses: Clauses, within: Within) -> Iterator[Hit]:
    """Yield the documents that all clauses fit, newest first."""
    if not clauses:
        yield from _in_order(connection, _HIT, {}, within)
    elif connection.dialect.name == "postgresql":
        yield from _by_gin(connection, clauses, within)
    else:
        yield from _by_fts5(connection, clauses, within)


_HIT = sa.select(search_documents.c.seq, search_documents.c.message, search_documents.c.at)
_ASKED = sa.bindparam("asked", type_=sa.Text())


def _in_order(
    connection: sa.Connection, query: sa.Select[Any], given: Mapping[str, Any], within: Within
) -> Iterator[Hit]:
    """Yield what a query finds, page by page in the order of the numbers."""
    query = query.where(search_documents.c.seq >= within.low, within.in_time)
    query = query.order_by(search_documents.c.seq.desc()).limit(PAGE)
    below = within.below
    while True:
        rows = connection.execute(query.where(search_documents.c.seq < below), given).all()
        yield from (Hit(*row) for row in rows)
        if len(rows) < PAGE:
            return
        below = rows[-1].seq


def _by_fts5(connection: sa.Connection, clauses: Clauses, within: Within) -> Iterator[Hit]:
    if not sa.inspect(connection).has_table("search_index"):
        return  # no document has been read yet
    asked = " AND ".join(f"({' OR '.join(map(_of_fts5, clause))})" for clause in clauses)
    found = sa.text(
        "SELECT rowid FROM search_index WHERE search_index MATCH :asked AND rowid < :below AND rowid >= :low "
        "ORDER BY rowid DESC LIMIT :page"
    )
    shown = _HIT.where(within.in_time).order_by(search_documents.c.seq.desc())
    below = within.below
    while True:
        given = {"asked": asked, "below": below, "low": within.low, "page": PAGE}
        seqs = list(connection.execute(found, given).scalars())
        yield from (Hit(*row) for row in connection.execute(shown.where(search_documents.c.seq.in_(seqs))))
        if len(seqs) < PAGE:
            return
        below = seqs[-1]


def _of_fts5(term: Term) -> str:
    return f'"{term.text}"*' if term.begins else f'"{term.text}"'


def _by_gin(connection: sa.Connection, clauses: Clauses, within: Within) -> Iterator[Hit]:
    """Ask for all at once if the planner expects little, else block by block; also when it was wrong."""
    wanted = " & ".join(f"({' | '.join(map(_of_tsquery, clause))})" for clause in clauses)
    # Its guesses are good for choosing between these two; left to itself it reads whole tables on them.
    connection.exec_driver_sql("SET enable_seqscan = off")
    try:
        expected = _expected(connection, wanted)
        if expected <= FEW:
            found = _some(connection, wanted, within)
            if len(found) < TOO_MANY:
                yield from found
                return
        yield from _by_blocks(connection, wanted, within, first_level(expected, within.below))
    finally:
        connection.exec_driver_sql("RESET enable_seqscan")


def _by_blocks(connection: sa.Connection, wanted: str, within: Within, first: int) -> Iterator[Hit]:
    waiting = list(back_by_blocks(within.below, within.low, first))[::-1]
    while waiting:
        level, at = waiting.pop()
        asked = f"'{terms.block(level, at)}' & {wanted}"
        if not level:
            start = at << BLOCK_BITS[0]
            end = min(within.below, start + (1 << BLOCK_BITS[0]))
            here = replace(within, below=end, low=max(within.low, start))
            yield from _in_order(connection, _ANY, {"asked": asked}, here)
            continue
        found = _some(connection, asked, within)
        if len(found) == TOO_MANY:
            waiting += [(level - 1, part) for part in parts_of(level, at)]
        else:
            yield from found


_ANY = _HIT.where(search_documents.c.terms.op("@@")(sa.cast(_ASKED, postgresql.TSQUERY)))


def _some(connection: sa.Connection, asked: str, within: Within) -> list[Hit]:
    """Return what fits, newest first; `TOO_MANY` if there is as much or more."""
    rows = connection.execute(_ANY.where(within.in_time).limit(TOO_MANY), {"asked": asked}).all()
    if len(rows) == TOO_MANY:
        return [Hit(*row) for row in rows]
    return [Hit(*row) for row in sorted(rows, reverse=True) if within.low <= row.seq < within.below]


def _expected(connection: sa.Connection, asked: str) -> float:
    """Return how many documents the planner thinks will fit."""
    question = sa.text(
        "EXPLAIN (FORMAT JSON) SELECT seq FROM search_documents WHERE terms @@ CAST(:asked AS tsquery)"
    )
    told = connection.execute(question, {"asked": asked}).scalar_one()
    plan = json.loads(told) if isinstance(told, str) else told
    return float(plan[0]["Plan"]["Plan Rows"])


def first_level(expected: float, events: int) -> int:
    """Return how large the newest block has to be for a page or two, if so many fit of so many events."""
    fitting = [level for level, bits in enumerate(BLOCK_BITS) if expected * (1 << bits) <= PAGE * events]
    return max(fitting, default=0)


def back_by_blocks(below: int, low: int, level: int = 0) -> Iterator[tuple[int, int]]:
    """Yield blocks (level, number) that cover the events below one number, newest first, ever larger ones."""
    if below <= low:
        return
    at = (below - 1) >> BLOCK_BITS[level]
    yield level, at
    start = at << BLOCK_BITS[level]
    while start > low:
        if level + 1 < len(BLOCK_BITS) and not start & ((1 << BLOCK_BITS[level + 1]) - 1):
            level += 1
        start -= 1 << BLOCK_BITS[level]
        yield level, start >> BLOCK_BITS[level]


def parts_of(level: int, at: int) -> range:
    """Return the blocks of the level below that a block consists of, oldest first."""
    many = 1 << (BLOCK_BITS[level] - BLOCK_BITS[level - 1])
    return range(at * many, (at + 1) * many)


def _of_tsquery(term: Term) -> str:
    return f"'{term.text}':*" if term.begins else f"'{term.text}'"


def among(connection: sa.Connection, clauses: Clauses, seqs: Sequence[int]) -> list[Hit]:
    """Return those of some documents that all clauses fit, newest first."""
    found = []
    for some in parts(sorted(seqs, reverse=True)):
        query = sa.select(
            *_HIT.selected_columns, sa.cast(search_documents.c.terms, sa.Text).label("terms")
        ).where(search_documents.c.seq.in_(some))
        rows = sorted(connection.execute(query).all(), reverse=True)
        found += [
            Hit(row.seq, row.message, row.at) for row in rows if _fit(clauses, _WRITTEN.findall(row.terms))
        ]
    return found


_WRITTEN = re.compile(r"[^\s']+")  # PostgreSQL puts terms in quotes


def _fit(clauses: Clauses, known: Sequence[str]) -> bool:
    there = frozenset(known)
    return all(
        any(
            term.text in there or (term.begins and any(each.startswith(term.text) for each in known))
            for term in clause
        )
        for clause in clauses
    )


def ended(
    connection: sa.Connection, clauses: Clauses, states: Collection[str], within: Within
) -> Iterator[Hit]:
    """Yield the documents with deliveries that once ended so, newest first."""
    query = (
        sa.select(search_ends.c.seq)
        .where(search_ends.c.state.in_(sorted(states)), search_ends.c.seq >= within.low)
        .distinct()
        .order_by(search_ends.c.seq.desc())
        .limit(PAGE)
    )
    below = within.below
    while True:
        seqs = list(connection.scalars(query.where(search_ends.c.seq < below)))
        yield from among(connection, clauses, seqs)
        if len(seqs) < PAGE:
            return
        below = seqs[-1]


def open_in(connection: sa.Connection, states: Collection[str], most: int) -> list[str] | None:
    """Return the messages with deliveries in states that have an index of their own; None if those are too many."""
    query = sa.select(deliveries.c.message).where(deliveries.c.state.in_(sorted(states))).limit(most + 1)
    found = list(connection.scalars(query))
    return None if len(found) > most else sorted(set(found))


def named(connection: sa.Connection, document_id: str, most: int) -> list[str]:
    """Return the newest messages with a DocumentId."""
    query = sa.select(messages.c.id).where(messages.c.document_id == document_id)
    return list(connection.scalars(query.order_by(messages.c.id.desc()).limit(most)))


def first_since(connection: sa.Connection, at: datetime) -> int | None:
    """Return the number of the first message that was accepted since then; None if there is none."""
    # Those of one group have the same time: of them the first id is that of the first event.
    order = (messages.c.accepted_at, messages.c.id)
    query = sa.select(messages.c.id).where(messages.c.accepted_at >= at).order_by(*order).limit(1)
    message = connection.scalar(query)
    return numbers(connection, [message]).get(message) if message else None


def in_state(
    connection: sa.Connection, ids: Sequence[str], states: Collection[str], agencies: Collection[str]
) -> frozenset[str]:
    """Return those of some messages with a delivery in one of these states (to one of these agencies, if any)."""
    query = sa.select(deliveries.c.message).where(
        deliveries.c.message.in_(list(ids)), deliveries.c.state.in_(sorted(states))
    )
    if agencies:
        query = query.where(deliveries.c.agency.in_(sorted(agencies)))
    return frozenset(connection.scalars(query))


def shown(connection: sa.Connection, ids: Sequence[str]) -> dict[str, Any]:
    """Return what a list shows of messages, by id."""
    query = sa.select(
        messages.c.id,
        messages.c.kind,
        messages.c.code,
        messages.c.document_id,
        messages.c.subject,
        messages.c.sender,
        messages.c.sender_name,
        messages.c.priority,
        messages.c.promulgated_on,
        messages.c.accepted_at,
    ).where(messages.c.id.in_(list(ids)))
    return {row.id: row for row in connection.execute(query)}


def sent_to(connection: sa.Connection, ids: Sequence[str]) -> dict[str, list[Any]]:
    """Return how many deliveries of each message are in which state, and one of the codes they go to."""
    query = (
        sa.select(
            deliveries.c.message,
            deliveries.c.state,
            sa.func.count().label("count"),
            sa.func.min(deliveries.c.addressee).label("to"),
        )
        .where(deliveries.c.message.in_(list(ids)))
        .group_by(deliveries.c.message, deliveries.c.state)
        .order_by(deliveries.c.state)
    )
    found: dict[str, list[Any]] = {}
    for row in connection.execute(query):
        found.setdefault(row.message, []).append(row)
    return found


def parts(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """Yield as many at a time as one IN list takes."""
    for start in range(0, len(values), MOST_ASKED):
        yield values[start : start + MOST_ASKED]
