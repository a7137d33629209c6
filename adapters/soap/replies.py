"""Reports, and the envelopes around them. A failure is a Report, not a SOAP fault: that is what the systems read.

`Code` is one of the eDoc hub's dotted words where it has one, else our own code; `Description` is the sentence in
Vietnamese and in English, with what was found and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lxml import etree

from adapters.soap.requests import EDOC, SOAP_11
from hub.errors import HubError, Refusal
from schemas.text import Text

PREFIXES = {"edXML": EDOC}
LONGEST = 2000  # characters of one Description
WITHOUT_WRAPPER = "GetDocument"

# Our codes in the eDoc hub's words.
CODES: Mapping[str, str] = {
    "unauthenticated": "Permission",
    "sender.not-allowed": "Permission",
    "signature.required": "CheckSignature",
    "not-found": "M.DocumentId",
    "answer.not-expected": "M.DocumentId",
}


def element(name: str, *inside: etree._Element | str) -> etree._Element:
    """Return an element of the older edXML."""
    made = etree.Element(f"{{{EDOC}}}{name}", nsmap=PREFIXES)
    for each in inside:
        if isinstance(each, str):
            made.text = each
        else:
            made.append(each)
    return made


def report(errors: Sequence[tuple[str, str]] = ()) -> etree._Element:
    """Return a Report: of success, or of these codes and descriptions."""
    listed = [
        element("Error", element("Code", code), element("Description", words)) for code, words in errors
    ]
    return element(
        "Report", element("IsSuccess", "false" if errors else "true"), element("ErrorList", *listed)
    )


def failed(error: HubError) -> etree._Element:
    """Return the Report of what went wrong."""
    errors = [(CODES.get(error.code, error.code), both(error.message))]
    if isinstance(error, Refusal):
        errors += [(each.code, f"{both(each.message)} → {both(each.remedy)}") for each in error.findings[:50]]
        if error.id:
            errors.append(("refusal", error.id))
    return report([(code, writable(words)) for code, words in errors])


def both(text: Text) -> str:
    """Return a sentence in both languages."""
    return f"{text.vi} / {text.en}"


def writable(words: str) -> str:
    """Return words as XML can hold them."""
    clean = "".join(char if char.isprintable() else "\ufffd" for char in words)
    return clean if len(clean) <= LONGEST else clean[: LONGEST - 1] + "…"


def response(action: str, *inside: etree._Element) -> etree._Element:
    """Return what stands in the Body: `{Action}Response` around it, but for GetDocument, which has none."""
    if action == WITHOUT_WRAPPER and len(inside) == 1:
        return inside[0]
    return element(f"{action or 'Unknown'}Response", *inside)


def envelope(soap: str, body: etree._Element, header: Sequence[etree._Element] = ()) -> bytes:
    """Return an envelope in the SOAP version of the request."""
    soap = soap or SOAP_11
    root = etree.Element(f"{{{soap}}}Envelope", nsmap={"soapenv": soap})
    top = etree.SubElement(root, f"{{{soap}}}Header")
    top.extend(header)
    etree.SubElement(root, f"{{{soap}}}Body").append(body)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
