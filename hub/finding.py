"""Finding documents by what people remember of them: number, agency, days, words, kind, state; newest first.

All that is asked for must fit. Words are found by their beginnings, with or without diacritics; an agency by a code or
by words of its name, which may mean several: all of them are looked for, and the answer names them. A page ends with
the number to go on from. What is found lies up to where the ledger has been read (`hub.indexing`): the answer says it.
Answers to documents (status packages) are not found by themselves: `edochub trace` shows them with their document.
What the hub refused is found by its whole number and notation or DocumentId, and stands beside what was accepted.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from hub import finding_terms as terms
from hub.deadlines import midnight
from hub.directory import Directory
from hub.errors import NotFound, Sought
from hub.finding_terms import Clause, Clauses, Term
from hub.model import Agency, DeliveryState, StoredRefusal
from hub.routes import STRANGER, stranger
from hub.store import messages as message_store
from hub.store import search as store
from hub.store.search import Hit, Within
from schemas.edxml.envelope import PackageKind
from schemas.findings import shortened
from schemas.text import Text

MOST = 500  # documents of one page
MOST_AGENCIES = 100  # that words of a name may mean
MOST_WORDS = 500  # that the beginnings of one question may mean
MOST_OPEN = 2_000  # deliveries from which a search begins, rather than from the newest document
MOST_LOOKED_AT = 30_000  # documents of one page that all but the state or the days fit
MOST_NAMED = 50  # messages with one DocumentId
STEP = 100  # documents whose states are asked for at once
CLOCKS = timedelta(days=1)  # by how much the clocks of nodes may disagree
DAY = timedelta(days=1)

DOCUMENTS = tuple(kind for kind in PackageKind if kind is not PackageKind.STATUS)
WITH_INDEX = frozenset(DeliveryState) - store.ENDS - {DeliveryState.DELIVERED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What is known of a document. What is empty is not asked for."""

    words: str = ""  # of the subject
    number: str = ""  # number and notation, or the beginning of them, or one of both
    sender: str = ""  # a code, or words of a name
    addressee: str = ""
    since: date | None = None  # days of acceptance, in Vietnam
    until: date | None = None  # the last of them
    dated: date | None = None  # the day that the document bears
    document_id: str = ""
    kind: PackageKind | None = None
    state: DeliveryState | None = None  # of a delivery, to the addressee if one is given


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One document, as a list shows it."""

    number: int  # of the event that accepted it: what `after` means
    id: str
    kind: PackageKind
    code: str
    document_id: str
    subject: str
    sender: str  # code, as written
    sender_name: str
    to: str  # one of the codes that it was sent to, as written
    states: dict[DeliveryState, int]  # how many deliveries are in which
    priority: int
    promulgated_on: date | None
    accepted_at: datetime

    def as_json(self) -> dict[str, Any]:
        """Return the shape that `--json` publishes."""
        return {
            "number": self.number,
            "id": self.id,
            "kind": str(self.kind),
            "code": self.code,
            "document_id": self.document_id,
            "subject": self.subject,
            "from": self.sender,
            "from_name": self.sender_name,
            "to": self.to,
            "addressees": sum(self.states.values()),
            "deliveries": {str(state): count for state, count in self.states.items()},
            "priority": self.priority,
            "promulgated_on": self.promulgated_on.isoformat() if self.promulgated_on else None,
            "accepted_at": self.accepted_at.isoformat(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What was found. `after` goes on from here; None: there is no more.

    `whole` is False when the search stopped before the page was full: go on with `after`.
    """

    found: tuple[Found, ...]
    after: int | None
    whole: bool
    read: int  # the last event that has been read
    head: int  # the last event that there is
    senders: tuple[Agency, ...] = ()  # that were looked for
    addressees: tuple[Agency, ...] = ()
    refused: tuple[StoredRefusal, ...] = ()  # with the first page

    def as_json(self) -> dict[str, Any]:
        """Return the shape that `--json` publishes."""
        return {
            "documents": [each.as_json() for each in self.found],
            "refused": [each.as_json() for each in self.refused],
            "after": self.after,
            "whole": self.whole,
            "read": {"event": self.read, "of": self.head},
            "senders": [{"code": each.code, "name": each.name} for each in self.senders],
            "addressees": [{"code": each.code, "name": each.name} for each in self.addressees],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A question, its agencies looked up."""

    criteria: Criteria
    clauses: Clauses
    since: datetime | None = None
    until: datetime | None = None  # not included
    senders: tuple[Agency, ...] = ()
    addressees: tuple[Agency, ...] = ()

    def in_time(self, at: datetime) -> bool:
        """Tell whether a document was accepted in the days that are asked for."""
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


def prepared(criteria: Criteria, directory: Directory) -> Search:
    """Look the agencies up. Raises `NotFound` when nobody has such a code or name."""
    senders = agencies(criteria.sender, directory)
    addressees = agencies(criteria.addressee, directory)
    clauses: list[Clause] = [*terms.asked_words(criteria.words)]
    if criteria.number:
        clauses.append((terms.asked_number(criteria.number),))
    if senders:
        clauses.append(tuple(Term(terms.sender(each.id)) for each in senders))
    if addressees:
        clauses.append(tuple(Term(terms.addressee(each.id)) for each in addressees))
    if criteria.kind is not None:
        clauses.append((Term(terms.kind(criteria.kind)),))
    if criteria.dated is not None:
        clauses.append((Term(terms.dated(criteria.dated)),))
    return Search(
        criteria=criteria,
        clauses=tuple(clauses),
        since=midnight(criteria.since) if criteria.since else None,
        until=midnight(criteria.until + DAY) if criteria.until else None,
        senders=senders,
        addressees=addressees,
    )


def agencies(asked: str, directory: Directory) -> tuple[Agency, ...]:
    """Return whom a code, or words of a name, may mean; a code that only the next hub knows is one too."""
    if not asked:
        return ()
    known = directory.resolve(asked).agency
    if known is not None:
        return (known,)
    route = directory.route_for(asked)
    found = tuple(directory.search(asked, MOST_AGENCIES))
    if not found and (route is not None or asked.startswith(STRANGER)):
        return (stranger(asked.removeprefix(STRANGER)),)
    if not found:
        cut = shortened(asked)
        raise NotFound(
            Text(
                vi=f"Danh bạ không có cơ quan nào có mã hoặc tên như “{cut}”",
                en=f"The directory has no agency with a code or name such as “{cut}”",
            ),
            Sought.AGENCY,
        )
    return found


def find(connection: sa.Connection, search: Search, *, after: int | None = None, limit: int = 50) -> Page:
    """Return the newest documents that fit, from below a number on."""
    limit = max(1, min(limit, MOST))
    read, head = store.position(connection), store.head(connection)
    within = _within(connection, search, min(after or read + 1, read + 1))
    hits: list[Hit] = []
    looked_at, last = 0, within.below
    for batch in _batches(_hits(connection, search, within)):
        fitting = _fitting(connection, search, batch)
        hits += fitting[: limit + 1 - len(hits)]
        looked_at, last = looked_at + len(batch), batch[-1].seq
        if len(hits) > limit or looked_at >= MOST_LOOKED_AT:
            break
    else:
        last = 0
    whole = len(hits) > limit or not last
    onward = hits[limit - 1].seq if len(hits) > limit else last or None
    return Page(
        found=tuple(_shown(connection, hits[:limit])),
        after=onward,
        whole=whole,
        read=read,
        head=head,
        senders=search.senders,
        addressees=search.addressees,
        refused=() if after else _refused(connection, search),
    )


def _refused(connection: sa.Connection, search: Search) -> tuple[StoredRefusal, ...]:
    """Return what the hub refused under the number or the DocumentId that is asked for, newest first.

    Of a refused package little is kept: by anything else than sender and days it is not found.
    """
    asked = search.criteria
    if asked.addressee or asked.dated or asked.kind or asked.state:
        return ()
    named = [each for each in (asked.words.strip(), asked.number.strip(), asked.document_id) if each]
    if len(named) != 1:
        return ()
    codes = {each.code for each in search.senders} | ({asked.sender} if asked.sender else set())
    found = {
        each.id: each
        for name in dict.fromkeys((named[0], named[0].upper()))
        for each in message_store.find_refusals(connection, name)
        if search.in_time(each.at) and (not codes or each.sender in codes)
    }
    return tuple(sorted(found.values(), key=lambda each: each.id, reverse=True))


def _within(connection: sa.Connection, search: Search, below: int) -> Within:
    """Return where everything lies that was accepted in the days asked for."""
    low = 0
    if search.since is not None:
        first = store.first_since(connection, search.since - CLOCKS)
        low = below if first is None else first
    if search.until is not None:
        first = store.first_since(connection, search.until + CLOCKS)
        below = below if first is None else min(below, first)
    return Within(below, low, search.since, search.until)


def _hits(connection: sa.Connection, search: Search, within: Within) -> Generator[Hit, None, None]:
    """Yield what all but the state fit (and perhaps the days), newest first, from where there is least to look at."""
    clauses = _expanded(connection, search.clauses)
    if clauses is None:
        return
    state, document_id = search.criteria.state, search.criteria.document_id
    few: list[str] | None = None
    if document_id:
        few = store.named(connection, document_id, MOST_NAMED)
    elif state in WITH_INDEX:
        few = store.open_in(connection, {state}, MOST_OPEN)
    if few is not None:
        seqs = [seq for seq in store.numbers(connection, few).values() if within.low <= seq < within.below]
        yield from store.among(connection, clauses, seqs)
    elif state in store.ENDS:
        yield from store.ended(connection, clauses, {state}, within)
    else:
        yield from store.matching(connection, clauses, within)


def _expanded(connection: sa.Connection, clauses: Clauses) -> Clauses | None:
    """Put the words that begin so in place of beginnings; None: there is no such word, so nothing fits.

    When earlier beginnings have used up the words there may be, a beginning means the first word that begins so.
    """
    made: list[Clause] = []
    left = MOST_WORDS
    for clause in clauses:
        meant: list[Term] = []
        for term in clause:
            if term.begins and term.text[0] in "wn":
                found = store.beginning(connection, term.text, max(left, 1))
                left -= len(found)
                meant += map(Term, found)
            else:
                meant.append(term)
        if not meant:
            return None
        made.append(tuple(meant))
    return tuple(made)


def _batches(hits: Generator[Hit, None, None]) -> Iterator[Sequence[Hit]]:
    with closing(hits):
        while batch := list(islice(hits, STEP)):
            yield batch


def _fitting(connection: sa.Connection, search: Search, batch: Iterable[Hit]) -> list[Hit]:
    """Return those that days and state fit as well."""
    in_time = [hit for hit in batch if search.in_time(hit.at)]
    state = search.criteria.state
    if state is None or not in_time:
        return in_time
    agencies = frozenset(each.id for each in search.addressees)
    there = store.in_state(connection, [hit.message for hit in in_time], {state}, agencies)
    return [hit for hit in in_time if hit.message in there]


def _shown(connection: sa.Connection, hits: Sequence[Hit]) -> Iterator[Found]:
    ids = [hit.message for hit in hits]
    if not ids:
        return
    rows, sent = store.shown(connection, ids), store.sent_to(connection, ids)
    for hit in hits:
        row, to = rows[hit.message], sent.get(hit.message, [])
        yield Found(
            number=hit.seq,
            id=row.id,
            kind=PackageKind(row.kind),
            code=row.code,
            document_id=row.document_id,
            subject=row.subject,
            sender=row.sender,
            sender_name=row.sender_name,
            to=min((each.to for each in to), default=""),
            states={DeliveryState(each.state): each.count for each in to},
            priority=row.priority,
            promulgated_on=row.promulgated_on,
            accepted_at=row.accepted_at,
        )
