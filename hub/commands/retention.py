"""Remove packages whose time is over, as the settings say: look first what that would be, then do it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub import show
from hub.commands._click import command, group, option
from hub.commands._exits import Exit
from hub.commands._parts import NUMBER, json_option
from hub.commands._session import Session, operator
from hub.errors import Misconfigured
from hub.show import Toned
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub
    from hub.running.retention import Outcome

NO_POLICY = Text(
    vi="Chưa đặt thời hạn lưu trữ nào ở mục [retention]: mọi gói tin được giữ mãi.",
    en="[retention] sets no time: every package is kept for ever.",
)


@group(
    "retention",
    about=Text(
        vi="Thời hạn lưu trữ: xem và xóa nội dung gói tin đã hết hạn.",
        en="Retention: look at packages whose time is over, and remove them.",
    ),
)
def retention() -> None:
    """How long packages are kept."""


@command(
    "plan",
    about=Text(vi="Cho biết lần chạy tới sẽ xóa những gì.", en="Say what the next run would remove."),
    more=Text(
        vi="Không thay đổi gì. Chỉ tính gói tin mà mọi lượt chuyển, chữ ký và thời hạn đã xong.",
        en="Changes nothing. Only packages count of which every delivery, signature and due date is done with.",
    ),
    examples=(
        (
            "edochub retention plan",
            Text(vi="Lần dọn tới sẽ bỏ những gì.", en="See what the next run would remove."),
        ),
    ),
)
@json_option
@click.pass_obj
def plan(session: Session, as_json: bool) -> int:
    """Count what may go, by kind."""

    async def look(hub: Hub) -> list[Outcome]:
        from hub.running import retention as running

        return await running.plan(hub)

    made = session.ask(look)
    if as_json:
        show.as_json({"planned": [each.as_json() for each in made]})
    else:
        _list(made, Text(vi="Sẽ xóa", en="To be removed"))
    return Exit.YES


@command(
    "run",
    about=Text(
        vi="Xuất chứng cứ rồi xóa nội dung các gói tin đã hết hạn.",
        en="Write the evidence of packages whose time is over, and remove them.",
    ),
    more=Text(
        vi=(
            "Mỗi lần xóa là một sự kiện trong sổ nhật ký. Văn bản, lượt chuyển, kết luận về chữ ký và sổ vẫn còn. Trục "
            "đang chạy tự làm việc này mỗi ngày (retention.at). Mã kết thúc 1 nếu có gói tin không xuất được: gói đó "
            "được giữ lại."
        ),
        en=(
            "Each removal is an event in the ledger. Documents, deliveries, verdicts and the ledger stay. A hub that "
            "serves does it each day (retention.at). Exit code 1 if something could not be exported: that is kept."
        ),
    ),
    examples=(
        (
            "edochub retention run --limit 1000",
            Text(
                vi="Ghi chứng cứ rồi bỏ tối đa 1000 gói tin hết hạn lưu.",
                en="Write the evidence of up to 1000 packages and remove them.",
            ),
        ),
    ),
)
@option(
    "--limit",
    type=click.IntRange(min=1),
    value=NUMBER,
    about=Text(vi="Xóa nhiều nhất bấy nhiêu gói tin.", en="Remove at most so many packages."),
)
@json_option
@click.pass_obj
def run(session: Session, limit: int | None, as_json: bool) -> int:
    """Remove, and say how much."""

    async def remove(hub: Hub) -> tuple[list[Outcome], bool]:
        from hub.running import retention as running

        made = await running.run(hub, operator(), limit)
        return made, await hub.store.read(running.gives_back)

    made, gives_back = session.ask(remove)
    code = Exit.NO if any(each.failed for each in made) else Exit.YES
    if as_json:
        show.as_json({"removed": [each.as_json() for each in made], "space_returns": gives_back})
        return code
    _list(made, Text(vi="Đã xóa", en="Removed"))
    for each in made:
        for message in each.failed:
            show.line(Toned(Text(vi=f"Không xuất được {message}", en=f"Not exported: {message}"), "bad"))
    if not gives_back:
        show.line(
            Toned(
                Text(
                    vi="Tệp cơ sở dữ liệu cũ chưa trả lại dung lượng: hãy dừng trục, chạy “edochub retention compact”.",
                    en="This older database file gives no space back: stop the hub, run “edochub retention compact”.",
                ),
                "warning",
            )
        )
    return code


@command(
    "compact",
    about=Text(
        vi="Viết lại tệp SQLite cho gọn; trục phải đang dừng.",
        en="Write the SQLite file anew, without free space; the hub must not be running.",
    ),
    more=Text(
        vi="Cần chỗ trống bằng cỡ tệp. Sau đó dung lượng của gói tin bị xóa được trả lại ngay khi trục đang chạy.",
        en="Needs as much free space as the file is large. From then on space comes back while the hub works.",
    ),
    examples=(
        (
            "edochub retention compact",
            Text(
                vi="Thu gọn tệp SQLite khi trục đã dừng.",
                en="Make the SQLite file smaller; the hub is stopped.",
            ),
        ),
    ),
)
@click.pass_obj
def compact(session: Session) -> int:
    """Run VACUUM, as the only one at the file."""
    from hub.app import only_server

    config = session.config
    if not config.embedded:
        raise Misconfigured(
            Text(
                vi="Chỉ dành cho SQLite; PostgreSQL tự dọn bằng autovacuum",
                en="For SQLite only; PostgreSQL clears by autovacuum",
            )
        )
    file = Path(config.database_url.removeprefix("sqlite:///"))
    with only_server(config):
        before = file.stat().st_size
        connection = sqlite3.connect(file, isolation_level=None)
        try:
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()
        after = file.stat().st_size
    show.line(Text(vi=f"{before} byte, còn {after} byte", en=f"{before} bytes, now {after} bytes"))
    return Exit.YES


def _list(made: list[Outcome], heading: Text) -> None:
    columns = [
        Text(vi="Loại", en="Kind"),
        Text(vi="Thời hạn (ngày)", en="Days"),
        heading,
        Text(vi="Byte", en="Bytes"),
        Text(vi="Chưa xong việc", en="Not done with"),
    ]
    rows = [[each.kind, each.days, each.count, each.octets, each.not_done] for each in made]
    show.table(columns, rows, empty=NO_POLICY)


for each in (plan, run, compact):
    retention.add_command(each)
