"""Coded fields that decide nothing in the hub hold a value of their table. A warning: receivers may read them.

What decides (what the package does, priority, status) has a rule of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from schemas.edxml.codes import DIRECTIONS, DOCUMENT_CLASSES, PAPER, STEERING
from schemas.edxml.package import Package
from schemas.edxml.rules.rule import STANDARD_SINCE, PackageRule, qcvn
from schemas.findings import Finding, Kind, Severity
from schemas.paths import place_of
from schemas.text import Sentence, Text

CODE_UNKNOWN = Kind(
    "code-value-unknown",
    Severity.WARNING,
    Sentence(
        vi="Giá trị «{got}» của «{element}» không có trong bảng mã; cho phép: {expected}.",
        en="The value “{got}” of “{element}” is not in its table; expected one of {expected}.",
    ),
    Sentence(
        vi="Dùng một giá trị của bảng mã; trục vẫn chuyển văn bản và không dựa vào trường này.",
        en="Use a value of the table; the hub carries the document and does not rely on this field.",
    ),
)

TABLES: Mapping[tuple[str, str], Mapping[str, Text]] = {
    ("MessageHeader", "SteeringType"): STEERING,
    ("DocumentType", "Type"): DOCUMENT_CLASSES,
    ("Bussiness", "Paper"): PAPER,
    ("OtherInfo", "Direction"): DIRECTIONS,
}
_NAMES = frozenset(name for _, name in TABLES)
# Of these the schema says it where they are no numbers at all.
_NUMBERS = frozenset({("MessageHeader", "SteeringType"), ("DocumentType", "Type")})
_NUMBER = re.compile("-?[0-9]+")


def check(package: Package) -> Iterator[Finding]:
    """Yield a warning for each coded value that is in no table."""
    for parent, name, text, element in package.parts.leaves:
        if name not in _NAMES:
            continue
        table, got = TABLES.get((parent, name)), text.strip().lower()
        if (
            table is None
            or not got
            or got in table
            or ((parent, name) in _NUMBERS and not _NUMBER.fullmatch(got))
        ):
            continue
        yield CODE_UNKNOWN.at(*place_of(element), element=name, got=text.strip(), expected=", ".join(table))


RULE = PackageRule(
    id="code-values",
    about=Text(
        vi="Loại chỉ đạo, nhóm văn bản, bản giấy và chiều văn bản ghi giá trị có trong bảng mã.",
        en="Steering, class of document, paper copy and direction hold a value of their tables.",
    ),
    citation=qcvn("mục 1.5, 1.13, 2.2.6", "paragraphs 1.5, 1.13, 2.2.6"),
    effective=STANDARD_SINCE,
    kinds=(CODE_UNKNOWN,),
    check=check,
)
