"""A receipt or an error says which message it is about, and an error is one that the standard knows."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from schemas.ebms.codes import EB, ERRORS, SEVERITIES
from schemas.ebms.reader import text
from schemas.ebms.rules.rule import CORE_SINCE, Messaging, MessagingRule, core
from schemas.findings import Finding, Kind, Severity
from schemas.paths import place_of
from schemas.text import Sentence, Text

UNRELATED = Kind(
    "ebms-signal-unrelated",
    Severity.ERROR,
    Sentence(
        vi="«{element}» không nói về thông điệp nào: thiếu «RefToMessageId».",
        en="The “{element}” says of no message that it is about it: “RefToMessageId” is missing.",
    ),
    Sentence(
        vi="Ghi định danh của thông điệp được trả lời vào «RefToMessageId».",
        en="Put the id of the message answered into “RefToMessageId”.",
    ),
)
ERROR_UNKNOWN = Kind(
    "ebms-error-unknown",
    Severity.WARNING,
    Sentence(
        vi="Mã lỗi «{got}» không có trong chuẩn.",
        en="The error code “{got}” is not in the standard.",
    ),
    Sentence(
        vi="Dùng mã của chuẩn, ví dụ EBMS:0004 cho lỗi khác.",
        en="Use a code of the standard, EBMS:0004 for others.",
    ),
)
SEVERITY_UNKNOWN = Kind(
    "ebms-severity-unknown",
    Severity.ERROR,
    Sentence(
        vi="Mức độ «{got}» không có trong chuẩn; cho phép: {expected}.",
        en="The severity “{got}” is not in the standard; expected one of {expected}.",
    ),
    Sentence(vi="Ghi failure hoặc warning.", en="Write failure or warning."),
)


def check(messaging: Messaging) -> Iterator[Finding]:
    """Yield what is wrong with each signal."""
    for signal in messaging.each("SignalMessage"):
        about = text(signal, "MessageInfo/RefToMessageId")
        for name in ("Receipt", "Error"):
            for element in signal.findall(f"{EB}{name}"):
                if not about and not element.get("refToMessageInError"):
                    yield UNRELATED.at(*place_of(element), element=name)
        for error in signal.findall(f"{EB}Error"):
            yield from _error(error)


def _error(error: etree._Element) -> Iterator[Finding]:
    code, severity = error.get("errorCode"), error.get("severity")
    if code is not None and code.strip() not in ERRORS:
        yield ERROR_UNKNOWN.at(*place_of(error), got=code)
    if severity is not None and severity.strip().lower() not in SEVERITIES:
        yield SEVERITY_UNKNOWN.at(*place_of(error), got=severity, expected=", ".join(SEVERITIES))


RULE = MessagingRule(
    id="ebms-signals",
    about=Text(
        vi="Biên nhận và lỗi nói rõ về thông điệp nào; mã lỗi và mức độ có trong chuẩn.",
        en="A receipt or an error says which message it is about; codes and severities are the standard's.",
    ),
    citation=core("5.2.3, 6.7"),
    effective=CORE_SINCE,
    kinds=(UNRELATED, ERROR_UNKNOWN, SEVERITY_UNKNOWN),
    check=check,
)
