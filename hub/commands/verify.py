"""Judge the signatures of a package: offline, without a database, with nothing but a folder of trusted certificates.

Exit codes: 0 every signature is valid, 1 one is invalid, 3 it cannot be told, or there is none.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from hub import show
from hub.commands import _tables
from hub.commands._click import argument, command, option
from hub.commands._exits import Exit
from hub.commands._parts import FILE, FOLDER, PackageFile, called, json_option, read_package
from hub.commands._session import Session
from hub.model import utc_now
from schemas.text import Text
from schemas.xml import parse
from signing import xml
from signing.trust import TrustStore
from signing.verdict import Outcome


@command(
    "verify",
    about=Text(vi="Kiểm tra chữ ký số của một gói tin.", en="Check the signatures of a package."),
    more=Text(
        vi="Không cần cơ sở dữ liệu hay mạng. Mã kết thúc: 0 hợp lệ, 1 không hợp lệ, 3 chưa xác định hoặc không ký.",
        en="Needs neither database nor network. Exit codes: 0 valid, 1 invalid, 3 undetermined or not signed.",
    ),
)
@argument(
    "file",
    type=PackageFile(),
    value=FILE,
    about=Text(vi="Gói tin edXML; “-” là đầu vào chuẩn.", en="The edXML package; “-” is standard input."),
)
@option(
    "--trust",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    value=FOLDER,
    about=Text(
        vi="Thư mục chứng thư gốc tin cậy; mặc định là thư mục nêu trong cấu hình.",
        en="A folder of trusted root certificates; by default the configured one.",
    ),
)
@json_option
@click.pass_obj
def verify(session: Session, file: Path, trust: Path | None, as_json: bool) -> int:
    """Judge one package."""
    store = trust_store(session, trust)
    content = read_package(file)
    verdicts = xml.verify(content, parse(content), store, utc_now())
    code = ending(verdict.outcome for verdict in verdicts)
    if as_json:
        show.as_json({"file": called(file), "signatures": [verdict.as_json() for verdict in verdicts]})
        return code
    show.line(called(file))
    _tables.verdicts(verdict.as_json() for verdict in verdicts)
    for problem in store.problems:
        show.complain(problem.message)
    if not store.anchors:
        show.complain(
            Text(
                vi="Thư mục tin cậy chưa có chứng thư gốc nào.",
                en="The trust folder holds no root certificate yet.",
            )
        )
    return code


def trust_store(session: Session, folder: Path | None) -> TrustStore:
    """Return the trust that was named, else the configured one."""
    if folder is not None:
        return TrustStore.from_folder(folder)
    settings = session.config
    return TrustStore.from_folder(
        settings.path(settings.trust.anchors), require_revocation=settings.trust.require_revocation
    )


def ending(outcomes: Iterable[Outcome]) -> Exit:
    """Return the exit code for all signatures together: the worst of them."""
    known = set(outcomes)
    if Outcome.INVALID in known:
        return Exit.NO
    return Exit.YES if known == {Outcome.VALID} else Exit.UNDETERMINED
