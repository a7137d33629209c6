"""Dates are days that exist, written yyyy/MM/dd, and a document was not issued tomorrow.

One day is allowed for clocks and zones that disagree: no document is refused for seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from schemas.edxml.package import Package, first, text_of
from schemas.edxml.reader import day, moment
from schemas.edxml.rules.rule import STANDARD_SINCE, PackageRule, qcvn
from schemas.findings import Finding, Kind, Severity
from schemas.paths import place_of
from schemas.text import Sentence, Text

DATE_WRONG = Kind(
    "date-wrong",
    Severity.ERROR,
    Sentence(
        vi="«{element}» phải là thời điểm có thật, ghi theo dạng {expected}; nhận được «{got}».",
        en="“{element}” must be a date that exists, written {expected}; got “{got}”.",
    ),
    Sentence(
        vi="Ghi lại theo dạng {expected}, ví dụ {example}.",
        en="Write it as {expected}, for example {example}.",
    ),
)
DUE_DATE_WRONG = Kind(
    "due-date-wrong",
    Severity.WARNING,
    Sentence(
        vi="Hạn trả lời «{got}» không phải là ngày có thật theo dạng yyyy/MM/dd nên không được theo dõi.",
        en="The due date “{got}” is no day that exists, written yyyy/MM/dd, so nobody will watch it.",
    ),
    Sentence(
        vi="Ghi hạn trả lời theo dạng yyyy/MM/dd, ví dụ 2026/11/30.",
        en="Write the due date as yyyy/MM/dd, for example 2026/11/30.",
    ),
)
DATE_IN_FUTURE = Kind(
    "date-in-future",
    Severity.ERROR,
    Sentence(
        vi="Ngày ban hành {got} ở tương lai (hôm nay là {today}).",
        en="The date of issue {got} lies in the future (today is {today}).",
    ),
    Sentence(
        vi="Kiểm tra ngày ban hành và đồng hồ của máy gửi.",
        en="Check the date of issue and the clock of the sending machine.",
    ),
)
TIME_IN_FUTURE = Kind(
    "time-in-future",
    Severity.WARNING,
    Sentence(
        vi="Thời điểm {got} của trạng thái ở tương lai (hôm nay là {today}).",
        en="The time {got} of the status lies in the future (today is {today}).",
    ),
    Sentence(vi="Kiểm tra đồng hồ của máy gửi.", en="Check the clock of the sending machine."),
)

_SLACK = timedelta(days=1)


def check(package: Package) -> Iterator[Finding]:
    """Yield a finding for each date that is none, and for a document from the future."""
    yield from _status_time(package) if package.parts.is_status else _document_dates(package)


def _document_dates(package: Package) -> Iterator[Finding]:
    header, envelope = package.parts.header, package.envelope
    issued = first(package.parts.of(first(header, "PromulgationInfo")), "PromulgationDate")
    if issued is not None and text_of(issued):
        got = text_of(issued)
        if envelope.promulgated_on is None:
            yield DATE_WRONG.at(
                *place_of(issued),
                element="PromulgationDate",
                expected="yyyy/MM/dd",
                example="2026/11/30",
                got=got,
            )
        elif envelope.promulgated_on - package.today > _SLACK:
            yield DATE_IN_FUTURE.at(*place_of(issued), got=got, today=f"{package.today:%Y/%m/%d}")
    due = first(header, "DueDate")
    if due is not None and text_of(due) and day(text_of(due)) is None:
        yield DUE_DATE_WRONG.at(*place_of(due), got=text_of(due))


def _status_time(package: Package) -> Iterator[Finding]:
    stamp = first(package.parts.header, "Timestamp")
    if stamp is None or not text_of(stamp):
        return
    got, at = text_of(stamp), moment(text_of(stamp))
    if at is None:
        yield DATE_WRONG.at(
            *place_of(stamp),
            element="Timestamp",
            expected="yyyy/MM/dd HH:mm:ss",
            example="2026/11/30 08:30:00",
            got=got,
        )
    elif at.date() - package.today > _SLACK:
        yield TIME_IN_FUTURE.at(*place_of(stamp), got=got, today=f"{package.today:%Y/%m/%d}")


RULE = PackageRule(
    id="dates",
    about=Text(
        vi="Ngày ghi theo dạng yyyy/MM/dd, có thật; ngày ban hành không ở tương lai.",
        en="Dates are days that exist, written yyyy/MM/dd, and a document was not issued tomorrow.",
    ),
    citation=qcvn("mục 1.4, 1.9", "paragraphs 1.4, 1.9"),
    effective=STANDARD_SINCE,
    kinds=(DATE_WRONG, DUE_DATE_WRONG, DATE_IN_FUTURE, TIME_IN_FUTURE),
    check=check,
)
