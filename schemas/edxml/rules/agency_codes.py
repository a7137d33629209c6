"""Agency codes are made of digits, capitals and dots. A warning: test codes exist, and the registry decides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from lxml import etree

from schemas.edxml.package import Package, each, first, text_of
from schemas.edxml.rules.rule import PackageRule
from schemas.findings import Finding, Kind, Severity
from schemas.paths import place_of
from schemas.text import Sentence, Text

AGENCY_CODE_STRANGE = Kind(
    "agency-code-strange",
    Severity.WARNING,
    Sentence(
        vi="Mã định danh «{got}» không đúng dạng; mã chỉ gồm chữ số, chữ in hoa A-Z và dấu chấm, tối đa 35 ký tự.",
        en="The agency code “{got}” is oddly formed: expected digits, capitals A-Z and dots, at most 35 characters.",
    ),
    Sentence(
        vi="Kiểm tra mã định danh theo danh mục, ví dụ 000.00.13.H49 hoặc H49.13.",
        en="Compare the code with the register: 000.00.13.H49 or H49.13, for example.",
    ),
)

_SOUND = re.compile(r"[0-9A-Z.]{1,35}")


def check(package: Package) -> Iterator[Finding]:
    """Yield a warning for each odd code among sender and receivers."""
    for block in each(package.parts.header, "From", "To", "ResponseFor"):
        yield from _strange(first(package.parts.of(block), "OrganId"))


def _strange(element: etree._Element | None) -> Iterator[Finding]:
    code = text_of(element)
    if element is not None and code and not _SOUND.fullmatch(code):
        yield AGENCY_CODE_STRANGE.at(*place_of(element), got=code)


RULE = PackageRule(
    id="agency-codes",
    about=Text(
        vi="Mã định danh chỉ gồm chữ số, chữ in hoa và dấu chấm, tối đa 35 ký tự.",
        en="Agency codes are made of digits, capitals and dots, at most 35 characters.",
    ),
    citation=Text(vi="Quyết định 20/2020/QĐ-TTg", en="Decision 20/2020/QĐ-TTg"),
    effective=date(2020, 9, 15),
    kinds=(AGENCY_CODE_STRANGE,),
    check=check,
)
