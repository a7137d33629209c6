"""The strict schemas, made from the element tables: what a package written by us must fit, dialect by dialect.

    python -m schemas.edxml.strict_xsd        writes schemas/edxml/xsd/strict-*.xsd

The files are kept in the repository, because other programs can use them too; a test compares them with what this
makes. A schema cannot see prefixes: those are `strict`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from schemas.edxml.codes import KINDS_OF_PACKAGE, NAMESPACE, PRIORITY_NAMES, STATUSES, STEERING
from schemas.edxml.element_tables import BLOCKS, below
from schemas.edxml.elements import Dialect, Element, Form, Presence

FOLDER = Path(__file__).parent / "xsd"
FILES: dict[str, tuple[str, Dialect]] = {
    "strict-document.xsd": ("edXML", "vnpt"),
    "strict-document-dotnet.xsd": ("edXML", "dotnet"),
    "strict-status.xsd": ("status:edXML", "vnpt"),
}

# What our writer never leaves out, whether or not others would miss it.
_ALWAYS = frozenset({
    "edXMLBody", "edXMLManifest", "TraceHeaderList", "Bussiness", "OtherInfo", "Priority", "Paper",
    "DigitalSignature",
})  # fmt: skip
_DAY = "[0-9]{4}/(0[1-9]|1[0-2])/(0[1-9]|[12][0-9]|3[01])"
_PATTERNS = {
    Form.AGENCY_CODE: "[0-9A-Za-z.]{1,35}",  # test systems have lower case
    Form.DAY: _DAY,
    Form.MOMENT: _DAY + " ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]",
    Form.INTEGER: "-?[0-9]{1,9}",
    Form.COUNT: "[0-9]{1,3}",
    Form.FLAG: "[01]",
    Form.BOOLEAN: "true|false",
    Form.CONTENT_ID: r"cid:\S+",
}
_CODES = {
    "Priority": [str(int(priority)) for priority in PRIORITY_NAMES],
    "BussinessDocType": list(KINDS_OF_PACKAGE),
    "StatusCode": list(STATUSES),
    "SteeringType": list(STEERING),
}
_ANY = '<xs:any namespace="##any" processContents="skip" minOccurs="0" maxOccurs="unbounded"/>'
_DSIG = '<xs:any namespace="http://www.w3.org/2000/09/xmldsig#" processContents="skip"/>'
_ANY_ATTRIBUTE = '<xs:anyAttribute namespace="##any" processContents="skip"/>'
_ATTRIBUTES = {"edXMLManifest": '<xs:attribute name="version" type="xs:string" fixed="1.0" use="required"/>'}
_OF_DOTNET = frozenset({"TraceHeaderList", "Reference"})  # id, mustUnderstand, xlink:href and the like


def schema(root: str, dialect: Dialect) -> str:
    """Return a strict schema."""
    what = escape(f"{BLOCKS[root].about.en}, dialect {dialect}")
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<!-- {what}. Made by schemas/edxml/strict_xsd.py from the element tables; do not edit. -->",
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="{NAMESPACE}"',
        f'           targetNamespace="{NAMESPACE}" elementFormDefault="qualified" version="1">',
        f'  <xs:element name="edXML" type="{_type_name(root)}"/>',
        *(line for block in below(root) for line in _complex_type(block, dialect)),
        "</xs:schema>",
    ]
    return "\n".join(lines) + "\n"


def _type_name(block: str) -> str:
    return block.rpartition(":")[2] + "Type"


def _complex_type(name: str, dialect: Dialect) -> Iterator[str]:
    block = BLOCKS[name]
    by_name = {element.name: element for element in block.elements}
    yield f'  <xs:complexType name="{_type_name(name)}">'
    yield "    <xs:sequence>"
    for child in block.order(dialect):
        yield from ("      " + line for line in _element(by_name[child], dialect))
    yield "    </xs:sequence>"
    if name in _ATTRIBUTES:
        yield f"    {_ATTRIBUTES[name]}"
    elif dialect == "dotnet" and name in _OF_DOTNET:
        yield f"    {_ANY_ATTRIBUTE}"
    yield "  </xs:complexType>"


def _element(element: Element, dialect: Dialect) -> Iterator[str]:
    if element.name == "DigitalSignature":
        if dialect == "dotnet":
            yield '<xs:element name="DigitalSignature"><xs:complexType/></xs:element>'
        return
    if element.name == "Signature":
        inside = f"<xs:complexType><xs:sequence>{_ANY}</xs:sequence></xs:complexType>"
        yield '<xs:choice minOccurs="0" maxOccurs="unbounded">'
        yield f'  <xs:element name="Signature">{inside}</xs:element>'
        yield f"  {_DSIG}"
        yield "</xs:choice>"
        return
    yield _particle(element)


def _particle(element: Element) -> str:
    needed = element.presence is Presence.REQUIRED or element.name in _ALWAYS
    occurs = ("" if needed else ' minOccurs="0"') + (' maxOccurs="unbounded"' if element.repeats else "")
    head = f'<xs:element name="{element.name}"{occurs}'
    if element.of:
        return f'{head} type="{_type_name(element.of)}"/>'
    facets = _facets(element, needed)
    if not facets:
        return f'{head} type="xs:string"/>'
    inside = f'<xs:simpleType><xs:restriction base="xs:string">{facets}</xs:restriction></xs:simpleType>'
    return f"{head}>{inside}</xs:element>"


def _facets(element: Element, needed: bool) -> str:
    if element.form is Form.CODE:
        return "".join(f'<xs:enumeration value="{code}"/>' for code in _CODES[element.name])
    if element.form in _PATTERNS:
        return f"<xs:pattern value={quoteattr(_PATTERNS[element.form])}/>"
    shortest = '<xs:minLength value="1"/>' if needed else ""
    return shortest + (f'<xs:maxLength value="{element.longest}"/>' if element.longest else "")


def main() -> None:
    """Write the files."""
    for name, (root, dialect) in FILES.items():
        (FOLDER / name).write_text(schema(root, dialect), encoding="utf-8")


if __name__ == "__main__":
    main()
