"""Elements that the standard does not have, in the two places where vendors add some. They travel on, unread."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from schemas.edxml.codes import NAMESPACE
from schemas.edxml.package import Package, first
from schemas.edxml.rules.rule import STANDARD_SINCE, PackageRule, qcvn
from schemas.findings import Finding, Kind, Severity
from schemas.paths import local_name, place_of
from schemas.text import Sentence

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

_ALWAYS = frozenset({"From", "ResponseFor"})
_DOCUMENT = _ALWAYS | {
    "To", "Code", "PromulgationInfo", "DocumentType", "Subject", "Content", "SignerInfo", "DueDate", "ToPlaces",
    "OtherInfo", "SteeringType", "DocumentId", "ResponseForTask", "ApplicationType",
}  # fmt: skip
_STATUS = _ALWAYS | {"StaffInfo", "StatusCode", "Description", "Timestamp"}
_OTHER_INFO = frozenset({
    "Priority", "SphereOfPromulgation", "TyperNotation", "PromulgationAmount", "PageAmount", "ReplyFors",
    "Direction", "ReferenceCodes", "Appendixes",
})  # fmt: skip


def check(package: Package) -> Iterator[Finding]:
    """Yield a warning for each child of MessageHeader and OtherInfo that has no business there."""
    parts = package.parts
    yield from _strangers(parts.message_header, _STATUS if parts.is_status else _DOCUMENT)
    yield from _strangers(first(parts.header, "OtherInfo"), _OTHER_INFO)


def _strangers(parent: etree._Element | None, known: frozenset[str]) -> Iterator[Finding]:
    if parent is None:
        return
    expected = _tags(known)
    for element in parent:
        if element.tag not in expected:
            yield ELEMENT_UNKNOWN.at(
                *place_of(element), element=local_name(element), parent=local_name(parent)
            )


_TAGS: dict[frozenset[str], frozenset[str]] = {}


def _tags(names: frozenset[str]) -> frozenset[str]:
    if names not in _TAGS:
        _TAGS[names] = frozenset(f"{{{NAMESPACE}}}{name}" for name in names)
    return _TAGS[names]


RULE = PackageRule(
    id="unknown-elements",
    citation=qcvn("mục 1", "paragraph 1"),
    effective=STANDARD_SINCE,
    kinds=(ELEMENT_UNKNOWN,),
    check=check,
)
