"""What a package that acts on an earlier document must say of it: which one, what changes, what is replaced.

Warnings only: the official samples of revocation and replacement leave the document out of Bussiness, and it can then
be found by MessageHeader/DocumentId or by what is replaced.
"""

from __future__ import annotations

from collections.abc import Iterator

from schemas.edxml.codes import KIND_NAMES
from schemas.edxml.envelope import Business, PackageKind
from schemas.edxml.package import Package
from schemas.edxml.rules.rule import STANDARD_SINCE, PackageRule, qcvn
from schemas.findings import Finding, Kind, Severity
from schemas.paths import line_of, path_of
from schemas.text import Sentence, Text

NO_DOCUMENT = Kind(
    "business-without-document",
    Severity.WARNING,
    Sentence(
        vi="Gói tin «{kind}» không ghi định danh văn bản được tác động trong «Bussiness/DocumentId».",
        en="A package of the kind “{kind}” does not name, in “Bussiness/DocumentId”, the document that it acts on.",
    ),
    Sentence(
        vi="Ghi «DocumentId» của văn bản đã gửi trước đó; nếu không, nơi nhận phải đoán.",
        en="Give the “DocumentId” of the document that was sent before; otherwise receivers have to guess.",
    ),
)
NO_REPLACEMENT = Kind(
    "replacement-missing",
    Severity.WARNING,
    Sentence(
        vi="Gói tin thay thế không ghi văn bản bị thay thế trong «ReplacementInfoList».",
        en="A replacement does not name, in “ReplacementInfoList”, what it replaces.",
    ),
    Sentence(
        vi="Ghi mỗi văn bản bị thay thế trong một «ReplacementInfo» cùng các nơi nhận liên quan.",
        en="Name each document replaced in a “ReplacementInfo”, with the receivers concerned.",
    ),
)
REPLACED_TWICE = Kind(
    "replacement-twice",
    Severity.WARNING,
    Sentence(
        vi="Văn bản bị thay thế «{document_id}» được ghi nhiều hơn một lần.",
        en="The replaced document “{document_id}” is named more than once.",
    ),
    Sentence(
        vi="Ghi mỗi văn bản bị thay thế một lần, với mọi nơi nhận liên quan.",
        en="Name each document replaced once, with all receivers concerned.",
    ),
)
NO_RECEIVERS = Kind(
    "receiver-list-missing",
    Severity.WARNING,
    Sentence(
        vi="Gói tin báo danh sách nơi nhận thay đổi nhưng không ghi nơi nhận nào trong «ReceiverList».",
        en="The package says that the receivers change, but names none in “ReceiverList”.",
    ),
    Sentence(
        vi="Ghi từng nơi nhận được thêm (1) hoặc bỏ ra (0), hoặc để «DocumentReceiver» là 0.",
        en="Name each receiver that is added (1) or taken off (0), or set “DocumentReceiver” to 0.",
    ),
)


def check(package: Package) -> Iterator[Finding]:
    """Yield a warning for each thing that the kind of package calls for and that is not said."""
    element, said, kind = package.parts.business, package.envelope.business, package.envelope.kind
    if element is None or said is None or kind in (PackageKind.NEW, PackageKind.STATUS):
        return
    for finding_kind, values in _missing(kind, said):
        yield finding_kind.at(line_of(element), path_of(element), **values)


def _missing(kind: PackageKind, said: Business) -> Iterator[tuple[Kind, dict[str, str | Text]]]:
    if not said.document_id:
        yield NO_DOCUMENT, {"kind": KIND_NAMES[kind]}
    if kind is PackageKind.REPLACE and not said.replacements:
        yield NO_REPLACEMENT, {}
    replaced = [replacement.document_id for replacement in said.replacements]
    for document_id in dict.fromkeys(replaced):
        if replaced.count(document_id) > 1:
            yield REPLACED_TWICE, {"document_id": document_id}
    if said.receivers_changed and not said.receiver_changes:
        yield NO_RECEIVERS, {}


RULE = PackageRule(
    id="business-details",
    about=Text(
        vi="Gói tin thu hồi, cập nhật, thay thế nói rõ tác động lên văn bản nào, thay đổi gì, thay thế gì.",
        en="A revocation, update or replacement says which document it acts on, what changes and what is replaced.",
    ),
    citation=qcvn("mục 2.2.3, 2.2.4, 2.2.8", "paragraphs 2.2.3, 2.2.4, 2.2.8"),
    effective=STANDARD_SINCE,
    kinds=(NO_DOCUMENT, NO_REPLACEMENT, REPLACED_TWICE, NO_RECEIVERS),
    check=check,
)
