"""What an operator does to deliveries: hold, release, withdraw, expire. (Sending again: `hub.resending`.)

Here is what each order decides for a delivery; giving an order, carrying it out and telling of it is `hub.orders`.

    hold       not taken yet          -> SUSPENDED, until somebody releases it by name
    release    suspended, held, waits -> on its way again (`hub.resuming`)
    withdraw   not taken yet          -> WITHDRAWN; the sender is not written to, and sees who withdrew it and why
    expire     not taken yet          -> REFUSED, and a status 02 tells the sender

Status 02 means that the addressee refuses. Of what an operator takes back no addressee has said anything, so no 02 goes
out for it; the reason stands in the trace, on the console and in the answer to who fetches it too late.

A delivery that an addressee has had before and that is being sent again stays delivered when that is given up.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from hub import answers, resuming
from hub.exchange.plan import WITHDRAWABLE
from hub.model import Delivery, DeliveryState, Endpoint, Message
from hub.obstacle import Step, obstacle
from hub.orders import IS_SO, Acted, Case, Change, Decided, Order, Result, Word, carry_out, one
from hub.resuming import RESUMABLE
from hub.store.deliveries import Settlement
from hub.store.given import stopped_by_a_person
from hub.words import STATES, days
from schemas.text import Sentence, Text

if TYPE_CHECKING:
    from hub.app import Hub

__all__ = ["Acted", "Order", "Result", "expire", "hold", "release", "withdraw"]

HELD_BACK = Sentence(vi="{by} dừng lượt chuyển: {why}", en="{by} stopped it: {why}")
WITHDREW = Sentence(
    vi="Người vận hành trục ({by}) rút lượt chuyển trước khi giao: {why}",
    en="The hub's operator ({by}) withdrew it before delivery: {why}",
)
EXPIRED = Sentence(
    vi="Sau {days} nơi nhận chưa lấy, trục thôi chuyển: {why}",
    en="Not taken after {days}; the hub has given up: {why}",
)
ENDED_REPEAT = Sentence(
    vi="Thôi gửi lại, nơi nhận vẫn giữ bản đã nhận: {why}",
    en="It is not sent again, the addressee keeps what it has: {why}",
)

WILL_HOLD = Text(vi="dừng lại", en="stopped")
WILL_GO_ON = Sentence(vi="gửi tiếp đến {code} qua {endpoint}", en="it goes on to {code} through {endpoint}")
WILL_WITHDRAW = Text(vi="rút lại", en="withdrawn")
WILL_EXPIRE = Text(vi="thôi chuyển, báo bên gửi (02)", en="given up; the sender is told (02)")
WILL_EXPIRE_UNTOLD = Text(vi="thôi chuyển", en="given up")
WILL_END_REPEAT = Text(vi="thôi gửi lại", en="not sent again")
IS_HELD = Sentence(
    vi="không đổi, đang “{state}”; nó tự đi khi nơi nhận được kết nối",
    en="as it was, it is “{state}”; it goes by itself once its addressee is connected",
)
BEING_SENT = Text(
    vi="đang được gửi lúc này; thử lại sau ít phút", en="it is being sent; try again in a few minutes"
)
HAS_IT = Text(
    vi="nơi nhận đã có văn bản; chỉ bên gửi yêu cầu lấy lại được (trạng thái 13)",
    en="the addressee has it; only the sender can ask for it back (status 13)",
)
ENDED = Sentence(
    vi="đã “{state}”; cho đi tiếp không được, chỉ gửi lại được",
    en="it is “{state}”: it cannot go on, it can be sent again only",
)
GONE = Text(
    vi="đã rút lại; muốn chuyển thì bên gửi phải gửi văn bản mới",
    en="it is withdrawn; the sender has to send it anew",
)
SWITCHED_OFF = Sentence(vi="điểm kết nối {endpoint} đang khóa", en="endpoint {endpoint} is switched off")


async def hold(hub: Hub, deliveries: Iterable[str], order: Order) -> list[Acted]:
    """Stop deliveries that were not taken yet. Raises `NotFound`."""
    return await carry_out(hub, deliveries, order, "hold", _hold)


async def release(hub: Hub, deliveries: Iterable[str], order: Order, to: str | None = None) -> list[Acted]:
    """Let deliveries go on, a held one to the agency `to` if it was named. Raises `NotFound`."""
    acted = await carry_out(hub, deliveries, order, "release", lambda case: _release(case, to))
    for endpoint in {each.delivery.endpoint for each in acted if each.result is Result.DONE}:
        if endpoint is not None and not order.dry_run:
            hub.worker.forgive(endpoint)
    return acted


async def withdraw(hub: Hub, deliveries: Iterable[str], order: Order) -> list[Acted]:
    """Take deliveries back that were not taken yet. Raises `NotFound`."""
    return await carry_out(hub, deliveries, order, "withdraw", _withdraw)


async def expire(hub: Hub, deliveries: Iterable[str], order: Order) -> list[Acted]:
    """Give deliveries up that nobody took; their senders get a status 02. Raises `NotFound`."""
    acted = []
    for delivery in dict.fromkeys(deliveries):
        found, message = await one(hub, delivery)
        word = None if order.dry_run else await _word(hub, found, message, order)
        acted += await carry_out(hub, [delivery], order, "expire", _expire, word)
    return acted


# --- what each order decides --------------------------------------------------------------------------------------


def _hold(case: Case) -> Decided:
    state, order = case.delivery.state, case.order
    if state is DeliveryState.HELD:
        return Result.ALREADY, IS_HELD.say(state=STATES[state])
    if state is DeliveryState.SUSPENDED and stopped_by_a_person(
        case.connection, case.message.id, case.delivery.id
    ):
        return case.as_it_is
    ended = _ended(state)
    if ended is not None:
        return ended
    return Change(
        said=WILL_HOLD,
        settlement=Settlement(
            state=DeliveryState.SUSPENDED,
            event="delivery.stopped",
            actor=order.by,
            reason=HELD_BACK.say(by=order.name, why=order.why),
            details=(("was", str(state)), *order.details),
        ),
    )


def _release(case: Case, to: str | None) -> Decided:
    state = case.delivery.state
    if state is DeliveryState.WITHDRAWN:
        return Result.IMPOSSIBLE, GONE
    if state is DeliveryState.REFUSED:
        return Result.IMPOSSIBLE, obstacle(ENDED, Step.RESEND, case.delivery.id, state=STATES[state])
    if state not in RESUMABLE:
        return case.as_it_is
    way = resuming.onward(case.stopped, to)
    if isinstance(way, Text):
        return Result.IMPOSSIBLE, way
    off = switched_off(way.endpoint)
    return off or Change(said=WILL_GO_ON.say(code=way.code, endpoint=way.endpoint.id), onward=way)


def switched_off(endpoint: Endpoint) -> tuple[Result, Text] | None:
    """Return why nothing can be sent through an endpoint now; None if something can."""
    if not endpoint.disabled or endpoint.polls:
        return None
    return Result.IMPOSSIBLE, obstacle(SWITCHED_OFF, Step.SWITCH_ON, endpoint.id, endpoint=endpoint.id)


def _withdraw(case: Case) -> Decided:
    order = case.order
    return _give_up(
        case,
        WILL_WITHDRAW,
        Settlement(
            state=DeliveryState.WITHDRAWN,
            event="delivery.withdrawn",
            actor=order.by,
            reason=WITHDREW.say(by=order.name, why=order.why),
            details=(("was", str(case.delivery.state)), *order.details),
        ),
    )


def _expire(case: Case) -> Decided:
    order = case.order
    told = case.message.status_code is None
    return _give_up(
        case,
        WILL_EXPIRE if told else WILL_EXPIRE_UNTOLD,
        Settlement(
            state=DeliveryState.REFUSED,
            event="delivery.expired",
            actor=order.by,
            reason=given_up(case.delivery, order, case.now),
            details=(("was", str(case.delivery.state)), *order.details),
        ),
    )


def _give_up(case: Case, said: Text, settlement: Settlement) -> Decided:
    """End a delivery; one that its addressee has had stays delivered."""
    ended = _ended(case.delivery.state)
    if ended is not None:
        return ended
    if not case.given_before():
        return Change(said=said, settlement=settlement)
    kept = Settlement(
        state=DeliveryState.DELIVERED,
        event="delivery.repeat-ended",
        actor=case.order.by,
        details=case.order.details,
    )
    return Change(said=WILL_END_REPEAT, settlement=kept)


def _ended(state: DeliveryState) -> tuple[Result, Text] | None:
    """Return why nothing can be stopped any more, or needs to be; None if it can."""
    if state in WITHDRAWABLE:
        return None
    if state is DeliveryState.SENDING:
        return Result.IMPOSSIBLE, BEING_SENT
    if state is DeliveryState.DELIVERED:
        return Result.IMPOSSIBLE, HAS_IT
    return Result.ALREADY, IS_SO.say(state=STATES[state])


def given_up(delivery: Delivery, order: Order, now: datetime) -> Text:
    """Return why a delivery was given up, as the sender is told."""
    return EXPIRED.say(days=days((now - delivery.created_at).days), why=order.why)


async def _word(hub: Hub, delivery: Delivery, message: Message, order: Order) -> Word | None:
    """Prepare the status 02 that tells the sender; None if it will not be needed, or nobody can be told."""
    if delivery.state not in WITHDRAWABLE:
        return None
    return await answers.of_refusal(hub, delivery, message, given_up(delivery, order, hub.clock()))
