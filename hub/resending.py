"""A delivery is sent again because a person says so: a new attempt at the same message, with a name of its own.

The addressee gets the same bytes under the same delivery id. What went before stays: every attempt with its error, the
events, and in the new event the state from which it was sent again and the first error of all. Who has it already gets
it a second time only if that is asked for (`again`), and is told that it is a repeat: by the delivery's id, by the
number of the attempt (`Edochub-Attempt`), and in an inbox by a note.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from hub import resuming
from hub.acting import GONE, switched_off
from hub.model import DeliveryState
from hub.obstacle import Step, obstacle
from hub.orders import Acted, Case, Change, Decided, Order, Result, carry_out
from hub.store import deliveries as store
from hub.store import exchange as exchange_store
from hub.store.deliveries import Settlement
from hub.store.given import RESENT, kinds
from hub.words import STATES
from schemas.text import Sentence, Text

if TYPE_CHECKING:
    from hub.app import Hub

FAILED = (DeliveryState.SUSPENDED, DeliveryState.WAITING_FOR_RETRY)  # what “all that failed” means
RESENDABLE = (*FAILED, DeliveryState.REFUSED)

WILL_GO_AGAIN = Sentence(
    vi="gửi lại lần {number} đến {code} qua {endpoint}",
    en="sent again ({number}) to {code} through {endpoint}",
)
REPEAT = Sentence(
    vi="Gửi lại lần {number} theo yêu cầu của {by}: {why}", en="Sent again ({number}) as {by} asked: {why}"
)
NO_REASON = Text(vi="không nêu lý do", en="no reason given")
ON_ITS_WAY = Sentence(vi="không đổi, đang “{state}”", en="as it was, it is “{state}”")
TAKEN = Text(vi="nơi nhận đã có văn bản", en="the addressee has it")
HELD = Text(
    vi="đang tạm giữ, chưa gửi lần nào; chỉ cho đi tiếp được",
    en="it is held and was never sent; it can only be let go on",
)
ASKED_BACK = Text(
    vi="bên gửi đã yêu cầu lấy lại văn bản này, không gửi lại được",
    en="the sender has asked for it back; it cannot be sent again",
)


async def resend(hub: Hub, deliveries: Iterable[str], order: Order, *, again: bool = False) -> list[Acted]:
    """Send deliveries again. Raises `NotFound`."""
    acted = await carry_out(hub, deliveries, order, "resend", lambda case: _resend(case, again=again))
    for endpoint in {each.delivery.endpoint for each in acted if each.result is Result.DONE}:
        if endpoint is not None and not order.dry_run:
            hub.worker.forgive(endpoint)
    return acted


def _resend(case: Case, *, again: bool) -> Decided:
    delivery, state = case.delivery, case.delivery.state
    if state is DeliveryState.WITHDRAWN:
        return Result.IMPOSSIBLE, GONE
    if state is DeliveryState.HELD:
        return Result.IMPOSSIBLE, obstacle(HELD, Step.RELEASE, delivery.id)
    if state is DeliveryState.DELIVERED and not again:
        return Result.IMPOSSIBLE, obstacle(TAKEN, Step.AGAIN, delivery.id)
    if state not in (*RESENDABLE, DeliveryState.DELIVERED):
        return Result.ALREADY, ON_ITS_WAY.say(state=STATES[state])
    if exchange_store.recalled_by(case.connection, case.message.id, delivery.agency):
        return Result.IMPOSSIBLE, ASKED_BACK
    way = resuming.as_before(case.stopped)
    if isinstance(way, Text):
        return Result.IMPOSSIBLE, way
    off = switched_off(way.endpoint)
    if off is not None:
        return off
    number = kinds(case.connection, case.message.id, delivery.id).count(RESENT) + 1
    endpoint, order = way.endpoint, case.order
    return Change(
        said=WILL_GO_AGAIN.say(number=number, code=way.code, endpoint=endpoint.id),
        settlement=Settlement(
            state=DeliveryState.AVAILABLE if endpoint.polls else DeliveryState.QUEUED,
            event=RESENT,
            actor=order.by,
            reason=REPEAT.say(number=number, by=order.name, why=order.why or NO_REASON)
            if case.given_before()
            else None,
            next_try_at=None if endpoint.polls else case.now,
            endpoint=endpoint.id,
            details=(
                ("repeat", number),
                ("was", str(state)),
                ("to", way.code),
                *_first_error(case),
                *order.details,
            ),
        ),
    )


def _first_error(case: Case) -> tuple[tuple[str, Any], ...]:
    """Return what went wrong first of all, which later words must not hide."""
    made = store.attempts_of(case.connection, [case.delivery.id]).get(case.delivery.id, ())
    first = next((each.detail for each in made if each.detail is not None), None)
    return (("first_error", first.as_json()),) if first is not None else ()
