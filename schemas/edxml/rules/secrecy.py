"""State secrets may not travel over the axis. The format has no field for secrecy, so marks are looked for in words.

Only a mark that stands by itself counts: a field that says nothing else ("Tối mật"), a mark in brackets ("(Mật)"), a
labelled one ("Độ mật: Mật"), or one that opens a field and is set off ("TUYỆT MẬT - ..."). Words that merely contain
or mention it do not: bảo mật, bí mật, mật độ, mật khẩu, "quản lý tài liệu mật". Names of people and agencies are not
looked at.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

from lxml import etree

from schemas.edxml.package import Package
from schemas.edxml.rules.rule import PackageRule
from schemas.findings import Finding, Kind, Severity
from schemas.paths import local_name, place_of
from schemas.text import Sentence, Text

SECRECY_MARK = Kind(
    "secrecy-mark",
    Severity.ERROR,
    Sentence(
        vi="Văn bản mang dấu chỉ độ mật «{got}» ở «{element}»; văn bản mật không được gửi qua trục liên thông.",
        en="The document bears the secrecy mark “{got}” in “{element}”; state secrets may not travel over the hub.",
    ),
    Sentence(
        vi="Gửi văn bản mật theo quy định về bảo vệ bí mật nhà nước. Nếu không phải văn bản mật, bỏ dấu này.",
        en="Send it as the rules on state secrets demand. If it is no secret, remove the mark.",
    ),
)

_MARK = r"(?P<{0}>(?:tuyệt|tối)\s+mật|mật)"
_LABEL = r"(?:mức\s+độ|độ|dấu|cấp\s+độ)\s+mật\s*[:=\-–]\s*"
_PATTERNS = (
    rf"^\W*{_MARK.format('whole')}\W*$",
    rf"[(\[{{«“\"]\s*{_MARK.format('bracketed')}\s*[)\]}}»”\"]",
    rf"(?<!\w){_LABEL}{_MARK.format('labelled')}(?!\w)",
    rf"^\W*{_MARK.format('opening')}\s*[:\-–—|/]\s",
)
_MARKS = re.compile("|".join(_PATTERNS), re.IGNORECASE)
# Cheap test first: without this syllable, in any case and in either Unicode form, there is no mark.
_SYLLABLE = re.compile("m(?:ậ|a\u0323\u0302|\u00e2\u0323|ạ\u0302)t", re.IGNORECASE)
_NOT_LOOKED_AT = frozenset(
    {"From", "To", "SignerInfo", "ToPlaces", "StaffInfo", "ResponseFor", "PromulgationInfo"}
)


def check(package: Package) -> Iterator[Finding]:
    """Yield a finding for each field of MessageHeader that bears a mark."""
    header = package.parts.message_header
    if header is None or package.parts.is_status:
        return
    for block in header:
        if local_name(block) not in _NOT_LOOKED_AT:
            yield from _marks(block)


def _marks(block: etree._Element) -> Iterator[Finding]:
    for element in block.iter():
        text = element.text
        if text and _SYLLABLE.search(text):
            found = _MARKS.search(unicodedata.normalize("NFC", text))
            if found:
                mark = next(group for group in found.groups() if group)
                yield SECRECY_MARK.at(*place_of(element), got=mark, element=local_name(element))


RULE = PackageRule(
    id="secrecy",
    citation=Text(
        vi="Quyết định 28/2018/QĐ-TTg, phạm vi điều chỉnh: không áp dụng với văn bản có nội dung bí mật nhà nước",
        en="Decision 28/2018/QĐ-TTg, scope: it does not apply to documents that contain state secrets",
    ),
    effective=date(2018, 9, 6),
    kinds=(SECRECY_MARK,),
    check=check,
)
