"""The lines that a package is written in: elements, their indentation, and the blocks that all packages share.

A piece is a list of lines without indentation; `block` indents the pieces inside it. Empty values are left out, as the
Java SDK does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from xml.sax.saxutils import escape

from schemas.edxml.codes import NAMESPACE
from schemas.edxml.element_tables import BLOCKS
from schemas.edxml.elements import Dialect
from schemas.edxml.envelope import Organization, Staff

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
Lines = list[str]


def escaped(text: str) -> str:
    """Return a value as it may stand in XML; raises ValueError for what XML cannot carry."""
    if _ILLEGAL.search(text):
        raise ValueError(f"a character that XML does not allow in {text[:40]!r}")
    return escape(text, {"\r": "&#13;"})


def quoted(text: str) -> str:
    """Return a value as it may stand between the quotes of an attribute."""
    return escaped(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")


def leaf(name: str, text: str) -> Lines:
    """Return an element with a value; nothing for an empty one."""
    return [f"<{name}>{escaped(text)}</{name}>"] if text else []


def block(name: str, *pieces: Lines, attributes: str = "") -> Lines:
    """Return an element around its pieces."""
    inside = ["  " + line for piece in pieces for line in piece]
    return [f"<{name}{attributes}>", *inside, f"</{name}>"]


def several(name: str, texts: Sequence[str]) -> Lines:
    """Return one element for each value."""
    return [line for text in texts for line in leaf(name, text)]


def arranged(
    name: str, pieces: Mapping[str, Lines], dialect: Dialect, *, of: str = "", attributes: str = ""
) -> Lines:
    """Return an element whose children stand in the dialect's order; `of` is its block, if not that of its name."""
    local = name.removeprefix("edXML:")
    order = BLOCKS[of or local].order(dialect)
    if strangers := pieces.keys() - set(order):
        raise ValueError(f"{local} has no {', '.join(sorted(strangers))}")
    return block(name, *(pieces[child] for child in order if child in pieces), attributes=attributes)


def encoded(lines: Lines) -> bytes:
    """Return the lines as a file."""
    text = "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', *lines])
    return text.encode("utf-8") + b"\n"


# The .NET serializer declares these on the root, used or not.
_OF_DOTNET = (
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
    ' xmlns:xlink="http://www.w3.org/1999/xlink"'
)


def root_block(dialect: Dialect, *pieces: Lines) -> Lines:
    """Return the root element around its pieces."""
    declared = _OF_DOTNET if dialect == "dotnet" else ""
    return block("edXML", *pieces, attributes=f'{declared} xmlns="{NAMESPACE}"')


def envelope_block(*pieces: Lines) -> Lines:
    """Return the envelope, from which on everything has the prefix."""
    return block("edXML:edXMLEnvelope", *pieces, attributes=f' xmlns:edXML="{NAMESPACE}"')


def organization_pieces(organization: Organization) -> dict[str, Lines]:
    """Return the elements of From or To."""
    return {
        "OrganId": leaf("edXML:OrganId", organization.code),
        "OrganizationInCharge": leaf("edXML:OrganizationInCharge", organization.in_charge),
        "OrganName": leaf("edXML:OrganName", organization.name),
        "OrganAdd": leaf("edXML:OrganAdd", organization.address),
        "Email": leaf("edXML:Email", organization.email),
        "Telephone": leaf("edXML:Telephone", organization.telephone),
        "Fax": leaf("edXML:Fax", organization.fax),
        "Website": leaf("edXML:Website", organization.website),
    }


def staff_pieces(staff: Staff) -> dict[str, Lines]:
    """Return the elements of StaffInfo."""
    return {
        "Department": leaf("edXML:Department", staff.department),
        "DepartmentId": leaf("edXML:DepartmentId", staff.department_id),
        "Staff": leaf("edXML:Staff", staff.name),
        "StaffId": leaf("edXML:StaffId", staff.staff_id),
        "Mobile": leaf("edXML:Mobile", staff.mobile),
        "Email": leaf("edXML:Email", staff.email),
    }


def day(day: date | None) -> str:
    """Return a day as the standard writes it."""
    return f"{day:%Y/%m/%d}" if day else ""
