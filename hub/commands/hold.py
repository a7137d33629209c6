"""Stop deliveries that nobody has taken, until a person releases them."""

from __future__ import annotations

from typing import Any

import click

from hub.commands._act import carry_out
from hub.commands._act_options import acting
from hub.commands._click import command
from hub.commands._exits import Exit
from hub.commands._session import Session
from hub.model import DeliveryState
from schemas.text import Text

STATES = (
    DeliveryState.QUEUED,
    DeliveryState.WAITING_FOR_RETRY,
    DeliveryState.AVAILABLE,
)


@command(
    "hold",
    about=Text(vi="Dừng những lượt chuyển chưa ai nhận.", en="Stop deliveries that nobody has taken yet."),
    more=Text(
        vi="Lượt bị dừng nằm ở trạng thái tạm dừng cho đến khi có người cho đi tiếp bằng “edochub release”, nêu "
        "đích danh.",
        en="They are suspended until somebody lets them go on with “edochub release”, by name.",
    ),
    examples=(
        (
            'edochub hold --agency H49.13 --why "cho xac minh"',
            Text(
                vi="Dừng mọi lượt chuyển tới cơ quan mà chưa ai nhận.",
                en="Stop all deliveries to the agency that nobody has taken.",
            ),
        ),
    ),
)
@acting(why=True)
@click.pass_obj
def hold(session: Session, /, **given: Any) -> Exit:
    """Do it, and show what came of each delivery."""
    from hub import acting as orders

    return carry_out(session, orders.hold, STATES, **given)
