"""What keeps a package from being written exactly as we write: for who wants to be taken by the strictest receiver.

1. The schema of the package's dialect: the order of elements, what may not be missing, lengths, codes.
2. The prefixes, which no schema sees: bare outside the envelope, `edXML:` inside it and on ContentTransferEncoded.
   Software that is made of a serializer and no namespaces refuses any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from lxml import etree

from schemas.edxml.codes import NAMESPACE
from schemas.edxml.elements import Dialect
from schemas.edxml.envelope import PackageKind
from schemas.edxml.package import children_of, parts_of
from schemas.edxml.strict_xsd import FOLDER
from schemas.findings import Finding, Kind, Severity
from schemas.paths import local_name, place_of
from schemas.schema import Schema
from schemas.text import Sentence, Text

PREFIX_WRONG = Kind(
    "prefix-wrong",
    Severity.ERROR,
    Sentence(
        vi="Tiền tố phải là «{expected}», nhận được «{got}», ở «{element}» và {more} phần tử khác.",
        en="The prefix must be “{expected}”, got “{got}”, on “{element}” and {more} other elements.",
    ),
    Sentence(
        vi="Viết đúng tiền tố như gói tin mẫu; một số hệ thống nhận từ chối mọi cách viết khác.",
        en="Write the prefixes as the sample package has them; some receiving systems refuse any other.",
    ),
)
_BARE = Text(vi="không có", en="none")


@cache
def strict_schema(kind: PackageKind, dialect: Dialect = "vnpt") -> Schema:
    """Return the schema that a package written by us must fit. Status packages have one for both dialects."""
    if kind is PackageKind.STATUS:
        return Schema(FOLDER / "strict-status.xsd")
    return Schema(FOLDER / ("strict-document-dotnet.xsd" if dialect == "dotnet" else "strict-document.xsd"))


def dialect_of(tree: etree._ElementTree) -> Dialect:
    """Return whose order a package keeps: only .NET writes an empty DigitalSignature."""
    return "dotnet" if "DigitalSignature" in parts_of(tree).blocks else "vnpt"


def strictly(tree: etree._ElementTree) -> list[Finding]:
    """Return what is not as we would have written it, in the package's own dialect."""
    kind = PackageKind.STATUS if parts_of(tree).is_status else PackageKind.NEW
    schema = strict_schema(kind, dialect_of(tree))
    findings = [] if schema.accepts(tree) else list(schema.explain(tree))
    return [*findings, *_prefixes(tree)]


def _prefixes(tree: etree._ElementTree) -> Iterator[Finding]:
    """Yield one finding for each prefix that is not the expected one, at the first element that has it."""
    wrong: dict[tuple[str | None, str | None], list[etree._Element]] = {}
    for element, expected in _expected(tree):
        if element.prefix != expected:
            wrong.setdefault((expected, element.prefix), []).append(element)
    for (expected, got), elements in wrong.items():
        yield PREFIX_WRONG.at(
            *place_of(elements[0]),
            element=local_name(elements[0]),
            expected=expected or _BARE,
            got=got or _BARE,
            more=len(elements) - 1,
        )


def _expected(tree: etree._ElementTree) -> Iterator[tuple[etree._Element, str | None]]:
    """Yield each element of ours with its prefix in the official samples."""
    root = tree.getroot()
    yield root, None
    for name, elements in children_of(root).items():
        for element in elements:
            yield from _within(element, "edXML" if name == "edXMLEnvelope" else None)


def _within(element: etree._Element, prefix: str | None) -> Iterator[tuple[etree._Element, str | None]]:
    if local_name(element) in ("Signature", "DigitalSignature") or not _is_ours(element):
        return  # signatures are written by other software, and signed as they are
    own = "edXML" if local_name(element) == "ContentTransferEncoded" else prefix
    yield element, own
    for child in element:
        yield from _within(child, own)


def _is_ours(element: etree._Element) -> bool:
    return etree.QName(element).namespace == NAMESPACE
