"""An order of an operator, and what comes of it: decided delivery by delivery, in the transaction that changes them.

An order names who gives it and why, and both are in the ledger with what it did. It may be repeated: what is so already
is left as it is and said. With `dry_run` nothing is written; the same decisions are made and told. Which order decides
what is for `hub.acting` and `hub.resending`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hub import resuming
from hub.errors import NotFound, Sought
from hub.model import Delivery, DeliveryState, Message, Routed
from hub.resuming import Onward, Stopped
from hub.steps.deliver import writable
from hub.steps.record import write_down
from hub.store import deliveries as store
from hub.store.deliveries import Settlement
from hub.store.given import given_before
from hub.store.payloads import Payload
from hub.store.writer import Transaction
from hub.words import STATES
from schemas.text import Sentence, Text

if TYPE_CHECKING:
    from hub.app import Hub

CHUNK = 100  # deliveries that one unit decides on: others wait for the writer meanwhile

IS_SO = Sentence(vi="không đổi, đang “{state}”", en="as it was, it is “{state}”")
UNKNOWN = Sentence(vi="Không có lượt chuyển {delivery}", en="There is no delivery {delivery}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Who wants something done, and why. `by` is the ledger's actor: `operator:NAME`."""

    by: str
    why: str = ""
    dry_run: bool = False

    def __post_init__(self) -> None:
        """Keep of the reason what every database and every status package can hold."""
        object.__setattr__(self, "why", writable(self.why.strip()))

    @property
    def name(self) -> str:
        """Who it is, without the kind of actor."""
        return self.by.partition(":")[2] or self.by

    @property
    def details(self) -> tuple[tuple[str, Any], ...]:
        """What the ledger keeps beside what was done."""
        return (("why", self.why),) if self.why else ()


class Result(StrEnum):
    """What came of an order for one delivery."""

    DONE = "done"
    ALREADY = "already"  # it was so before
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """What came of an order for one delivery, and how it stands now. In a dry run: what would come of it."""

    delivery: Delivery
    before: DeliveryState
    result: Result
    said: Text

    def as_json(self) -> dict[str, Any]:
        """Return the shape that the API and `--json` publish."""
        return {
            "delivery": self.delivery.as_json(),
            "before": str(self.before),
            "result": str(self.result),
            "said": self.said.as_json(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A delivery that something is to be done to, and what decides what."""

    connection: sa.Connection
    delivery: Delivery
    message: Message
    stopped: Stopped
    order: Order
    now: datetime

    @property
    def as_it_is(self) -> tuple[Result, Text]:
        """What is said when nothing is to be done."""
        return Result.ALREADY, IS_SO.say(state=STATES[self.delivery.state])

    def given_before(self) -> bool:
        """Tell whether the addressee has had it."""
        return given_before(self.connection, self.message.id, self.delivery.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an order changes about one delivery. `onward`: it goes on, wherever that is decided."""

    said: Text
    settlement: Settlement | None = None
    onward: Onward | None = None


Decided = Change | tuple[Result, Text]
Decide = Callable[[Case], Decided]
Word = tuple[Routed, Payload]


async def carry_out(
    hub: Hub, deliveries: Iterable[str], order: Order, unit: str, decide: Decide, word: Word | None = None
) -> list[Acted]:
    """Decide on deliveries and change them, some at a time; return what came of each, in their order."""
    await hub.refresh_directory()
    acted: list[Acted] = []
    ids = list(dict.fromkeys(deliveries))
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        if order.dry_run:
            acted += await hub.store.read(partial(_told, hub, some, order, decide))
        else:
            acted += await hub.store.write(partial(_done, hub, some, order, decide, word), unit)
    return acted


def _told(
    hub: Hub, deliveries: Sequence[str], order: Order, decide: Decide, connection: sa.Connection
) -> list[Acted]:
    """Say what would be done."""
    acted = []
    for delivery in deliveries:
        case = _case(hub, connection, delivery, order)
        decided = decide(case)
        result, said = (Result.DONE, decided.said) if isinstance(decided, Change) else decided
        acted.append(Acted(delivery=case.delivery, before=case.delivery.state, result=result, said=said))
    return acted


def _done(
    hub: Hub, deliveries: Sequence[str], order: Order, decide: Decide, word: Word | None, tx: Transaction
) -> list[Acted]:
    """The unit of work."""
    acted = []
    tx.flush()
    for delivery in deliveries:
        case = _case(hub, tx.connection, delivery, order)
        decided = decide(case)
        if isinstance(decided, Change):
            _change(tx, case, decided)
            if word is not None and decided.settlement and decided.settlement.state is DeliveryState.REFUSED:
                write_down(tx, *word)
            result, said = Result.DONE, decided.said
        else:
            result, said = decided
        now = store.get(tx.connection, delivery)
        assert now is not None
        acted.append(Acted(delivery=now, before=case.delivery.state, result=result, said=said))
    return acted


def _change(tx: Transaction, case: Case, change: Change) -> None:
    changed = True
    if change.onward is not None:
        changed = resuming.resume(tx, case.delivery, change.onward, case.order.by, case.order.why)
    elif change.settlement is not None:
        changed = store.settle(tx, case.delivery, change.settlement, [case.delivery.state])
        if change.settlement.endpoint is not None:
            tx.wake(change.settlement.endpoint)
    assert changed, f"delivery {case.delivery.id} changed within its own transaction"


def _case(hub: Hub, connection: sa.Connection, delivery: str, order: Order) -> Case:
    found = store.one(connection, delivery)
    if found is None:
        raise NotFound(UNKNOWN.say(delivery=delivery), Sought.DELIVERY)
    now = hub.clock()
    today = now.astimezone(hub.zone).date()
    stopped = Stopped(*found, hub.directory, hub.config.policy.successions, today)
    return Case(
        connection=connection, delivery=found[0], message=found[1], stopped=stopped, order=order, now=now
    )


async def one(hub: Hub, delivery: str) -> tuple[Delivery, Message]:
    """Return a delivery and its message. Raises `NotFound`."""
    found = await hub.store.read(lambda connection: store.one(connection, delivery))
    if found is None:
        raise NotFound(UNKNOWN.say(delivery=delivery), Sought.DELIVERY)
    return found
