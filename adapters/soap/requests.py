"""A call taken apart: which action, what is in the envelope's Header and Body, which files.

Elements are found by local name in the namespaces that systems are known to use: the older edXML's, or none.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from adapters.soap.parts import Package, Part
from schemas import xml

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
EDOC = "http://www.e-doc.vn/Schema/"
XLINK = "http://www.w3.org/1999/xlink"
LONGEST_WORD = 2000


class NotSoap(ValueError):
    """XML that is no SOAP envelope."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A SOAP envelope. `soap` is its namespace: 1.1 or 1.2."""

    soap: str
    header: etree._Element | None
    body: etree._Element
    files: tuple[Part, ...]


def read(package: Package) -> Envelope:
    """Read an envelope. Raises `InvalidDocument` for what is no XML and `NotSoap` for other XML."""
    root = xml.parse(package.root).getroot()
    name = etree.QName(root)
    soap = name.namespace or ""
    if name.localname != "Envelope" or soap not in {SOAP_11, SOAP_12}:
        raise NotSoap(name.localname)
    body = root.find(f"{{{soap}}}Body")
    if body is None:
        raise NotSoap("soap.no-body")
    return Envelope(soap, root.find(f"{{{soap}}}Header"), body, package.files)


def child(element: etree._Element | None, *names: str) -> etree._Element | None:
    """Return the only child of one of these names; None if there is none, or several."""
    found = [] if element is None else children(element, *names)
    return found[0] if len(found) == 1 else None


def children(element: etree._Element, *names: str) -> list[etree._Element]:
    """Return the children of these names, whatever the letters' case."""
    wanted = {name.lower() for name in names}
    return [each for each in element if is_ours(each) and local(each).lower() in wanted]


def is_ours(element: etree._Element) -> bool:
    """Tell whether an element is of the older edXML, or of no namespace."""
    return etree.QName(element).namespace in (EDOC, None)


def local(element: etree._Element) -> str:
    """Return an element's name without its namespace."""
    return etree.QName(element).localname


def word(element: etree._Element | None, *names: str) -> str:
    """Return the text of the only child of one of these names; "" if there is none."""
    found = child(element, *names)
    text = (found.text or "").strip() if found is not None else ""
    return text if len(text) <= LONGEST_WORD else ""


def action_of(soap_action: str, content_type: str) -> str:
    """Return the action: a bare word, perhaps in quotes; in SOAP 1.2 a parameter of the type."""
    named = soap_action.strip().strip('"').strip()
    if not named and "action=" in content_type:
        named = content_type.partition("action=")[2].partition(";")[0].strip().strip('"')
    return named.rpartition("/")[2]
