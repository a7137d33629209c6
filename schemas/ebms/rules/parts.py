"""Every payload is named once, where it can be found, and says what it is if it is compressed."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from schemas.ebms.codes import EB, GZIP
from schemas.ebms.reader import properties
from schemas.ebms.rules.rule import AS4_SINCE, Messaging, MessagingRule, as4
from schemas.findings import Finding, Kind, Severity
from schemas.paths import place_of
from schemas.text import Sentence, Text

PART_TWICE = Kind(
    "ebms-part-twice",
    Severity.ERROR,
    Sentence(
        vi="Phần nội dung «{got}» được ghi nhiều hơn một lần.",
        en="The payload “{got}” is named more than once.",
    ),
    Sentence(vi="Ghi mỗi phần nội dung trong một «PartInfo».", en="Name each payload in one “PartInfo”."),
)
PART_ELSEWHERE = Kind(
    "ebms-part-elsewhere",
    Severity.ERROR,
    Sentence(
        vi="Phần nội dung «{got}» phải nằm trong thông điệp (cid:… hoặc #…), không được trỏ ra ngoài.",
        en="The payload “{got}” must be in the message (cid:… or #…), not elsewhere.",
    ),
    Sentence(
        vi="Đính kèm nội dung vào thông điệp MIME và trỏ tới bằng cid:.",
        en="Put the payload into the MIME message, and name it by its cid:.",
    ),
)
COMPRESSION_WRONG = Kind(
    "ebms-compression-wrong",
    Severity.ERROR,
    Sentence(
        vi="Phần nội dung «{got}» khai báo nén nhưng thiếu «MimeType» hoặc không phải {expected}.",
        en="The payload “{got}” is declared compressed, but lacks its “MimeType” or is not {expected}.",
    ),
    Sentence(
        vi="Nén bằng GZIP và ghi kiểu nội dung gốc vào thuộc tính MimeType.",
        en="Compress with GZIP, and write the original type into the property MimeType.",
    ),
)


def check(messaging: Messaging) -> Iterator[Finding]:
    """Yield what is wrong with each PartInfo."""
    for payload in messaging.each("UserMessage/PayloadInfo"):
        yield from _parts(payload)


def _parts(payload: etree._Element) -> Iterator[Finding]:
    seen: set[str] = set()
    for part in payload.iterfind(f"{EB}PartInfo"):
        href = part.get("href", "").strip()
        if href in seen:
            yield PART_TWICE.at(*place_of(part), got=href)
        seen.add(href)
        if href and not href.startswith(("cid:", "#")):
            yield PART_ELSEWHERE.at(*place_of(part), got=href)
        yield from _compression(part, href)


def _compression(part: etree._Element, href: str) -> Iterator[Finding]:
    said = dict(properties(part.find(f"{EB}PartProperties")))
    compression = said.get("CompressionType")
    if compression is not None and (compression != GZIP or not said.get("MimeType")):
        yield COMPRESSION_WRONG.at(*place_of(part), got=href, expected=GZIP)


RULE = MessagingRule(
    id="ebms-parts",
    about=Text(
        vi="Mỗi phần nội dung được ghi một lần, nằm trong thông điệp, và nếu nén thì nói rõ kiểu gốc.",
        en="Every payload is named once, is in the message, and says what it is if it is compressed.",
    ),
    citation=as4("3.1"),
    effective=AS4_SINCE,
    kinds=(PART_TWICE, PART_ELSEWHERE, COMPRESSION_WRONG),
    check=check,
)
