"""Elements that a document cannot do without: who sends it, to whom, what it is called and when it was issued.

The text of the standard is not public; mandatory here is what every hub that checks asks for. What the official form
has but nobody is hurt without (a name, a priority) is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from schemas.edxml.package import Children, Package, first, text_of
from schemas.edxml.rules.rule import STANDARD_SINCE, PackageRule, qcvn
from schemas.findings import Finding, Kind, Severity
from schemas.paths import line_of, path_of
from schemas.structure_findings import ELEMENT_EMPTY, ELEMENT_MISSING
from schemas.text import Sentence

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

_ORGANIZATION = (("OrganId", True), ("OrganName", False))
_DOCUMENT: tuple[tuple[str, tuple[tuple[str, bool], ...]], ...] = (
    ("From", _ORGANIZATION),
    ("Code", (("CodeNumber", True), ("CodeNotation", True))),
    ("PromulgationInfo", (("PromulgationDate", True),)),
    ("DocumentType", (("TypeName", False),)),
    ("OtherInfo", (("Priority", False),)),
)
_STATUS: tuple[tuple[str, tuple[tuple[str, bool], ...]], ...] = (
    ("From", _ORGANIZATION),
    ("ResponseFor", (("OrganId", True), ("DocumentId", True), ("Code", False))),
)


def check(package: Package) -> Iterator[Finding]:
    """Yield a finding for each element that is missing or has no value."""
    header, is_status = package.parts.header, package.parts.is_status
    for name in ("StatusCode", "Timestamp") if is_status else ("DocumentId", "Subject"):
        yield from _value(package.parts.message_header, header, name, True)
    for block, names in _STATUS if is_status else _DOCUMENT:
        yield from _block(package, block, names)
    if not is_status:
        for to in header.get("To", ()):
            fields = package.parts.of(to)
            for name, needed in _ORGANIZATION:
                yield from _value(to, fields, name, needed)


def _block(package: Package, block: str, names: tuple[tuple[str, bool], ...]) -> Iterator[Finding]:
    element = first(package.parts.header, block)
    fields = package.parts.of(element)
    if element is not None:
        for name, needed in names:
            yield from _value(element, fields, name, needed)
    else:
        needed = any(needed for _, needed in names)
        yield from _value(package.parts.message_header, package.parts.header, block, needed)


def _value(parent: etree._Element | None, fields: Children, name: str, needed: bool) -> Iterator[Finding]:
    element = first(fields, name)
    if text_of(element) or parent is None:
        return
    kind = (ELEMENT_MISSING if element is None else ELEMENT_EMPTY) if needed else ELEMENT_ADVISED
    line = line_of(parent if element is None else element)
    parent_name = path_of(parent).rpartition("/")[2]
    yield kind.at(line, f"{path_of(parent)}/{name}", element=name, parent=parent_name)


RULE = PackageRule(
    id="mandatory",
    citation=qcvn("mục 1.1 - 1.6, 1.11, 1.14", "paragraphs 1.1 - 1.6, 1.11, 1.14"),
    effective=STANDARD_SINCE,
    kinds=(ELEMENT_MISSING, ELEMENT_EMPTY, ELEMENT_ADVISED),
    check=check,
)
