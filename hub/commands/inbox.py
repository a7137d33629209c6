"""List what an endpoint has to take: documents and answers that wait until it fetches them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hub import show
from hub.commands import _completing
from hub.commands._click import argument, command, option
from hub.commands._parts import ENDPOINT, NUMBER, json_option
from hub.commands._session import Session
from hub.inbox import Waiting
from schemas.edxml.codes import kind_name, status_name
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub


@command(
    "inbox",
    about=Text(vi="Liệt kê hộp thư đến của một điểm kết nối.", en="List what an endpoint has to take."),
    examples=(
        (
            "edochub inbox ha-long --limit 20",
            Text(vi="20 văn bản đầu tiên đang chờ nhận.", en="List the first 20 documents that wait there."),
        ),
    ),
)
@argument(
    "endpoint_id",
    value=ENDPOINT,
    shell_complete=_completing.endpoints,
    about=Text(vi="Điểm kết nối.", en="The endpoint."),
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
def inbox(session: Session, endpoint_id: str, limit: int, as_json: bool) -> None:
    """List, the most urgent first."""

    async def look(hub: Hub) -> list[Waiting]:
        return await hub.waiting(await hub.endpoint(endpoint_id), limit=limit)

    waiting = session.ask(look)
    if as_json:
        show.as_json({"deliveries": [each.as_json() for each in waiting]})
        return
    columns = [
        Text(vi="Lượt chuyển", en="Delivery"),
        Text(vi="Loại", en="Kind"),
        Text(vi="Số, ký hiệu", en="Number"),
        Text(vi="Từ", en="From"),
        Text(vi="Đến", en="To"),
        Text(vi="Trích yếu", en="Subject"),
        Text(vi="Tiếp nhận lúc", en="Accepted"),
        Text(vi="Byte", en="Bytes"),
    ]
    rows = [
        [
            each.delivery.id,
            kind_name(each.message.kind),
            each.message.code,
            f"{each.message.sender_name} ({each.message.sender})",
            each.delivery.addressee,
            _subject(each),
            each.message.accepted_at,
            each.message.size,
        ]
        for each in waiting
    ]
    show.table(columns, rows, empty=Text(vi="Hộp thư đến trống.", en="There is nothing to take."))


def _subject(waiting: Waiting) -> str:
    """Return what it is about; an answer has no subject but says how the document stands."""
    code = waiting.message.status_code
    return f"{code} – {status_name(code)}" if code else waiting.message.subject
