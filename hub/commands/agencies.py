"""The directory of agencies: import a file, list, and show what a code means."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hub import builtin, show
from hub.agencies_file import AgenciesFile, read
from hub.commands import _completing
from hub.commands._agency_certificates import certificate
from hub.commands._click import argument, command, group, option, wrong_usage
from hub.commands._exits import Exit
from hub.commands._import_units import done, import_units
from hub.commands._parts import CODE, NUMBER, json_option
from hub.commands._session import Session, operator
from hub.commands._what_if import what_if_
from hub.directory import Directory, Resolution, Standing
from hub.model import Agency, AgencyCode
from hub.show import Tone, Toned
from hub.store import directory as directory_store
from hub.store.directory import ImportReport
from hub.words import LEVELS
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub

STANDINGS: dict[Standing, tuple[Text, Tone]] = {
    Standing.FOUND: (Text(vi="đang dùng", en="in use"), "good"),
    Standing.CLOSED: (Text(vi="không còn hiệu lực", en="does not hold"), "warning"),
    Standing.UNKNOWN: (Text(vi="không có trong danh bạ", en="not in the directory"), "bad"),
}


@group("agencies", about=Text(vi="Danh bạ cơ quan.", en="The directory of agencies."))
def agencies() -> None:
    """Agencies and their codes over time."""


@command(
    "import",
    about=Text(vi="Nhập danh bạ cơ quan từ tệp CSV.", en="Import agencies from a CSV file."),
    more=Text(
        vi=(
            "Cột bắt buộc: code,name,level,parent; tùy chọn: scheme,valid_from,valid_to,successors. "
            "Nhập lại cùng tệp không đổi gì; có một lỗi thì không nhập gì. "
            "Danh bạ của trục mới là danh bạ trống; --builtin level1 nhập mã cấp 1 có sẵn."
        ),
        en=(
            "Columns: code,name,level,parent, and if wanted scheme,valid_from,valid_to,successors. "
            "The same file again changes nothing; with one fault in it, nothing is imported. "
            "A new hub's directory is empty; --builtin level1 imports the codes of level 1."
        ),
    ),
    examples=(
        (
            "edochub agencies import agencies.csv",
            Text(vi="Nhập danh bạ từ tệp CSV.", en="Import the directory from a CSV file."),
        ),
        (
            "edochub agencies import --builtin level1",
            Text(
                vi="Nhập các cơ quan cấp 1 đi kèm chương trình.",
                en="Import the level 1 agencies that come with the program.",
            ),
        ),
    ),
)
@argument(
    "file",
    required=False,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    value=Text(vi="TỆP.csv", en="FILE.csv"),
    about=Text(vi="Tệp CSV, mã hóa UTF-8.", en="A CSV file in UTF-8."),
)
@option(
    "--builtin",
    "builtin_name",
    type=click.Choice(builtin.NAMES),
    about=Text(
        vi="Nhập dữ liệu kèm theo chương trình: level1 là mã cấp 1 của bộ, ngành và tỉnh, trước và sau năm 2025.",
        en="Import what the hub ships: level1 is the level-1 codes of ministries and provinces, before and after 2025.",
    ),
)
@json_option
@click.pass_obj
def import_(session: Session, file: Path | None, builtin_name: str | None, as_json: bool) -> None:
    """Import all rows, or none."""
    if (file is None) is (builtin_name is None):
        raise wrong_usage(
            Text(
                vi="cần đúng một trong hai: TỆP.csv hoặc --builtin",
                en="expected either FILE.csv or --builtin",
            )
        )
    content = file.read_bytes() if file else b""

    async def take_in(hub: Hub) -> tuple[ImportReport, tuple[Text, ...]]:
        found, warnings = _read(content, hub.directory, shipped=builtin_name is not None)
        actor = operator()
        report = await hub.store.write(
            lambda tx: directory_store.import_agencies(tx, found.rows, actor), "import_agencies"
        )
        return report, warnings

    report, warnings = session.ask(take_in)
    if as_json:
        show.as_json({**report.as_json(), "warnings": [warning.as_json() for warning in warnings]})
        return
    for warning in warnings:
        show.complain(Toned(warning, "warning"))
    show.line(Toned(done(report), "good"))


def _read(content: bytes, directory: Directory, *, shipped: bool) -> tuple[AgenciesFile, tuple[Text, ...]]:
    if not shipped:
        found = read(content, directory)
        return found, found.warnings
    found, sure = builtin.level1(directory)
    return found, (*found.warnings, builtin.warning(sure))


EMPTY = Text(
    vi="Không có cơ quan nào; nhập danh bạ bằng “edochub agencies import TỆP.csv”.",
    en="There are no agencies; import them with “edochub agencies import FILE.csv”.",
)
NOT_FOUND = Text(
    vi="Không có cơ quan nào khớp với mọi từ; thử ít từ hơn, hoặc “edochub agencies show MÃ” nếu biết gần đúng mã.",
    en="No agency fits all of the words; try fewer, or “edochub agencies show CODE” if you nearly know the code.",
)


@command(
    "list",
    about=Text(vi="Liệt kê hoặc tìm cơ quan.", en="List agencies, or search for them."),
    examples=(
        (
            "edochub agencies list so noi vu",
            Text(
                vi="Tìm cơ quan theo tên, không cần dấu.",
                en="Find agencies by name; diacritics do not matter.",
            ),
        ),
    ),
)
@argument(
    "words",
    nargs=-1,
    value=Text(vi="TỪ", en="WORDS"),
    about=Text(
        vi="Tên (có dấu hay không) hoặc mã cần tìm.", en="A name, with or without diacritics, or a code."
    ),
)
@option(
    "--limit",
    type=click.IntRange(min=1),
    value=NUMBER,
    about=Text(vi="Liệt kê nhiều nhất bấy nhiêu.", en="List at most so many."),
)
@json_option
@click.pass_obj
def listed(session: Session, words: tuple[str, ...], limit: int | None, as_json: bool) -> None:
    """List those that fit the words, or all."""

    async def look(hub: Hub) -> Directory:
        return hub.directory

    directory = session.ask(look)
    found = directory.search(" ".join(words), limit or 20) if words else list(directory.agencies[:limit])
    if as_json:
        show.as_json({"agencies": [agency_json(agency, directory) for agency in found]})
        return
    columns = [
        Text(vi="Mã", en="Code"),
        Text(vi="Tên", en="Name"),
        Text(vi="Cấp", en="Level"),
        Text(vi="Trực thuộc", en="Parent"),
        Text(vi="Điểm kết nối", en="Endpoint"),
        Text(vi="Đã hết từ", en="Ended on"),
    ]
    today = directory.day(None)
    rows = [
        [
            agency.code,
            agency.name,
            LEVELS[agency.level],
            agency.parent,
            _endpoint_id(agency, directory),
            _ended(agency, today),
        ]
        for agency in found
    ]
    show.table(columns, rows, empty=NOT_FOUND if words and directory.agencies else EMPTY)


@command(
    "show",
    about=Text(vi="Cho biết một mã là của ai.", en="Show whom a code means."),
    examples=(
        (
            "edochub agencies show H49.13",
            Text(
                vi="Mã này là của cơ quan nào, còn dùng không.",
                en="See whose code it is, and whether it is still in use.",
            ),
        ),
    ),
)
@argument(
    "code",
    value=CODE,
    shell_complete=_completing.agencies,
    about=Text(vi="Mã cơ quan, kể cả mã cũ.", en="The code of an agency, an old one too."),
)
@json_option
@click.pass_obj
def show_(session: Session, code: str, as_json: bool) -> int:
    """Say what a code means today; exit code 1 if nobody bears it."""

    async def look(hub: Hub) -> Resolution:
        return hub.directory.resolve(code)

    found = session.ask(look)
    agency = found.agency
    ending = Exit.YES if agency else Exit.NO
    if as_json:
        shown = agency_json(agency, found.directory) if agency else None
        show.as_json(
            {
                "code": code,
                "state": str(found.state),
                "explanation": found.explanation.as_json(),
                "agency": shown,
            }
        )
        return ending
    word, tone = STANDINGS[found.state]
    show.line(Toned(f"{code}: {word}", tone))
    show.line(found.explanation)
    if agency:
        _tell(agency, found.directory)
    return ending


def _tell(agency: Agency, directory: Directory) -> None:
    show.facts(
        [
            (Text(vi="Tên", en="Name"), agency.name),
            (Text(vi="Cấp", en="Level"), LEVELS[agency.level]),
            (Text(vi="Trực thuộc", en="Parent"), agency.parent),
            (Text(vi="Điểm kết nối", en="Endpoint"), _endpoint_id(agency, directory)),
        ]
    )
    columns = [
        Text(vi="Mã", en="Code"),
        Text(vi="Hệ mã", en="Scheme"),
        Text(vi="Từ ngày", en="From"),
        Text(vi="Đến trước ngày", en="Until before"),
        Text(vi="Kế thừa", en="Successors"),
    ]
    rows = [
        [each.value, each.scheme, each.valid_from, each.valid_to, " ".join(each.successors)]
        for each in agency.codes
    ]
    show.table(columns, rows)


def _ended(agency: Agency, today: date) -> date | None:
    """Return since when an agency has no code any more; None if it has one, or will have."""
    ends = [code.valid_to for code in agency.codes if code.valid_to is not None and code.valid_to <= today]
    return max(ends) if ends and len(ends) == len(agency.codes) else None


def _endpoint_id(agency: Agency, directory: Directory) -> str | None:
    endpoint = directory.endpoint_for(agency)
    return endpoint.id if endpoint else None


def agency_json(agency: Agency, directory: Directory) -> dict[str, Any]:
    """Return the shape that `--json` publishes."""
    return {
        "code": agency.code,
        "name": agency.name,
        "level": str(agency.level),
        "parent": agency.parent,
        "endpoint": _endpoint_id(agency, directory),
        "codes": [_code_json(code) for code in agency.codes],
    }


def _code_json(code: AgencyCode) -> dict[str, Any]:
    return {
        "value": code.value,
        "scheme": str(code.scheme),
        "valid_from": code.valid_from.isoformat() if code.valid_from else None,
        "valid_to": code.valid_to.isoformat() if code.valid_to else None,
        "successors": list(code.successors),
    }


for each in (import_, import_units, listed, show_, what_if_, certificate):
    agencies.add_command(each)
