"""A message has one ebMS header, and the header holds one message: two, and nobody knows which was meant."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.ebms.rules.rule import CORE_SINCE, Messaging, MessagingRule, core
from schemas.findings import Finding, Kind, Severity
from schemas.paths import place_of
from schemas.text import Sentence, Text

HEADER_COUNT = Kind(
    "ebms-header-count",
    Severity.ERROR,
    Sentence(
        vi="Phong bì SOAP phải có đúng một khối «Messaging» trong «Header», tìm thấy {got}.",
        en="The SOAP envelope must have one “Messaging” block in its “Header”, got {got}.",
    ),
    Sentence(
        vi="Đặt đúng một khối eb:Messaging trong phần đầu SOAP.",
        en="Put one eb:Messaging block into the SOAP header.",
    ),
)
MESSAGE_COUNT = Kind(
    "ebms-message-count",
    Severity.ERROR,
    Sentence(
        vi="«Messaging» phải chứa đúng một «UserMessage» hoặc một «SignalMessage», tìm thấy {got}.",
        en="“Messaging” must hold one “UserMessage” or one “SignalMessage”, got {got}.",
    ),
    Sentence(vi="Gửi mỗi lần một thông điệp.", en="Send one message at a time."),
)


def check(messaging: Messaging) -> Iterator[Finding]:
    """Yield a finding for a header too many or missing, and for a message too many or missing."""
    if len(messaging.blocks) != 1:
        yield HEADER_COUNT.at(*place_of(messaging.root), got=len(messaging.blocks))
    for block in messaging.blocks:
        found = len(list(messaging.each("UserMessage"))) + len(list(messaging.each("SignalMessage")))
        if found != 1:
            yield MESSAGE_COUNT.at(*place_of(block), got=found)


RULE = MessagingRule(
    id="ebms-message-count",
    about=Text(
        vi="Mỗi lần gửi có một phần đầu ebMS với đúng một thông điệp.",
        en="A message has one ebMS header, which holds one message.",
    ),
    citation=core("5.2.1"),
    effective=CORE_SINCE,
    kinds=(HEADER_COUNT, MESSAGE_COUNT),
    check=check,
)
