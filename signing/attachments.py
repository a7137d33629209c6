"""Every signature in and beside the attachments of a package, however they are packed.

Files come wrapped in zip archives, in archives within archives, and in packages within packages. All are looked into,
in memory, within limits; what they call themselves only ever becomes a label: `van_ban.zip/edoc.edxml/quyetdinh.pdf`.

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

from lxml import etree

from schemas.edxml.archive import Archive, UnsafeArchive
from schemas.edxml.attachments import Attachment, attachments
from schemas.edxml.file_kinds import EDXML, OPEN_DOCUMENT, PDF, SHEET, SLIDES, WORD, ZIP, kind_of
from schemas.findings import InvalidDocument, shortened
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
MOST_SECONDS = 60.0  # for all attachments of a package; an honest PDF takes a fiftieth of one

OFFICE = frozenset({WORD, SHEET, SLIDES, OPEN_DOCUMENT})
OFFICE_MARKS = ("_xmlsignatures/", "META-INF/documentsignatures.xml")
OFFICE_TABLE = "[Content_Types].xml"  # of an Office file that has no folder by which its kind is known


@dataclass(frozen=True, slots=True)
class File:
    """A file that is not opened before it is its turn. `load` raises `Unopenable`."""

    name: str
    load: Callable[[], bytes]


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

    def _load(self, each: File) -> bytes:
        content = each.load()
        self.files += 1
        self.octets += len(content)
        return content

    def file(
        self, name: str, part: str, content: bytes, beside: Mapping[str, Sequence[File]], deep: int
    ) -> None:
        """Judge one file by what it is."""
        if name.lower().endswith(cms.SUFFIXES):
            self._cms(name, part, content, beside, deep)
            return
        kind = kind_of(content)
        if kind is PDF:
            self.verdicts += pdf.verify(
                content, self.trust, self.at, part=part, reader=self.reader, ends=self.ends
            )
        elif kind is EDXML:
            self._within(deep)
            self._package(part, content, deep)
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
            self._load(signed[0]) if signed else None,
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

    def _archive(self, part: str, content: bytes, deep: int) -> None:
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
    reader: ReadingProcess = SHARED,
    ends: Mapping[str, date | None] = ENDS,
) -> tuple[Verdict, ...]:
    """Return the verdicts on all signatures in and beside the attachments of a package.

    `tree` is what `schemas.xml.parse` made of the package, `at` when it was received. A PDF without a signature has an
    ABSENT verdict. Raises `reading_process.Closed` only.
    """
    walk = Walk(trust, at, reader, ends)
    walk.folder(list(files_of(tree)), "", 0)
    return tuple(walk.verdicts)


def files_of(tree: etree._ElementTree) -> Iterator[File]:
    """Yield the attachments of a package."""
    for attachment in attachments(tree):
        yield File(attachment.called, partial(_payload, attachment))


def _payload(attachment: Attachment) -> bytes:
    try:
        return attachment.payload()
    except InvalidDocument as error:
        raise Unopenable(reasons.UNSAFE.because(detail=error.findings[0].message)) from error


def label(name: str) -> str:
    """Return a file's name as it may be shown: without control characters, cut to a readable length."""
    plain = "".join(char if char.isprintable() else "?" for char in name.replace("\\", "/"))
    return str(shortened(plain.strip("/") or "?"))


def unsafe_because(unsafe: UnsafeArchive, part: str) -> Reason:
    """Return why an archive is not opened."""
    return reasons.UNSAFE.because(detail=unsafe.kind.message.say(attachment=part, **unsafe.values))


def _entry(archive: Archive, name: str, part: str) -> bytes:
    try:
        return archive.content_of(name)
    except UnsafeArchive as unsafe:
        raise Unopenable(unsafe_because(unsafe, part)) from unsafe


def _salvaged(found: salvage.Found, part: str) -> bytes:
    try:
        return found.content()
    except UnsafeArchive as unsafe:
        raise Unopenable(unsafe_because(unsafe, part)) from unsafe
    except ValueError as error:
        raise Unopenable(reasons.UNREADABLE.because(detail="base64")) from error
