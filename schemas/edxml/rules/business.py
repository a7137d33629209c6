"""Bussiness says one of the four things that it may say, and why."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.edxml.codes import KIND_NAMES, KINDS_OF_PACKAGE
from schemas.edxml.envelope import PackageKind
from schemas.edxml.package import Package, first, words
from schemas.edxml.rules.rule import STANDARD_SINCE, PackageRule, qcvn
from schemas.findings import Finding, Kind, Severity
from schemas.paths import place_of
from schemas.text import Sentence, Text

KIND_UNKNOWN = Kind(
    "business-type-unknown",
    Severity.ERROR,
    Sentence(
        vi="«BussinessDocType» phải là 0 (mới), 1 (thu hồi), 2 (cập nhật) hoặc 3 (thay thế), nhận được «{got}».",
        en="“BussinessDocType” must be 0 (new), 1 (revoke), 2 (update) or 3 (replace), got “{got}”.",
    ),
    Sentence(
        vi="Ghi đúng loại nghiệp vụ của gói tin.", en="Write down what the package does, as one of these."
    ),
)
NO_REASON = Kind(
    "business-without-reason",
    Severity.WARNING,
    Sentence(
        vi="Gói tin «{kind}» cần có lý do trong «BussinessDocReason».",
        en="A package of the kind “{kind}” needs a reason in “BussinessDocReason”.",
    ),
    Sentence(
        vi="Ghi rõ lý do để nơi nhận xử lý đúng văn bản trước đó.",
        en="Write down the reason, so that receivers treat the earlier document rightly.",
    ),
)


def check(package: Package) -> Iterator[Finding]:
    """Yield what is wrong with BussinessDocType and BussinessDocReason. No Bussiness at all means a new document."""
    element = package.parts.business
    if element is None or package.parts.is_status:
        return
    code = words(package.business, "BussinessDocType")
    stated = first(package.business, "BussinessDocType")
    place = element if stated is None else stated
    kind = KINDS_OF_PACKAGE.get(code)
    if kind is None:
        yield KIND_UNKNOWN.at(*place_of(place), got=code)
    elif kind is not PackageKind.NEW and not words(package.business, "BussinessDocReason"):
        yield NO_REASON.at(*place_of(place), kind=KIND_NAMES[kind])


RULE = PackageRule(
    id="business",
    about=Text(
        vi="Nghiệp vụ của gói tin là mới, thu hồi, cập nhật hoặc thay thế, và có nêu lý do.",
        en="A package says that it is new, revokes, updates or replaces, and why.",
    ),
    citation=qcvn("mục 2.2.1, 2.2.2", "paragraphs 2.2.1, 2.2.2"),
    effective=STANDARD_SINCE,
    kinds=(KIND_UNKNOWN, NO_REASON),
    check=check,
)
