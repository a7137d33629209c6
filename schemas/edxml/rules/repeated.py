"""What may stand once only, stands once only: two subjects, and nobody knows which one was signed for.

The schema cannot say it where it allows any order and strangers' elements, so it is said here.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from schemas.edxml.element_tables import BLOCKS
from schemas.edxml.package import Children, Package, first
from schemas.edxml.rules.rule import STANDARD_SINCE, PackageRule, qcvn
from schemas.findings import Finding
from schemas.paths import local_name, place_of
from schemas.structure_findings import ELEMENT_REPEATED
from schemas.text import Text

_DOCUMENT = BLOCKS["MessageHeader"].repeating()
_STATUS = BLOCKS["status:MessageHeader"].repeating()
_TRACE = BLOCKS["TraceHeaderList"].repeating()
_BUSINESS = BLOCKS["Bussiness"].repeating()  # the jar allows several of some; the first counts


def check(package: Package) -> Iterator[Finding]:
    """Yield a finding for every element that stands more often than once where it may not."""
    parts = package.parts
    yield from _repeated(parts.header, _STATUS if parts.is_status else _DOCUMENT)
    yield from _repeated(parts.trace, _TRACE)
    yield from _repeated(package.business, _BUSINESS)
    yield from _repeated(parts.of(first(parts.header, "OtherInfo")), frozenset())
    yield from _repeated(parts.blocks, frozenset())


def _repeated(children: Children, may_repeat: frozenset[str]) -> Iterator[Finding]:
    for name, elements in children.items():
        if len(elements) > 1 and name not in may_repeat:
            yield _finding(elements[1])


def _finding(element: etree._Element) -> Finding:
    parent = element.getparent()
    return ELEMENT_REPEATED.at(
        *place_of(element),
        element=local_name(element),
        parent=local_name(parent) if parent is not None else "",
    )


RULE = PackageRule(
    id="repeated",
    about=Text(
        vi="Phần tử chỉ được có một lần thì chỉ xuất hiện một lần.",
        en="What may stand once only, stands once only.",
    ),
    citation=qcvn("mục 1 và 2", "paragraphs 1 and 2"),
    effective=STANDARD_SINCE,
    kinds=(ELEMENT_REPEATED,),
    check=check,
)
