"""What must hold when everything is healed and still: looked at from outside of the hub, in its tables and at its far
sides, and by the hub's own check of its ledger.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hub import ledger
from hub.model import Delivery, DeliveryState, Message
from hub.store import audit
from hub.store import messages as message_store
from hub.store.payloads import Payloads
from hub.store.tables import messages, payloads, refusals
from schemas.edxml.envelope import PackageKind
from tests.faults.simulation.database import engines
from tests.faults.told import check_events, one_picture

if TYPE_CHECKING:
    from tests.faults.simulation.world import World

STOPPED = frozenset({"suspended", "held"})


@dataclass(frozen=True, slots=True)
class Had:
    """A document that an agency's system has as new."""

    delivery: str
    content: bytes
    place: int
    endpoint: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything as it stands in the end."""

    world: World
    messages: dict[str, Message]
    deliveries: dict[str, Delivery]
    contents: dict[str, bytes]  # message id -> bytes as the store has them
    states: dict[str, set[str]]  # delivery id -> every state that it was in
    had: dict[str, Had]  # delivery id -> what the far side has under it


def head(held: sqlite3.Connection) -> bytes:
    """Return the ledger's last hash."""
    row = held.execute("SELECT hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    return bytes(str(row), "ascii")


def broken(world: World, held: sqlite3.Connection) -> Iterator[str]:
    """Say of everything that must hold and does not, what it is."""
    if held.in_transaction:
        held.rollback()
    with engines()[False].connect() as connection:
        yield from _ledger(world, connection)
        yield from _stored(world, connection)
        picture = _picture(world, connection)
    for look in LOOKS:
        yield from look(picture)


def _ledger(world: World, connection: sa.Connection) -> Iterator[str]:
    """The ledger verifies, agrees with the tables, and tells of every step."""
    kept = Payloads.of(world.config)
    for text in audit.verify(connection, kept).broken:
        yield f"the ledger: {text}"
    try:
        check_events(*one_picture(connection))
    except AssertionError as error:
        yield f"the events: {str(error).partition(chr(10))[0] or 'they differ from the deliveries'}"


def _stored(world: World, connection: sa.Connection) -> Iterator[str]:
    """No payload without a message; every refusal that was told of is there."""
    named = {row.sha256 for row in connection.execute(messages.select())}
    for row in connection.execute(payloads.select()):
        if row.sha256 not in named:
            yield f"payload {row.sha256} belongs to no message"
    kept = {row.id for row in connection.execute(refusals.select())}
    for sent in world.sent:
        if sent.refused.keys() - kept:
            yield f"{sent.document_id} was refused with an id that is not kept"


def _picture(world: World, connection: sa.Connection) -> Picture:
    kept = Payloads.of(world.config)
    every = map(message_store.from_row, connection.execute(sa.select(*message_store.COLUMNS)))
    found = {message.id: message for message in every}
    rows, now = one_picture(connection)
    states: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for delivery, state in ledger.states_told(row):
            states[delivery].add(state)
    contents = {id_: kept.get(connection, message.sha256) for id_, message in found.items()}
    return Picture(world, found, {each.id: each for each in now}, contents, states, _had(world))


def _had(world: World) -> dict[str, Had]:
    had = {}
    for name, far in world.far_sides.items():
        for id_, arrived in far.documents.items():
            had[id_] = Had(id_, arrived.parcel.content, arrived.place, name)
    for name, client in world.clients.items():
        for place, (id_, parcel) in enumerate(client.inbox.fetched.items()):
            if id_ in client.inbox.taken:
                had[id_] = Had(id_, parcel.content, place, name)
    return had


def _kept_what_was_accepted(picture: Picture) -> Iterator[str]:
    """Whatever a client was told is accepted is there, once, byte for byte, with a delivery for each addressee."""
    by_message: dict[str, list[str]] = defaultdict(list)
    for each in picture.deliveries.values():
        by_message[each.message].append(each.addressee)
    for sent in picture.world.sent:
        if len(sent.accepted) > 1:
            yield f"{sent.document_id} was accepted as {len(sent.accepted)} messages"
        # What answers nothing today may be said again once somebody asks: that refusal is not for good.
        if sent.accepted and any(sent.refused.values()):
            yield f"{sent.document_id} was both accepted and refused"
        for id_ in sent.accepted:
            if picture.contents.get(id_) != sent.content:
                yield f"{sent.document_id} was accepted as {id_}, which is gone or has other bytes"
            elif Counter(by_message[id_]) != Counter(sent.to):
                yield f"{id_} went to {by_message[id_]}, not to {sent.to}"
        if not sent.accepted and not sent.refused:
            yield f"{sent.document_id} was never answered"


def _nothing_else(picture: Picture) -> Iterator[str]:
    """Nobody has sent anything that is not here twice, or not from here."""
    told = Counter(picture.contents.values())
    ours = {sent.content for sent in picture.world.sent}
    for id_, content in picture.contents.items():
        message = picture.messages[id_]
        if told[content] > 1:
            yield f"{id_} is there more than once"
        if content not in ours and message.status_code != "02":
            yield f"{id_} was sent by nobody"


def _once_each(picture: Picture) -> Iterator[str]:
    """Each addressee has what was delivered to it, once as new, with its bytes; and nothing else."""
    seen: Counter[tuple[str, str]] = Counter()
    for id_, had in picture.had.items():
        delivery = picture.deliveries.get(id_)
        if delivery is None:
            yield f"{had.endpoint} has {id_}, which there is not"
            continue
        seen[delivery.message, delivery.agency] += 1
        if seen[delivery.message, delivery.agency] > 1:
            yield f"{delivery.addressee} has {delivery.message} twice as new"
        if picture.contents[delivery.message] != had.content:
            yield f"{had.endpoint} has other bytes of {delivery.message}"
        if delivery.addressee not in picture.world.clients[had.endpoint].codes:
            yield f"{had.endpoint} has {id_}, which is for {delivery.addressee}"
    for name, far in picture.world.far_sides.items():
        yield from far.problems
        yield from (f"{name} took and refused {id_}" for id_ in far.declined.keys() & far.documents.keys())


def _ended(picture: Picture) -> Iterator[str]:
    """Every delivery has ended as its far side says it has, or waits for a person with a reason."""
    declined = {id_ for far in picture.world.far_sides.values() for id_ in far.declined}
    for client in picture.world.clients.values():
        declined |= client.inbox.declined
    for id_, delivery in picture.deliveries.items():
        has, state = id_ in picture.had, delivery.state
        if state is DeliveryState.DELIVERED and not has:
            yield f"{id_} counts as delivered, but {delivery.endpoint} does not have it"
        elif state is DeliveryState.REFUSED and (has or id_ not in declined):
            yield f"{id_} counts as refused, but {delivery.endpoint} did not refuse it"
        elif state is DeliveryState.WITHDRAWN and has and not delivery.attempts and not _told(picture, id_):
            yield f"{id_} was withdrawn untried, but {delivery.endpoint} has it"
        elif state in (DeliveryState.HELD, DeliveryState.SUSPENDED) and not delivery.reason:
            yield f"{id_} is {state} for no reason"
        elif not state.final and state is not DeliveryState.HELD:
            yield f"{id_} is still {state}"


def _told(picture: Picture, delivery: str) -> bool:
    """Tell whether a system that fetched a document was told to destroy its copy."""
    return any(delivery in client.inbox.withdrawn for client in picture.world.clients.values())


def _refusals_told(picture: Picture) -> Iterator[str]:
    """The sender of a document is told once of each version of it that an addressee refused.

    Who gave a document back (15) and refuses the package that asks for it has nothing more to say: what was recalled
    takes no further steps.
    """
    told: Counter[tuple[str, str]] = Counter()
    gave_back = set()
    for message in picture.messages.values():
        if message.status_code == "02":
            told[message.document_id, message.sender] += 1
        elif message.status_code == "15":
            gave_back |= {(each, message.sender) for each in _corrected(picture, message.id)}
    excused: Counter[tuple[str, str]] = Counter()
    for delivery in picture.deliveries.values():
        message = picture.messages[delivery.message]
        if message.kind is not PackageKind.STATUS and delivery.state is DeliveryState.REFUSED:
            told[message.document_id, delivery.addressee] -= 1
            if any((each, delivery.addressee) in gave_back for each in _corrected(picture, message.id)):
                excused[message.document_id, delivery.addressee] += 1
    for (document, addressee), count in told.items():
        if count > 0 or count < -excused[document, addressee]:
            yield f"{count:+} words to the sender of {document} about its refusal by {addressee}"


def _in_order(picture: Picture) -> Iterator[str]:
    """Who is pushed to gets no correction before what it corrects, unless that waited for a person."""
    places = {}
    for id_, had in picture.had.items():
        delivery = picture.deliveries.get(id_)
        if delivery is not None and had.endpoint in picture.world.far_sides:
            places[delivery.message, delivery.agency] = had
    for (message, agency), had in places.items():
        for earlier in _corrected(picture, message):
            original = places.get((earlier, agency))
            if original is None or original.place < had.place or picture.states[original.delivery] & STOPPED:
                continue
            yield f"{had.endpoint} got {had.delivery} before {original.delivery}, which it corrects"


def _corrected(picture: Picture, message: str) -> Iterator[str]:
    """Say what a message is about, what that one is about, and so on."""
    about = picture.messages[message].about
    while about is not None:
        yield about
        about = picture.messages[about].about


LOOKS: tuple[Callable[[Picture], Iterator[str]], ...] = (
    _kept_what_was_accepted,
    _nothing_else,
    _once_each,
    _ended,
    _refusals_told,
    _in_order,
)
