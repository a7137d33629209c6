"""`edochub agencies what-if`: what codes would do after a merger decision. Nothing is written but the answer."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hub import show, what_if
from hub.agencies_file import read
from hub.commands._click import argument, command, option
from hub.commands._parts import DAY, FILE, Day, json_option
from hub.commands._session import Session
from hub.commands.route import TONES
from hub.destination import Destination
from hub.destination_words import DECISIONS, explanation
from hub.show import Toned
from hub.what_if import Change
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub

HEADINGS = ("code", "now", "now_case", "now_vi", "now_en", "after", "after_case", "after_vi", "after_en")


@command(
    "what-if",
    about=Text(
        vi="Thử một quyết định sắp xếp: các mã sẽ ra sao. Không ghi gì vào danh bạ.",
        en="Try a merger decision out: what codes would do after it. The directory stays as it is.",
    ),
    examples=(
        (
            "edochub agencies what-if decision.csv --codes codes.csv --date 2027-01-01 -o changes.csv",
            Text(
                vi="Thử quyết định sáp nhập và ghi kết quả ra tệp.",
                en="Try the decision out and write what changes into a file.",
            ),
        ),
    ),
)
@argument(
    "decision",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    value=Text(vi="QUYẾT_ĐỊNH.csv", en="DECISION.csv"),
    about=Text(
        vi="Các cơ quan theo quyết định, dạng tệp của “agencies import”.",
        en="The agencies as the decision has them, a file as for “agencies import”.",
    ),
)
@option(
    "--codes",
    "codes_file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    value=Text(vi="MÃ.csv", en="CODES.csv"),
    about=Text(
        vi="Các mã cần thử: cột code, hoặc mỗi dòng một mã.",
        en="The codes to try: a column code, or one a line.",
    ),
)
@option(
    "--date",
    "day",
    type=Day(),
    value=DAY,
    about=Text(
        vi="Ngày để xét sau quyết định. Mặc định: ngày muộn nhất nêu trong quyết định, không sớm hơn hôm nay.",
        en="The day to look at after it. If not given: the latest day in the decision, today at the earliest.",
    ),
)
@option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    value=FILE,
    about=Text(vi="Ghi kết quả vào tệp CSV này.", en="Write the answer to this CSV file."),
)
@json_option
@click.pass_obj
def what_if_(
    session: Session,
    decision: Path,
    codes_file: Path,
    day: date | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Decide on every code as things are, and as they would be."""
    content, codes = decision.read_bytes(), what_if.codes_of(codes_file.read_bytes())

    async def look(hub: Hub) -> tuple[list[Change], tuple[Text, ...]]:
        found = read(content, hub.directory)
        today = hub.directory.day(None)
        after = day or what_if.takes_effect(found.rows, today)
        policy = hub.config.policy.successions
        return what_if.changes(hub.directory, found.rows, codes, today, after, policy), found.warnings

    changes, warnings = session.ask(look)
    if output is not None:
        output.write_text(_csv(changes), encoding="utf-8-sig")  # so that Excel reads the diacritics
    if as_json:
        show.as_json(_json(changes, warnings))
        return
    for warning in warnings:
        show.complain(Toned(warning, "warning"))
    _tell(changes, output)


def _tell(changes: list[Change], output: Path | None) -> None:
    columns = [
        Text(vi="Mã", en="Code"),
        Text(vi="Hiện nay", en="Now"),
        Text(vi="Sau quyết định", en="After"),
        Text(vi="Giải thích", en="Why"),
    ]
    if output is None:
        rows = [
            [each.code, _toned(each.now), _toned(each.after), explanation(each.after)] for each in changes
        ]
        show.table(columns, rows, empty=Text(vi="Không có mã nào.", en="There are no codes."))
    for line in what_if.summary(changes):
        show.line(line)
    if output is not None:
        show.line(Text(vi=f"Kết quả: {output}", en=f"The answer is in {output}"))


def _toned(made: Destination) -> Toned:
    return Toned(DECISIONS[made.outcome], TONES[made.outcome])


def _csv(changes: list[Change]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for each in changes:
        writer.writerow([each.code, *_cells(each.now), *_cells(each.after)])
    return written.getvalue()


def _cells(made: Destination) -> list[str]:
    why = explanation(made)
    return [str(made.outcome), str(made.case), why.vi, why.en]


def _json(changes: list[Change], warnings: tuple[Text, ...]) -> dict[str, Any]:
    return {
        "codes": [
            {"code": each.code, "now": _shape(each.now), "after": _shape(each.after)} for each in changes
        ],
        "summary": [line.as_json() for line in what_if.summary(changes)],
        "warnings": [warning.as_json() for warning in warnings],
    }


def _shape(made: Destination) -> dict[str, Any]:
    return {
        "date": made.today.isoformat(),
        "decision": str(made.outcome),
        "case": str(made.case),
        "agency": made.reached if made.agency else None,
        "endpoint": made.endpoint.id if made.endpoint else None,
        "explanation": explanation(made).as_json(),
    }
