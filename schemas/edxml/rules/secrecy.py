"""State secrets may not travel over the axis. The format has no field for secrecy, so marks are looked for in words.

Only a mark that stands by itself counts: a field that says nothing else ("Tối mật"), a mark in brackets ("(Mật)"), a
labelled one ("Độ mật: Mật"), or one that opens or ends a field and is set off ("TUYỆT MẬT - ...", "... - Tuyệt mật").
Words that merely contain or mention it do not: bảo mật, bí mật, mật độ, mật khẩu, "quản lý tài liệu mật". Names of
people and agencies are not looked at.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

from lxml import etree

from schemas.edxml.package import Package, each
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
    rf"\s[\-–—|/]\s*{_MARK.format('closing')}\W*$",
)
_MARKS = re.compile("|".join(_PATTERNS), re.IGNORECASE)
# Cheap test first: without this letter, in either case and any Unicode form, there is no mark.
_LETTERS = ("\u1ead", "\u1eac", "\u0323", "\u0302")
# Names of people, agencies and places are not looked at, and of other documents only this one's own reason.
_LOOKED_AT = frozenset(
    {"MessageHeader", "Code", "DocumentType", "OtherInfo", "Appendixes", "ResponseForTask", "Bussiness"}
)
_OF_ATTACHMENTS = ("AttachmentName", "Description")


def check(package: Package) -> Iterator[Finding]:
    """Yield a finding for each field, known to the standard or not, that bears a mark; for attachments' names too."""
    parts = package.parts
    if parts.is_status:
        return
    for parent, _, text, element in parts.leaves:
        if parent in _LOOKED_AT and _may_bear_a_mark(text):
            yield from _marks(element, text)
    for stranger in parts.strangers:
        yield from _marks_within(stranger)
    for named in (*parts.references, *parts.attachments):
        for element in each(parts.of(named), *_OF_ATTACHMENTS):
            yield from _marks(element, element.text or "")


def _may_bear_a_mark(text: str) -> bool:
    first, second, below, above = _LETTERS
    return first in text or second in text or below in text or above in text


def _marks_within(stranger: etree._Element) -> Iterator[Finding]:
    for element in stranger.iter():
        yield from _marks(element, element.text or "")


def _marks(element: etree._Element, text: str) -> Iterator[Finding]:
    found = _MARKS.search(unicodedata.normalize("NFC", text)) if _may_bear_a_mark(text) else None
    if found:
        mark = next(group for group in found.groups() if group)
        yield SECRECY_MARK.at(*place_of(element), got=mark, element=local_name(element))


RULE = PackageRule(
    id="secrecy",
    about=Text(
        vi="Văn bản mang dấu chỉ độ mật không được gửi qua trục.",
        en="A document that bears a secrecy mark may not travel over the hub.",
    ),
    citation=Text(
        vi="Quyết định 28/2018/QĐ-TTg, phạm vi điều chỉnh: không áp dụng với văn bản có nội dung bí mật nhà nước",
        en="Decision 28/2018/QĐ-TTg, scope: it does not apply to documents that contain state secrets",
    ),
    effective=date(2018, 9, 6),
    kinds=(SECRECY_MARK,),
    check=check,
)
