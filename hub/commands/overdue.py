"""List what is late, since when, and whose turn it is: what can still be mended first, worst first."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from hub import show
from hub.commands import _completing
from hub.commands._click import command, option
from hub.commands._parts import CODE, NUMBER, json_option
from hub.commands._session import Session
from hub.deadlines import BASES, Kind, Turn
from hub.show import Toned
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub
    from hub.overdue import Overdue

TURNS = {
    Turn.ADDRESSEE: Text(vi="nơi nhận", en="addressee"),
    Turn.SENDER: Text(vi="nơi gửi", en="sender"),
}


@command(
    "overdue",
    about=Text(vi="Liệt kê việc quá hạn và đến lượt ai.", en="List what is late, and whose turn it is."),
    more=Text(
        vi="Việc còn xử lý được đứng trước, khẩn nhất và trễ nhất trước; sau cùng là văn bản đã gửi muộn. "
        "Có việc quá hạn hay không, lệnh vẫn kết thúc với mã 0.",
        en="What can still be mended comes first, the urgent and the latest before the others; last, what was sent "
        "late. The exit code is 0 whether something is late or not.",
    ),
    examples=(
        (
            "edochub overdue --agency H49.13 --kind reply",
            Text(vi="Những phản hồi quá hạn của một cơ quan.", en="List an agency's late answers."),
        ),
    ),
)
@option(
    "--agency",
    value=CODE,
    shell_complete=_completing.agencies,
    about=Text(vi="Chỉ những việc đến lượt cơ quan này.", en="Only what is this agency's turn."),
)
@option(
    "--kind",
    type=click.Choice([str(kind) for kind in Kind]),
    about=Text(
        vi="Chỉ một loại: arrival báo đã nhận, registration vào sổ, request trả lời yêu cầu lấy lại, "
        "reply trả lời theo DueDate, sent gửi muộn.",
        en="Only one kind: arrival (notice of arrival), registration, request (answer to a recall), "
        "reply (by DueDate), sent (sent late).",
    ),
)
@option(
    "--limit",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    value=NUMBER,
    about=Text(vi="Liệt kê nhiều nhất bấy nhiêu.", en="List at most so many."),
)
@json_option
@click.pass_obj
def overdue(session: Session, agency: str | None, kind: str | None, limit: int, as_json: bool) -> None:
    """List, worst first."""

    async def look(hub: Hub) -> list[Overdue]:
        await hub.refresh_directory()
        return await hub.overdue(agency=agency, kind=Kind(kind) if kind else None, limit=limit)

    found = session.ask(look)
    if as_json:
        show.as_json({"overdue": [each.as_json() for each in found]})
    else:
        _list(found)


def _list(found: list[Overdue]) -> None:
    columns = [
        Text(vi="Trễ", en="Late by"),
        Text(vi="Việc", en="What"),
        Text(vi="Đến lượt", en="Whose turn"),
        Text(vi="Mã", en="Code"),
        Text(vi="Số, ký hiệu", en="Number"),
        Text(vi="Trích yếu", en="Subject"),
        Text(vi="Từ lúc", en="Since"),
        Text(vi="Hạn", en="Due"),
        Text(vi="Văn bản", en="Message"),
    ]
    rows = [
        [
            Toned(spoken(each.late), "bad" if each.open.priority else "warning"),
            each.rule.name,
            TURNS[each.rule.turn],
            each.turn,
            each.open.code,
            each.open.subject,
            each.open.since,
            each.due,
            each.open.message,
        ]
        for each in found
    ]
    show.table(columns, rows, empty=Text(vi="Không có việc nào quá hạn.", en="Nothing is late."))
    for rule in {each.rule.id: each.rule for each in found}.values():
        show.line(Toned(f"{rule.name}: {rule.within} ({rule.citation}; {BASES[rule.basis]})", "quiet"))


def spoken(late: timedelta) -> Text:
    """Return a length of time in its largest unit."""
    hours, days = int(late.total_seconds() // 3_600), late.days
    if days:
        return Text(vi=f"{days} ngày", en=f"{days} day{'s' if days > 1 else ''}")
    if hours:
        return Text(vi=f"{hours} giờ", en=f"{hours} hour{'s' if hours > 1 else ''}")
    minutes = int(late.total_seconds() // 60)
    return Text(vi=f"{minutes} phút", en=f"{minutes} min")
