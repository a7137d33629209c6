"""Parties and services without a type are URIs: else nobody can tell what the words mean."""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemas.ebms.rules.rule import CORE_SINCE, Messaging, MessagingRule, core
from schemas.findings import Finding, Kind, Severity
from schemas.paths import local_name, place_of
from schemas.text import Sentence, Text

NOT_A_URI = Kind(
    "ebms-not-a-uri",
    Severity.ERROR,
    Sentence(
        vi="«{element}» không có thuộc tính type nên phải là một URI; nhận được «{got}».",
        en="“{element}” has no type attribute, so it must be a URI; got “{got}”.",
    ),
    Sentence(
        vi="Thêm thuộc tính type, ví dụ urn:oasis:names:tc:ebcore:partyid-type:unregistered, hoặc ghi một URI.",
        en="Add a type attribute, urn:oasis:names:tc:ebcore:partyid-type:unregistered for one, or write a URI.",
    ),
)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_ADDRESSES = ("UserMessage/PartyInfo/*/PartyId", "UserMessage/CollaborationInfo/Service")


def check(messaging: Messaging) -> Iterator[Finding]:
    """Yield a finding for each address whose meaning nobody can tell."""
    for path in _ADDRESSES:
        for element in messaging.each(path):
            got = (element.text or "").strip()
            if got and not element.get("type") and not _URI.fullmatch(got):
                yield NOT_A_URI.at(*place_of(element), element=local_name(element), got=got)


RULE = MessagingRule(
    id="ebms-addresses",
    about=Text(
        vi="Bên gửi, bên nhận và dịch vụ có thuộc tính type hoặc là một URI.",
        en="Parties and services have a type, or are URIs.",
    ),
    citation=core("5.2.2.3, 5.2.2.8"),
    effective=CORE_SINCE,
    kinds=(NOT_A_URI,),
    check=check,
)
