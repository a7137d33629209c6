"""List deliveries: what waits, what is stuck, what is done; by endpoint, agency, state and age, page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from hub import show
from hub.commands import _tables
from hub.commands._act_options import Filters, filter_options
from hub.commands._click import command, option
from hub.commands._parts import DELIVERY, NUMBER, json_option
from hub.commands._session import Session
from hub.model import Delivery, DeliveryState
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub

SHORT = 70  # characters of an error in the list


@command(
    "deliveries",
    about=Text(vi="Liệt kê các lượt chuyển.", en="List deliveries."),
    more=Text(
        vi="Những lượt cần người xử lý: --state suspended --state held. Vì sao một lượt chưa đến: “edochub why”.",
        en="What a person must look at: --state suspended --state held. Why one is not there: “edochub why”.",
    ),
    examples=(
        (
            "edochub deliveries --endpoint ha-long --state waiting_for_retry --older-than 2h",
            Text(
                vi="Những lượt chờ gửi lại đã quá hai giờ.",
                en="List what has waited for a retry for over two hours.",
            ),
        ),
    ),
)
@filter_options
@option(
    "--limit",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    value=NUMBER,
    about=Text(vi="Mỗi trang nhiều nhất bấy nhiêu.", en="At most so many a page."),
)
@option(
    "--after",
    default="",
    value=DELIVERY,
    about=Text(
        vi="Trang sau: mã lượt chuyển cuối của trang trước.",
        en="The next page: the last id of the page before.",
    ),
)
@json_option
@click.pass_obj
def deliveries(
    session: Session,
    endpoint: str | None,
    agency: str | None,
    state: Sequence[str],
    older_than: float | None,
    limit: int,
    after: str,
    as_json: bool,
) -> None:
    """List, the newest first."""
    filters = Filters(endpoint=endpoint, agency=agency, state=state, older_than=older_than)

    async def look(hub: Hub) -> tuple[list[Delivery], dict[str, Text], int]:
        from hub.references import chosen, listed

        which = await chosen(
            hub,
            endpoint=filters.endpoint,
            agency=filters.agency,
            states=tuple(DeliveryState(each) for each in filters.state),
            older_than_seconds=filters.older_than,
            after=after,
            limit=limit,
        )
        return await listed(hub, which)

    found, errors, count = session.ask(look)
    more = found[-1].id if len(found) == limit else None
    if as_json:
        shown = [
            each.as_json() | {"last_error": errors[each.id].as_json() if each.id in errors else None}
            for each in found
        ]
        show.as_json({"deliveries": shown, "count": count if count >= 0 else None, "next": more})
        return
    _list(found, errors)
    if count > len(found):
        show.line(Text(vi=f"Tất cả: {count} lượt.", en=f"{count} in all."))
    if more is not None:
        show.line(Text(vi=f"Trang sau: --after {more}", en=f"Next page: --after {more}"))


def _list(found: Sequence[Delivery], errors: Mapping[str, Text]) -> None:
    columns = [
        Text(vi="Lượt chuyển", en="Delivery"),
        Text(vi="Gói tin", en="Message"),
        Text(vi="Nơi nhận", en="To"),
        Text(vi="Điểm kết nối", en="Endpoint"),
        Text(vi="Trạng thái", en="State"),
        Text(vi="Trục giữ từ", en="Since"),
        Text(vi="Số lần gửi", en="Tries"),
        Text(vi="Lần tới", en="Next try"),
        Text(vi="Lý do, lỗi gần nhất", en="Why, last error"),
    ]
    rows = [
        [
            each.id,
            each.message,
            each.addressee,
            each.endpoint,
            _tables.state(each),
            each.created_at,
            each.attempts,
            each.next_try_at if each.state is DeliveryState.WAITING_FOR_RETRY else None,
            shortly(each.reason or errors.get(each.id)),
        ]
        for each in found
    ]
    show.table(columns, rows, empty=Text(vi="Không có lượt chuyển nào.", en="There are no deliveries."))


def shortly(text: Text | None) -> str | None:
    """Return the beginning of a sentence."""
    said = str(text) if text else ""
    return f"{said[:SHORT].rstrip()}…" if len(said) > SHORT else said or None
