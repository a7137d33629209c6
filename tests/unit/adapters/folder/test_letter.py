"""The letter that lies beside a refused package."""

from __future__ import annotations

from datetime import UTC, datetime

from adapters.folder.letter import letter
from hub.errors import Malformed, TooLarge
from schemas.findings import Finding, Severity
from schemas.text import Text, speaking

AT = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)

ERROR = Finding(
    code="xml.not-well-formed",
    severity=Severity.ERROR,
    message=Text(vi="Thẻ chưa được đóng", en="A tag is not closed"),
    remedy=Text(vi="Đóng thẻ này", en="Close the tag"),
    line=12,
    path="/edXML/edXMLEnvelope",
)
WARNING = Finding(
    code="subject.long",
    severity=Severity.WARNING,
    message=Text(vi="Trích yếu quá dài", en="The subject is long"),
    remedy=Text(vi="Rút gọn", en="Shorten it"),
)


def written(refusal: Malformed | TooLarge) -> str:
    return letter(refusal, "công văn.xml", AT).decode("utf-8-sig")


def test_it_says_everything_in_vietnamese_and_then_in_english() -> None:
    refusal = Malformed([ERROR, WARNING])
    refusal.id = "01REFUSAL"
    vietnamese, english = written(refusal).split("-" * 72)
    for words in (
        "công văn.xml",
        "01REFUSAL",
        "document.invalid",
        "xml.not-well-formed",
        "/edXML/edXMLEnvelope",
    ):
        assert words in vietnamese
        assert words in english
    for words in ("dòng 12", "Thẻ chưa được đóng", "Đóng thẻ này", "Lưu ý: Trích yếu quá dài", "Rút gọn"):
        assert words in vietnamese
    for words in (
        "line 12",
        "A tag is not closed",
        "Close the tag",
        "Note: The subject is long",
        "Shorten it",
    ):
        assert words in english
    assert "A tag is not closed" not in vietnamese


def test_the_time_is_that_of_vietnam() -> None:
    assert "03/03/2026 01:30" in written(TooLarge(1000))


def test_a_refusal_without_findings_or_number_says_why() -> None:
    vietnamese, english = written(TooLarge(1000)).split("-" * 72)
    assert "vượt quá giới hạn 1,000 byte" in vietnamese
    assert "over this hub's limit" in english
    assert "Mã tra cứu" not in vietnamese
    assert "Chi tiết" not in vietnamese


def test_it_is_the_same_letter_whatever_language_the_hub_speaks() -> None:
    vietnamese = letter(Malformed([ERROR]), "a.xml", AT)
    with speaking("en"):
        assert letter(Malformed([ERROR]), "a.xml", AT) == vietnamese


def test_notepad_can_read_it() -> None:
    content = letter(Malformed([ERROR]), "a.xml", AT)
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\n") == content.count(b"\r\n") > 10
