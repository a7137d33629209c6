"""List deliveries, all or those in one state: what waits, what is stuck, what is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hub import show
from hub.commands import _tables
from hub.commands._click import command, option
from hub.commands._parts import NUMBER, json_option
from hub.commands._session import Session
from hub.model import Delivery, DeliveryState
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub


@command(
    "deliveries",
    about=Text(vi="Liệt kê các lượt chuyển.", en="List deliveries."),
    more=Text(
        vi="Những lượt cần người xử lý: --state suspended và --state held.",
        en="What a person must look at: --state suspended and --state held.",
    ),
)
@option(
    "--state",
    type=click.Choice([str(state) for state in DeliveryState]),
    about=Text(vi="Chỉ liệt kê trạng thái này.", en="Only those in this state."),
)
@option(
    "--limit",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    value=NUMBER,
    about=Text(vi="Liệt kê nhiều nhất bấy nhiêu.", en="List at most so many."),
)
@json_option
@click.pass_obj
def deliveries(session: Session, state: str | None, limit: int, as_json: bool) -> None:
    """List, the newest first."""

    async def look(hub: Hub) -> list[Delivery]:
        return await hub.deliveries(DeliveryState(state) if state else None, limit)

    found = session.ask(look)
    if as_json:
        show.as_json({"deliveries": [delivery.as_json() for delivery in found]})
    else:
        _tables.deliveries(found)
