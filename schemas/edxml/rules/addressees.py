"""A document has at least one addressee, and none of them twice."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.edxml.package import Package, words
from schemas.edxml.rules.rule import STANDARD_SINCE, PackageRule, qcvn
from schemas.findings import Finding, Kind, Severity
from schemas.paths import line_of, path_of, place_of
from schemas.text import Sentence, Text

NO_ADDRESSEE = Kind(
    "no-addressee",
    Severity.ERROR,
    Sentence(
        vi="Văn bản không có nơi nhận: cần ít nhất một phần tử «To», không có phần tử nào.",
        en="The document has no addressee: expected at least one “To”, got none.",
    ),
    Sentence(
        vi="Bổ sung phần tử «To» với mã định danh của từng cơ quan nhận.",
        en="Add one “To” with the identifier of each agency that is to receive it.",
    ),
)
SAME_ADDRESSEE = Kind(
    "same-addressee-twice",
    Severity.ERROR,
    Sentence(
        vi="Cơ quan nhận «{code}» được ghi nhiều hơn một lần.",
        en="The addressee “{code}” is named more than once.",
    ),
    Sentence(vi="Chỉ giữ lại một phần tử «To» cho mỗi cơ quan nhận.", en="Keep one “To” for each addressee."),
)


def check(package: Package) -> Iterator[Finding]:
    """Yield a finding if there is no To, and one for every To after the first of the same code."""
    if package.parts.is_status or package.parts.message_header is None:
        return
    receivers = package.parts.header.get("To", [])
    if not receivers:
        yield NO_ADDRESSEE.at(
            line_of(package.parts.message_header), path_of(package.parts.message_header) + "/To"
        )
    seen: set[str] = set()
    for element in receivers:
        code = words(package.parts.of(element), "OrganId")
        if code and code.upper() in seen:
            yield SAME_ADDRESSEE.at(*place_of(element), code=code)
        seen.add(code.upper())


RULE = PackageRule(
    id="addressees",
    about=Text(
        vi="Văn bản có ít nhất một nơi nhận và không nơi nhận nào bị ghi hai lần.",
        en="A document has at least one addressee, and none of them twice.",
    ),
    citation=qcvn("mục 1.2", "paragraph 1.2"),
    effective=STANDARD_SINCE,
    kinds=(NO_ADDRESSEE, SAME_ADDRESSEE),
    check=check,
)
