"""The business rules of edXML packages: one file each, listed here in the order in which they run.

A new rule is a new file with a `RULE`, one line here, and a sample beside its test.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemas.edxml.attachments import Attachment, attachments_of
from schemas.edxml.package import Package
from schemas.edxml.rules import (
    addressees,
    agency_codes,
    attachment_archive,
    attachment_content,
    attachment_encoding,
    business,
    business_details,
    code_values,
    damaged_text,
    dates,
    destroyed,
    document_id,
    document_type,
    hops,
    lengths,
    mandatory,
    manifest,
    priority,
    repeated,
    secrecy,
    signature_block,
    status_code,
    unknown_elements,
)
from schemas.edxml.rules.rule import AttachmentRule, PackageRule
from schemas.findings import Finding, Severity
from schemas.rule import Rule

PACKAGE_RULES: tuple[PackageRule, ...] = (
    mandatory.RULE,
    addressees.RULE,
    repeated.RULE,
    dates.RULE,
    business.RULE,
    business_details.RULE,
    status_code.RULE,
    secrecy.RULE,
    manifest.RULE,
    priority.RULE,
    code_values.RULE,
    document_id.RULE,
    document_type.RULE,
    agency_codes.RULE,
    hops.RULE,
    signature_block.RULE,
    lengths.RULE,
    damaged_text.RULE,
    unknown_elements.RULE,
)

# Of one attachment each, in this order: after an error, the later ones would only find its consequences.
ATTACHMENT_RULES: tuple[AttachmentRule, ...] = (
    attachment_encoding.RULE,
    attachment_archive.RULE,
    destroyed.RULE,
    attachment_content.RULE,
)

ALL: tuple[Rule[Any], ...] = (*PACKAGE_RULES, *ATTACHMENT_RULES)


def check(package: Package) -> list[Finding]:
    """Return what all rules in force find, warnings included."""
    findings: list[Finding] = []
    for rule in PACKAGE_RULES:
        if rule.effective <= package.today:
            findings.extend(rule.check(package))
    # Outermost the attachments: each is decoded once and forgotten before the next one is.
    for attachment in attachments_of(package.parts, package.envelope.attachments, package.left_out):
        findings.extend(_check_attachment(attachment, package))
    return findings


def _check_attachment(attachment: Attachment, package: Package) -> Iterator[Finding]:
    for rule in ATTACHMENT_RULES:
        if rule.effective > package.today:
            continue
        found = list(rule.check(attachment))
        yield from found
        if any(finding.severity is Severity.ERROR for finding in found):
            return
