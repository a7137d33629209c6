"""The tree of an edXML package by its parts: what the reader reads and the rules look at.

Elements are known by namespace and local name, never by prefix. An element of another namespace is not part of the
package, whatever its name: a foreign `From` is nobody's sender. The header is walked once, when the package is taken
apart; reader and rules look at what was found then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from lxml import etree

from schemas.edxml.codes import NAMESPACE
from schemas.edxml.element_tables import NAMES
from schemas.edxml.envelope import Envelope
from schemas.left_out import LeftOut


class Children(dict[str, list[etree._Element]]):
    """The children of an element by local name; `said` has the text of the first of each name, where it has one."""

    __slots__ = ("said",)

    def __init__(self) -> None:
        self.said: dict[str, str] = {}


# A value in the header: the names of its parent and of itself, its text as it stands, and where it is.
Leaf = tuple[str, str, str, etree._Element]

_ENCODED = "ContentTransferEncoded"
_NAME_OF = {f"{{{NAMESPACE}}}{name}": name for name in NAMES}


def children_of(element: etree._Element | None) -> Children:
    """Return the element's children of our namespace, by local name."""
    found = Children()
    if element is None:
        return found
    for child in element:
        name = _NAME_OF.get(child.tag)
        if name is None:
            continue
        if name in found:
            found[name].append(child)
        else:
            found[name] = [child]
            # Megabytes of base64 are nobody's words; whoever wants them asks for them.
            if name != _ENCODED and (said := (child.text or "").strip()):
                found.said[name] = said
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
    return children.said.get(name, "")


@dataclass(frozen=True)
class Parts:
    """The blocks of a package. A block that is not there has no children."""

    root: etree._Element
    blocks: Children  # of edXMLHeader
    message_header: etree._Element | None
    trace_header_list: etree._Element | None
    business: etree._Element | None
    references: tuple[etree._Element, ...]  # of edXMLManifest
    attachments: tuple[etree._Element, ...]  # of AttachmentEncoded
    header: Children  # of MessageHeader
    trace: Children  # of TraceHeaderList
    is_status: bool  # nothing but StatusCode tells
    leaves: list[Leaf]  # the values in MessageHeader and TraceHeaderList; those without text are left out
    strangers: list[etree._Element]  # in the same two: what the standard does not have
    _children: dict[etree._Element | None, Children] = field(repr=False)

    def of(self, element: etree._Element | None) -> Children:
        """Return an element's children."""
        found = self._children.get(element)
        if found is None:
            found = self._children[element] = children_of(element)
        return found


def parts_of(tree: etree._ElementTree) -> Parts:
    """Take a package apart."""
    root = tree.getroot()
    top = children_of(root)
    envelope = children_of(first(top, "edXMLEnvelope"))
    blocks = children_of(first(envelope, "edXMLHeader"))
    message_header, trace_header_list = first(blocks, "MessageHeader"), first(blocks, "TraceHeaderList")
    walked = _Walk()
    walked.through(message_header, "MessageHeader")
    walked.through(trace_header_list, "TraceHeaderList")
    manifest = first(children_of(first(envelope, "edXMLBody")), "edXMLManifest")
    return Parts(
        root=root,
        blocks=blocks,
        message_header=message_header,
        trace_header_list=trace_header_list,
        business=first(walked.children[trace_header_list], "Bussiness"),
        references=tuple(children_of(manifest).get("Reference", ())),
        attachments=tuple(children_of(first(top, "AttachmentEncoded")).get("Attachment", ())),
        header=walked.children[message_header],
        trace=walked.children[trace_header_list],
        is_status="StatusCode" in walked.children[message_header],
        leaves=walked.leaves,
        strangers=walked.strangers,
        _children=walked.children,
    )


class _Walk:
    """One way through the header, which notes the children of every element, the values and the strangers."""

    def __init__(self) -> None:
        self.children: dict[etree._Element | None, Children] = {None: Children()}
        self.leaves: list[Leaf] = []
        self.strangers: list[etree._Element] = []

    def through(self, element: etree._Element | None, parent: str) -> None:
        if element is None:
            return
        found = self.children[element] = Children()
        for child in element:
            name = _NAME_OF.get(child.tag)
            if name is None:
                self.strangers.append(child)
                continue
            text = child.text
            if name in found:
                found[name].append(child)
            else:
                found[name] = [child]
                if text and (said := text.strip()):
                    found.said[name] = said
            if len(child):
                self.through(child, name)
            elif text:
                self.leaves.append((parent, name, text, child))


@dataclass(frozen=True)
class Package:
    """What a rule looks at: the parts, what the reader made of them, and the day."""

    parts: Parts
    envelope: Envelope
    today: date
    left_out: LeftOut | None = None  # what the tree has only marks of

    @property
    def business(self) -> Children:
        """The children of Bussiness."""
        return self.parts.of(self.parts.business)


def each(children: Children, *names: str) -> Iterator[etree._Element]:
    """Yield all children of these names."""
    for name in names:
        yield from children.get(name, ())
