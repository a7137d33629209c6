"""What is really in a package: each attachment with its true kind and size, what is in archives, packages in packages.

Nothing is believed: names and types are the sender's words, kind and size what the bytes are. One attachment is
decoded at a time, and none is kept. What cannot be decoded or must not be opened is listed with the reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from schemas import xml
from schemas.edxml.archive import Archive, UnsafeArchive
from schemas.edxml.attachments import Attachment, attachments
from schemas.edxml.envelope import AttachmentInfo, Envelope
from schemas.edxml.file_kinds import EDXML, ZIP, FileKind, keeps_promise, kind_of, suffix_of
from schemas.edxml.reader import read
from schemas.findings import InvalidDocument
from schemas.text import Text

DEEPEST = 3  # packages in packages in packages
MOST_ENTRIES = 200
_MAY_BE_PACKAGE = frozenset({".edxml", ".xml"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file in an archive, and the package that it is, if it is one."""

    name: str
    size: int
    package: Inner | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    """A package inside a package. `problem` says why it could not be read."""

    envelope: Envelope | None
    contents: tuple[Content, ...] = ()
    problem: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One attachment as it really is. Without a kind there is a problem."""

    info: AttachmentInfo
    kind: FileKind | None = None
    size: int = 0
    sha256: str = ""
    wrapped: bool = False  # came in a zip archive that is none of its sender's making
    as_named: bool = True
    entries: tuple[Entry, ...] = ()
    package: Inner | None = None
    problem: Text | None = None


def contents(tree: etree._ElementTree, deepest: int = DEEPEST) -> Iterator[Content]:
    """Yield what the attachments of a package are, in its order."""
    for attachment in attachments(tree):
        yield _content(attachment, deepest)


def _content(attachment: Attachment, deepest: int) -> Content:
    info = attachment.info
    try:
        packed, payload = attachment.decoded(), attachment.payload()
    except InvalidDocument as error:
        return Content(info=info, problem=error.findings[0].message)
    kind = kind_of(payload)
    return Content(
        info=info,
        kind=kind,
        size=len(payload),
        sha256=hashlib.sha256(payload).hexdigest(),
        wrapped=payload is not packed,
        as_named=keeps_promise(info.name, payload),
        entries=tuple(_entries(payload, deepest)) if kind is ZIP else (),
        package=_inner(payload, deepest) if kind is EDXML else None,
    )


def _entries(payload: bytes, deepest: int) -> Iterator[Entry]:
    try:
        archive = Archive(payload)
    except UnsafeArchive:
        return  # its rule says so
    for name, size in archive.sizes[:MOST_ENTRIES]:
        yield Entry(name=name, size=size, package=_packed(archive, name, deepest))


def _packed(archive: Archive, name: str, deepest: int) -> Inner | None:
    if suffix_of(name) not in _MAY_BE_PACKAGE:
        return None
    try:
        inside = archive.content_of(name)
    except UnsafeArchive:
        return None
    return _inner(inside, deepest) if kind_of(inside) is EDXML else None


def _inner(content: bytes, deepest: int) -> Inner:
    if deepest <= 0:
        deep = Text(vi="lồng quá sâu, không đọc tiếp", en="nested too deeply to be read on")
        return Inner(envelope=None, problem=deep)
    try:
        tree = xml.parse(content)
    except InvalidDocument as error:
        return Inner(envelope=None, problem=error.findings[0].message)
    return Inner(envelope=read(tree), contents=tuple(contents(tree, deepest - 1)))
