"""Examine the signatures of a package and of its attachments, or of a PDF that stands alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from schemas.findings import InvalidDocument
from schemas.text import Text
from schemas.xml import parse
from signing import attachments, pdf, xml
from signing import reasons_evidence as reasons
from signing.verdict import Outcome, Verdict
from signing.verifier.anchors import Trusted
from signing.verifier.report import Part, worst

PACKAGE = Text(vi="Chữ ký số của gói tin", en="The package's signature")
ATTACHMENTS = Text(vi="Chữ ký số trong tệp đính kèm", en="Signatures of the attachments")
PDF = Text(vi="Chữ ký số của tệp PDF", en="Signatures of the PDF")


def examine(
    name: str, content: bytes, trusted: Trusted, at: datetime, *, decides: bool = True
) -> Iterator[Part]:
    """Yield what is known of a package's signatures, and of those in its attachments."""
    try:
        tree = parse(content)
    except InvalidDocument as error:
        why = tuple(
            reasons.PART_UNREADABLE.because(part=name, detail=finding.message)
            for finding in error.findings[:4]
        )
        yield Part(name=name, about=PACKAGE, outcome=Outcome.INVALID, reasons=why, decides=decides)
        return
    yield _signatures(name, PACKAGE, xml.verify(content, tree, trusted.store, at), decides)
    found = attachments.verify(tree, trusted.store, at)
    if found:
        yield _signatures(name, ATTACHMENTS, found, decides)


def examine_pdf(name: str, content: bytes, trusted: Trusted, at: datetime) -> Iterator[Part]:
    """Yield what is known of a PDF's signatures."""
    yield _signatures(name, PDF, pdf.verify(content, trusted.store, at, part=name), decides=True)


def _signatures(name: str, about: Text, verdicts: tuple[Verdict, ...], decides: bool) -> Part:
    """Put verdicts together. Attachments without a signature decide nothing beside one that has some."""
    told = [verdict.outcome for verdict in verdicts if verdict.outcome is not Outcome.ABSENT]
    return Part(
        name=name,
        about=about,
        outcome=worst(told) if told else Outcome.ABSENT,
        verdicts=verdicts,
        # A package whose attachments carry no signature stands or falls with its own.
        decides=decides and (bool(told) or about is not ATTACHMENTS),
    )
