"""Give up what nobody took; the senders are told."""

from __future__ import annotations

from typing import Any

import click

from hub.commands._act import carry_out
from hub.commands._act_options import acting
from hub.commands._click import command
from hub.commands._exits import Exit
from hub.commands._session import Session
from schemas.text import Text


@command(
    "expire",
    about=Text(
        vi="Thôi chuyển những lượt quá lâu không ai nhận và báo bên gửi.",
        en="Give deliveries up that nobody took, and tell their senders.",
    ),
    more=Text(
        vi="Bên gửi nhận trạng thái 02 kèm lý do. Nên xem trước bằng --dry-run, ví dụ: "
        "expire --older-than 30d --state available.",
        en="The sender gets a status 02 with the reason. Try --dry-run first, as in: "
        "expire --older-than 30d --state available.",
    ),
    examples=(
        (
            'edochub expire --older-than 30d --why "qua 30 ngay" --dry-run',
            Text(
                vi="Xem trước những lượt quá 30 ngày không ai nhận.",
                en="See first what nobody took within 30 days.",
            ),
        ),
    ),
)
@acting(why=True)
@click.pass_obj
def expire(session: Session, /, **given: Any) -> Exit:
    """Do it, and show what came of each delivery."""
    from hub import acting as orders
    from hub.exchange.plan import WITHDRAWABLE

    return carry_out(session, orders.expire, WITHDRAWABLE, **given)
