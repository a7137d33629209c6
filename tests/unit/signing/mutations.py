"""Changes to a package: of every octet in some way, of every element, and of nothing that matters."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator

from lxml import etree

STEP = 7


def of_octets(content: bytes) -> Iterator[bytes]:
    """Yield the content with one octet changed, left out, doubled or put in: at every seventh place, in turn."""
    for number, at in enumerate(range(0, len(content), STEP)):
        before, octet, after = content[:at], content[at : at + 1], content[at + 1 :]
        yield (
            before + bytes([octet[0] ^ 1]) + after,
            before + after,
            before + octet * 2 + after,
            before + b" " + octet + after,
            before + octet.swapcase() + after,
        )[number % 5]


def _removed(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _doubled(element: etree._Element) -> None:
    element.addnext(copy.deepcopy(element))


def _moved_up(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None and parent.getparent() is not None:
        parent.addnext(element)


def _swapped(element: etree._Element) -> None:
    following = element.getnext()
    if following is not None:
        following.addnext(element)


def _spaced(element: etree._Element) -> None:
    element.text = f" {element.text or ''}"


def _tail_spaced(element: etree._Element) -> None:
    element.tail = f"{element.tail or ''}\n"


def _with_attribute(element: etree._Element) -> None:
    element.set("extra", "1")


def _with_id(element: etree._Element) -> None:
    element.set("Id", "mutant")


def _renamed(element: etree._Element) -> None:
    element.tag = f"{element.tag}X"


def _of_another_namespace(element: etree._Element) -> None:
    element.tag = "{urn:example:x}" + etree.QName(element).localname


def _emptied(element: etree._Element) -> None:
    element.text = None


ON_ELEMENTS: tuple[Callable[[etree._Element], None], ...] = (
    _removed,
    _doubled,
    _moved_up,
    _swapped,
    _spaced,
    _tail_spaced,
    _with_attribute,
    _with_id,
    _renamed,
    _of_another_namespace,
    _emptied,
)


def of_elements(content: bytes) -> Iterator[bytes]:
    """Yield the content with one element changed, each in every way."""
    count = sum(1 for _ in etree.fromstring(content).iter())
    for number in range(1, count):
        for change in ON_ELEMENTS:
            root = etree.fromstring(content)
            change(list(root.iter())[number])
            yield etree.tostring(root, encoding="utf-8", xml_declaration=True)


def of_spelling(content: bytes) -> Iterator[bytes]:
    """Yield the same document in other octets: all of these mean the same to whoever canonicalises."""
    root = etree.fromstring(content)
    yield etree.tostring(root, encoding="utf-8")
    yield etree.tostring(root, encoding="utf-8", xml_declaration=True, standalone=True)
    yield etree.tostring(root.getroottree(), method="c14n", exclusive=True)
    yield etree.tostring(root.getroottree(), method="c14n")
    yield b"\xef\xbb\xbf" + content
    yield content.replace(b'"', b"'").replace(b"<?xml version='1.0' encoding='UTF-8'?>", b"")
    yield content.replace(b"\n", b"\r\n")
    yield content.replace(b"<edXML:edXMLManifest", b"<edXML:edXMLManifest  ")
    yield content.replace(b"QW5oIGNoYW8=", b"<![CDATA[QW5oIGNoYW8=]]>")
    yield content.replace(b"QW5oIGNoYW8=", b"&#81;W5oIGNoYW8=")
    yield content.replace(b"></ds:Transform>", b"/>")
