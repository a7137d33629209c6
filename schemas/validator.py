"""From bytes to what they say, with everything that is wrong.

1. `xml.parse`: the one parser, with its limits. What is not XML ends here, with one finding.
2. `Catalog.find`: which standard is it? An unknown one ends here.
3. The schema of that standard. A failure is explained, and the rules still run: the sender hears all at once.
4. Reader and rules of that standard.

`inspect` tells all that, of any standard. `validate` is the hub's step: it takes packages only, and raises for errors;
warnings travel with the document. It also takes packages that are not in memory, of which all this sees the skeleton.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lxml import etree

from schemas import skeleton, xml
from schemas.catalog import Catalog
from schemas.edxml.envelope import Envelope
from schemas.findings import Finding, InvalidDocument, Kind, Severity
from schemas.left_out import LeftOut
from schemas.skeleton import Source
from schemas.spooled import Package, digest_of
from schemas.standard import Deliverable, Said, Standard
from schemas.text import Sentence

MOST_FINDINGS = 50

NOT_DELIVERABLE = Kind(
    "not-deliverable",
    Severity.ERROR,
    Sentence(
        vi="Đây là tài liệu theo {standard}, không phải gói tin văn bản mà trục chuyển được ({expected}).",
        en="This is a document of {standard}, not a package that the hub can carry ({expected}).",
    ),
    Sentence(
        vi="Gửi gói tin edXML; “edochub check” kiểm tra được tài liệu này nhưng trục không chuyển.",
        en="Send an edXML package; “edochub check” can check this document, but the hub does not carry it.",
    ),
)


@dataclass(frozen=True, slots=True)
class ValidDocument:
    """A package that may travel: its bytes as they came, and what they say. Findings are warnings only."""

    content: Source  # all of its octets, or what stands for them
    sha256: str
    tree: etree._ElementTree
    envelope: Envelope
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Inspected:
    """A document of a known standard: what it says, in that standard's own nouns, and all that was found."""

    standard: Standard[Any]
    tree: etree._ElementTree
    said: Any
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Return whether nothing worse than a warning was found."""
        return not any(finding.severity is Severity.ERROR for finding in self.findings)


def validate(package: Package, catalog: Catalog, today: date, sha256: str | None = None) -> ValidDocument:
    """Return what a package says, or raise InvalidDocument with all findings, errors first.

    `sha256` is the digest of its octets, from a caller who has it already. A package that is not in memory is read in
    pieces, and has the same findings as if it were.
    """
    content, tree = skeleton.opened(package)
    standard = catalog.find(tree, today)
    if not isinstance(standard, Deliverable):
        expected = ", ".join(known.name for known in catalog.deliverables)
        raise InvalidDocument((NOT_DELIVERABLE.at(1, standard=standard.name, expected=expected),))
    envelope, found = _examined(tree, standard, today, skeleton.left_out_of(content))
    findings = skeleton.relocated(found, content)
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise InvalidDocument(_ordered(findings), envelope)
    return ValidDocument(
        content=content,
        sha256=sha256 or digest_of(package),
        tree=tree,
        envelope=envelope,
        findings=_ordered(findings),
    )


def inspect(content: bytes, catalog: Catalog, today: date, *, strict: bool = False) -> Inspected:
    """Return what the bytes say and what is wrong with it; raise InvalidDocument for what nobody can read."""
    tree = xml.parse(content)
    standard = catalog.find(tree, today)
    said, findings = _examined(tree, standard, today, None)
    if strict:
        findings += standard.strictly(tree)
    return Inspected(standard=standard, tree=tree, said=said, findings=_ordered(findings))


def _examined(
    tree: etree._ElementTree, standard: Standard[Said], today: date, left_out: LeftOut | None
) -> tuple[Said, list[Finding]]:
    explained = [] if standard.schema.accepts(tree) else list(standard.schema.explain(tree))
    said, broken = standard.examine(tree, today, left_out)
    return said, [*explained, *broken]


def _ordered(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return errors before warnings, each from the top of the document down, without repetitions, at most 50."""
    if not findings:
        return ()
    places = {(finding.code, finding.path or finding.line): finding for finding in reversed(findings)}
    return tuple(
        sorted(places.values(), key=lambda found: (found.severity is Severity.WARNING, found.line or 0))
    )[:MOST_FINDINGS]
