"""Make an edXML package out of a PDF, or several files, and check it before it is written.

Needs no hub. What is written fits the strictest receiver: order, prefixes and lengths are checked too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from hub import show
from hub.commands import _tables
from hub.commands._click import argument, command, option, wrong_usage
from hub.commands._draft import draft_of, draft_options
from hub.commands._exits import Exit
from hub.commands._parts import FILE, STANDARD_STREAM, write_package
from hub.model import utc_now
from hub.show import VIETNAM, Toned
from schemas.catalog import Catalog
from schemas.edxml.composer import compose as composed
from schemas.edxml.elements import DIALECTS, Dialect
from schemas.edxml.envelope import PackageKind
from schemas.text import Text
from schemas.validator import Inspected, inspect
from schemas.xml import LIMITS

ENCODED_AT_MOST = LIMITS.bytes * 3 // 4 - 1_000_000  # what base64 and the envelope leave of a package

NO_FILES = Text(
    vi="Cần ít nhất một tệp; chỉ gói tin thu hồi mới không cần tệp.",
    en="At least one file is needed; only a revocation goes without.",
)
TOO_MUCH = Text(
    vi=f"Các tệp quá lớn: cộng lại được phép tối đa {ENCODED_AT_MOST} byte.",
    en=f"The files are too large: together at most {ENCODED_AT_MOST} bytes are allowed.",
)
NOT_FOR_XML = Text(
    vi="Một giá trị hoặc tên tệp chứa ký tự không viết được trong XML.",
    en="A value or the name of a file holds a character that cannot be written in XML.",
)


@command(
    "compose",
    about=Text(
        vi="Tạo gói tin edXML từ tệp PDF, và tự kiểm tra kết quả.",
        en="Make an edXML package out of a PDF, and check it.",
    ),
    more=Text(
        vi="Không cần trục. Gói tin sai quy tắc thì không được ghi ra. Ký số bằng “edochub sign”.",
        en="Needs no hub. A package that breaks a rule is not written. Sign it with “edochub sign”.",
    ),
    examples=(
        (
            "edochub compose cong-van.pdf -o cong-van.edxml --from H49.13 --to H49.61.12 --number 12 "
            '--notation SNV-VP --subject "Moi hop"',
            Text(vi="Làm gói tin edXML từ một tệp PDF.", en="Make an edXML package out of a PDF."),
        ),
    ),
)
@argument(
    "files",
    nargs=-1,
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    value=FILE,
    about=Text(vi="Các tệp đính kèm, thường là một tệp PDF.", en="The attachments: a PDF, as a rule."),
)
@option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    value=FILE,
    about=Text(vi="Ghi gói tin ra tệp này, hoặc “-”.", en="Write the package to this file, or “-”."),
)
@draft_options
@option(
    "--dialect",
    type=click.Choice(DIALECTS),
    default="vnpt",
    about=Text(
        vi="Cách viết: vnpt như gói tin mẫu, dotnet như bộ .NET SDK.",
        en="How it is written: vnpt as the samples are, dotnet as the .NET SDK does.",
    ),
)
@option(
    "--zip",
    "zipped",
    is_flag=True,
    about=Text(
        vi="Nén tệp (trừ PDF, Word, zip) như bộ Java SDK.",
        en="Wrap files (but PDF, Word and zip) in archives, as the Java SDK does.",
    ),
)
def compose(files: Sequence[Path], output: Path, dialect: Dialect, zipped: bool, **given: Any) -> int:
    """Compose one package, check it, write it."""
    now = utc_now()
    today = now.astimezone(VIETNAM).date()
    draft = draft_of(given, today)
    if not files and draft.kind is not PackageKind.REVOKE:
        raise wrong_usage(NO_FILES, "files")
    try:
        content = composed(draft, _read(files), now, dialect=dialect, zipped=zipped)
    except ValueError as error:  # a character that XML has no place for
        raise wrong_usage(NOT_FOR_XML) from error
    return _written(content, output, today)


def _read(files: Sequence[Path]) -> list[tuple[str, bytes]]:
    if sum(path.stat().st_size for path in files) > ENCODED_AT_MOST:
        raise wrong_usage(TOO_MUCH, "files")
    return [(path.name, path.read_bytes()) for path in files]


def _written(content: bytes, output: Path, today: date) -> int:
    """Write a package that is sound; say what is wrong with one that is not."""
    inspected = inspect(content, Catalog.standard(), today, strict=True)
    if not inspected.sound:
        show.complain(
            Toned(
                Text(
                    vi="Gói tin không hợp lệ nên không được ghi ra:",
                    en="The package is invalid and was not written:",
                ),
                "bad",
            )
        )
        _complain(inspected)
        return Exit.NO
    write_package(output, content)
    if output != STANDARD_STREAM:
        summary = inspected.standard.summary(inspected.said)
        show.line(
            Toned(Text(vi=f"Đã ghi {output}: {summary.vi}", en=f"Wrote {output}: {summary.en}"), "good")
        )
        _tables.findings(inspected.findings)
    return Exit.YES


def _complain(inspected: Inspected) -> None:
    for finding in inspected.findings:
        show.complain(f"  - {show.place(finding)}{finding.message} {finding.remedy} ({finding.code})")
