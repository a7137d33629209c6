"""QCVN 102:2016/BTTTT as the catalogue knows it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from lxml import etree

from schemas.edxml import rules
from schemas.edxml.codes import NAMESPACE, kind_name
from schemas.edxml.envelope import Envelope
from schemas.edxml.package import Package, parts_of
from schemas.edxml.reader import read_parts
from schemas.edxml.strict import strictly
from schemas.findings import Finding
from schemas.left_out import LeftOut
from schemas.schema import Schema
from schemas.standard import Deliverable
from schemas.text import Text

XSD = Path(__file__).parent / "xsd"


def qcvn_102_2016() -> Deliverable:
    """Return the standard, its schema compiled. Amendment 1:2022 changed the agency codes, not the package."""
    return Deliverable(
        id="qcvn-102-2016",
        name="QCVN 102:2016/BTTTT",
        about=Text(
            vi="Gói tin edXML trao đổi văn bản điện tử giữa các cơ quan", en="edXML packages between agencies"
        ),
        version="2016",
        namespace=NAMESPACE,
        root="edXML",
        valid_from=date(2016, 4, 1),
        valid_until=None,
        schema=Schema(XSD / "lenient.xsd"),
        rules=rules.ALL,
        examine=examine,
        summary=summary,
        strictly=strictly,
    )


def examine(
    tree: etree._ElementTree, today: date, left_out: LeftOut | None = None
) -> tuple[Envelope, list[Finding]]:
    """Return what a package says, and what the rules find.

    Without a MessageHeader there is nothing to rule about: the schema has said all there is to say.
    """
    parts = parts_of(tree)
    envelope = read_parts(parts)
    if parts.message_header is None:
        return envelope, []
    return envelope, rules.check(Package(parts=parts, envelope=envelope, today=today, left_out=left_out))


def summary(envelope: Envelope) -> Text:
    """Return what kind of package it is, and its number and notation."""
    kind = kind_name(envelope.kind)
    code = f" {envelope.code}" if envelope.code else ""
    return Text(vi=f"{kind.vi}{code}", en=f"{kind.en}{code}")
