"""Which standards we know, and which one a package is written in.

A package says it by the namespace and the name of its root element. What is not known is refused here, with what was
expected and what was got: schemas and rules never see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from lxml import etree

from schemas.edxml.standard import qcvn_102_2016
from schemas.findings import Finding, InvalidDocument, Kind, Severity
from schemas.standard import Standard
from schemas.text import Sentence, Text

WRONG_ROOT = Kind(
    "wrong-root",
    Severity.ERROR,
    Sentence(
        vi="Phần tử gốc phải là «{expected}», nhận được «{got}».",
        en="The root element must be “{expected}”, got “{got}”.",
    ),
    Sentence(
        vi="Gửi toàn bộ gói edXML, bắt đầu từ phần tử gốc của nó.",
        en="Send the whole edXML package, from its own root element on.",
    ),
)
WRONG_NAMESPACE = Kind(
    "wrong-namespace",
    Severity.ERROR,
    Sentence(
        vi="Không gian tên của phần tử gốc phải là «{expected}», nhận được «{got}».",
        en="The namespace of the root element must be “{expected}”, got “{got}”.",
    ),
    Sentence(
        vi="Khai báo đúng xmlns theo QCVN 102:2016/BTTTT; chú ý từng ký tự.",
        en="Declare xmlns as QCVN 102:2016/BTTTT has it, to the letter.",
    ),
)
RETIRED_NAMESPACE = Kind(
    "retired-namespace",
    Severity.ERROR,
    Sentence(
        vi="Gói tin theo định dạng cũ ({standard}, không gian tên «{got}»), không còn được tiếp nhận.",
        en="The package is in an old format ({standard}, namespace “{got}”), which is no longer accepted.",
    ),
    Sentence(
        vi="Nâng cấp phần mềm để gửi theo QCVN 102:2016/BTTTT (không gian tên «{expected}»).",
        en="Upgrade the software to send QCVN 102:2016/BTTTT (namespace “{expected}”).",
    ),
)
NOT_IN_FORCE = Kind(
    "standard-not-in-force",
    Severity.ERROR,
    Sentence(
        vi="Quy chuẩn {standard} không có hiệu lực vào ngày {today}.",
        en="The standard {standard} is not in force on {today}.",
    ),
    Sentence(vi="Gửi theo phiên bản quy chuẩn đang có hiệu lực.", en="Send in the version that is in force."),
)

RETIRED: Mapping[str, Text] = {
    "http://www.e-doc.vn/Schema/": Text(
        vi="hướng dẫn kết nối năm 2014, công văn 2803/BTTTT-THH",
        en="the guidance of 2014, letter 2803/BTTTT-THH",
    ),
}


@dataclass(frozen=True)
class Catalog:
    """The standards that packages may be written in."""

    standards: tuple[Standard, ...]
    retired: Mapping[str, Text] = field(default_factory=lambda: RETIRED)

    @classmethod
    def standard(cls) -> Catalog:
        """Return the catalogue that we ship; it is compiled once."""
        return _shipped()

    def find(self, tree: etree._ElementTree, today: date) -> Standard:
        """Return the standard of a package, or raise InvalidDocument saying why there is none."""
        name = etree.QName(tree.getroot())
        namespace = name.namespace or ""
        named = [standard for standard in self.standards if standard.namespace == namespace]
        if not named:
            raise InvalidDocument((self._unknown(namespace, name.localname),))
        rooted = [standard for standard in named if standard.root == name.localname]
        if not rooted:
            raise InvalidDocument((WRONG_ROOT.at(1, expected=named[0].root, got=name.localname),))
        in_force = [standard for standard in rooted if standard.in_force(today)]
        if not in_force:
            raise InvalidDocument((NOT_IN_FORCE.at(1, standard=rooted[0].name, today=f"{today:%d/%m/%Y}"),))
        return in_force[-1]

    def _unknown(self, namespace: str, root: str) -> Finding:
        latest = self.standards[-1]
        if namespace in self.retired:
            return RETIRED_NAMESPACE.at(
                1, standard=self.retired[namespace], got=namespace, expected=latest.namespace
            )
        if root != latest.root:
            return WRONG_ROOT.at(1, expected=latest.root, got=root)
        nothing = Text(vi="không có", en="none")
        return WRONG_NAMESPACE.at(1, expected=latest.namespace, got=namespace or nothing)


@cache
def _shipped() -> Catalog:
    return Catalog(standards=(qcvn_102_2016(),))
