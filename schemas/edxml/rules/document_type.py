"""The class of a document fits the name of its kind: a công văn is no legal normative document.

A warning, and one that many packages earn: the Java SDK's own samples write class 1 for everything. Nothing in the
hub depends on the class; people read the name.
"""

from __future__ import annotations

from collections.abc import Iterator

from schemas.edxml.codes import ADMINISTRATIVE_KINDS, DOCUMENT_CLASSES, NORMATIVE_KINDS
from schemas.edxml.package import Package, first
from schemas.edxml.rules.rule import CLERICAL_SINCE, PackageRule
from schemas.findings import Finding, Kind, Severity
from schemas.paths import place_of
from schemas.text import Sentence, Text

TYPE_UNLIKE_NAME = Kind(
    "document-type-unlike-name",
    Severity.WARNING,
    Sentence(
        vi="Nhóm văn bản {got} ({meaning}) không khớp với tên loại «{name}».",
        en="The class {got} ({meaning}) does not fit the kind “{name}”.",
    ),
    Sentence(
        vi="Ghi «Type» 1 cho văn bản quy phạm pháp luật, 2 cho văn bản hành chính.",
        en="Write “Type” 1 for a legal normative document, 2 for an administrative one.",
    ),
)

_ONLY = {
    "1": frozenset(ADMINISTRATIVE_KINDS) - NORMATIVE_KINDS,
    "2": NORMATIVE_KINDS - frozenset(ADMINISTRATIVE_KINDS),
}


def check(package: Package) -> Iterator[Finding]:
    """Yield a warning for a class that cannot be that of a document so named."""
    got, name = package.envelope.type_code, package.envelope.type_name
    if name.lower() in _ONLY.get(got, ()):
        element = first(package.parts.of(first(package.parts.header, "DocumentType")), "Type")
        assert element is not None  # it has a value
        yield TYPE_UNLIKE_NAME.at(*place_of(element), got=got, meaning=DOCUMENT_CLASSES[got], name=name)


RULE = PackageRule(
    id="document-type",
    about=Text(
        vi="Nhóm văn bản khớp với tên loại văn bản: công văn không phải là văn bản quy phạm pháp luật.",
        en="The class of a document fits the name of its kind: a công văn is no legal normative document.",
    ),
    citation=Text(
        vi="Nghị định 30/2020/NĐ-CP, Điều 7: các loại văn bản hành chính",
        en="Decree 30/2020/NĐ-CP, article 7: the kinds of administrative document",
    ),
    effective=CLERICAL_SINCE,
    kinds=(TYPE_UNLIKE_NAME,),
    check=check,
)
