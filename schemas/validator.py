"""From bytes to a `ValidDocument`, or an `InvalidDocument` with everything that is wrong.

1. `xml.parse`: the one parser, with its limits. What is not XML ends here, with one finding.
2. `Catalog.find`: which standard is it? An unknown one ends here.
3. The schema of that standard. A failure is explained, and the rules still run: the sender hears all at once.
4. Envelope and rules of that standard.

Errors raise; warnings travel with the document.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from lxml import etree

from schemas import xml
from schemas.catalog import Catalog
from schemas.edxml.envelope import Envelope
from schemas.findings import Finding, InvalidDocument, Severity

MOST_FINDINGS = 50


@dataclass(frozen=True, slots=True)
class ValidDocument:
    """A package that may travel: its bytes as they came, and what they say. Findings are warnings only."""

    content: bytes
    sha256: str
    tree: etree._ElementTree
    envelope: Envelope
    findings: tuple[Finding, ...]


def validate(content: bytes, catalog: Catalog, today: date) -> ValidDocument:
    """Return the document that the bytes are, or raise InvalidDocument with all findings, errors first."""
    tree = xml.parse(content)
    standard = catalog.find(tree, today)
    findings: list[Finding] = []
    if not standard.schema.accepts(tree):
        findings.extend(standard.schema.explain(tree))
    envelope, broken = standard.examine(tree, today)
    findings.extend(broken)
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise InvalidDocument(_ordered(findings))
    return ValidDocument(
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        tree=tree,
        envelope=envelope,
        findings=_ordered(findings),
    )


def _ordered(findings: list[Finding]) -> tuple[Finding, ...]:
    """Return errors before warnings, each from the top of the document down, without repetitions, at most 50."""
    places = {(finding.code, finding.path or finding.line): finding for finding in reversed(findings)}
    return tuple(
        sorted(places.values(), key=lambda found: (found.severity is Severity.WARNING, found.line or 0))
    )[:MOST_FINDINGS]
