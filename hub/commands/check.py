"""Check documents of any standard that we know, without a hub: every finding at once, with place and remedy.

What only a hub can know is not checked here: whether the codes are in its directory, and who handed the package in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub import show
from hub.commands import _tables
from hub.commands._click import argument, command, option
from hub.commands._exits import Exit
from hub.commands._parts import FILE, PackageFile, called, json_option, read_package
from hub.model import utc_now
from hub.show import VIETNAM, Toned
from schemas.catalog import Catalog
from schemas.edxml.envelope import Envelope
from schemas.findings import Finding, InvalidDocument
from schemas.text import Text
from schemas.validator import Inspected, inspect


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in one document. Nothing was inspected when nobody can tell what it is."""

    file: str
    inspected: Inspected | None
    findings: tuple[Finding, ...]

    @property
    def valid(self) -> bool:
        """Tell whether nothing worse than a warning was found."""
        return self.inspected is not None and self.inspected.sound

    def as_json(self) -> dict[str, Any]:
        """Return the shape that `--json` publishes."""
        said = self.inspected.said if self.inspected else None
        envelope = said if isinstance(said, Envelope) and self.valid else None
        return {
            "file": self.file,
            "valid": self.valid,
            "standard": self.inspected.standard.name if self.inspected else None,
            "kind": str(envelope.kind) if envelope else None,
            "document_id": envelope.document_id if envelope else None,
            "code": envelope.code if envelope else None,
            "findings": [finding.as_json() for finding in self.findings],
        }


@command(
    "check",
    about=Text(vi="Kiểm tra gói tin mà không cần trục.", en="Check packages without a hub."),
    more=Text(
        vi=(
            "Nêu mọi lỗi cùng lúc, kèm vị trí và cách sửa. Mã kết thúc 1 nếu có gói tin không hợp lệ. “edochub rules” "
            "liệt kê các quy tắc."
        ),
        en=(
            "Names everything that is wrong at once, with its place and remedy. Exit code 1 if a package is invalid. "
            "“edochub rules” lists the rules."
        ),
    ),
    examples=(
        (
            "edochub check cong-van.edxml --strict",
            Text(
                vi="Kiểm tra gói tin; cảnh báo cũng tính là lỗi.",
                en="Check a package; warnings count as errors.",
            ),
        ),
    ),
)
@argument(
    "files",
    nargs=-1,
    required=True,
    type=PackageFile(),
    value=FILE,
    about=Text(vi="Các gói tin edXML; “-” là đầu vào chuẩn.", en="edXML packages; “-” is standard input."),
)
@option(
    "--strict",
    is_flag=True,
    about=Text(
        vi="Đòi hỏi đúng cả thứ tự phần tử, tiền tố và độ dài như chính trục viết ra.",
        en="Demand the order of elements, the prefixes and the lengths that the hub itself writes.",
    ),
)
@json_option
def check(files: Sequence[Path], strict: bool, as_json: bool) -> int:
    """Check each document and say what was found."""
    catalog = Catalog.standard()
    checked = [_check(path, catalog, strict=strict) for path in files]
    if as_json:
        show.as_json({"files": [each.as_json() for each in checked]})
    else:
        for each in checked:
            _tell(each)
    return Exit.YES if all(each.valid for each in checked) else Exit.NO


def _check(path: Path, catalog: Catalog, *, strict: bool) -> Checked:
    today = utc_now().astimezone(VIETNAM).date()
    try:
        inspected = inspect(read_package(path), catalog, today, strict=strict)
    except InvalidDocument as error:
        return Checked(called(path), None, error.findings)
    return Checked(called(path), inspected, inspected.findings)


def _tell(checked: Checked) -> None:
    if checked.inspected is None or not checked.valid:
        verdict = Toned(Text(vi="không hợp lệ", en="invalid"), "bad")
    else:
        summary = checked.inspected.standard.summary(checked.inspected.said)
        verdict = Toned(Text(vi=f"hợp lệ ({summary.vi})", en=f"valid ({summary.en})"), "good")
    show.line(Toned(f"{checked.file}: {verdict.value}", verdict.tone))
    _tables.findings(checked.findings)
