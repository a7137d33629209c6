"""A status package says something that is known, and gives a reason where one is owed."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.edxml.codes import STATUS_ALIASES, STATUSES, STATUSES_WITH_REASON, normal_status, status_name
from schemas.edxml.package import Package, first, words
from schemas.edxml.rules.rule import STANDARD_SINCE, PackageRule, qcvn
from schemas.findings import Finding, Kind, Severity
from schemas.paths import place_of
from schemas.text import Sentence, Text

STATUS_UNKNOWN = Kind(
    "status-code-unknown",
    Severity.ERROR,
    Sentence(
        vi="Mã trạng thái «{got}» không có trong quy chuẩn; cho phép: {expected}.",
        en="The status code “{got}” is not in the standard; expected one of {expected}.",
    ),
    Sentence(
        vi="Dùng mã hai chữ số của quy chuẩn, giữ số 0 ở đầu (ví dụ 01).",
        en="Use a two-digit code of the standard, with its leading zero (01, for example).",
    ),
)
STATUS_ALIAS = Kind(
    "status-code-alias",
    Severity.WARNING,
    Sentence(
        vi="Mã trạng thái «{got}» được hiểu là «{expected}».",
        en="The status code “{got}” is read as “{expected}”.",
    ),
    Sentence(vi="Dùng mã «{expected}».", en="Use the code “{expected}”."),
)
STATUS_WITHOUT_REASON = Kind(
    "status-without-reason",
    Severity.WARNING,
    Sentence(
        vi="Trạng thái {code} ({name}) cần có lý do trong «Description».",
        en="Status {code} ({name}) needs a reason in “Description”.",
    ),
    Sentence(
        vi="Ghi rõ lý do để bên nhận trạng thái biết cách xử lý.",
        en="Write down the reason, so that the other side knows what to do.",
    ),
)


def check(package: Package) -> Iterator[Finding]:
    """Yield what is wrong with StatusCode and Description."""
    element = first(package.parts.header, "StatusCode")
    code = words(package.parts.header, "StatusCode")
    if element is None or not code:
        return
    if normal_status(code) is None:
        yield STATUS_UNKNOWN.at(*place_of(element), got=code, expected=", ".join(STATUSES))
    if code in STATUS_ALIASES:
        yield STATUS_ALIAS.at(*place_of(element), got=code, expected=STATUS_ALIASES[code])
    if code in STATUSES_WITH_REASON and not words(package.parts.header, "Description"):
        yield STATUS_WITHOUT_REASON.at(*place_of(element), code=code, name=status_name(code))


RULE = PackageRule(
    id="status-code",
    about=Text(
        vi="Gói tin trạng thái dùng mã có trong quy chuẩn và nêu lý do khi cần.",
        en="A status package says something that is known, and gives a reason where one is owed.",
    ),
    citation=qcvn("gói tin trạng thái", "status packages"),
    effective=STANDARD_SINCE,
    kinds=(STATUS_UNKNOWN, STATUS_ALIAS, STATUS_WITHOUT_REASON),
    check=check,
)
