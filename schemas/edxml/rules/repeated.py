"""What may stand once only, stands once only: two subjects, and nobody knows which one was signed for.

The schema cannot say it where it allows any order and strangers' elements, so it is said here.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from schemas.edxml.package import Children, Package, first
from schemas.edxml.rules.rule import STANDARD_SINCE, PackageRule, qcvn
from schemas.findings import Finding
from schemas.paths import local_name, place_of
from schemas.structure_findings import ELEMENT_REPEATED

_MAY_REPEAT = frozenset({"To", "ResponseFor", "TraceHeader"})
# The jar allows several of these; the first counts.
_MAY_REPEAT_IN_BUSINESS = frozenset({"StaffInfo", "BussinessDocumentInfo"})


def check(package: Package) -> Iterator[Finding]:
    """Yield a finding for every element that stands more often than once where it may not."""
    parts = package.parts
    may_repeat = _MAY_REPEAT - {"ResponseFor"} if parts.is_status else _MAY_REPEAT
    yield from _repeated(parts.header, may_repeat)
    yield from _repeated(parts.trace, may_repeat)
    yield from _repeated(package.business, _MAY_REPEAT_IN_BUSINESS)
    yield from _repeated(package.parts.of(first(parts.header, "OtherInfo")), frozenset())
    if parts.trace_header_list is not None:
        blocks = package.parts.of(parts.trace_header_list.getparent())
        yield from _repeated(blocks, frozenset())


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
    citation=qcvn("mục 1 và 2", "paragraphs 1 and 2"),
    effective=STANDARD_SINCE,
    kinds=(ELEMENT_REPEATED,),
    check=check,
)
