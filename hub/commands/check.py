"""Check packages without a hub: every finding at once, with its place and its remedy.

What only a hub can know is not checked here: whether the codes are in its directory, and who handed the package in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub import show
from hub.commands import _tables
from hub.commands._click import argument, command
from hub.commands._exits import Exit
from hub.commands._parts import FILE, PackageFile, called, json_option, read_package
from hub.model import utc_now
from hub.show import VIETNAM, Toned
from schemas.catalog import Catalog
from schemas.edxml.codes import kind_name
from schemas.edxml.envelope import Envelope
from schemas.findings import Finding, InvalidDocument
from schemas.text import Text
from schemas.validator import validate


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found in one package. The envelope is missing when it could not be taken."""

    file: str
    envelope: Envelope | None
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the shape that `--json` publishes."""
        return {
            "file": self.file,
            "valid": self.envelope is not None,
            "kind": str(self.envelope.kind) if self.envelope else None,
            "document_id": self.envelope.document_id if self.envelope else None,
            "code": self.envelope.code if self.envelope else None,
            "findings": [finding.as_json() for finding in self.findings],
        }


@command(
    "check",
    about=Text(vi="Kiểm tra gói tin mà không cần trục.", en="Check packages without a hub."),
    more=Text(
        vi="Nêu mọi lỗi cùng lúc, kèm vị trí và cách sửa. Mã kết thúc 1 nếu có gói tin không hợp lệ.",
        en="Names everything that is wrong at once, with its place and remedy. Exit code 1 if a package is invalid.",
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
@json_option
def check(files: Sequence[Path], as_json: bool) -> int:
    """Check each package and say what was found."""
    catalog = Catalog.standard()
    checked = [_check(path, catalog) for path in files]
    if as_json:
        show.as_json({"files": [each.as_json() for each in checked]})
    else:
        for each in checked:
            _tell(each)
    return Exit.YES if all(each.envelope for each in checked) else Exit.NO


def _check(path: Path, catalog: Catalog) -> Checked:
    today = utc_now().astimezone(VIETNAM).date()
    try:
        valid = validate(read_package(path), catalog, today)
    except InvalidDocument as error:
        return Checked(called(path), None, error.findings)
    return Checked(called(path), valid.envelope, valid.findings)


def _tell(checked: Checked) -> None:
    if checked.envelope is None:
        verdict = Toned(Text(vi="không hợp lệ", en="invalid"), "bad")
    else:
        kind = kind_name(checked.envelope.kind)
        verdict = Toned(Text(vi=f"hợp lệ ({kind.vi})", en=f"valid ({kind.en})"), "good")
    show.line(Toned(f"{checked.file}: {verdict.value}", verdict.tone))
    _tables.findings(checked.findings)
