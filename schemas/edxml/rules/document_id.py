"""The identifier of a document looks like one, and if it spells out date and number, they are right.

The documented form is `OrganId,yyyy/MM/dd,number/notation`; UUIDs and `code-year-notation` are in use too. Warnings
only, and never more than that: identifiers are compared, not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from schemas.edxml.envelope import Envelope, PackageKind
from schemas.edxml.package import Package, first, text_of
from schemas.edxml.reader import day
from schemas.edxml.rules.rule import STANDARD_SINCE, PackageRule, qcvn
from schemas.findings import Finding, Kind, Severity
from schemas.paths import place_of
from schemas.text import Sentence, Text

_FORM = Text(
    vi="mã cơ quan,yyyy/MM/dd,số/ký hiệu, hoặc một UUID", en="OrganId,yyyy/MM/dd,number/notation, or a UUID"
)
_WRITE_IT_SO = Sentence(
    vi="Ghi định danh theo dạng OrganId,yyyy/MM/dd,số/ký hiệu của chính văn bản, và giữ nguyên về sau.",
    en="Write the identifier as OrganId,yyyy/MM/dd,number/notation of the document itself, and keep it.",
)
STRANGE = Kind(
    "document-id-strange",
    Severity.WARNING,
    Sentence(
        vi="Định danh văn bản «{got}» không giống định danh; dạng thường dùng: {expected}.",
        en="The document's identifier “{got}” does not look like one; the usual form is {expected}.",
    ),
    _WRITE_IT_SO,
)
DATE_WRONG = Kind(
    "document-id-date-wrong",
    Severity.WARNING,
    Sentence(
        vi="Định danh văn bản «{got}» chứa ngày không có thật.",
        en="The document's identifier “{got}” holds a date that does not exist.",
    ),
    _WRITE_IT_SO,
)
UNLIKE_CODE = Kind(
    "document-id-unlike-code",
    Severity.WARNING,
    Sentence(
        vi="Định danh văn bản «{got}» ghi số/ký hiệu khác với «{code}» của văn bản.",
        en="The document's identifier “{got}” has another number/notation than the document's “{code}”.",
    ),
    _WRITE_IT_SO,
)

_DOCUMENTED = re.compile(r"[^,\s]+,([0-9]{1,4}/[0-9]{1,2}/[0-9]{1,4}),(.+)")
_SHORTEST = 8


def check(package: Package) -> Iterator[Finding]:
    """Yield warnings about MessageHeader/DocumentId and Bussiness/DocumentId."""
    parts = package.parts
    if parts.is_status:
        return
    own, acted_on = first(parts.header, "DocumentId"), first(package.business, "DocumentId")
    for element in (own, acted_on):
        if element is not None and (got := text_of(element)):
            yield from _looked_at(element, got)
    # Packages that act on an earlier document are named after it in the official samples.
    if own is not None and package.envelope.kind is PackageKind.NEW:
        yield from _compared(own, package.envelope)


def _compared(element: etree._Element, envelope: Envelope) -> Iterator[Finding]:
    documented = _DOCUMENTED.fullmatch(envelope.document_id)
    if not documented or not envelope.number or not envelope.notation:
        return
    if documented[2].strip() != envelope.code:
        yield UNLIKE_CODE.at(*place_of(element), got=envelope.document_id, code=envelope.code)


def _looked_at(element: etree._Element, got: str) -> Iterator[Finding]:
    documented = _DOCUMENTED.fullmatch(got)
    if documented:
        if day(documented[1]) is None:
            yield DATE_WRONG.at(*place_of(element), got=got)
    elif len(got) < _SHORTEST or not any(letter.isdigit() for letter in got) or not got.isprintable():
        yield STRANGE.at(*place_of(element), got=got, expected=_FORM)


RULE = PackageRule(
    id="document-id",
    about=Text(
        vi="Định danh văn bản có dạng nhận ra được; nếu có ngày và số thì ngày có thật và số khớp với văn bản.",
        en="A document's identifier looks like one; where it holds date and number, these are right.",
    ),
    citation=qcvn("mục 1.14, 2.2.4", "paragraphs 1.14, 2.2.4"),
    effective=STANDARD_SINCE,
    kinds=(STRANGE, DATE_WRONG, UNLIKE_CODE),
    check=check,
)
