"""Verify a file: a package, a PDF, evidence of an exchange, a receipt, a checkpoint. Offline, without a database.

What is known of it is worked out by `signing.verifier`, which is also a program of its own for machines without a hub.
Exit codes: 0 all that decides is valid, 1 something is invalid, 3 it cannot be told, or there is no signature.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from hub import show
from hub.commands._click import argument, command, option
from hub.commands._exits import Exit
from hub.commands._parts import FILE, PackageFile, called, json_option, read_package, write_package
from hub.commands._session import Session
from hub.commands._tables import OUTCOME_TONES
from hub.model import utc_now
from hub.show import Toned
from schemas.text import Text

LARGEST = 512 * 1024 * 1024  # octets: evidence holds packages and all that belongs to them


@command(
    "verify",
    about=Text(
        vi="Kiểm tra chữ ký và bằng chứng của một tệp, không cần mạng.",
        en="Verify the signatures and proofs of a file, offline.",
    ),
    more=Text(
        vi="Tệp có thể là gói tin edXML, tệp PDF, bằng chứng (.asice), biên nhận (.p7m), mốc niêm phong của sổ nhật "
        "ký. Không cần cơ sở dữ liệu hay mạng. Mã kết thúc: 0 hợp lệ, 1 không hợp lệ, 3 chưa xác định hoặc không ký.",
        en="The file may be an edXML package, a PDF, evidence (.asice), a receipt (.p7m), a checkpoint of a ledger. "
        "Needs neither database nor network. Exit codes: 0 valid, 1 invalid, 3 undetermined or not signed.",
    ),
    examples=(
        (
            "edochub verify cong-van.edxml --trust trust",
            Text(
                vi="Kiểm tra chữ ký, tin các chứng thư trong thư mục.",
                en="Verify signatures, trusting the certificates in the folder.",
            ),
        ),
        (
            "edochub verify chung-cu.zip --hub hub.pem --report ket-qua.html",
            Text(
                vi="Kiểm tra chứng cứ và ghi kết quả ra trang HTML.",
                en="Verify evidence and write the result as an HTML page.",
            ),
        ),
    ),
)
@argument(
    "file",
    type=PackageFile(),
    value=FILE,
    about=Text(vi="Tệp cần kiểm tra; “-” là đầu vào chuẩn.", en="The file; “-” is standard input."),
)
@option(
    "--trust",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    value=FILE,
    about=Text(
        vi="Chứng thư gốc, thư mục tin cậy, hoặc khóa kiểm của sổ nhật ký; dùng được nhiều lần. "
        "Mặc định là thư mục nêu trong cấu hình.",
        en="A root certificate, a trust folder, or a ledger's verifier key; may be repeated. "
        "By default the configured folder.",
    ),
)
@option(
    "--hub",
    "hubs",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    value=FILE,
    about=Text(
        vi="Chứng thư của trục (“edochub keys certificate”): chỉ nhận bằng chứng do trục đó đóng dấu.",
        en="The hub's certificate (“edochub keys certificate”): evidence counts only if that hub sealed it.",
    ),
)
@option(
    "--at",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]),
    value=Text(vi="THỜI_ĐIỂM", en="TIME"),
    about=Text(vi="Kiểm tra như tại thời điểm này (UTC).", en="Verify as of this time (UTC)."),
)
@option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    value=Text(vi="TỆP.html", en="FILE.html"),
    about=Text(vi="Ghi thêm báo cáo HTML.", en="Write a report in HTML as well."),
)
@option(
    "--details",
    is_flag=True,
    about=Text(vi="In mọi chi tiết của từng phần.", en="Print everything of every part."),
)
@json_option
@click.pass_obj
def verify(
    session: Session,
    file: Path,
    trust: tuple[Path, ...],
    hubs: tuple[Path, ...],
    at: datetime | None,
    report: Path | None,
    details: bool,
    as_json: bool,
) -> int:
    """Verify one file."""
    # Verifying brings cryptography with it, which the other commands start without.
    from signing.verifier import Ending, examine, lines, page, trust_from

    trusted = trust_from(trust or [session.config.path(session.config.trust.anchors)], hubs)
    moment = at if at is None or at.tzinfo else at.replace(tzinfo=UTC)
    found = examine(read_package(file, LARGEST), called(file), trusted, moment or utc_now())
    if report is not None:
        write_package(report, page.of_report(found))
    if as_json:
        show.as_json(found.as_json())
        return Exit(int(found.ending))
    for line in lines.of_report(found, details=details):
        show.line(Toned(line.text, OUTCOME_TONES[line.outcome]) if line.outcome else line.text)
    for problem in trusted.problems:
        show.complain(problem)
    if not trusted.store.anchors and found.ending is not Ending.VALID:
        show.complain(
            Text(vi="Chưa tin cậy chứng thư gốc nào.", en="There is no root certificate to trust yet.")
        )
    return Exit(int(found.ending))
