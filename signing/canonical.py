"""Exclusive XML canonicalisation, and the digest of a document without its signature.

Never `etree.canonicalize`, which is C14N 2.0 and loses the prefixes of a namespace that is bound twice, as
every edXML package binds it; and never inclusive C14N, which lxml gets wrong for an element inside a
document.

Of a large package nearly everything is base64, which canonicalisation copies three times and leaves as it is.
`digest` leaves it out: what is parsed and canonicalised is the package with a mark in place of each long text, and the
long texts are digested from the octets where the marks stand. That is exact. Between a `>` and the next `<` there is
character data and nothing else, CDATA or not; a text without `&`, `<`, `>` and carriage return is its own canonical
form; and a mark is such a text. What is left out of the skeleton of a package that is not in memory is base64, and
comes back in the same way; there a text may have carriage returns, which are read as XML reads them.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from lxml import etree

from schemas.findings import InvalidDocument
from schemas.paths import local_name
from schemas.skeleton import Source
from schemas.xml import parse
from signing import reasons
from signing.reasons import Refused

LONG = 64 * 1024  # octets of text; shorter ones are not worth a second parse
MOST_TAGS = 4096  # looked behind: with more, canonicalisation itself is what takes the time

Extent = tuple[int, int]
Octets = bytes | memoryview


def octets(node: etree._Element | etree._ElementTree) -> bytes:
    """Return the exclusive canonical form, without comments, of an element or of a whole document, or raise `Refused`.

    A tree is canonicalised from its document node, so that nothing beside the root element can escape.
    """
    try:
        return bytes(etree.tostring(node, method="c14n", exclusive=True, with_comments=False))
    except etree.C14NError as error:  # a namespace with a relative URI has no canonical form: C14N 1.0, 1.3
        raise Refused(reasons.NO_CANONICAL_FORM.because()) from error


def digest(
    tree: etree._ElementTree, algorithm: str, without: etree._Element | None = None, content: Source = b""
) -> bytes:
    """Return the digest of the document, without its signature if one is given.

    `content` is what the tree was read from; with it, large documents cost a third. The signature is not taken out of
    the tree, which others use, but left out of the octets, with the same result: what exclusive canonicalisation writes
    around an element does not depend on it, and in canonical form `<` is never anything but a tag, so the only element
    of that name is found by its tags.
    """
    form = Form.of(tree, content)
    extent = () if without is None else (extent_of(form.octets, without),)
    return form.digests(algorithm, [extent])[0]


def extent_of(document: bytes, element: etree._Element) -> Extent:
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


@dataclass(frozen=True, slots=True)
class LongText:
    """A text that stands at `start` to `end` of a canonical form by its mark alone, and has `size` octets itself."""

    start: int
    end: int
    size: int
    pieces: Callable[[], Iterable[Octets]]


@dataclass(frozen=True, slots=True)
class Form:
    """A document in canonical form, with marks for its long texts."""

    octets: bytes
    texts: tuple[LongText, ...]  # in their order

    @classmethod
    def of(cls, tree: etree._ElementTree, content: Source = b"") -> Form:
        """Return the form of a document that was read from `content`, or raise `Refused`."""
        if isinstance(content, bytes):
            return _marked(tree, content)
        document, left_out = octets(tree), content.left_out
        # What a run is in canonical form has as many octets as characters: base64 and blanks are one octet each.
        texts = [
            (run.mark.encode(), run.characters, partial(left_out.canonical, run))
            for run in left_out.runs.values()
        ]
        return cls(document, tuple(_found(document, texts)))

    @property
    def size(self) -> int:
        """How many octets the form has, marks replaced."""
        return len(self.octets) + sum(text.size - (text.end - text.start) for text in self.texts)

    def digests(self, algorithm: str, cuts: Sequence[Sequence[Extent]]) -> list[bytes]:
        """Return the digest of the document without these extents of `octets`, for each of `cuts`, in one way through.

        Extents are in order, do not overlap, and hold marks whole or not at all.
        """
        found = [hashlib.new(algorithm) for _ in cuts]
        kept = [_kept(extents, len(self.octets)) for extents in cuts]
        view = memoryview(self.octets)  # cutting does not copy
        done = 0
        for text in (*self.texts, None):
            end = text.start if text else len(self.octets)
            for one, extents in zip(found, kept, strict=True):
                for start, stop in extents:
                    one.update(view[max(start, done) : max(done, min(stop, end))])
            if text is None:
                break
            wanted = [one for one, extents in zip(found, kept, strict=True) if _holds(extents, text)]
            for piece in text.pieces() if wanted else ():
                for one in wanted:
                    one.update(piece)
            done = text.end
        return [one.digest() for one in found]


def _kept(cut: Sequence[Extent], size: int) -> list[Extent]:
    """Return what is left of a document when extents are cut out."""
    starts, ends = [0, *(end for _, end in cut)], [*(start for start, _ in cut), size]
    return list(zip(starts, ends, strict=True))


def _holds(extents: Sequence[Extent], text: LongText) -> bool:
    return any(start <= text.start and text.end <= end for start, end in extents)


def _found(
    document: bytes, texts: Iterable[tuple[bytes, int, Callable[[], Iterable[Octets]]]]
) -> Iterator[LongText]:
    """Yield where marks stand in a document, which has them in this order."""
    at = 0
    for mark, size, pieces in texts:
        start = document.find(mark, at)
        if start < 0:
            raise ValueError("a text between two tags is no text")
        at = start + len(mark)
        yield LongText(start, at, size, pieces)


def _marked(tree: etree._ElementTree, content: bytes) -> Form:
    """Return the canonical form with marks in it, and the long texts that they stand for; or plain, and none."""
    runs = list(long_texts(content))
    if not runs:
        return Form(octets(tree), ())
    secret = secrets.token_hex(16).encode()  # nobody can have written a mark into the package
    marks = {b"%s-%d." % (secret, number): run for number, run in enumerate(runs)}
    try:
        document = octets(parse(b"".join(_pieces(content, marks))))
    except InvalidDocument:  # there are limits to how many tags stand in how few octets
        return Form(octets(tree), ())
    view = memoryview(content)
    texts = ((mark, end - start, partial(_piece, view[start:end])) for mark, (start, end) in marks.items())
    return Form(document, tuple(_found(document, texts)))


def _piece(octets: memoryview) -> tuple[memoryview]:
    return (octets,)


def long_texts(content: bytes) -> Iterator[Extent]:
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


def _pieces(content: bytes, marks: dict[bytes, Extent]) -> Iterator[bytes]:
    done = 0
    for mark, (start, end) in marks.items():
        yield content[done:start]
        yield mark
        done = end
    yield content[done:]
