"""QCVN 102:2016/BTTTT as the catalogue knows it."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from lxml import etree

from schemas.edxml import rules
from schemas.edxml.codes import NAMESPACE
from schemas.edxml.envelope import Envelope, PackageKind
from schemas.edxml.package import Package, parts_of
from schemas.edxml.reader import read_parts
from schemas.findings import Finding
from schemas.schema import Schema
from schemas.standard import Standard

XSD = Path(__file__).parent / "xsd"


def qcvn_102_2016() -> Standard:
    """Return the standard, its schema compiled. Amendment 1:2022 changed the agency codes, not the package."""
    return Standard(
        name="QCVN 102:2016/BTTTT",
        version="2016",
        namespace=NAMESPACE,
        root="edXML",
        valid_from=date(2016, 4, 1),
        valid_until=None,
        schema=Schema(XSD / "lenient.xsd"),
        examine=examine,
    )


@cache
def strict_schema(kind: PackageKind) -> Schema:
    """Return the schema that a package written by us must fit: order, mandatory elements, lengths."""
    return Schema(XSD / ("strict-status.xsd" if kind is PackageKind.STATUS else "strict-document.xsd"))


def examine(tree: etree._ElementTree, today: date) -> tuple[Envelope, list[Finding]]:
    """Return what a package says, and what the rules find.

    Without a MessageHeader there is nothing to rule about: the schema has said all there is to say.
    """
    parts = parts_of(tree)
    envelope = read_parts(parts)
    if parts.message_header is None:
        return envelope, []
    return envelope, rules.check(Package(parts=parts, envelope=envelope, today=today))
