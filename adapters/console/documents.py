"""The list of documents, and finding one. An agency's list and its finds hold what it sent or was sent.

What is typed may be an id, a DocumentId or a number: then it is that document. Else it is words of the subject, found
by their beginnings (`hub.finding`), with agencies, days, kind and state beside them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from starlette.responses import Response

from adapters.console.pictures import Completion
from adapters.console.visit import Visit
from hub.errors import NotFound
from hub.finding import Criteria, Page, Search, find, prepared
from hub.finding_terms import Term, addressee, sender
from hub.ids import is_id
from hub.model import DeliveryState, Message, StoredRefusal
from hub.store import messages as message_store
from hub.store import overview as store
from schemas.edxml.envelope import PackageKind
from schemas.findings import shortened
from schemas.text import Sentence, Text

A_PAGE = 50
KINDS = (PackageKind.NEW, PackageKind.UPDATE, PackageKind.REPLACE, PackageKind.REVOKE)
FILTERS = ("from", "to", "since", "until", "kind", "state")
ONE_REFERENCE = re.compile(r"\S*[/,]\S*|[0-9A-Z]{26}")

NOT_HERE = Sentence(vi="Không tìm thấy văn bản {reference}", en="Document {reference} is not here")


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list."""

    id: str
    code: str
    kind: PackageKind
    subject: str
    sender: str
    sender_name: str
    priority: int
    accepted_at: datetime
    done: Completion


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to list, and where to go on."""

    listed: list[Listed]
    refused: list[StoredRefusal]
    older: Mapping[str, str]  # empty: there is no more
    behind: int = 0  # events that the search has not read yet
    said: Text | None = None  # why nothing could be looked for


async def page(visit: Visit) -> Response:
    """List documents, the newest first; or those that fit what was asked for."""
    query = visit.asked("q")
    filters = {name: visit.asked(name) for name in FILTERS}
    if visit.only_agency is not None:
        filters["state"] = ""  # it would tell how others' deliveries stand
    asked = {name: value for name, value in {"q": query, **filters}.items() if value}
    exact = await _named(visit, query) if ONE_REFERENCE.fullmatch(query) and len(asked) == 1 else None
    if exact is not None:
        if len(exact.listed) == 1 and not exact.refused:
            return visit.go(f"/documents/{exact.listed[0].id}")
        found = exact
    elif asked or visit.only_agency is not None:
        found = await _searched(visit, query, filters, asked)
    else:
        found = await _newest(visit)
    return visit.page(
        "documents.html",
        found=found,
        query=query,
        filters=filters,
        asked=bool(asked),
        filtered=any(filters.values()),
        first=not visit.asked("before") and not visit.asked("after"),
        older=urlencode(found.older),
        kinds=KINDS,
        states=tuple(DeliveryState) if visit.only_agency is None else (),
    )


async def _named(visit: Visit, reference: str) -> Found | None:
    """Return the documents that are named exactly so; None if nothing is."""
    only = visit.only_agency

    def ask(connection: sa.Connection) -> Found | None:
        found = message_store.find(connection, reference)
        if only is not None:
            mine = store.concerned(connection, [each.id for each in found], only)
            found = [each for each in found if each.id in mine]
        refused = message_store.find_refusals(connection, reference) if only is None else []
        if not found and not refused:
            return None
        return Found(_listed(connection, found, only), list(refused), {})

    return await visit.hub.store.read_alone(ask)


async def _newest(visit: Visit) -> Found:
    before = visit.asked("before")

    def ask(connection: sa.Connection) -> Found:
        found = store.documents(connection, A_PAGE + 1, before if is_id(before) else None)
        older = {"before": found[A_PAGE - 1].id} if len(found) > A_PAGE else {}
        return Found(_listed(connection, found[:A_PAGE], None), [], older)

    return await visit.hub.store.read_alone(ask)


async def _searched(visit: Visit, query: str, filters: Mapping[str, str], asked: Mapping[str, str]) -> Found:
    only, after = visit.only_agency, visit.asked("after")
    try:
        search = _search(visit, query, filters)
    except NotFound as error:
        return Found([], [], {}, said=error.message)

    def ask(connection: sa.Connection) -> Found:
        page: Page = find(connection, search, after=int(after) if after.isdecimal() else None, limit=A_PAGE)
        found = page.found
        if only is not None:  # the index knows who was written to, not what was stopped on the way
            mine = store.concerned(connection, [each.id for each in found], only)
            found = tuple(each for each in found if each.id in mine)
        states = store.progress(connection, [each.id for each in found], only)
        listed = [_line(each, Completion.of(states[each.id])) for each in found]
        older = {**asked, "after": str(page.after)} if page.after else {}
        return Found(listed, [], older, behind=page.head - page.read)

    async with visit.console.searching:
        return await visit.hub.store.read_alone(ask)


def _search(visit: Visit, query: str, filters: Mapping[str, str]) -> Search:
    """Return what is asked for. An agency's account looks among its own documents only. Raises `NotFound`."""
    state, kind = filters["state"], filters["kind"]
    search = prepared(
        Criteria(
            words=query,
            sender=filters["from"],
            addressee=filters["to"],
            since=visit.asked_day("since"),
            until=visit.asked_day("until"),
            kind=PackageKind(kind) if kind in set(KINDS) else None,
            state=DeliveryState(state) if state in set(DeliveryState) else None,
        ),
        visit.hub.directory,
    )
    only = visit.only_agency
    if only is None:
        return search
    mine = (Term(sender(only)), Term(addressee(only)))
    return replace(search, clauses=(*search.clauses, mine))


def _listed(connection: sa.Connection, found: list[Message], only: str | None) -> list[Listed]:
    states = store.progress(connection, [each.id for each in found], only)
    return [_line(each, Completion.of(states[each.id])) for each in found]


def _line(each: Any, done: Completion) -> Listed:
    return Listed(
        id=each.id,
        code=each.code,
        kind=each.kind,
        subject=each.subject,
        sender=each.sender,
        sender_name=each.sender_name,
        priority=each.priority,
        accepted_at=each.accepted_at,
        done=done,
    )


async def visible(visit: Visit, message: str) -> Message:
    """Return a message that this account may see. Raises `NotFound`, the same as for one that is not there."""

    def ask(connection: sa.Connection) -> Message | None:
        found = message_store.get(connection, message)
        only = visit.only_agency
        if found is None or only is None:
            return found
        return found if store.concerned(connection, [message], only) else None

    found = await visit.hub.store.read(ask)
    if found is None:
        raise NotFound(NOT_HERE.say(reference=shortened(message)))
    return found
