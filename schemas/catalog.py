"""Which standards we know, and which one a document is written in.

A document says it by the namespace and the name of its root element. What is not known is refused here, with what was
expected and what was got: schemas and rules never see it. Versions of one standard are told apart by the days on
which they are in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from lxml import etree

from schemas.ebms.standard import ebms_3, ebms_3_in_soap
from schemas.edxml.standard import qcvn_102_2016
from schemas.findings import Finding, InvalidDocument, Kind, Severity
from schemas.rule import Rule
from schemas.standard import Deliverable, Standard
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
    """The standards that documents may be written in. The last deliverable one is what others are told to use."""

    standards: tuple[Standard[Any], ...]
    retired: Mapping[str, Text] = field(default_factory=lambda: RETIRED)

    def __post_init__(self) -> None:
        if not self.deliverables:
            raise ValueError("a catalogue needs a deliverable standard")

    @classmethod
    def standard(cls) -> Catalog:
        """Return the catalogue that we ship; it is compiled once."""
        return _shipped()

    @property
    def deliverables(self) -> tuple[Deliverable, ...]:
        """The standards whose packages the hub carries."""
        return tuple(standard for standard in self.standards if isinstance(standard, Deliverable))

    @property
    def rules(self) -> tuple[Rule[Any], ...]:
        """Every rule of every standard, each once, in the order in which they run."""
        return tuple({rule.id: rule for standard in self.standards for rule in standard.rules}.values())

    def prepare(self) -> None:
        """Load what explains refusals of packages; a server may do it aside, before the first one comes."""
        for standard in self.deliverables:
            standard.schema.prepare()

    def find(self, tree: etree._ElementTree, today: date) -> Standard[Any]:
        """Return the standard of a document, or raise InvalidDocument saying why there is none."""
        root = tree.getroot()
        for known in self.standards[::-1]:
            if root.tag == known.tag and known.in_force(today):
                return known
        raise InvalidDocument((self._why_none(root, today),))

    def _why_none(self, root: etree._Element, today: date) -> Finding:
        name = etree.QName(root)
        namespace = name.namespace or ""
        named = [standard for standard in self.standards if standard.namespace == namespace]
        if not named:
            return self._unknown(namespace, name.localname)
        rooted = [standard for standard in named if standard.root == name.localname]
        if not rooted:
            return WRONG_ROOT.at(1, expected=named[0].root, got=name.localname)
        return NOT_IN_FORCE.at(1, standard=rooted[0].name, today=f"{today:%d/%m/%Y}")

    def _unknown(self, namespace: str, root: str) -> Finding:
        latest = self.deliverables[-1]
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
    return Catalog(standards=(qcvn_102_2016(), ebms_3(), ebms_3_in_soap()))
