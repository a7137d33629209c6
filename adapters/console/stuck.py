"""What waits for a person: the list, and what the person does about it, one by one or many at once.

An order is tried dry first: the person sees what would come of it, gives a reason, and says yes. Done twice it is done
once: the hub says that it was so already.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from starlette.datastructures import FormData
from starlette.responses import Response

from adapters.console.actions import ACTIONS, Action, Wanted, possible
from adapters.console.visit import Visit
from hub.accounts import Right
from hub.acting import Acted, Order, Result
from hub.app import Hub
from hub.errors import Misconfigured, NotFound
from hub.ids import is_id
from hub.model import DeliveryState, Message
from hub.resolution import Candidate
from hub.store import deliveries as delivery_store
from hub.store import overview as store
from hub.store.overview import Stuck
from hub.why import Why, explain, facts_of
from schemas.text import Text

A_PAGE = 40
MOST_AT_ONCE = 200
LONGEST_REASON = 500
SHORTEST_REASON = 5
STATES = ("suspended", "held", "waiting_for_retry")
NEEDS_PERSON = ("suspended", "held")

NOTHING_CHOSEN = Text(vi="Chưa chọn lượt chuyển nào", en="No delivery is chosen")
NO_SUCH_ACTION = Text(vi="Không có thao tác đó", en="There is no such action")
WHY = Text(vi="Hãy ghi lý do, ít nhất 5 ký tự", en="Say why, in at least 5 characters")


@dataclass(frozen=True, slots=True)
class Explained:
    """Something stuck, and why."""

    stuck: Stuck
    why: Why


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form asks for."""

    action: Action
    chosen: list[str]
    reason: str
    to: str
    again: bool

    def wanted(self, visit: Visit, *, dry_run: bool) -> Wanted:
        """Return it as the hub takes it, in the name of who asks."""
        return Wanted(
            deliveries=self.chosen,
            order=Order(by=visit.account.actor, why=self.reason, dry_run=dry_run),
            to=self.to or None,
            again=self.again,
        )


async def page(visit: Visit) -> Response:
    """List what is stuck."""
    state, endpoint, agency = visit.asked("state"), visit.asked("endpoint"), visit.asked("agency")
    states = (state,) if state in STATES else NEEDS_PERSON
    before = visit.asked("before")
    hub = visit.hub

    def look(connection: sa.Connection) -> tuple[list[Explained], bool]:
        found = store.stuck(
            connection,
            states,
            A_PAGE + 1,
            endpoint or None,
            before if is_id(before) else None,
            agency or None,
        )
        return [
            Explained(each, explain(facts_of(hub, connection, each.delivery, each.message, serving=True)))
            for each in found[:A_PAGE]
        ], len(found) > A_PAGE

    listed, more = await hub.store.read_alone(look)
    today = await visit.console.overview.today.value()
    return visit.page(
        "stuck.html",
        listed=listed,
        older=listed[-1].stuck.delivery.id if more else "",
        newest=not before,
        state=state if state in STATES else "",
        endpoint=endpoint,
        agency=agency,
        today=today,
        actions=_common(listed) if visit.account.may(Right.ACT) else [],
    )


def _common(listed: list[Explained]) -> list[Action]:
    """Return the actions that at least one of these deliveries allows."""
    names = {action.name for each in listed for action in possible(each.stuck.delivery)}
    return [action for name, action in ACTIONS.items() if name in names]


async def ask(visit: Visit) -> Response:
    """Show what would come of an action, and ask whether it is meant, and why."""
    return await _ask(visit, _asked(await visit.form()))


async def _ask(visit: Visit, asked: Asked, said: Text | None = None) -> Response:
    told = await asked.action.run(visit.hub, asked.wanted(visit, dry_run=True))
    hub = visit.hub

    def look(connection: sa.Connection) -> tuple[dict[str, Message], tuple[Candidate, ...]]:
        documents = _documents(connection, asked.chosen)
        return documents, _candidates(hub, connection, told, documents)

    documents, candidates = await hub.store.read_alone(look)
    return visit.page(
        "confirm.html",
        status=422 if said else 200,
        asked=asked,
        action=asked.action,
        told=[(each, documents[each.delivery.id]) for each in told],
        can=sum(each.result is Result.DONE for each in told),
        said=said,
        candidates=candidates,
        held=any(each.before == "held" for each in told),
        had=any(each.before == "delivered" for each in told),
    )


def _candidates(
    hub: Hub, connection: sa.Connection, told: list[Acted], documents: dict[str, Message]
) -> tuple[Candidate, ...]:
    """Return who may get what is held, if one delivery is asked about and its code went to several."""
    if len(told) != 1 or told[0].before is not DeliveryState.HELD:
        return ()
    delivery = told[0].delivery
    destined = facts_of(hub, connection, delivery, documents[delivery.id], serving=True).destined
    return destined.candidates if destined is not None else ()


def _documents(connection: sa.Connection, chosen: list[str]) -> dict[str, Message]:
    found = (delivery_store.one(connection, each) for each in chosen)
    return {both[0].id: both[1] for both in found if both is not None}


async def do(visit: Visit) -> Response:
    """Do it, and tell of each delivery what came of it."""
    asked = _asked(await visit.form())
    if asked.action.needs_reason and len(asked.reason) < SHORTEST_REASON:
        return await _ask(visit, asked, WHY)
    told = await asked.action.run(visit.hub, asked.wanted(visit, dry_run=False))
    documents = await visit.hub.store.read_alone(lambda connection: _documents(connection, asked.chosen))
    visit.console.overview.today.forget()
    return visit.page(
        "done.html",
        action=asked.action,
        told=[(each, documents[each.delivery.id]) for each in told],
        done=sum(each.result is Result.DONE for each in told),
    )


def _asked(form: FormData) -> Asked:
    """Read a form. Raises `Misconfigured` when it names no action or no delivery, `NotFound` for what is no id."""
    action = ACTIONS.get(str(form.get("action", "")))
    if action is None:
        raise Misconfigured(NO_SUCH_ACTION)
    chosen = list(dict.fromkeys(str(each) for each in form.getlist("delivery")))[:MOST_AT_ONCE]
    if not chosen:
        raise Misconfigured(NOTHING_CHOSEN)
    if not all(is_id(each) for each in chosen):
        raise NotFound(NOTHING_CHOSEN)
    return Asked(
        action,
        chosen,
        reason=str(form.get("reason", "")).strip()[:LONGEST_REASON],
        to=str(form.get("to", "")).strip()[:64],
        again=form.get("again") == "1",
    )
