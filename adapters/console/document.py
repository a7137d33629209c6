"""One document's page: what it is, how each addressee stands, every try, every answer, its signatures, its papers.

An agency that is an addressee sees its own delivery; the one that sent it sees all of them (`discretion`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from starlette.responses import Response

from adapters.console import discretion
from adapters.console.actions import possible
from adapters.console.documents import visible
from adapters.console.pictures import Completion
from adapters.console.visit import Forbidden, Visit
from adapters.http.bodies import PackageResponse
from hub import evidence as evidence_maker
from hub import trace
from hub.accounts import Right
from hub.model import Attempt, Delivery, DeliveryState, Message, StatusEntry, TraceEvent
from hub.store import deliveries as delivery_store
from hub.store import exchange as exchange_store
from hub.store import messages as message_store
from hub.store import overview as store
from hub.store.exchange import Superseded
from hub.trace import AddresseeState
from hub.why import Why, explain, facts_of
from schemas.text import Text

DELIVERIES_SHOWN = 100
EVENTS_SHOWN = 200
EXPLAINED = 12
PATIENCE = timedelta(days=1)  # what waits for longer is explained, though nothing is wrong yet
TROUBLED = frozenset(
    {DeliveryState.HELD, DeliveryState.SUSPENDED, DeliveryState.WAITING_FOR_RETRY, DeliveryState.REFUSED}
)
ORDER = ("stopped", "failed", "waiting", "taken")  # parts of the completion bar, the most pressing first
FAILS = frozenset({"delivery.attempted", "delivery.waiting"})
OF_ALL = Text(
    vi="Bằng chứng ghi cả việc trao đổi với những nơi nhận khác, nên chỉ cơ quan gửi được lấy; hãy hỏi cơ quan gửi",
    en="The evidence tells of the other addressees too, so only the sending agency may have it; ask the sender",
)


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that the page shows of a message."""

    deliveries: tuple[Delivery, ...]
    attempts: dict[str, tuple[Attempt, ...]]
    statuses: tuple[StatusEntry, ...]
    states: dict[str, AddresseeState]
    events: tuple[TraceEvent, ...]
    superseding: tuple[Superseded, ...]


async def page(visit: Visit) -> Response:
    """Show one document."""
    message = await visible(visit, visit.in_path("message"))
    whole = discretion.whole(visit, message)
    shown = await visit.hub.store.read_alone(lambda connection: _found(connection, visit, message))
    wanted = visit.asked("state")
    listed = sorted(
        (each for each in shown.deliveries if not wanted or _part(each.state) == wanted), key=_rank
    )
    explained = await _explained(visit, message, listed) if visit.account.may(Right.EVERYTHING) else {}
    counted = Counter(each.state for each in shown.deliveries)
    return visit.page(
        "document.html",
        message=message,
        findings=message.findings if whole else (),  # they name other addressees
        found=shown,
        listed=listed[:DELIVERIES_SHOWN],
        hidden=max(0, len(listed) - DELIVERIES_SHOWN),
        wanted=wanted,
        completion=Completion.of(counted),
        addressees={each.id: each.addressee for each in shown.deliveries},
        earlier=[each for each in shown.superseding if each.newer == message.id],
        later=[each for each in shown.superseding if each.older == message.id],
        why=explained,
        told=_told(shown.events),
        events_cut=len(shown.events) > EVENTS_SHOWN,
        actions={each.id: possible(each) for each in listed[:DELIVERIES_SHOWN]}
        if visit.account.may(Right.ACT)
        else {},
        troubled=TROUBLED,
        whole=whole,
    )


async def _explained(visit: Visit, message: Message, listed: list[Delivery]) -> dict[str, Why]:
    """Return why deliveries that are not done are where they are, of the first few of them."""
    hub = visit.hub
    yesterday = hub.clock() - PATIENCE
    waiting = [
        each
        for each in listed
        if each.state in TROUBLED or (not each.state.final and each.updated_at < yesterday)
    ][:EXPLAINED]

    def ask(connection: sa.Connection) -> dict[str, Why]:
        return {each.id: explain(facts_of(hub, connection, each, message, serving=True)) for each in waiting}

    return await hub.store.read_alone(ask)


def _found(connection: sa.Connection, visit: Visit, message: Message) -> Found:
    its = delivery_store.of_message(connection, message.id)
    statuses = message_store.statuses_of(connection, message.id)
    whole = discretion.whole(visit, message)
    if not whole:
        its = tuple(each for each in its if each.agency == visit.only_agency)
        statuses = discretion.own_statuses(statuses, its)
    listed = its[:DELIVERIES_SHOWN]
    states = trace.states_of(connection, message, listed)
    found = Found(
        deliveries=its,
        attempts=delivery_store.attempts_of(connection, [each.id for each in listed]),
        statuses=statuses,
        states={each.to: each for each in states if each.standing.since is not None},
        events=store.events_of(connection, message.id, EVENTS_SHOWN),
        superseding=tuple(exchange_store.superseding(connection, message.id)),
    )
    return found if visit.only_agency is None else _discreet(found, visit.account.actor, whole)


def _discreet(found: Found, actor: str, whole: bool) -> Found:
    """Return what an agency's account is shown of it."""
    its = None if whole else {each.id for each in found.deliveries}
    answers = {each.id for each in found.statuses}
    return replace(
        found,
        deliveries=tuple(map(discretion.delivery_without_hosts, found.deliveries)),
        attempts={
            delivery: tuple(map(discretion.attempt_without_hosts, tries))
            for delivery, tries in found.attempts.items()
        },
        events=tuple(
            discretion.event_without_hosts(each)
            for each in found.events
            if discretion.is_told(each, actor, its, answers)
        ),
    )


def _told(happened: tuple[TraceEvent, ...]) -> list[tuple[TraceEvent, int]]:
    """Return the events to tell, each with how often it came in a row: a system that is down for a day is one line."""
    made: list[tuple[TraceEvent, int]] = []
    newest: dict[str | None, int] = {}  # of a delivery: its newest line
    for event in happened:
        at = newest.get(event.delivery)
        if at is not None and event.kind in FAILS and made[at][0].kind == event.kind:
            made[at] = (event, made[at][1] + 1)
            continue
        newest[event.delivery] = len(made)
        made.append((event, 1))
    return sorted(made, key=lambda each: each[0].seq)


def _rank(delivery: Delivery) -> int:
    """Sorts: what needs a person comes first, then what waits, then what is done."""
    return ORDER.index(_part(delivery.state))


def _part(state: DeliveryState) -> str:
    return next(part.name for part in Completion.of({state: 1}).parts if part.count)


async def package(visit: Visit) -> Any:
    """Give the package as it was handed in. That somebody has it now is an event."""
    await visit.form()
    message = await visible(visit, visit.in_path("message"))
    payloads = visit.hub.payloads
    looked = await visit.hub.store.read(lambda connection: payloads.look(connection, message.sha256))
    content = await payloads.opened(looked)
    actor = visit.account.actor
    await visit.hub.store.write(
        lambda tx: tx.trace("document.downloaded", actor=actor, message=message.id), "downloaded"
    )
    headers = {
        "content-type": "application/octet-stream",
        "content-disposition": attachment(f"{message.code or message.id}.edxml"),
    }
    return PackageResponse(content, headers)


async def evidence(visit: Visit) -> Response:
    """Make the evidence of the exchange, and give it. That is an event, too. Raises `Forbidden` to an addressee."""
    await visit.form()
    message = await visible(visit, visit.in_path("message"))
    if not discretion.whole(visit, message):
        raise Forbidden(OF_ALL)
    actor = visit.account.actor
    await visit.hub.store.write(
        lambda tx: tx.trace("document.evidenced", actor=actor, message=message.id), "evidenced"
    )
    async with visit.console.evidencing:
        made = await evidence_maker.make(visit.hub, message.id)
    return Response(
        made.content,
        media_type="application/vnd.etsi.asic-e+zip",
        headers={"content-disposition": attachment(made.name)},
    )


def attachment(name: str) -> str:
    """Return the header that has a browser save something under a name (RFC 6266); a stranger's name is made safe."""
    safe = "".join(char if char.isalnum() or char in ".-_" else "-" for char in name)[:120].lstrip(".-")
    plain = "".join(char if char.isascii() else "-" for char in safe)
    return f"attachment; filename=\"{plain or 'file'}\"; filename*=UTF-8''{quote(safe or 'file')}"
