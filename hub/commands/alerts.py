"""Show what is wrong and what was, as the hub's alerts have it; try whether they reach people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hub import show
from hub.commands._click import Group, command, option
from hub.commands._exits import Exit
from hub.commands._parts import NUMBER, json_option
from hub.commands._session import Session
from hub.errors import HubError
from hub.show import Toned
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub
    from hub.store.alerts import Alert

STILL = Text(vi="đang diễn ra", en="still so")
TRIED = Text(
    vi="Đây là cảnh báo thử từ lệnh “edochub alerts test”", en="This is a try, from “edochub alerts test”"
)


@click.group(
    "alerts",
    cls=Group,
    invoke_without_command=True,
    about=Text(
        vi="Các cảnh báo đang diễn ra và gần đây; thử kênh báo.",
        en="The alerts of now and of late; try whether they reach anybody.",
    ),
    more=Text(
        vi="Trục đang chạy xem xét mỗi phút (mục [alerts] của cấu hình). Mã kết thúc 1 nếu có cảnh báo đang diễn ra.",
        en="A hub that serves looks every minute ([alerts] of the settings). Exit code 1 while there is an alert.",
    ),
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
@click.pass_context
def alerts(context: click.Context, limit: int, as_json: bool) -> int | None:
    """List the alerts, those that are open first."""
    if context.invoked_subcommand is not None:
        return None
    session: Session = context.obj

    async def look(hub: Hub) -> list[Alert]:
        from hub.store import alerts as store

        return await hub.store.read(lambda connection: store.recent(connection, limit))

    found = session.ask(look)
    code = Exit.NO if any(each.until is None for each in found) else Exit.YES
    if as_json:
        show.as_json({"alerts": [each.as_json() for each in found]})
        return code
    columns = [
        Text(vi="Từ lúc", en="Since"),
        Text(vi="Đến lúc", en="Until"),
        Text(vi="Nội dung", en="What"),
        Text(vi="Đã báo", en="Told"),
    ]
    rows = [
        [
            each.since,
            each.until or Toned(STILL, "bad" if each.urgent else "warning"),
            each.words,
            each.told_at or "-",
        ]
        for each in found
    ]
    show.table(columns, rows, empty=Text(vi="Không có cảnh báo nào.", en="There are no alerts."))
    return code


@command(
    "test",
    about=Text(
        vi="Gửi một cảnh báo thử qua mọi kênh trong cấu hình.",
        en="Send a try through every channel of the settings.",
    ),
    more=Text(
        vi="Không ghi gì vào cơ sở dữ liệu. Mã kết thúc 4 nếu có kênh không nhận.",
        en="Nothing is written to the database. Exit code 4 if a channel does not take it.",
    ),
    examples=(
        (
            "edochub alerts test",
            Text(vi="Gửi thử một cảnh báo qua mọi kênh.", en="Send a try through every channel."),
        ),
    ),
)
@json_option
@click.pass_obj
def test(session: Session, as_json: bool) -> int:
    """Tell each channel, and say whether it took it."""

    async def try_each(hub: Hub) -> dict[str, HubError | None]:
        from hub.ids import new_id
        from hub.store.alerts import Alert, Bundle, Notice

        now, teller = hub.clock(), hub.alerts.teller
        told: dict[str, HubError | None] = {}
        for channel in teller.channels:
            if channel == "log":
                continue
            alert = Alert(new_id(now), "test", "test", TRIED, False, "", now, None)
            try:
                await teller.tell(Bundle(alert.id, channel, now, (Notice(alert, "start", TRIED),)))
                told[channel] = None
            except HubError as error:
                told[channel] = error
        return told

    told = session.ask(try_each)
    failed = not told or any(told.values())
    if as_json:
        show.as_json({channel: error.as_json() if error else None for channel, error in told.items()})
    elif not told:
        show.line(
            Toned(
                Text(
                    vi="Chưa khai kênh nào; hãy đặt alerts.smtp và alerts.mail_to, hoặc alerts.webhook",
                    en="No channel is set; give alerts.smtp and alerts.mail_to, or alerts.webhook",
                ),
                "warning",
            )
        )
    for channel, error in () if as_json else told.items():
        took = Text(vi=f"{channel}: đã nhận", en=f"{channel}: taken")
        show.line(Toned(f"{channel}: {error}", "bad") if error else Toned(took, "good"))
    return Exit.UNREACHABLE if failed else Exit.YES


alerts.add_command(test)
