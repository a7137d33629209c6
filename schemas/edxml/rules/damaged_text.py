"""No letter of a text was lost to a wrong encoding: where one was, U+FFFD stands. A warning: people can still read.

The character never stands in a text that somebody wrote; some software puts it where it could not read a byte.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from schemas.edxml.package import Package, each
from schemas.edxml.rules.rule import CLERICAL_SINCE, PackageRule
from schemas.findings import Finding, Kind, Severity
from schemas.paths import local_name, place_of
from schemas.text import Sentence, Text

TEXT_DAMAGED = Kind(
    "text-damaged",
    Severity.WARNING,
    Sentence(
        vi="Giá trị của «{element}» có {got} ký tự đã mất (U+FFFD) do đọc sai bảng mã.",
        en="In the value of “{element}”, {got} letters were lost (U+FFFD) to a wrong encoding.",
    ),
    Sentence(
        vi="Đọc dữ liệu nguồn đúng bảng mã rồi ghi bằng UTF-8; không sửa tay ký tự thay thế.",
        en="Read the source in its own encoding and write UTF-8; do not patch the replacement characters.",
    ),
)

_LOST = "\ufffd"


def check(package: Package) -> Iterator[Finding]:
    """Yield a warning for each value of the header, and each attachment's name, that lost letters."""
    parts = package.parts
    for _, _, text, element in parts.leaves:
        if _LOST in text:
            yield _finding(element, text)
    for attachment in parts.attachments:
        for element in each(parts.of(attachment), "AttachmentName", "Description"):
            if _LOST in (text := element.text or ""):
                yield _finding(element, text)


def _finding(element: etree._Element, text: str) -> Finding:
    return TEXT_DAMAGED.at(*place_of(element), element=local_name(element), got=text.count(_LOST))


RULE = PackageRule(
    id="damaged-text",
    about=Text(
        vi="Không ký tự nào của văn bản bị mất vì đọc sai bảng mã.",
        en="No letter of a text was lost to a wrong encoding.",
    ),
    citation=Text(
        vi="Nghị định 30/2020/NĐ-CP, Điều 21: kiểm tra tính toàn vẹn của văn bản điện tử",
        en="Decree 30/2020/NĐ-CP, article 21: the integrity of electronic documents is checked",
    ),
    effective=CLERICAL_SINCE,
    kinds=(TEXT_DAMAGED,),
    check=check,
)
