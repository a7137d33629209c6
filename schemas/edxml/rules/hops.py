"""Every hop says where it was and when. A warning: gateways leave the place out or write the word null."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from schemas.edxml.package import Package, words
from schemas.edxml.reader import moment
from schemas.edxml.rules.rule import STANDARD_SINCE, PackageRule, qcvn
from schemas.findings import Finding, Kind, Severity
from schemas.paths import place_of
from schemas.text import Sentence, Text

HOP_INCOMPLETE = Kind(
    "hop-incomplete",
    Severity.WARNING,
    Sentence(
        vi="Một chặng trong «TraceHeaderList» không có «{element}» (nhận được «{got}»).",
        en="A hop in “TraceHeaderList” has no “{element}” (got “{got}”).",
    ),
    Sentence(
        vi="Ghi mã định danh của hệ thống đã chuyển gói tin và thời điểm chuyển.",
        en="Write the code of the system that passed the package on, and when it did.",
    ),
)
HOP_TIME_WRONG = Kind(
    "hop-time-wrong",
    Severity.WARNING,
    Sentence(
        vi="Thời điểm «{got}» của một chặng không có thật hoặc không theo dạng yyyy/MM/dd HH:mm:ss.",
        en="The time “{got}” of a hop does not exist, or is not written yyyy/MM/dd HH:mm:ss.",
    ),
    Sentence(
        vi="Ghi thời điểm theo giờ Việt Nam, ví dụ 2026/11/30 08:30:00.",
        en="Write the time in Vietnam's time, for example 2026/11/30 08:30:00.",
    ),
)
_NOTHING = ("", "null")


def check(package: Package) -> Iterator[Finding]:
    """Yield a warning for each hop that does not say where or when."""
    for hop in package.parts.trace.get("TraceHeader", ()):
        yield from _hop(package, hop)


def _hop(package: Package, hop: etree._Element) -> Iterator[Finding]:
    fields = package.parts.of(hop)
    for name in ("OrganId", "Timestamp"):
        if (got := words(fields, name)) in _NOTHING:
            yield HOP_INCOMPLETE.at(*place_of(hop), element=name, got=got or Text(vi="trống", en="nothing"))
    at = words(fields, "Timestamp")
    if at not in _NOTHING and moment(at) is None:
        yield HOP_TIME_WRONG.at(*place_of(hop), got=at)


RULE = PackageRule(
    id="hops",
    about=Text(
        vi="Mỗi chặng trong vết chuyển ghi nơi đã qua và thời điểm có thật.",
        en="Every hop of the trace says where it was, and when.",
    ),
    citation=qcvn("mục 2.1", "paragraph 2.1"),
    effective=STANDARD_SINCE,
    kinds=(HOP_INCOMPLETE, HOP_TIME_WRONG),
    check=check,
)
