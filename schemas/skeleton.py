"""A large package without the base64 of its attachments: small enough to be parsed, checked and canonicalised.

What is left out stays where it lies, and a mark stands for it. It may only be base64 characters and blanks, as the
text of the one element that a reader takes an attachment from. Such octets mean nothing to a parser, wherever they
stand, so what is wrong with the skeleton is wrong with the package, and the other way round.

1. One way through the octets, in pieces: what follows a tag called ContentTransferEncoded is a candidate.
2. The parse of what is left, with the limits of the whole package.
3. Every mark must be the text, or part of it, of such an element in its place. What is found anywhere else is put
   back, however long it is; so no sender chooses what is looked at and what is not.

Nobody outside can have written a mark: it is drawn anew for each package.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from lxml import etree

from schemas import xml, xml_findings
from schemas.edxml.package import first, parts_of
from schemas.findings import Finding, InvalidDocument
from schemas.left_out import LeftOut, Run
from schemas.run_scan import MOST_KEPT, Scan, TooMuchKept
from schemas.spooled import Package, Spooled

LARGEST = 1024 * 1024 * 1024  # octets of a package that is not held in memory


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A package that is not in memory, as what stands for it: `octets`, and what they were parsed to."""

    octets: bytes = field(repr=False)
    tree: etree._ElementTree = field(repr=False)
    left_out: LeftOut

    def contains(self, some: bytes) -> bool:
        """Tell whether octets stand in the package, one after another."""
        return some in self.octets or _is_in(some, self.left_out.package.pieces())


Source = bytes | Skeleton
"""What a package is read from: all its octets, or those that stand for them."""


def opened(package: Package, limits: xml.Limits = xml.LIMITS) -> tuple[Source, etree._ElementTree]:
    """Return what to read a package from, and its tree, or raise InvalidDocument with the one thing that is wrong."""
    if isinstance(package, bytes):
        return package, xml.parse(package, limits)
    skeleton = skeleton_of(package, limits)
    return skeleton, skeleton.tree


def skeleton_of(package: Spooled, limits: xml.Limits = xml.LIMITS) -> Skeleton:
    """Return the skeleton of a package, or raise InvalidDocument with the one thing that is wrong."""
    if package.size > LARGEST:
        raise InvalidDocument((xml_findings.TOO_LARGE.at(expected=LARGEST, got=package.size),))
    secret = secrets.token_hex(16)
    skeleton = _scanned(package, limits, secret, frozenset())
    misplaced = frozenset(_misplaced(skeleton))
    return _scanned(package, limits, secret, misplaced) if misplaced else skeleton


def left_out_of(source: Source) -> LeftOut | None:
    """Return what is not in memory of a package."""
    return None if isinstance(source, bytes) else source.left_out


def relocated(findings: Sequence[Finding], source: Source) -> Sequence[Finding]:
    """Return findings with the lines that they have in the package."""
    return findings if isinstance(source, bytes) else _relocated(findings, source.left_out)


def _relocated(findings: Sequence[Finding], left_out: LeftOut) -> tuple[Finding, ...]:
    return tuple(replace(one, line=one.line and left_out.line(one.line)) for one in findings)


def _scanned(package: Spooled, limits: xml.Limits, secret: str, put_back: frozenset[int]) -> Skeleton:
    scan = Scan(secret, put_back)
    try:
        for piece in package.pieces():
            scan.feed(piece)
        octets = scan.close()
    except TooMuchKept as error:
        raise InvalidDocument((xml_findings.TOO_MUCH_BESIDE.at(expected=MOST_KEPT),)) from error
    left_out = LeftOut(package, secret, scan.runs)
    try:
        tree = xml.parse(octets, limits, whole=package.size)
    except InvalidDocument as error:
        raise InvalidDocument(_relocated(error.findings, left_out)) from error
    return Skeleton(octets, tree, left_out)


def _misplaced(skeleton: Skeleton) -> Iterator[int]:
    """Return where runs begin whose marks are not, each once, text that is read as an attachment's."""
    left_out = skeleton.left_out
    placed = chain.from_iterable(left_out.split(text) for text in _encoded(skeleton.tree))
    found = Counter(part.mark for part in placed if isinstance(part, Run))
    return (run.start for mark, run in left_out.runs.items() if found[mark] != 1)


def _encoded(tree: etree._ElementTree) -> Iterator[str]:
    parts = parts_of(tree)
    for attachment in parts.attachments:
        element = first(parts.of(attachment), "ContentTransferEncoded")
        if element is not None and not len(element):
            yield element.text or ""


def _is_in(some: bytes, pieces: Iterator[bytes]) -> bool:
    rest = b""
    for piece in pieces:
        rest += piece
        if some in rest:
            return True
        rest = rest[-len(some) :]
    return False
