"""Priority is one of five; anything else is treated as normal, and said."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.edxml.codes import priority_of
from schemas.edxml.package import Package, first, text_of
from schemas.edxml.rules.rule import STANDARD_SINCE, PackageRule, qcvn
from schemas.findings import Finding, Kind, Severity
from schemas.paths import place_of
from schemas.text import Sentence, Text

PRIORITY_UNKNOWN = Kind(
    "priority-unknown",
    Severity.WARNING,
    Sentence(
        vi="Độ khẩn «{got}» không có trong quy chuẩn (0 - 4); văn bản được xử lý như độ khẩn thường.",
        en="The priority “{got}” is not in the standard (0 - 4); the document is treated as normal.",
    ),
    Sentence(
        vi="Ghi 0 thường, 1 khẩn, 2 thượng khẩn, 3 hỏa tốc hoặc 4 hỏa tốc hẹn giờ.",
        en="Write 0 normal, 1 urgent, 2 very urgent, 3 express or 4 timed express.",
    ),
)


def check(package: Package) -> Iterator[Finding]:
    """Yield a warning for a priority that nobody knows."""
    element = first(package.parts.of(first(package.parts.header, "OtherInfo")), "Priority")
    got = text_of(element)
    if element is not None and got and priority_of(got) is None:
        yield PRIORITY_UNKNOWN.at(*place_of(element), got=got)


RULE = PackageRule(
    id="priority",
    about=Text(
        vi="Độ khẩn là một trong năm mức từ 0 đến 4.",
        en="Priority is one of five, 0 to 4.",
    ),
    citation=qcvn("mục 1.11", "paragraph 1.11"),
    effective=STANDARD_SINCE,
    kinds=(PRIORITY_UNKNOWN,),
    check=check,
)
