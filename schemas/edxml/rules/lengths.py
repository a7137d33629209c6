"""Texts that are longer than other systems have room for. A warning: the hub itself has room.

The lengths are those that a national hub's checker uses and Annex VI of NĐ 30/2020/NĐ-CP names; 100 for Website and 20
for CodeNumber are ours, because real values exceed theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lxml import etree

from schemas.edxml.package import Children, Package, Parts, text_of
from schemas.edxml.rules.rule import PackageRule
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

_LENGTHS = {
    "OrganId": 35,
    "OrganizationInCharge": 500,
    "OrganName": 200,
    "OrganAdd": 500,
    "Email": 100,
    "Telephone": 20,
    "Fax": 20,
    "Website": 100,
    "CodeNumber": 20,
    "CodeNotation": 30,
    "Code": 100,
    "Place": 150,
    "TypeName": 100,
    "Subject": 500,
    "Content": 500,
    "Competence": 100,
    "Position": 100,
    "FullName": 255,
    "SphereOfPromulgation": 100,
    "TyperNotation": 10,
    "DocumentId": 255,
    "BussinessDocReason": 500,
    "Department": 300,
    "Staff": 300,
    "Mobile": 30,
    "Description": 1000,
}


def check(package: Package) -> Iterator[Finding]:
    """Yield a warning for each text that is too long."""
    yield from _too_long(package.parts, package.parts.header)
    yield from _too_long(package.parts, package.parts.trace)


def _too_long(parts: Parts, children: Children) -> Iterator[Finding]:
    for name, elements in children.items():
        expected = _LENGTHS.get(name)
        for element in elements:
            if len(element):
                yield from _too_long(parts, parts.of(element))
            elif expected is not None and (text := element.text) and len(text) > expected:
                yield from _finding(element, expected)


def _finding(element: etree._Element, expected: int) -> Iterator[Finding]:
    got = len(text_of(element))
    if got > expected:
        yield TEXT_TOO_LONG.at(*place_of(element), element=local_name(element), got=got, expected=expected)


RULE = PackageRule(
    id="lengths",
    citation=Text(vi="Nghị định 30/2020/NĐ-CP, Phụ lục VI", en="Decree 30/2020/NĐ-CP, Annex VI"),
    effective=date(2020, 3, 5),
    kinds=(TEXT_TOO_LONG,),
    check=check,
)
