"""Which examination belongs to which kind of file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from schemas.text import Text
from signing import asice, notes, receipts
from signing import reasons_evidence as reasons
from signing.notes import BadNote, Checkpoint
from signing.verdict import Outcome
from signing.verifier import about, evidence, packages
from signing.verifier.about import Facts
from signing.verifier.anchors import Trusted
from signing.verifier.kinds import FileKind, kind_of
from signing.verifier.report import Part, Report

UNKNOWN = Text(vi="Tệp", en="The file")


def examine(content: bytes, name: str, trusted: Trusted, at: datetime) -> Report:
    """Return what is known of a file as of `at`. Never raises for what is in it."""
    name = name.encode("utf-8", "replace").decode()  # a name on disk need not be text
    kind, parts, told = _parts(content, name, trusted, at)
    digest = hashlib.sha256(content).hexdigest()
    return Report(file=name, kind=kind, sha256=digest, at=at, parts=tuple(parts), about=told)


def _parts(content: bytes, name: str, trusted: Trusted, at: datetime) -> tuple[str, Iterable[Part], Facts]:
    kind = kind_of(content)
    match kind:
        case FileKind.PACKAGE:
            return kind, packages.examine(name, content, trusted, at), ()
        case FileKind.PDF:
            return kind, packages.examine_pdf(name, content, trusted, at), ()
        case FileKind.RECEIPT:
            return kind, *_receipt(name, content, trusted, at)
        case FileKind.CHECKPOINT:
            return kind, *_checkpoint(name, content, trusted)
        case FileKind.CONTAINER:
            container = asice.read(content)
            if evidence.is_evidence(container):
                told = about.of_evidence(container.files)
                return "evidence", evidence.examine(container, trusted, at), told
            return kind, [*evidence.broken_parts(container), *evidence.seals(container, trusted, at)], ()
        case FileKind.UNKNOWN:
            why = reasons.UNKNOWN_FILE.because()
            return kind, [Part(name=name, about=UNKNOWN, outcome=Outcome.UNDETERMINED, reasons=(why,))], ()


def _receipt(name: str, content: bytes, trusted: Trusted, at: datetime) -> tuple[list[Part], Facts]:
    judged = receipts.verify(content, trusted.store, at)
    verdict = judged.verdict
    part = Part(name=name, about=evidence.RECEIPT, outcome=verdict.outcome, verdicts=(verdict,))
    return [part], about.of_receipt(judged.content)


def _checkpoint(name: str, content: bytes, trusted: Trusted) -> tuple[list[Part], Facts]:
    try:
        note = notes.parse(content)
        head = Checkpoint.parse(note.text)
    except BadNote as error:
        why = reasons.PART_UNREADABLE.because(part=name, detail=error.text)
        return [Part(name=name, about=evidence.CHECKPOINT, outcome=Outcome.INVALID, reasons=(why,))], ()
    judged = evidence.judge_checkpoint(name, note, head, trusted.ledgers)
    return [judged], about.of_checkpoint(head)
