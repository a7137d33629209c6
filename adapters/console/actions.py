"""What an operator can do with deliveries, what each order means, and who carries it out in the hub.

Before it is done an order is tried dry: the person sees of each delivery what would come of it, then says yes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from hub import acting, resending
from hub.acting import Acted, Order
from hub.app import Hub
from hub.exchange.plan import WITHDRAWABLE
from hub.model import Delivery, DeliveryState
from hub.resuming import RESUMABLE
from schemas.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An order for some deliveries. `to`: where one goes whose closed code has several successors."""

    deliveries: Sequence[str]
    order: Order
    to: str | None = None
    again: bool = False  # to an addressee that has it, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something that can be done."""

    name: str
    button: Text
    meaning: Text
    states: tuple[DeliveryState, ...]
    run: Callable[[Hub, Wanted], Awaitable[list[Acted]]]
    needs_reason: bool = True
    final: bool = False


async def _release(hub: Hub, wanted: Wanted) -> list[Acted]:
    return await acting.release(hub, wanted.deliveries, wanted.order, wanted.to)


async def _resend(hub: Hub, wanted: Wanted) -> list[Acted]:
    return await resending.resend(hub, wanted.deliveries, wanted.order, again=wanted.again)


async def _hold(hub: Hub, wanted: Wanted) -> list[Acted]:
    return await acting.hold(hub, wanted.deliveries, wanted.order)


async def _withdraw(hub: Hub, wanted: Wanted) -> list[Acted]:
    return await acting.withdraw(hub, wanted.deliveries, wanted.order)


async def _expire(hub: Hub, wanted: Wanted) -> list[Acted]:
    return await acting.expire(hub, wanted.deliveries, wanted.order)


ACTIONS: dict[str, Action] = {
    action.name: action
    for action in (
        Action(
            name="release",
            button=Text(vi="Cho đi tiếp", en="Let it go on"),
            meaning=Text(
                vi="Đưa lại vào hàng chờ và gửi ngay; lượt tạm giữ được định lại nơi nhận theo danh bạ.",
                en="Put back in the queue and sent now; what was held is routed anew by the directory.",
            ),
            states=RESUMABLE,
            run=_release,
            needs_reason=False,
        ),
        Action(
            name="resend",
            button=Text(vi="Gửi lại", en="Send again"),
            meaning=Text(
                vi="Một lần gửi mới của chính văn bản này, cùng mã lượt chuyển; lỗi cũ vẫn được lưu.",
                en="A new attempt at the same document under the same id; what went wrong before is kept.",
            ),
            states=(*resending.RESENDABLE, DeliveryState.DELIVERED),
            run=_resend,
        ),
        Action(
            name="hold",
            button=Text(vi="Dừng lại", en="Hold"),
            meaning=Text(
                vi="Không gửi nữa cho đến khi có người cho đi tiếp.",
                en="It is not sent until somebody lets it go on.",
            ),
            states=(DeliveryState.QUEUED, DeliveryState.WAITING_FOR_RETRY, DeliveryState.AVAILABLE),
            run=_hold,
        ),
        Action(
            name="withdraw",
            button=Text(vi="Rút lại", en="Withdraw"),
            meaning=Text(
                vi="Trục rút lượt chuyển chưa ai nhận. Không gửi trạng thái cho ai; bên gửi thấy lý do khi tra cứu.",
                en="The hub takes back what nobody has taken. No status goes out; the sender's trace has the reason.",
            ),
            states=WITHDRAWABLE,
            run=_withdraw,
            final=True,
        ),
        Action(
            name="expire",
            button=Text(vi="Thôi chuyển", en="Give up"),
            meaning=Text(
                vi="Trục thôi chuyển và báo bên gửi bằng trạng thái 02 kèm lý do.",
                en="The hub gives up, and a status 02 tells the sender why.",
            ),
            states=WITHDRAWABLE,
            run=_expire,
            final=True,
        ),
    )
}


def possible(delivery: Delivery) -> list[Action]:
    """Return what can be done with a delivery as it stands."""
    return [action for action in ACTIONS.values() if delivery.state in action.states]
