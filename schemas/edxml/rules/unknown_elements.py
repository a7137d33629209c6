"""Elements that the standard does not have, in the two places where vendors add some. They travel on, unread."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from schemas.edxml.codes import NAMESPACE
from schemas.edxml.element_tables import BLOCKS
from schemas.edxml.package import Package, first
from schemas.edxml.rules.rule import STANDARD_SINCE, PackageRule, qcvn
from schemas.findings import Finding, Kind, Severity
from schemas.paths import local_name, place_of
from schemas.text import Sentence, Text

ELEMENT_UNKNOWN = Kind(
    "element-unknown",
    Severity.WARNING,
    Sentence(
        vi="Phần tử «{element}» trong «{parent}» không có trong quy chuẩn và bị bỏ qua.",
        en="The element “{element}” in “{parent}” is not in the standard and is ignored.",
    ),
    Sentence(
        vi="Kiểm tra tên và không gian tên của phần tử; bỏ đi nếu không cần thiết.",
        en="Check the element's name and namespace; remove it if it is not needed.",
    ),
)


def _tags(block: str) -> frozenset[str]:
    return frozenset(f"{{{NAMESPACE}}}{name}" for name in BLOCKS[block].names())


_DOCUMENT, _STATUS, _OTHER_INFO = _tags("MessageHeader"), _tags("status:MessageHeader"), _tags("OtherInfo")


def check(package: Package) -> Iterator[Finding]:
    """Yield a warning for each child of MessageHeader and OtherInfo that has no business there."""
    parts = package.parts
    yield from _strangers(parts.message_header, _STATUS if parts.is_status else _DOCUMENT)
    yield from _strangers(first(parts.header, "OtherInfo"), _OTHER_INFO)


def _strangers(parent: etree._Element | None, known: frozenset[str]) -> Iterator[Finding]:
    if parent is None:
        return
    for element in parent:
        if element.tag not in known:
            yield ELEMENT_UNKNOWN.at(
                *place_of(element), element=local_name(element), parent=local_name(parent)
            )


RULE = PackageRule(
    id="unknown-elements",
    about=Text(
        vi="MessageHeader và OtherInfo chỉ chứa phần tử của quy chuẩn; phần tử lạ vẫn được chuyển đi nhưng không đọc.",
        en="MessageHeader and OtherInfo hold what the standard has; what it does not have travels on, unread.",
    ),
    citation=qcvn("mục 1", "paragraph 1"),
    effective=STANDARD_SINCE,
    kinds=(ELEMENT_UNKNOWN,),
    check=check,
)
