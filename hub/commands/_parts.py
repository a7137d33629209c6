"""What several commands have in common: their options, and how they read a package and write one."""

from __future__ import annotations

import contextlib
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from hub.commands import _completing
from hub.commands._click import option
from schemas.text import Text
from schemas.xml import LIMITS

FILE = Text(vi="TỆP", en="FILE")
FOLDER = Text(vi="THƯ_MỤC", en="DIR")
ENDPOINT = Text(vi="ĐIỂM_KẾT_NỐI", en="ENDPOINT")
DELIVERY = Text(vi="LƯỢT_CHUYỂN", en="DELIVERY")
CODE = Text(vi="MÃ", en="CODE")
NAME = Text(vi="TÊN", en="NAME")
NUMBER = Text(vi="SỐ", en="NUMBER")

DAY = Text(vi="NGÀY", en="DATE")

STANDARD_STREAM = Path("-")

json_option = option(
    "--json",
    "as_json",
    is_flag=True,
    about=Text(vi="Trả kết quả dạng JSON cho chương trình đọc.", en="Answer in JSON, for programs."),
)

as_endpoint = option(
    "--as",
    "endpoint_id",
    required=True,
    value=ENDPOINT,
    shell_complete=_completing.endpoints,
    about=Text(vi="Thực hiện với tư cách điểm kết nối này.", en="Act as this endpoint."),
)


class PackageFile(click.Path):
    """The type of an argument that names a package: a file that is there, or `-` for standard input."""

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False, readable=True, allow_dash=True, path_type=Path)


class Day(click.ParamType[date]):
    """The type of an option that is a day, as 2026-12-31, 31/12/2026 or, as the standard writes it, 2026/12/31."""

    name = "day"
    forms = ("%Y-%m-%d", "%d/%m/%Y", "%Y/%m/%d")

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day; refuse what is none."""
        if isinstance(value, date):
            return value
        for form in self.forms:
            with contextlib.suppress(ValueError):
                return datetime.strptime(value, form).date()  # noqa: DTZ007 - a day has no zone
        wrong = Text(
            vi=f"cần một ngày có thật, như 2026-12-31 hoặc 31/12/2026, nhưng gặp {value!r}",
            en=f"expected a day that exists, as 2026-12-31 or 31/12/2026, got {value!r}",
        )
        raise click.BadParameter(str(wrong), ctx=ctx, param=param)


def read_package(path: Path, most_bytes: int = LIMITS.bytes) -> bytes:
    """Return the content of a file or of standard input; one byte over the limit is enough to be refused for it."""
    if path == STANDARD_STREAM:
        return sys.stdin.buffer.read(most_bytes + 1)
    with path.open("rb") as file:
        return file.read(most_bytes + 1)


def called(path: Path) -> str:
    """Return what people call the source of a package."""
    return str(Text(vi="(đầu vào chuẩn)", en="(standard input)")) if path == STANDARD_STREAM else str(path)


def write_package(path: Path, content: bytes) -> None:
    """Write to standard output, or to a file so that it is there, whole, once this returns."""
    if path == STANDARD_STREAM:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    # Only commands that write need it.
    from hub.durable import write_durably

    write_durably(path.absolute(), content)
