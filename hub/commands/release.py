"""Let deliveries that stopped go on, now: one, or everything that an outage stopped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from hub.commands import _act_page, _completing
from hub.commands._act_options import Filters, Meant, acting, check_usage, meant, order_of
from hub.commands._click import command, option, wrong_usage
from hub.commands._exits import Exit
from hub.commands._parts import CODE
from hub.commands._session import Session
from hub.model import DeliveryState
from schemas.text import Text

if TYPE_CHECKING:
    from hub.acting import Acted
    from hub.app import Hub

STATES = (DeliveryState.SUSPENDED, DeliveryState.HELD, DeliveryState.WAITING_FOR_RETRY)
ONE = Text(vi="--to chỉ dùng cho một lượt chuyển", en="--to is for one delivery")


@command(
    "release",
    about=Text(
        vi="Cho những lượt chuyển đang dừng đi tiếp ngay.", en="Let deliveries that stopped go on, now."
    ),
    more=Text(
        vi="Cả một sự cố bằng một lệnh: release --endpoint xa-hai-son. Lượt tạm giữ được định lại nơi nhận; lượt do "
        "người vận hành dừng thì phải nêu đích danh, hoặc thêm --stopped.",
        en="A whole outage in one command: release --endpoint xa-hai-son. What is held is routed again; what a person "
        "stopped has to be named, or asked for with --stopped.",
    ),
    examples=(
        (
            "edochub release 01K9X2M7QD3N8R5T6V0W1Y4Z2B",
            Text(vi="Gửi tiếp một lượt chuyển.", en="Let one delivery go on."),
        ),
        (
            "edochub release --endpoint ha-long --stopped --dry-run",
            Text(
                vi="Xem trước mọi lượt đang dừng tới đó sẽ được gửi tiếp.",
                en="See first which stopped deliveries to it would go on.",
            ),
        ),
    ),
)
@acting(why=False)
@option(
    "--to",
    value=CODE,
    shell_complete=_completing.agencies,
    about=Text(
        vi="Nơi nhận được chọn khi mã cũ có nhiều cơ quan kế thừa.",
        en="The agency that gets it, when a closed code has several successors.",
    ),
)
@option(
    "--stopped",
    is_flag=True,
    about=Text(
        vi="Cả những lượt do người vận hành dừng (edochub hold).",
        en="Those too that a person stopped (edochub hold).",
    ),
)
@click.pass_obj
def release(
    session: Session,
    references: Sequence[str],
    endpoint: str | None,
    agency: str | None,
    state: Sequence[str],
    older_than: float | None,
    by: str | None,
    why: str,
    dry_run: bool,
    limit: int,
    to: str | None,
    stopped: bool,
    as_json: bool,
) -> Exit:
    """Let them go on, and show what came of each."""
    filters = Filters(endpoint=endpoint, agency=agency, state=state, older_than=older_than)
    check_usage(references, filters)
    if to is not None and len(references) != 1:
        raise wrong_usage(ONE, "to")
    order = order_of(by, why, dry_run=dry_run)

    async def act(hub: Hub) -> tuple[list[Acted], Meant]:
        from hub import acting as orders

        which = await meant(hub, references, filters, STATES, limit, stopped=stopped)
        return await orders.release(hub, which.ids, order, to), which

    acted, which = session.ask(act)
    return _act_page.tell(acted, order, which, as_json=as_json)
