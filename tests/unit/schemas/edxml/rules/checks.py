"""What one rule, alone, finds in a package."""

from __future__ import annotations

from datetime import date

from schemas.edxml.attachments import attachments
from schemas.edxml.package import Package, parts_of
from schemas.edxml.reader import read_parts
from schemas.edxml.rules.rule import AttachmentRule, PackageRule
from schemas.findings import Finding
from schemas.xml import parse
from tests.unit.schemas.samples import TODAY


def found(rule: PackageRule, content: bytes, today: date = TODAY) -> list[Finding]:
    """Return what a rule about packages finds."""
    parts = parts_of(parse(content))
    findings = list(rule.check(Package(parts=parts, envelope=read_parts(parts), today=today)))
    assert {finding.code for finding in findings} <= {kind.code for kind in rule.kinds}
    return findings


def found_in_attachments(rule: AttachmentRule, content: bytes) -> list[Finding]:
    """Return what a rule about attachments finds in all of a package's."""
    findings = [finding for attachment in attachments(parse(content)) for finding in rule.check(attachment)]
    assert {finding.code for finding in findings} <= {kind.code for kind in rule.kinds}
    return findings


def codes(findings: list[Finding]) -> list[str]:
    """Return the codes of findings."""
    return [finding.code for finding in findings]
