"""The tree of an edXML package by its parts: what the reader reads and the rules look at.

Elements are known by namespace and local name, never by prefix. An element of another namespace is not part of the
package, whatever its name: a foreign `From` is nobody's sender.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from lxml import etree

from schemas.edxml.codes import NAMESPACE
from schemas.edxml.envelope import Envelope

Children = dict[str, list[etree._Element]]

# Every name that the standard or a vendor's addition has. Others are nobody's: a rule warns of them by itself.
NAMES = (
    "edXMLEnvelope", "edXMLHeader", "MessageHeader", "TraceHeaderList", "Signature", "DigitalSignature",
    "edXMLBody", "edXMLManifest", "AttachmentEncoded", "Attachment", "Reference", "From", "To", "Code",
    "CodeNumber", "CodeNotation", "PromulgationInfo", "Place", "PromulgationDate", "DocumentType", "Type",
    "TypeDetail", "TypeName", "Subject", "Content", "SignerInfo", "Competence", "Position", "FullName", "DueDate",
    "ToPlaces", "OtherInfo", "Priority", "SphereOfPromulgation", "TyperNotation", "PromulgationAmount",
    "PageAmount", "ReplyFors", "Direction", "ReferenceCodes", "Appendixes", "Appendix", "ResponseFor",
    "SteeringType", "DocumentId", "ResponseForTask", "TaskCode", "ApplicationType", "StaffInfo", "StatusCode",
    "Description", "Timestamp", "OrganId", "OrganizationInCharge", "OrganName", "OrganAdd", "Email", "Telephone",
    "Fax", "Website", "Department", "DepartmentId", "Staff", "StaffId", "Mobile", "TraceHeader", "Bussiness",
    "BussinessDocType", "BussinessDocReason", "BussinessDocumentInfo", "DocumentInfo", "DocumentReceiver",
    "ReceiverList", "Receiver", "ReceiverType", "Paper", "ReplacementInfoList", "ReplacementInfo", "OrganIdList",
    "ContentId", "ContentType", "AttachmentName", "FieldName", "MimeType", "ContentTransferEncoded",
)  # fmt: skip
_NAME_OF = {f"{{{NAMESPACE}}}{name}": name for name in NAMES}


def children_of(element: etree._Element | None) -> Children:
    """Return the element's children of our namespace, by local name."""
    found: Children = {}
    if element is None:
        return found
    for child in element:
        name = _NAME_OF.get(child.tag)
        if name in found:
            found[name].append(child)
        elif name is not None:
            found[name] = [child]
    return found


def first(children: Children, name: str) -> etree._Element | None:
    """Return the first child of that name."""
    found = children.get(name)
    return found[0] if found else None


def text_of(element: etree._Element | None) -> str:
    """Return the element's text without the blanks around it; "" for no element."""
    return (element.text or "").strip() if element is not None else ""


def words(children: Children, name: str) -> str:
    """Return the text of the first child of that name; "" if there is none."""
    found = children.get(name)
    return (found[0].text or "").strip() if found else ""


@dataclass(frozen=True)
class Parts:
    """The blocks of a package. A block that is not there has no children."""

    root: etree._Element
    message_header: etree._Element | None
    trace_header_list: etree._Element | None
    business: etree._Element | None
    references: tuple[etree._Element, ...]  # of edXMLManifest
    attachments: tuple[etree._Element, ...]  # of AttachmentEncoded
    _children: dict[etree._Element | None, Children] = field(repr=False)

    def of(self, element: etree._Element | None) -> Children:
        """Return an element's children. Reader and rules ask for the same ones: each element is walked once."""
        found = self._children.get(element)
        if found is None:
            found = self._children[element] = children_of(element)
        return found

    @property
    def header(self) -> Children:
        """The children of MessageHeader."""
        return self.of(self.message_header)

    @property
    def trace(self) -> Children:
        """The children of TraceHeaderList."""
        return self.of(self.trace_header_list)

    @property
    def is_status(self) -> bool:
        """Return whether this is a status package: nothing but StatusCode tells."""
        return "StatusCode" in self.header


def parts_of(tree: etree._ElementTree) -> Parts:
    """Take a package apart."""
    root = tree.getroot()
    top = children_of(root)
    envelope = children_of(first(top, "edXMLEnvelope"))
    blocks = children_of(first(envelope, "edXMLHeader"))
    trace_header_list = first(blocks, "TraceHeaderList")
    trace = children_of(trace_header_list)
    manifest = first(children_of(first(envelope, "edXMLBody")), "edXMLManifest")
    return Parts(
        root=root,
        message_header=first(blocks, "MessageHeader"),
        trace_header_list=trace_header_list,
        business=first(trace, "Bussiness"),
        references=tuple(children_of(manifest).get("Reference", ())),
        attachments=tuple(children_of(first(top, "AttachmentEncoded")).get("Attachment", ())),
        _children={trace_header_list: trace, None: {}},
    )


@dataclass(frozen=True)
class Package:
    """What a rule looks at: the parts, what the reader made of them, and the day."""

    parts: Parts
    envelope: Envelope
    today: date

    @property
    def business(self) -> Children:
        """The children of Bussiness."""
        return self.parts.of(self.parts.business)


def each(children: Children, *names: str) -> Iterator[etree._Element]:
    """Yield all children of these names."""
    for name in names:
        yield from children.get(name, ())
