"""Every signature in and beside the attachments of a package, however they are packed.

Files come wrapped in zip archives, in archives within archives, and in packages within packages. All are looked into,
within limits, and unless they are archives, in memory; what they call themselves only ever becomes a label:
`van_ban.zip/edoc.edxml/quyetdinh.pdf`.

    a PDF                     every signature in it: `pdf`
    x.pdf.p7s, x.pdf.p7m      CMS beside the file x.pdf, or around it: `cms`
    a package                 its own signature (`xml`), then its attachments
    an Office file            recognised if signed, not verified: no maintained library does that
    a zip archive             what is in it

An attachment that cannot be opened gets an UNDETERMINED verdict. One that is of no kind that is signed gets none.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from itertools import islice

from lxml import etree

from schemas import lengthy
from schemas.edxml.archive import Archive, UnsafeArchive
from schemas.edxml.attachments import ZIP_TYPES, Attachment, attachments, decoded
from schemas.edxml.codes import NAMESPACE
from schemas.edxml.envelope import AttachmentInfo
from schemas.edxml.file_kinds import EDXML, OPEN_DOCUMENT, PDF, SHEET, SLIDES, WORD, ZIP, kind_of
from schemas.findings import InvalidDocument, shortened
from schemas.left_out import LeftOut
from schemas.xml import parse
from signing import cms, pdf, salvage, xml
from signing import reasons_attachment as reasons
from signing.algorithms import ENDS
from signing.reading_process import SHARED, ReadingProcess
from signing.trust import TrustStore
from signing.verdict import Form, Outcome, Reason, Verdict

DEEPEST = 4  # archives and packages within each other
MOST_FILES = 300
MOST_OCTETS = 512 * 1024 * 1024  # of all files together, unpacked
MOST_VERDICTS = 64
MOST_HELD = 32 * 1024 * 1024  # octets of a file that is read as a whole, but was left where it lies
MOST_SECONDS = 60.0  # for all attachments of a package; an honest PDF takes a fiftieth of one
MOST_GLANCED_AT = 32  # attachments; of more, it is not told beforehand that none is signed

OFFICE = frozenset({WORD, SHEET, SLIDES, OPEN_DOCUMENT})
OFFICE_MARKS = ("_xmlsignatures/", "META-INF/documentsignatures.xml")
OFFICE_TABLE = "[Content_Types].xml"  # of an Office file that has no folder by which its kind is known
HOLDING = OFFICE | {EDXML, ZIP}  # kinds that are looked into
ENCODED = f"{{{NAMESPACE}}}ContentTransferEncoded"


@dataclass(frozen=True, slots=True)
class File:
    """A file that is not opened before it is its turn. `load` raises `Unopenable`."""

    name: str
    load: Callable[[], lengthy.File]


class Unopenable(Exception):
    """A file cannot be had. Carries the reason."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


@dataclass(slots=True)
class Walk:
    """One way through the attachments of a package, with what is left of the limits."""

    trust: TrustStore
    at: datetime
    reader: ReadingProcess = SHARED
    ends: Mapping[str, date | None] = field(default_factory=lambda: ENDS)
    files: int = 0
    octets: int = 0
    verdicts: list[Verdict] = field(default_factory=list)
    until: float = field(default_factory=lambda: time.monotonic() + MOST_SECONDS)

    @property
    def full(self) -> bool:
        """Tell whether a limit is reached: what is left is not looked at."""
        return (
            self.files >= MOST_FILES
            or self.octets >= MOST_OCTETS
            or len(self.verdicts) >= MOST_VERDICTS
            or time.monotonic() > self.until
        )

    def folder(self, files: Sequence[File], prefix: str, deep: int) -> None:
        """Judge files that lie side by side."""
        beside: dict[str, list[File]] = {}
        for each in files:
            beside.setdefault(each.name, []).append(each)
        for each in files:
            part = prefix + label(each.name)
            if self.full:
                self.doubt(part, reasons.TOO_MANY.because(count=len(files)))
                return
            try:
                self.file(each.name, part, self._load(each), beside, deep)
            except Unopenable as unopenable:
                self.doubt(part, unopenable.reason)

    def _load(self, each: File) -> lengthy.File:
        content = each.load()
        self.files += 1
        self.octets += len(content)
        return content

    def file(
        self, name: str, part: str, content: lengthy.File, beside: Mapping[str, Sequence[File]], deep: int
    ) -> None:
        """Judge one file by what it is."""
        if name.lower().endswith(cms.SUFFIXES):
            self._cms(name, part, held(content), beside, deep)
            return
        kind = kind_of(content)
        if kind is PDF:
            self.verdicts += pdf.verify(
                held(content), self.trust, self.at, part=part, reader=self.reader, ends=self.ends
            )
        elif kind is EDXML:
            self._within(deep)
            self._package(part, held(content), deep)
        elif kind is ZIP or kind in OFFICE:
            self._archive(part, content, deep)

    def _within(self, deep: int) -> None:
        if deep >= DEEPEST:
            raise Unopenable(reasons.TOO_DEEP.because())

    def _cms(
        self, name: str, part: str, content: bytes, beside: Mapping[str, Sequence[File]], deep: int
    ) -> None:
        signed = beside.get(name.rpartition(".")[0], ())
        if len(signed) > 1:
            raise Unopenable(reasons.NAMED_TWICE.because(name=signed[0].name, count=len(signed)))
        judged, inside = cms.verify(
            content,
            held(self._load(signed[0])) if signed else None,
            self.trust,
            self.at,
            part=part,
            reader=self.reader,
            ends=self.ends,
        )
        self.verdicts += judged
        if inside is not None:
            self._within(deep)
            enclosed = name.rpartition(".")[0]
            self.folder([File(enclosed, lambda: inside)], f"{part}/", deep + 1)

    def _archive(self, part: str, content: lengthy.File, deep: int) -> None:
        try:
            archive = Archive(content)
        except UnsafeArchive as unsafe:
            raise Unopenable(unsafe_because(unsafe, part)) from unsafe
        names = archive.names
        if OFFICE_TABLE in names or kind_of(content) in OFFICE:
            if any(name.startswith(OFFICE_MARKS) for name in names):
                self.doubt(part, reasons.OFFICE.because(), Form.XADES)
            return
        self._within(deep)
        self.folder(
            [File(name, partial(_entry, archive, name, part)) for name in names], f"{part}/", deep + 1
        )

    def _package(self, part: str, content: bytes, deep: int) -> None:
        try:
            tree = parse(content)
        except InvalidDocument as error:
            if salvage.looks_signed(content):
                why = reasons.PACKAGE_UNREADABLE.because(detail=error.findings[0].message)
                self.doubt(part, why, Form.XML)
            found = salvage.files(content)
            self.folder(
                [File(each.name, partial(_salvaged, each, part)) for each in found], f"{part}/", deep + 1
            )
            return
        own = xml.verify(content, tree, self.trust, self.at)
        self.verdicts += (
            replace(verdict, part=part) for verdict in own if verdict.outcome is not Outcome.ABSENT
        )
        self.folder(list(files_of(tree)), f"{part}/", deep + 1)

    def doubt(self, part: str, reason: Reason, form: Form = Form.PDF) -> None:
        """Say that something could not be looked into."""
        self.verdicts.append(
            Verdict(outcome=Outcome.UNDETERMINED, reasons=(reason,), checked_at=self.at, form=form, part=part)
        )


def verify(
    tree: etree._ElementTree,
    trust: TrustStore,
    at: datetime,
    *,
    left_out: LeftOut | None = None,
    reader: ReadingProcess = SHARED,
    ends: Mapping[str, date | None] = ENDS,
) -> tuple[Verdict, ...]:
    """Return the verdicts on all signatures in and beside the attachments of a package.

    `tree` is what `schemas.skeleton.opened` made of the package, `left_out` what the tree has only marks of, `at` when
    the package was received. A PDF without a signature has an ABSENT verdict. Raises `reading_process.Closed` only.
    """
    walk = Walk(trust, at, reader, ends)
    walk.folder(list(files_of(tree, left_out)), "", 0)
    return tuple(walk.verdicts)


def may_be_signed(tree: etree._ElementTree, infos: Sequence[AttachmentInfo]) -> bool:
    """Tell, at a glance, whether there may be a signature in or beside the attachments of a package in memory.

    False is certain: `verify` would say nothing but ABSENT. `infos` is what the package says of its attachments.
    """
    if any(_speaks_of_more(info) for info in infos):
        return True
    encoded = list(islice(tree.iter(ENCODED), MOST_GLANCED_AT + 1))
    return len(encoded) > MOST_GLANCED_AT or any(_may_be_signed(element.text or "") for element in encoded)


def _speaks_of_more(info: AttachmentInfo) -> bool:
    named = (info.name or info.content_id).lower()
    return named.endswith(cms.SUFFIXES) or info.content_type.lower() in ZIP_TYPES


def _may_be_signed(base64: str) -> bool:
    try:
        content = decoded(base64)
    except ValueError:
        return True
    kind = kind_of(content)
    return pdf.MARK in content if kind is PDF else kind in HOLDING


def files_of(tree: etree._ElementTree, left_out: LeftOut | None = None) -> Iterator[File]:
    """Yield the attachments of a package."""
    for attachment in attachments(tree, left_out):
        yield File(attachment.called, partial(_file, attachment))


def held(content: lengthy.File) -> bytes:
    """Return a file for those who need it in memory, or raise `Unopenable`."""
    if isinstance(content, lengthy.Lengthy) and len(content) > MOST_HELD:
        raise Unopenable(reasons.TOO_LARGE.because(size=len(content)))
    return lengthy.in_memory(content)


def _file(attachment: Attachment) -> lengthy.File:
    try:
        return attachment.file()
    except InvalidDocument as error:
        raise Unopenable(reasons.UNSAFE.because(detail=error.findings[0].message)) from error


def label(name: str) -> str:
    """Return a file's name as it may be shown: without control characters, cut to a readable length."""
    plain = "".join(char if char.isprintable() else "?" for char in name.replace("\\", "/"))
    return str(shortened(plain.strip("/") or "?"))


def unsafe_because(unsafe: UnsafeArchive, part: str) -> Reason:
    """Return why an archive is not opened."""
    return reasons.UNSAFE.because(detail=unsafe.kind.message.say(attachment=part, **unsafe.values))


def _entry(archive: Archive, name: str, part: str) -> lengthy.File:
    try:
        return archive.file_of(name)
    except UnsafeArchive as unsafe:
        raise Unopenable(unsafe_because(unsafe, part)) from unsafe


def _salvaged(found: salvage.Found, part: str) -> bytes:
    try:
        return found.content()
    except UnsafeArchive as unsafe:
        raise Unopenable(unsafe_because(unsafe, part)) from unsafe
    except ValueError as error:
        raise Unopenable(reasons.UNREADABLE.because(detail="base64")) from error
