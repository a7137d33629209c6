"""`edochub agencies import-units`: a province's whole tree of units, old and new, in one command."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub import show
from hub.commands._click import command, option
from hub.commands._parts import CODE, json_option
from hub.commands._session import Session, operator
from hub.show import Toned
from hub.store import directory as directory_store
from hub.store.directory import ImportReport
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub

PROVISIONAL = Text(
    vi=(
        "Mã có dạng H49.X06652, H49.C193 là mã tạm do trục đặt ra từ mã thống kê, không phải mã định danh; thay bằng "
        "mã thật với --codes TỆP khi có."
    ),
    en=(
        "Codes like H49.X06652 and H49.C193 are provisional, made up by this hub of statistical codes; they are no "
        "identifier codes. Replace them with --codes FILE once the real ones are known."
    ),
)


@command(
    "import-units",
    about=Text(
        vi="Nhập cây đơn vị hành chính, mới và cũ, của một tỉnh hoặc cả nước.",
        en="Import the administrative units, old and new, of a province or of the country.",
    ),
    more=Text(
        vi=f"Cần gói dữ liệu: pip install --no-deps vietnamadminunits==1.0.4. {PROVISIONAL.vi}",
        en=f"It needs the data package: pip install --no-deps vietnamadminunits==1.0.4. {PROVISIONAL.en}",
    ),
    examples=(
        (
            "edochub agencies import-units --province 22 --scheme-prefix H49 --codes codes.csv",
            Text(
                vi="Nhập các xã, huyện, tỉnh, cũ và mới, với mã trong tệp.",
                en="Import the communes, districts and province, old and new, with the codes in the file.",
            ),
        ),
    ),
)
@option(
    "--province",
    required=True,
    value=Text(vi="MÃ_THỐNG_KÊ", en="GSO_CODE"),
    about=Text(
        vi="Mã thống kê của tỉnh từ 01/07/2025, ví dụ 22 là Quảng Ninh; hoặc all cho cả nước.",
        en="The province's statistical code since 2025-07-01, such as 22 for Quang Ninh; or all.",
    ),
)
@option(
    "--scheme-prefix",
    "prefix",
    value=CODE,
    about=Text(
        vi="Mã cấp 1 dùng thay mã của tỉnh, ví dụ H49.",
        en="The level-1 code to use instead of the province's.",
    ),
)
@option(
    "--codes",
    "codes_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    value=Text(vi="TỆP.csv", en="FILE.csv"),
    about=Text(
        vi="Mã định danh thật: cột gso_code,code và, nếu có, era (new hoặc old).",
        en="The real identifier codes: columns gso_code,code and, if wanted, era (new or old).",
    ),
)
@json_option
@click.pass_obj
def import_units(
    session: Session, province: str, prefix: str | None, codes_file: Path | None, as_json: bool
) -> None:
    """Import a province, or all of them."""
    # Only this command needs the country's units.
    from hub import units, units_rows

    content = codes_file.read_bytes() if codes_file else None

    async def take_in(hub: Hub) -> ImportReport:
        wanted = units_rows.Wanted(
            province=province,
            today=_today(hub),
            prefix=prefix,
            codes=units_rows.real_codes(content) if content is not None else {},
        )
        rows = units_rows.rows(units.installed(), wanted, hub.directory)
        actor = operator()
        return await hub.store.write(
            lambda tx: directory_store.import_agencies(tx, rows, actor), "import_agencies"
        )

    report = session.ask(take_in)
    if as_json:
        show.as_json({**report.as_json(), "warnings": [PROVISIONAL.as_json()]})
        return
    show.complain(Toned(PROVISIONAL, "warning"))
    show.line(Toned(done(report), "good"))


def _today(hub: Hub) -> date:
    return hub.directory.day(None)


def done(report: ImportReport) -> Text:
    """Return what an import did, as a sentence."""
    return Text(
        vi=f"Đã nhập danh bạ: thêm {report.added}, sửa {report.changed}, giữ nguyên {report.unchanged}.",
        en=f"Imported: {report.added} added, {report.changed} changed, {report.unchanged} as they were.",
    )
