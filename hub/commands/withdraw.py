"""The hub itself takes back what was not taken by an addressee."""

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
    "withdraw",
    about=Text(
        vi="Trục rút lại những lượt chuyển chưa ai nhận.",
        en="The hub takes back deliveries that nobody has taken yet.",
    ),
    more=Text(
        vi="Nơi nhận không được báo. Bên gửi không nhận văn bản trạng thái; "
        "nếu phải báo bên gửi thì dùng “edochub expire”.",
        en="The addressee is not told, and the sender gets no status; "
        "use “edochub expire” where the sender must be told.",
    ),
    examples=(
        (
            'edochub withdraw 01K9X2M7QD3N8R5T6V0W1Y4Z2B --why "gui nham"',
            Text(vi="Rút lại văn bản chưa ai nhận.", en="Take back what nobody has taken yet."),
        ),
    ),
)
@acting(why=True)
@click.pass_obj
def withdraw(session: Session, /, **given: Any) -> Exit:
    """Do it, and show what came of each delivery."""
    from hub import acting as orders
    from hub.exchange.plan import WITHDRAWABLE

    return carry_out(session, orders.withdraw, WITHDRAWABLE, **given)
