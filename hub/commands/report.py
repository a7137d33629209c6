"""Report on some days: how much was exchanged, how well signed, how much in time; and count it again from evidence."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub import show
from hub.commands import _completing
from hub.commands._click import command, option, wrong_usage
from hub.commands._exits import Exit
from hub.commands._parts import CODE, DAY, FILE, NUMBER, Day, json_option
from hub.commands._session import Session
from hub.model import Level
from hub.show import Toned
from hub.words import LEVELS
from schemas.text import Text, so_many

if TYPE_CHECKING:
    from hub.app import Hub
    from hub.report.compared import Line
    from hub.report.figures import Figures
    from hub.report.recount import Recounted

FORMS = (".csv", ".json", ".xlsx", ".pdf")


@command(
    "report",
    about=Text(
        vi="Báo cáo kỳ: gửi, nhận, ký số, đúng hạn, cơ quan chậm nhất.",
        en="Report on some days: sent, received, signed, in time, the slowest agencies.",
    ),
    more=Text(
        vi="Định nghĩa từng con số: docs/reports.md. --recount tính lại mọi con số từ bằng chứng gốc (sự kiện của sổ "
        "nhật ký, gói tin được phân tích và kiểm tra chữ ký lại) và cho biết từng dòng có khớp không; mã kết thúc 1 "
        "nếu có dòng không khớp.",
        en="Every figure is defined in docs/reports.md. --recount computes every figure again from raw evidence (the "
        "ledger's events, packages parsed and verified anew) and says line by line whether they agree; exit code 1 if "
        "one does not.",
    ),
    examples=(
        (
            "edochub report --from 2026-11-01 --to 2026-11-30 -o 2026-11.xlsx",
            Text(vi="Báo cáo một tháng ra bảng tính.", en="Write the report on a month into a spreadsheet."),
        ),
        (
            "edochub report --from 01/11/2026 --to 30/11/2026 --recount",
            Text(
                vi="Tính lại mọi con số từ bằng chứng gốc.",
                en="Compute every figure again from raw evidence.",
            ),
        ),
    ),
)
@option(
    "--from",
    "first",
    type=Day(),
    value=DAY,
    about=Text(
        vi="Ngày đầu, giờ Việt Nam; mặc định là ngày 1 của tháng trước.",
        en="The first day, in Vietnam; by default the first of last month.",
    ),
)
@option(
    "--to",
    "last",
    type=Day(),
    value=DAY,
    about=Text(
        vi="Ngày cuối, tính cả ngày này; mặc định là cuối tháng của ngày đầu.",
        en="The last day, included; by default the end of the first day's month.",
    ),
)
@option(
    "--agency",
    value=CODE,
    shell_complete=_completing.agencies,
    about=Text(vi="Chỉ cơ quan này.", en="This agency alone."),
)
@option(
    "--level",
    type=click.Choice([str(level) for level in Level]),
    about=Text(
        vi="Chỉ các cơ quan cấp này: " + ", ".join(f"{level} {LEVELS[level].vi}" for level in Level) + ".",
        en="Agencies of this level alone.",
    ),
)
@option(
    "--slowest",
    type=click.IntRange(min=1, max=10_000),
    default=20,
    show_default=True,
    value=NUMBER,
    about=Text(vi="Số cơ quan chậm nhất được nêu.", en="How many of the slowest agencies to name."),
)
@option(
    "-o",
    "--output",
    "output",
    type=click.Path(dir_okay=False, path_type=Path),
    value=FILE,
    about=Text(
        vi="Ghi ra tệp .xlsx, .pdf, .csv hoặc .json thay vì hiện ra.",
        en="Write a .xlsx, .pdf, .csv or .json file instead of showing it.",
    ),
)
@option(
    "--recount",
    is_flag=True,
    about=Text(
        vi="Tính lại từ bằng chứng gốc và đối chiếu từng dòng.",
        en="Count again from raw evidence, and compare line by line.",
    ),
)
@json_option
@click.pass_context
def report(
    context: click.Context,
    first: date | None,
    last: date | None,
    agency: str | None,
    level: str | None,
    slowest: int,
    output: Path | None,
    recount: bool,
    as_json: bool,
) -> None:
    """Count, and show or write."""
    if output is not None and output.suffix.lower() not in FORMS:
        forms = ", ".join(FORMS)
        wrong = Text(vi=f"cần tên tệp kết thúc bằng {forms}", en=f"expected a file name ending in {forms}")
        raise wrong_usage(wrong, "output")
    session: Session = context.obj

    async def count(hub: Hub) -> tuple[Figures, Figures | None, Recounted | None]:
        from hub.report import reporting
        from hub.report.figures import Period

        await hub.refresh_directory()
        begin = first or _month_before(hub.clock().astimezone(show.VIETNAM).date())
        period = Period(begin, last or _end_of_month(begin))
        only = Level(level) if level else None
        if not recount:
            return await reporting.report(hub, period, agency=agency, level=only, slowest=slowest), None, None
        return await reporting.recount(hub, period, agency=agency, level=only, slowest=slowest)

    figures, again, recounted = session.ask(count)
    if output is not None:
        _write(figures, output)
    if again is None or recounted is None:
        _show(figures, output, as_json=as_json)
        return
    context.exit(_compare(figures, again, recounted, as_json=as_json))


def _show(figures: Figures, output: Path | None, *, as_json: bool) -> None:
    from hub.report.sheets import sheets, written
    from hub.report.writing import title

    if as_json:
        show.as_json(figures.as_json())
        return
    if output is not None:
        return
    for line in title(figures):
        show.line(line)
    for sheet in sheets(figures):
        show.heading(sheet.title)
        show.table(
            sheet.head,
            [[written(cell) for cell in row.cells] for row in sheet.rows],
            empty=Text(vi="Không có gì trong kỳ.", en="Nothing in these days."),
        )
        if sheet.note:
            show.line(Toned(sheet.note, "quiet"))


def _write(figures: Figures, output: Path) -> None:
    from hub.durable import write_durably
    from hub.report.writing import FORMS as WRITTEN

    write_durably(output.absolute(), WRITTEN[output.suffix.lower()](figures))
    show.complain(Text(vi=f"Đã ghi {output}", en=f"Written: {output}"))


def _compare(figures: Figures, again: Figures, recounted: Recounted, *, as_json: bool) -> Exit:
    from hub.report.compared import compared
    from hub.report.writing import plain

    lines = compared(figures, again)
    whole = not recounted.ledger.broken and not recounted.damaged
    agrees = whole and all(line.agrees for line in lines)
    if as_json:
        show.as_json(
            {
                "agrees": agrees,
                "lines": [
                    {
                        "table": line.sheet.as_json(),
                        "row": line.row,
                        "column": line.column.as_json(),
                        "reported": None if line.reported is None else plain(line.reported),
                        "recounted": None if line.recounted is None else plain(line.recounted),
                        "agrees": line.agrees,
                    }
                    for line in lines
                ],
                "evidence": {
                    "events": recounted.events,
                    "packages": recounted.packages,
                    "broken": [text.as_json() for text in recounted.ledger.broken],
                    "damaged": [text.as_json() for text in recounted.damaged],
                },
            }
        )
    else:
        _list(figures, lines, recounted)
    return Exit.YES if agrees else Exit.NO


def _list(figures: Figures, lines: tuple[Line, ...], recounted: Recounted) -> None:
    from hub.report.sheets import written
    from hub.report.writing import title

    for line in title(figures):
        show.line(line)
    yes, no = Toned(Text(vi="khớp", en="agrees"), "good"), Toned(Text(vi="KHÔNG KHỚP", en="DIFFERS"), "bad")
    show.table(
        (
            Text(vi="Bảng", en="Table"),
            Text(vi="Dòng", en="Row"),
            Text(vi="Cột", en="Column"),
            Text(vi="Báo cáo", en="Reported"),
            Text(vi="Tính lại", en="Recounted"),
            Text(vi="Kết quả", en="Result"),
        ),
        [
            [
                line.sheet,
                line.row,
                line.column,
                written(line.reported),
                written(line.recounted),
                yes if line.agrees else no,
            ]
            for line in lines
        ],
    )
    for problem in (*recounted.ledger.broken, *recounted.damaged):
        show.line(Toned(problem, "bad"))
    waiting = figures.signed.waiting
    if waiting:
        unsettled = Text(
            vi=f"{waiting:,} văn bản chưa được máy chủ kiểm tra chữ ký của tệp đính kèm: hãy chờ xong rồi tính lại.",
            en="The server has not looked yet into the attachments of "
            f"{so_many(waiting, 'document', 'documents', ',')}: recount when it has.",
        )
        show.line(Toned(unsettled, "warning"))
    differing = sum(not line.agrees for line in lines)
    show.line(
        Text(
            vi=f"Đã đọc lại {recounted.events:,} sự kiện, kiểm tra lại {recounted.packages:,} gói tin: "
            f"{len(lines) - differing} dòng khớp, {differing} dòng không khớp.",
            en=f"{so_many(recounted.events, 'event', 'events', ',')} read again, "
            f"{so_many(recounted.packages, 'package', 'packages', ',')} verified again: "
            f"{so_many(len(lines) - differing, 'line agrees', 'lines agree')}, "
            f"{so_many(differing, 'differs', 'differ')}.",
        )
    )


def _month_before(today: date) -> date:
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


def _end_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
