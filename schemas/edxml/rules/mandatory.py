"""Elements that a document cannot do without: who sends it, to whom, what it is called and when it was issued.

The text of the standard is not public; mandatory here is what every hub that checks asks for. What the official form
has but nobody is hurt without (a name, a priority) is a warning. Which is which stands in `element_tables`.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from schemas.edxml.element_tables import BLOCKS
from schemas.edxml.elements import Presence
from schemas.edxml.package import Package, Parts
from schemas.edxml.rules.rule import STANDARD_SINCE, PackageRule, qcvn
from schemas.findings import Finding, Kind, Severity
from schemas.paths import line_of, path_of
from schemas.structure_findings import ELEMENT_EMPTY, ELEMENT_MISSING
from schemas.text import Sentence, Text

ELEMENT_ADVISED = Kind(
    "element-advised",
    Severity.WARNING,
    Sentence(
        vi="Nên có giá trị cho phần tử «{element}» trong «{parent}» theo mẫu chuẩn.",
        en="The official form has a value for the element “{element}” in “{parent}”.",
    ),
    Sentence(
        vi="Bổ sung «{element}»; một số hệ thống nhận có thể từ chối gói tin thiếu phần tử này.",
        en="Add “{element}”; some receiving systems refuse packages without it.",
    ),
)

# Of each block: name, whether it is needed or only advised, and the block that it holds.
_NEEDED = {
    block.name: tuple(
        (element.name, element.presence is Presence.REQUIRED, element.of)
        for element in block.elements
        if element.presence in (Presence.REQUIRED, Presence.ADVISED)
    )
    for block in BLOCKS.values()
}


def check(package: Package) -> Iterator[Finding]:
    """Yield a finding for each element that is missing or has no value."""
    parts = package.parts
    if parts.message_header is None:
        return
    if parts.is_status:
        yield from _block(parts, parts.message_header, "status:MessageHeader")
        return
    yield from _block(parts, parts.message_header, "MessageHeader")
    if parts.business is None:
        around = parts.message_header if parts.trace_header_list is None else parts.trace_header_list
        yield _missing(around, None, "Bussiness", False)


def _block(parts: Parts, parent: etree._Element, block: str) -> Iterator[Finding]:
    fields = parts.of(parent)
    for name, needed, inside in _NEEDED[block]:
        if name not in fields:
            if name != "To":  # the rule `addressees` says it better
                yield _missing(parent, None, name, needed)
        elif inside:
            for element in fields[name]:
                yield from _block(parts, element, inside)
        elif name not in fields.said:
            yield _missing(parent, fields[name][0], name, needed)


def _missing(parent: etree._Element, element: etree._Element | None, name: str, needed: bool) -> Finding:
    kind = (ELEMENT_MISSING if element is None else ELEMENT_EMPTY) if needed else ELEMENT_ADVISED
    line = line_of(parent if element is None else element)
    path = path_of(parent)
    return kind.at(line, f"{path}/{name}", element=name, parent=path.rpartition("/")[2])


RULE = PackageRule(
    id="mandatory",
    about=Text(
        vi="Văn bản có đủ bên gửi, định danh, số và ký hiệu, ngày ban hành, trích yếu; trạng thái có đủ mã, thời điểm.",
        en="A document has sender, identifier, number and notation, date and subject; a status has code and time.",
    ),
    citation=qcvn("mục 1.1 - 1.6, 1.11, 1.14", "paragraphs 1.1 - 1.6, 1.11, 1.14"),
    effective=STANDARD_SINCE,
    kinds=(ELEMENT_MISSING, ELEMENT_EMPTY, ELEMENT_ADVISED),
    check=check,
)
