"""Exclusive XML canonicalisation, and the digest of a document without its signature.

Never `etree.canonicalize`, which is C14N 2.0 and loses the prefixes of a namespace that is bound twice, as
every edXML package binds it; and never inclusive C14N, which lxml gets wrong for an element inside a
document.

Of a large package nearly everything is base64, which canonicalisation copies three times and leaves as it is.
`digest` leaves it out: what is parsed and canonicalised is the package with a mark in place of each long text, and the
long texts are digested from the octets where the marks stand. That is exact. Between a `>` and the next `<` there is
character data and nothing else, CDATA or not; a text without `&`, `<`, `>` and carriage return is its own canonical
form; and a mark is such a text.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from itertools import islice

from lxml import etree

from schemas.findings import InvalidDocument
from schemas.paths import local_name
from schemas.xml import parse
from signing import reasons
from signing.reasons import Refused

LONG = 64 * 1024  # octets of text; shorter ones are not worth a second parse
MOST_TAGS = 4096  # looked behind: with more, canonicalisation itself is what takes the time

Run = tuple[int, int]


def octets(node: etree._Element | etree._ElementTree) -> bytes:
    """Return the exclusive canonical form, without comments, of an element or of a whole document, or raise `Refused`.

    A tree is canonicalised from its document node, so that nothing beside the root element can escape.
    """
    try:
        return bytes(etree.tostring(node, method="c14n", exclusive=True, with_comments=False))
    except etree.C14NError as error:  # a namespace with a relative URI has no canonical form: C14N 1.0, 1.3
        raise Refused(reasons.NO_CANONICAL_FORM.because()) from error


def digest(
    tree: etree._ElementTree, algorithm: str, without: etree._Element | None = None, content: bytes = b""
) -> bytes:
    """Return the digest of the document, without its signature if one is given.

    `content` is what `schemas.xml.parse` made the tree of; with it, large documents cost a third. The signature is not
    taken out of the tree, which others use, but left out of the octets, with the same result: what exclusive
    canonicalisation writes around an element does not depend on it, and in canonical form `<` is never anything but a
    tag, so the only element of that name is found by its tags.
    """
    document, texts = _marked(tree, content)
    start, end = (0, 0) if without is None else extent_of(document, without)
    worked_out = hashlib.new(algorithm)
    view = memoryview(document)  # cutting does not copy
    for piece in (view[:start], view[end:]):
        for part in _unmarked(piece, content, texts):
            worked_out.update(part)
    return worked_out.digest()


def extent_of(document: bytes, element: etree._Element) -> Run:
    """Return where the element begins and ends. It must be the only one of its name, and hold none of it."""
    local = local_name(element)
    name = (f"{element.prefix}:{local}" if element.prefix else local).encode()
    alike = sum(1 for _ in islice(element.getroottree().iter("{*}" + local), 2))
    if alike != 1:
        raise ValueError(f"expected one element {local}, got {alike}")
    start = document.find(b"<" + name)
    while document[start + 1 + len(name) : start + 2 + len(name)] not in (b" ", b">"):
        start = document.index(b"<" + name, start + 1)
    closing = b"</" + name + b">"
    return start, document.index(closing, start) + len(closing)


# Long texts


def _marked(tree: etree._ElementTree, content: bytes) -> tuple[bytes, dict[bytes, Run]]:
    """Return the canonical form with marks in it, and the long texts that they stand for; or plain, and none."""
    runs = list(long_texts(content))
    if not runs:
        return octets(tree), {}
    secret = secrets.token_hex(16).encode()  # nobody can have written a mark into the package
    marks = {b"%s-%d." % (secret, number): run for number, run in enumerate(runs)}
    try:
        document = octets(parse(b"".join(_pieces(content, marks))))
    except InvalidDocument:  # there are limits to how many tags stand in how few octets
        return octets(tree), {}
    at = 0
    for mark in marks:
        at = document.find(mark, at)
        if at < 0:
            raise ValueError("a text between two tags is no text")
    return document, marks


def long_texts(content: bytes) -> Iterator[Run]:
    """Yield where the octets between a tag and the next are a long text that is its own canonical form."""
    if len(content) < LONG:
        return
    at = content.find(b"<")
    for _ in range(MOST_TAGS):
        following = content.find(b"<", at + 1)
        if at < 0 or following < 0:
            return
        if following - at > LONG:
            start = content.rfind(b">", at, following) + 1
            if start and following - start >= LONG and _is_plain(content, start, following):
                yield start, following
        at = following


def _is_plain(content: bytes, start: int, end: int) -> bool:
    return content.find(b"&", start, end) < 0 and content.find(b"\r", start, end) < 0


def _pieces(content: bytes, marks: dict[bytes, Run]) -> Iterator[bytes]:
    done = 0
    for mark, (start, end) in marks.items():
        yield content[done:start]
        yield mark
        done = end
    yield content[done:]


def _unmarked(piece: memoryview, content: bytes, marks: dict[bytes, Run]) -> Sequence[memoryview]:
    """Return the piece with the long texts back in place of their marks."""
    if not marks:
        return (piece,)
    parts, done, whole, view = [], 0, piece.tobytes(), memoryview(content)
    for mark, (start, end) in marks.items():
        at = whole.find(mark, done)
        if at >= 0:
            parts += [piece[done:at], view[start:end]]
            done = at + len(mark)
    return (*parts, piece[done:])
