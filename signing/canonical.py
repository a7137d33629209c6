"""Exclusive XML canonicalisation, and the digest of a document without its signature.

Never `etree.canonicalize`, which is C14N 2.0 and loses the prefixes of a namespace that is bound twice, as
every edXML package binds it; and never inclusive C14N, which lxml gets wrong for an element inside a
document.
"""

from __future__ import annotations

import hashlib

from lxml import etree

from signing import reasons
from signing.reasons import Refused


def octets(node: etree._Element | etree._ElementTree) -> bytes:
    """Return the exclusive canonical form, without comments, of an element or of a whole document, or raise `Refused`.

    A tree is canonicalised from its document node, so that nothing beside the root element can escape.
    """
    try:
        return bytes(etree.tostring(node, method="c14n", exclusive=True, with_comments=False))
    except etree.C14NError as error:  # a namespace with a relative URI has no canonical form: C14N 1.0, 1.3
        raise Refused(reasons.NO_CANONICAL_FORM.because()) from error


def digest(tree: etree._ElementTree, algorithm: str, without: etree._Element | None = None) -> bytes:
    """Return the digest of the document, without its signature if one is given.

    The signature is not taken out of the tree, which others use, but left out of the octets, with the same
    result: what exclusive canonicalisation writes around an element does not depend on it, and in canonical form
    `<` is never anything but a tag, so the only element of that name is found by its tags.
    """
    document = octets(tree)
    start, end = (0, 0) if without is None else _extent(document, without)
    worked_out = hashlib.new(algorithm)
    view = memoryview(document)  # cutting does not copy
    worked_out.update(view[:start])
    worked_out.update(view[end:])
    return worked_out.digest()


def _extent(document: bytes, element: etree._Element) -> tuple[int, int]:
    """Return where the element begins and ends. It must be the only one of its name, and hold none of it."""
    local = str(element.tag).rpartition("}")[2]
    name = (f"{element.prefix}:{local}" if element.prefix else local).encode()
    starts = [at for after in (b" ", b">") if (at := document.find(b"<" + name + after)) != -1]
    if len(starts) != 1:
        raise ValueError(f"expected one element {name.decode()}, got {len(starts)}")
    closing = b"</" + name + b">"
    return starts[0], document.index(closing, starts[0]) + len(closing)
