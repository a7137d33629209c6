"""Texts that are longer than other systems have room for. A warning: the hub itself has room.

The lengths stand in `element_tables`, with where each is from.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from lxml import etree

from schemas.edxml.element_tables import LENGTHS, TOGETHER
from schemas.edxml.package import Package, first, text_of
from schemas.edxml.rules.rule import CLERICAL_SINCE, PackageRule
from schemas.findings import Finding, Kind, Severity
from schemas.paths import local_name, place_of
from schemas.text import Sentence, Text

TEXT_TOO_LONG = Kind(
    "text-too-long",
    Severity.WARNING,
    Sentence(
        vi="Giá trị của «{element}» dài {got} ký tự, dài hơn {expected} ký tự mà các hệ thống khác lưu được.",
        en="The value of “{element}” has {got} characters, more than the {expected} that other systems store.",
    ),
    Sentence(
        vi="Rút gọn giá trị; hệ thống nhận có thể cắt bớt hoặc từ chối.",
        en="Make the value shorter; the receiving system may cut or refuse it.",
    ),
)


# The least that any element of that name may have: most values are shorter than that, and not looked at twice.
_LEAST: dict[str, int] = {}
for (_, _name), _longest in LENGTHS.items():
    _LEAST[_name] = min(_longest, _LEAST.get(_name, _longest))
_NO_LIMIT = sys.maxsize


def check(package: Package) -> Iterator[Finding]:
    """Yield a warning for each text that is too long, and for texts that are so together."""
    for parent, name, text, element in package.parts.leaves:
        if len(text) > _LEAST.get(name, _NO_LIMIT):
            yield from _finding(element, len(text.strip()), LENGTHS.get((parent, name), _NO_LIMIT))
    for name, longest in TOGETHER.items():
        whole = first(package.parts.header, name)
        if whole is not None:
            yield from _finding(whole, sum(len(text_of(child)) for child in whole), longest)


def _finding(element: etree._Element, got: int, longest: int) -> Iterator[Finding]:
    if got > longest:
        yield TEXT_TOO_LONG.at(*place_of(element), element=local_name(element), got=got, expected=longest)


RULE = PackageRule(
    id="lengths",
    about=Text(
        vi="Không giá trị nào dài hơn độ dài mà Phụ lục VI và các hệ thống khác dành cho nó.",
        en="No value is longer than Annex VI and other systems have room for.",
    ),
    citation=Text(vi="Nghị định 30/2020/NĐ-CP, Phụ lục VI", en="Decree 30/2020/NĐ-CP, Annex VI"),
    effective=CLERICAL_SINCE,
    kinds=(TEXT_TOO_LONG,),
    check=check,
)
