"""Let a delivery that waits for a person go on, now: once what stopped it is mended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hub import show
from hub.commands import _completing, _tables
from hub.commands._click import argument, command, option
from hub.commands._parts import CODE, DELIVERY, json_option
from hub.commands._session import Session, operator
from hub.model import Delivery
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub


@command(
    "resume",
    about=Text(vi="Cho một lượt chuyển đang dừng gửi tiếp.", en="Let a delivery that is stopped go on."),
    more=Text(
        vi="Dùng khi đã khắc phục nguyên nhân. Lượt tạm giữ được định lại nơi nhận; lượt chờ gửi lại được gửi ngay.",
        en="For when the cause is mended. A held delivery is routed again; one that waits for a retry is sent now.",
    ),
    examples=(
        (
            "edochub resume 01K9X2M7QD3N8R5T6V0W1Y4Z2B",
            Text(vi="Nguyên nhân đã khắc phục: gửi tiếp.", en="The cause is mended: go on."),
        ),
        (
            "edochub resume 01K9X2M7QD3N8R5T6V0W1Y4Z2B --to H49.61.12",
            Text(vi="Chọn cơ quan kế thừa nhận văn bản.", en="Choose the successor that gets it."),
        ),
    ),
)
@argument(
    "delivery",
    value=DELIVERY,
    shell_complete=_completing.deliveries,
    about=Text(vi="Mã lượt chuyển.", en="The delivery's id."),
)
@option(
    "--to",
    value=CODE,
    shell_complete=_completing.agencies,
    about=Text(
        vi="Nơi nhận được chọn khi mã cũ có nhiều cơ quan kế thừa.",
        en="The agency that gets it, when a closed code has several successors.",
    ),
)
@json_option
@click.pass_obj
def resume(session: Session, delivery: str, to: str | None, as_json: bool) -> None:
    """Put one delivery back in the queue."""

    async def go_on(hub: Hub) -> Delivery:
        return await hub.resume(delivery, operator(), to)

    resumed = session.ask(go_on)
    if as_json:
        show.as_json(resumed.as_json())
    else:
        _tables.deliveries([resumed])
