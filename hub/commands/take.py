"""Tell the hub that the addressee has a document: it leaves the inbox, and the delivery is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hub import show
from hub.commands import _completing, _tables
from hub.commands._click import argument, command
from hub.commands._parts import DELIVERY, json_option
from hub.commands._session import Session
from hub.errors import NotFound, Sought
from hub.model import Delivery, Endpoint
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub


@command(
    "take",
    about=Text(vi="Báo là nơi nhận đã nhận một gói tin.", en="Say that the addressee has a document."),
    more=Text(vi="Báo lại lần nữa không gây hại.", en="Saying it again does no harm."),
    examples=(
        (
            "edochub take 01K9X2M7QD3N8R5T6V0W1Y4Z2B",
            Text(vi="Xác nhận nơi nhận đã có văn bản.", en="Say that the addressee has the document."),
        ),
    ),
)
@argument(
    "delivery",
    value=DELIVERY,
    shell_complete=_completing.deliveries,
    about=Text(vi="Mã lượt chuyển.", en="The delivery's id."),
)
@json_option
@click.pass_obj
def take(session: Session, delivery: str, as_json: bool) -> None:
    """Take one delivery, as its endpoint."""

    async def acknowledge(hub: Hub) -> Delivery:
        return await hub.take(await endpoint_of(hub, delivery), delivery)

    taken = session.ask(acknowledge)
    if as_json:
        show.as_json(taken.as_json())
    else:
        _tables.deliveries([taken])


async def endpoint_of(hub: Hub, delivery: str) -> Endpoint:
    """Return the endpoint that a delivery is for. The operator may act for any of them."""
    for trace in await hub.trace(delivery):
        for each in trace.deliveries:
            if each.id == delivery and each.endpoint:
                return await hub.endpoint(each.endpoint)
    raise NotFound(
        Text(
            vi=f"Không có lượt chuyển {delivery} nào đang chờ trong hộp thư đến",
            en=f"There is no delivery {delivery} in any inbox",
        ),
        Sought.DELIVERY,
    )
