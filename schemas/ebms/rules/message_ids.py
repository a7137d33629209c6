"""A message is named as mail is: `something@somewhere`, without angle brackets. A warning: bare UUIDs are common."""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemas.ebms.reader import text
from schemas.ebms.rules.rule import CORE_SINCE, Messaging, MessagingRule, core
from schemas.findings import Finding, Kind, Severity
from schemas.paths import place_of
from schemas.text import Sentence, Text

ID_STRANGE = Kind(
    "ebms-message-id-strange",
    Severity.WARNING,
    Sentence(
        vi="«{element}» phải có dạng định-danh@miền (RFC 2822), không kèm dấu < >; nhận được «{got}».",
        en="“{element}” must look like id@domain (RFC 2822), without < >; got “{got}”.",
    ),
    Sentence(
        vi="Dùng một UUID kèm tên miền của hệ thống gửi.",
        en="Use a UUID and the domain of the sending system.",
    ),
)
REFERS_TO_ITSELF = Kind(
    "ebms-refers-to-itself",
    Severity.ERROR,
    Sentence(
        vi="Thông điệp «{got}» trả lời chính nó.",
        en="The message “{got}” refers to itself.",
    ),
    Sentence(
        vi="Ghi định danh của thông điệp trước đó vào «RefToMessageId».",
        en="Put the id of the earlier message into “RefToMessageId”.",
    ),
)
_MAIL_LIKE = re.compile(r"[^\s<>@]+@[^\s<>@]+")


def check(messaging: Messaging) -> Iterator[Finding]:
    """Yield a warning for each odd identifier, and an error for a message that answers itself."""
    for info in messaging.each("*/MessageInfo"):
        own, other = text(info, "MessageId"), text(info, "RefToMessageId")
        for name, got in (("MessageId", own), ("RefToMessageId", other)):
            if got and not _MAIL_LIKE.fullmatch(got):
                yield ID_STRANGE.at(*place_of(info), element=name, got=got)
        if own and own == other:
            yield REFERS_TO_ITSELF.at(*place_of(info), got=own)


RULE = MessagingRule(
    id="ebms-message-ids",
    about=Text(
        vi="Định danh thông điệp có dạng định-danh@miền và không trỏ về chính nó.",
        en="A message's identifier looks like id@domain, and a message does not refer to itself.",
    ),
    citation=core("5.2.2.1"),
    effective=CORE_SINCE,
    kinds=(ID_STRANGE, REFERS_TO_ITSELF),
    check=check,
)
