"""The board of what hurts: what was not taken, not answered, is late, agency by agency; live in a terminal."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from hub import show
from hub.board import HEALTH, LOOK_BACK_DAYS, Board, Health, Row, Watching
from hub.commands._click import command, option
from hub.commands._parts import NUMBER, json_option
from hub.commands._session import Session
from hub.show import Tone, Toned
from schemas.text import Text, so_many

if TYPE_CHECKING:
    from hub.app import Hub

TONES: dict[Health, Tone] = {
    Health.FINE: "good",
    Health.FAILING: "bad",
    Health.SILENT: "warning",
    Health.STOPPED: "bad",
    Health.OFF: "bad",
    Health.NONE: "warning",
}
COLUMNS = [
    Text(vi="Mã", en="Code"),
    Text(vi="Cơ quan nhận", en="Addressee"),
    Text(vi="Điểm kết nối", en="Endpoint"),
    Text(vi="Kết nối", en="Connection"),
    Text(vi="Chưa nhận", en="Not taken"),
    Text(vi="Giữ", en="Held"),
    Text(vi="Dừng", en="Suspended"),
    Text(vi="Cũ nhất", en="Oldest"),
    Text(vi="Chưa trả lời", en="Unanswered"),
    Text(vi="Trễ", en="Late"),
    Text(vi="Khẩn trễ", en="Urgent, late"),
    Text(vi="Quá hạn trả lời", en="Past due"),
    Text(vi="Lỗi gần nhất", en="Last error"),
]
ALL_WELL = Text(vi="Không có gì đang chờ.", en="Nothing waits.")
MORE = Text(vi="Xem vì sao: “edochub why MÃ”.", en="To see why: “edochub why ID”.")


@command(
    "board",
    about=Text(
        vi="Bảng theo dõi: văn bản chưa nhận, chưa trả lời, bị trễ.",
        en="The board: what was not taken, not answered, is late.",
    ),
    more=Text(
        vi="Theo từng cơ quan nhận, nơi đáng lo nhất đứng trước; ở cuối là những gói tin trục từ chối trong 24 giờ. "
        "Trên màn hình thì cập nhật liên tục, Ctrl-C để thôi; “Trễ” tính theo các mốc của “edochub overdue”.",
        en="Addressee by addressee, what hurts most first; at the end the packages that the hub refused within 24 "
        "hours. In a terminal it is kept up to date until Ctrl-C; “late” is by the deadlines of “edochub overdue”.",
    ),
    examples=(
        (
            "edochub board --every 10 --days 7",
            Text(
                vi="Bảng theo dõi bảy ngày, mười giây làm mới một lần.",
                en="Show the board of seven days, anew every ten seconds.",
            ),
        ),
        (
            "edochub board --once --json",
            Text(vi="Lấy số liệu một lần cho chương trình đọc.", en="Get the figures once, for programs."),
        ),
    ),
)
@option("--once", is_flag=True, about=Text(vi="In một lần rồi thôi.", en="Print it once."))
@option(
    "--every",
    type=click.FloatRange(min=0.5, max=3_600),
    default=5.0,
    show_default=True,
    value=Text(vi="GIÂY", en="SECONDS"),
    about=Text(vi="Cập nhật sau mỗi bao nhiêu giây.", en="Look again after so many seconds."),
)
@option(
    "--days",
    type=click.IntRange(min=1, max=3_660),
    default=LOOK_BACK_DAYS,
    show_default=True,
    value=NUMBER,
    about=Text(
        vi="Xét việc trả lời của văn bản trong bấy nhiêu ngày gần đây.",
        en="Ask for answers to what was sent within so many days.",
    ),
)
@option(
    "--limit",
    type=click.IntRange(min=1),
    default=40,
    show_default=True,
    value=NUMBER,
    about=Text(vi="Hiện nhiều nhất bấy nhiêu cơ quan.", en="Show at most so many agencies."),
)
@json_option
@click.pass_obj
def board(session: Session, once: bool, every: float, days: int, limit: int, as_json: bool) -> None:
    """Show the board."""
    if not (once or as_json) and show.on_terminal(sys.stdout):
        session.ask(lambda hub: _keep_showing(hub, days, every, limit))
        return

    async def look(hub: Hub) -> Board:
        return await Watching(hub, days).look()

    found = session.ask(look)
    if as_json:
        show.as_json(found.as_json())
        return
    show.table(COLUMNS, [_cells(row) for row in found.rows[:limit]], empty=ALL_WELL)
    for sentence in _below(found, limit):
        show.line(sentence)


async def _keep_showing(hub: Hub, days: int, every: float, limit: int) -> None:
    watching = Watching(hub, days)
    with show.live() as update:
        while True:
            _show(update, await watching.look(), limit)
            await asyncio.sleep(every)


def _show(update: Callable[..., None], found: Board, limit: int) -> None:
    update(COLUMNS, [_cells(row) for row in found.rows[:limit]], [str(each) for each in _below(found, limit)])


def _cells(row: Row) -> list[object]:
    return [
        row.code,
        row.name,
        row.endpoint,
        Toned(HEALTH[row.health], TONES[row.health]),
        row.untaken or None,
        Toned(row.held, "warning") if row.held else None,
        Toned(row.suspended, "bad") if row.suspended else None,
        row.oldest,
        row.unanswered or None,
        Toned(row.late, "warning") if row.late else None,
        Toned(row.late_urgent, "bad") if row.late_urgent else None,
        Toned(row.overdue, "warning") if row.overdue else None,
        row.error,
    ]


def _below(found: Board, limit: int) -> Sequence[Text]:
    """Return what is said under the table: the sums, what was refused, and where to look next."""
    sums = found.totals
    said = [
        Text(
            vi=f"{show.when(found.at)}: {sums['untaken']} chưa nhận ({sums['held']} giữ, {sums['suspended']} dừng), "
            f"{sums['unanswered']} chưa trả lời, {sums['late']} trễ, {sums['overdue']} quá hạn trả lời.",
            en=f"{show.when(found.at)}: {sums['untaken']} not taken ({sums['held']} held, {sums['suspended']} "
            f"suspended), {sums['unanswered']} unanswered, {sums['late']} late, {sums['overdue']} past due.",
        )
    ]
    if len(found.rows) > limit:
        more = len(found.rows) - limit
        left = so_many(more, "more agency", "more agencies")
        said.append(Text(vi=f"Còn {more} cơ quan nữa: --limit.", en=f"{left}: --limit."))
    if found.refused:
        said.append(
            Text(
                vi=f"Trục từ chối {found.refused} gói tin trong 24 giờ qua; mới nhất:",
                en=f"The hub refused {so_many(found.refused, 'package', 'packages')} within 24 hours; the newest:",
            )
        )
    for refusal in found.refusals:
        first = refusal.findings[0].message if refusal.findings else refusal.message
        who = refusal.sender or refusal.endpoint
        at = show.when(refusal.at)
        said.append(
            Text(vi=f"  {refusal.id}  {at}  {who}: {first.vi}", en=f"  {refusal.id}  {at}  {who}: {first.en}")
        )
    if found.rows or found.refused:
        said.append(MORE)
    return said
