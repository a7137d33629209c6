"""The lines that a package is written in: elements, their indentation, and the blocks that all packages share.

A piece is a list of lines without indentation; `block` indents the pieces inside it. Empty values are left out, as the
Java SDK does.
"""

from __future__ import annotations

import re
from datetime import date
from xml.sax.saxutils import escape

from schemas.edxml.codes import NAMESPACE
from schemas.edxml.envelope import Organization, Staff

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
Lines = list[str]


def escaped(text: str) -> str:
    if _ILLEGAL.search(text):
        raise ValueError(f"a character that XML does not allow in {text[:40]!r}")
    return escape(text, {"\r": "&#13;"})


def leaf(name: str, text: str) -> Lines:
    """Return an element with a value; nothing for an empty one."""
    return [f"<{name}>{escaped(text)}</{name}>"] if text else []


def block(name: str, *pieces: Lines, attributes: str = "") -> Lines:
    inside = ["  " + line for piece in pieces for line in piece]
    return [f"<{name}{attributes}>", *inside, f"</{name}>"]


def encoded(lines: Lines) -> bytes:
    text = "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', *lines])
    return text.encode("utf-8") + b"\n"


def envelope_block(*pieces: Lines) -> Lines:
    return block("edXML:edXMLEnvelope", *pieces, attributes=f' xmlns:edXML="{NAMESPACE}"')


def contacts(organization: Organization) -> list[Lines]:
    return [
        leaf("edXML:OrganAdd", organization.address),
        leaf("edXML:Email", organization.email),
        leaf("edXML:Telephone", organization.telephone),
        leaf("edXML:Fax", organization.fax),
        leaf("edXML:Website", organization.website),
    ]


def day(day: date | None) -> str:
    return f"{day:%Y/%m/%d}" if day else ""


def staff_names(staff: Staff) -> list[Lines]:
    return [
        leaf("edXML:Department", staff.department),
        leaf("edXML:DepartmentId", staff.department_id),
        leaf("edXML:Staff", staff.name),
        leaf("edXML:StaffId", staff.staff_id),
    ]


def mobile(staff: Staff) -> Lines:
    return leaf("edXML:Mobile", staff.mobile)
