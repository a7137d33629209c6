"""How a document stands with each addressee, from what is recorded of it."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from hub.exchange.standing import Event, Standing, code_input, standing_of
from hub.exchange.states import Input
from hub.store import exchange as store
from hub.store.exchange import Asked, Said


def standings(connection: sa.Connection, document: str) -> dict[str, Standing]:
    """Return how a document (its first version's id) stands with each agency that anything was asked of or said by."""
    asked, said = store.asked(connection, document), store.said(connection, document)
    agencies = {each.agency for each in asked} | {each.agency for each in said}
    return {agency: standing_of(events(asked, said, agency)) for agency in agencies}


def standing(connection: sa.Connection, document: str, agency: str) -> Standing:
    """Return how a document stands with one agency."""
    asked = store.asked(connection, document, agency)
    return standing_of(events(asked, store.said(connection, document, agency), agency))


def events(asked: Iterable[Asked], said: Iterable[Said], agency: str) -> list[Event]:
    """Return the history of a document with one agency, oldest first: the hub's ids sort by time."""
    happened: dict[str, Event] = {}
    for request in asked:
        if request.agency == agency:  # one package may ask about several versions at once
            happened[request.message] = Event(input=Input(request.kind), at=request.at)
    for answer in said:
        meant = code_input(answer.code)
        if answer.agency == agency and meant is not None:
            happened[answer.id] = Event(input=meant, at=answer.at)
    return [happened[message] for message in sorted(happened)]
