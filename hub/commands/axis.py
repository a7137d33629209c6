"""Endpoints that are an axis themselves: hold our book against theirs, and take over their list of agencies."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import click

from hub import show
from hub.commands import _completing
from hub.commands._click import argument, command, group, option
from hub.commands._exits import Exit
from hub.commands._parts import ENDPOINT, json_option
from hub.commands._session import Session, operator
from hub.show import Toned
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub
    from hub.comparing import Comparison
    from hub.reconciling import Kept
    from hub.store.agencies import ImportReport

DAY = Text(vi="NGÀY", en="DAY")
axis_argument = argument(
    "endpoint_id",
    value=ENDPOINT,
    shell_complete=_completing.endpoints,
    about=Text(vi="Điểm kết nối là một trục.", en="An endpoint that is an axis."),
)


@group("axis", about=Text(vi="Các điểm kết nối là một trục khác.", en="Endpoints that are another axis."))
def axis() -> None:
    """What can be asked of an axis."""


@command(
    "reconcile",
    about=Text(
        vi="Đối chiếu sổ của ta trong một ngày với danh sách của trục kia.",
        en="Hold our book of one day against the axis's lists.",
    ),
    more=Text(
        vi="Nêu tên từng gói tin mà một bên có, bên kia không có. Mã kết thúc 1 nếu có chênh lệch. "
        "Chỉ hỏi, không thay đổi gì ở cả hai bên; chạy mỗi ngày một lần.",
        en="Names each package that one side has and the other has not. Exit code 1 if there is a difference. It only "
        "asks, and changes nothing on either side; run it once a day.",
    ),
    examples=(
        (
            "edochub axis reconcile truc-quoc-gia --date 2026-11-02",
            Text(
                vi="Đối chiếu sổ ngày ấy với trục quốc gia.",
                en="Hold the book of that day against the national axis.",
            ),
        ),
    ),
)
@axis_argument
@option(
    "--date",
    "day",
    type=click.DateTime(formats=["%Y-%m-%d", "%d/%m/%Y"]),
    value=DAY,
    about=Text(
        vi="Ngày theo giờ Việt Nam; mặc định là hôm qua.", en="The day in Vietnam; yesterday by default."
    ),
)
@json_option
@click.pass_obj
def reconcile(session: Session, endpoint_id: str, day: datetime | None, as_json: bool) -> int:
    """Compare, and name what does not agree."""

    async def ask(hub: Hub) -> Comparison:
        from hub.axis import Comparable, able
        from hub.comparing import compare

        far = await able(hub, endpoint_id, Comparable)  # type: ignore[type-abstract]
        return await compare(hub, endpoint_id, far, day.date() if day else _yesterday(hub))

    compared = session.ask(ask)
    if as_json:
        show.as_json(compared.as_json())
    else:
        _tell(compared)
    return Exit.NO if compared.differences else Exit.YES


@command(
    "compared",
    about=Text(
        vi="Kết quả lần đối chiếu tự động gần nhất với từng trục.",
        en="What the last daily comparison with each axis found.",
    ),
    more=Text(
        vi="Trục tự đối chiếu mỗi ngày sau giờ đặt ở axis.reconcile_at. Mã kết thúc 1 nếu có chênh lệch.",
        en="The hub compares by itself once a day, after axis.reconcile_at. Exit code 1 if there is a difference.",
    ),
    examples=(
        (
            "edochub axis compared",
            Text(
                vi="Kết quả đối chiếu gần nhất với từng trục.", en="See the last comparison with each axis."
            ),
        ),
    ),
)
@json_option
@click.pass_obj
def compared(session: Session, as_json: bool) -> int:
    """Show what was kept."""

    async def look(hub: Hub) -> list[Kept]:
        from hub.reconciling import every

        return await hub.store.read(every)

    kept = session.ask(look)
    if as_json:
        show.as_json({"comparisons": [each.as_json() for each in kept]})
    else:
        _tell_kept(kept)
    return Exit.NO if any(each.differences for each in kept) else Exit.YES


def _tell_kept(kept: list[Kept]) -> None:
    from hub.comparing import NAMES, Kind

    columns = [
        Text(vi="Trục", en="Axis"),
        Text(vi="Ngày", en="Day"),
        Text(vi="Chênh lệch", en="Difference"),
        Text(vi="Mã ở trục kia", en="Known there as"),
        Text(vi="Nơi nhận", en="To"),
        Text(vi="Văn bản", en="Message"),
    ]
    agree = Text(vi="khớp nhau", en="the books agree")
    rows: list[list[object]] = []
    for each in kept:
        if not each.differences:
            rows.append([each.endpoint, each.day, Toned(agree, "good"), None, None, None])
        rows += [
            [
                each.endpoint,
                each.day,
                NAMES[Kind(found["kind"])],
                found["remote_id"],
                found["to"],
                found["message"],
            ]
            for found in each.differences
        ]
    show.table(columns, rows, empty=Text(vi="Chưa đối chiếu lần nào.", en="Nothing was compared yet."))


def _yesterday(hub: Hub) -> date:
    return hub.clock().astimezone(hub.zone).date() - timedelta(days=1)


def _tell(compared: Comparison) -> None:
    from hub.comparing import NAMES

    if compared.differences:
        count = len(compared.differences)
        show.line(Toned(Text(vi=f"Số chênh lệch: {count}.", en=f"Differences: {count}."), "bad"))
    else:
        show.line(Toned(Text(vi="Hai sổ khớp nhau.", en="The books agree."), "good"))
    show.facts(
        [
            (Text(vi="Ngày", en="Day"), compared.day),
            (Text(vi="Lượt gửi lên", en="Sent up"), compared.sent),
            (Text(vi="Đang chờ ở trục kia", en="Waiting there"), compared.waiting),
            (Text(vi="Chưa xem được", en="Not looked at"), compared.unlooked or None),
        ]
    )
    if not compared.differences:
        return
    columns = [
        Text(vi="Chênh lệch", en="Difference"),
        Text(vi="Mã ở trục kia", en="Known there as"),
        Text(vi="Nơi nhận", en="To"),
        Text(vi="Văn bản", en="Message"),
        Text(vi="Lúc", en="At"),
    ]
    rows = [
        [NAMES[each.kind], each.remote_id, each.to, each.message, each.at] for each in compared.differences
    ]
    show.table(columns, rows)


@command(
    "agencies",
    about=Text(
        vi="Cập nhật danh bạ theo danh sách cơ quan của trục kia.",
        en="Bring the directory up to the axis's list of agencies.",
    ),
    more=Text(
        vi="Cơ quan mà hệ thống của trục này đại diện thì giữ nguyên; cơ quan trục kia đã xóa thì mã hết hiệu lực từ "
        "hôm nay, không bị xóa khỏi danh bạ. Mỗi lần cập nhật là một sự kiện trong sổ.",
        en="Agencies that this hub's own systems speak for stay as they are; the codes of those that the axis deleted "
        "end today, and stay known. Each change of the directory is an event in the ledger.",
    ),
    examples=(
        (
            "edochub axis agencies truc-quoc-gia",
            Text(
                vi="Cập nhật danh bạ theo trục quốc gia.", en="Bring the directory up to the national axis."
            ),
        ),
    ),
)
@axis_argument
@json_option
@click.pass_obj
def agencies(session: Session, endpoint_id: str, as_json: bool) -> None:
    """Ask for the list and import it."""

    async def bring(hub: Hub) -> tuple[ImportReport, int]:
        from hub.axis import ListsAgencies, able
        from hub.store import directory as directory_store

        far = await able(hub, endpoint_id, ListsAgencies)  # type: ignore[type-abstract]
        listed = await far.agencies(hub.directory)
        report = await hub.store.write(
            lambda tx: directory_store.import_agencies(tx, listed.rows, operator()), "import_agencies"
        )
        await hub.refresh_directory()
        return report, listed.unusable

    report, unusable = session.ask(bring)
    if as_json:
        show.as_json({**report.as_json(), "unusable": unusable})
        return
    show.line(
        Toned(
            Text(
                vi=f"Đã cập nhật: thêm {report.added}, sửa {report.changed}, giữ nguyên {report.unchanged}.",
                en=f"Imported: {report.added} added, {report.changed} changed, {report.unchanged} as they were.",
            ),
            "good",
        )
    )
    if unusable:
        show.line(
            Text(
                vi=f"Bỏ qua vì không có mã hoặc tên dùng được: {unusable}.",
                en=f"Left out, for want of a usable code or name: {unusable}.",
            )
        )


for each in (reconcile, compared, agencies):
    axis.add_command(each)
