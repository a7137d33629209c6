"""Where an element stands, as people read it: `/edXML/edXMLEnvelope/edXMLHeader/MessageHeader/To[2]/OrganId`.

Prefixes are left out, because every sender chooses its own; a position is given where siblings share a name.
"""

from __future__ import annotations

from lxml import etree

LONGEST_STEP = 80


def local_name(element: etree._Element) -> str:
    """Return the element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def line_of(element: etree._Element) -> int | None:
    """Return the line that the element begins on."""
    line: int | None = element.sourceline  # type: ignore[assignment]  # the stubs call it Ellipsis
    return line


def place_of(element: etree._Element) -> tuple[int | None, str]:
    """Return line and path of an element: what a finding wants to know. Not cheap, so ask once something is wrong."""
    return line_of(element), path_of(element)


def path_of(element: etree._Element) -> str:
    """Return the path from the root to an element."""
    steps = [_step(element), *(_step(ancestor) for ancestor in element.iterancestors())]
    return "/" + "/".join(reversed(steps))


def _step(element: etree._Element) -> str:
    tag, name = str(element.tag), local_name(element)[:LONGEST_STEP]
    before = sum(1 for _ in element.itersiblings(tag, preceding=True))
    alone = not before and next(element.itersiblings(tag), None) is None
    return name if alone else f"{name}[{before + 1}]"
