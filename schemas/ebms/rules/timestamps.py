"""A message says when it was made, in UTC, and was not made tomorrow. Warnings: clocks disagree."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from schemas.ebms.reader import moment
from schemas.ebms.rules.rule import CORE_SINCE, Messaging, MessagingRule, core
from schemas.findings import Finding, Kind, Severity
from schemas.paths import place_of
from schemas.text import Sentence, Text

NOT_UTC = Kind(
    "ebms-timestamp-not-utc",
    Severity.WARNING,
    Sentence(
        vi="Thời điểm «{got}» phải ghi theo giờ UTC.",
        en="The time “{got}” must be given in UTC.",
    ),
    Sentence(vi="Ghi thời điểm với chữ Z ở cuối.", en="Write the time with a Z at its end."),
)
IN_FUTURE = Kind(
    "ebms-timestamp-future",
    Severity.WARNING,
    Sentence(
        vi="Thời điểm «{got}» ở tương lai (hôm nay là {today}).",
        en="The time “{got}” lies in the future (today is {today}).",
    ),
    Sentence(vi="Kiểm tra đồng hồ của máy gửi.", en="Check the clock of the sending machine."),
)
_SLACK = timedelta(days=1)


def check(messaging: Messaging) -> Iterator[Finding]:
    """Yield a warning for a time of another zone, and for one that has not come yet."""
    for element in messaging.each("*/MessageInfo/Timestamp"):
        got = (element.text or "").strip()
        at = moment(got)
        if at is None:
            continue  # the schema has said so
        if at.utcoffset():
            yield NOT_UTC.at(*place_of(element), got=got)
        if at.date() - messaging.today > _SLACK:
            yield IN_FUTURE.at(*place_of(element), got=got, today=messaging.today.isoformat())


RULE = MessagingRule(
    id="ebms-timestamps",
    about=Text(
        vi="Thời điểm của thông điệp ghi theo UTC và không ở tương lai.",
        en="A message says in UTC when it was made, and was not made tomorrow.",
    ),
    citation=core("5.2.2.1"),
    effective=CORE_SINCE,
    kinds=(NOT_UTC, IN_FUTURE),
    check=check,
)
