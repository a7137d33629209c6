"""The attachments of a package: decoded from base64, and taken out of the zip that some systems wrap them in.

What decides is the Attachment element, not the manifest. Its ContentType `application/zip` may mean a zip file that
somebody attached, or a wrapping: one entry with a random name, whose real name is AttachmentName. Looking tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

import pybase64
from lxml import etree

from schemas.edxml import encoded
from schemas.edxml.archive import UNREADABLE, Archive, UnsafeArchive, is_archive
from schemas.edxml.envelope import AttachmentInfo
from schemas.edxml.file_kinds import OFFICE_SUFFIXES, suffix_of
from schemas.edxml.package import Parts, first, parts_of
from schemas.edxml.reader import attachment_infos
from schemas.findings import Finding, InvalidDocument, Kind, Severity
from schemas.left_out import BLANKS, LeftOut, Run
from schemas.lengthy import File, in_memory, pieces_of
from schemas.paths import line_of, path_of
from schemas.text import Sentence, Text

BASE64_BROKEN = Kind(
    "attachment-base64-broken",
    Severity.ERROR,
    Sentence(
        vi="Tệp đính kèm «{attachment}» không phải base64 hợp lệ: {detail}.",
        en="The attachment “{attachment}” is not valid base64: {detail}.",
    ),
    Sentence(
        vi="Mã hóa lại tệp đính kèm bằng base64 (RFC 4648) rồi gửi lại.",
        en="Encode the attachment in base64 (RFC 4648) again, and send it.",
    ),
)
EMPTY_ATTACHMENT = Kind(
    "attachment-empty",
    Severity.ERROR,
    Sentence(
        vi="Tệp đính kèm «{attachment}» rỗng.",
        en="The attachment “{attachment}” is empty.",
    ),
    Sentence(
        vi="Đính kèm đúng tệp rồi gửi lại, hoặc bỏ tệp đính kèm này khỏi gói tin.",
        en="Attach the right file and send again, or take this attachment out of the package.",
    ),
)

ZIP_TYPES = frozenset({"application/zip", "application/x-zip-compressed", "application/x-zip"})


class Attachment:
    """One attachment. Decodes itself once, when first asked; gone from memory with the object."""

    def __init__(
        self,
        element: etree._Element,
        info: AttachmentInfo,
        encoded: etree._Element | None,
        left_out: LeftOut | None = None,
    ) -> None:
        self.element = element
        self.info = info
        self._element = encoded  # ContentTransferEncoded
        self._left_out = left_out
        self._content: File | None = None
        self._file: File | None = None

    @property
    def line(self) -> int | None:
        """The line that the Attachment begins on."""
        return line_of(self.element)

    @property
    def path(self) -> str:
        """Where the Attachment stands."""
        return path_of(self.element)

    @property
    def called(self) -> str:
        """What to call it in a sentence."""
        return self.info.name or self.info.content_id or "?"

    def content(self) -> File:
        """Return what the base64 stands for, in memory or not, or raise InvalidDocument."""
        if self._content is None:
            parts, text = self._parts(), self._encoded()
            if self._left_out is not None and any(isinstance(part, Run) for part in parts):
                self._decode(encoded.abridged(parts))
                self._content = encoded.file_of(parts, self._left_out)
            else:
                self._content = self._decode(text)
        return self._content

    def file(self) -> File:
        """Return the file itself, out of its zip wrapping if it has one, or raise InvalidDocument."""
        if self._file is None:
            try:
                self._file = unwrapped(self.info, self.content())
            except UnsafeArchive as unsafe:
                raise InvalidDocument((self.finding(unsafe.kind, **unsafe.values),)) from unsafe
        return self._file

    def decoded(self) -> bytes:
        """Return the bytes that the base64 stands for: for those who know that there is room for them."""
        return in_memory(self.content())

    def payload(self) -> bytes:
        """Return the bytes of the file itself: for those who know that there is room for them."""
        return in_memory(self.file())

    def pieces(self) -> Iterator[bytes]:
        """Yield the file itself piece by piece, for a disk: large ones are never whole in memory twice."""
        if self._left_out is None and self._file is None and self.info.content_type.lower() not in ZIP_TYPES:
            yield from self._pieces()
        else:
            yield from pieces_of(self.file())

    def _pieces(self) -> Iterator[bytes]:
        text = self._encoded()
        try:
            yield from decoded_pieces(text)
        except ValueError as error:
            raise InvalidDocument((self._broken(),)) from error

    def finding(self, kind: Kind, **values: str | Text) -> Finding:
        """Return a finding about this attachment."""
        return kind.at(self.line, self.path, attachment=self.called, **values)

    def _encoded(self) -> str:
        return "" if self._element is None else self._element.text or ""

    def _decode(self, text: str) -> bytes:
        try:
            return decoded(text)
        except ValueError as error:
            raise InvalidDocument((self._broken(),)) from error

    def _parts(self) -> Sequence[encoded.Part]:
        text = self._encoded()
        return self._left_out.split(text) if self._left_out is not None else (text,)

    def _broken(self) -> Finding:
        return self.finding(BASE64_BROKEN, detail=encoded.what_is_wrong(self._parts()))


def attachments(tree: etree._ElementTree, left_out: LeftOut | None = None) -> Iterator[Attachment]:
    """Yield the attachments of a package, in its order; `left_out` is what its tree has only marks of."""
    return attachments_of(parts_of(tree), left_out=left_out)


def attachments_of(
    parts: Parts, infos: Sequence[AttachmentInfo] = (), left_out: LeftOut | None = None
) -> Iterator[Attachment]:
    """Yield the attachments of a package that has been taken apart already, and perhaps read."""
    if len(infos) != len(parts.attachments):
        infos = attachment_infos(parts)
    for element, info in zip(parts.attachments, infos, strict=True):
        yield Attachment(element, info, first(parts.of(element), "ContentTransferEncoded"), left_out)


# Base64


def decoded(text: str) -> bytes:
    """Return what base64 stands for. Blanks are allowed anywhere, nothing else is; raises ValueError."""
    try:
        return pybase64.b64decode(text, validate=True)
    except ValueError:
        return pybase64.b64decode(text.encode("ascii").translate(None, BLANKS), validate=True)


_SLICE = 4 * 1024 * 1024


def decoded_pieces(text: str, size: int = _SLICE) -> Iterator[bytes]:
    """Yield what base64 stands for, piece by piece; raises ValueError where `decoded` would."""
    rest = b""
    for start in range(0, len(text), size):
        rest += text[start : start + size].encode("ascii").translate(None, BLANKS)
        whole = len(rest) if start + size >= len(text) else len(rest) // 4 * 4 - 4
        if whole > 0:
            piece, rest = rest[:whole], rest[whole:]
            # Only the last four characters of all may hold the padding.
            if rest and b"=" in piece:
                raise ValueError("padding before the end")
            yield pybase64.b64decode(piece, validate=True)


# The wrapping


_NO_ARCHIVE = Text(vi="nội dung không phải zip", en="it is no zip archive")
_RANDOM_NAME = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def unwrapped(info: AttachmentInfo, content: File) -> File:
    """Return the file inside the wrapping, or the content itself if it is not wrapped; raises UnsafeArchive.

    Only application/zip can be a wrapping. It is one if it holds a single file, and, where a zip file was attached,
    only if that file has a random name ending in .zip: otherwise the archive is what the sender attached.
    """
    if info.content_type.lower() not in ZIP_TYPES:
        if is_archive(content) and suffix_of(info.name) not in OFFICE_SUFFIXES:
            Archive(content)  # somebody will open it
        return content
    if not is_archive(content):
        raise UnsafeArchive(UNREADABLE, detail=_NO_ARCHIVE)
    archive = Archive(content)
    names = archive.names
    if len(names) != 1 or not _wraps(PurePosixPath(names[0]), PurePosixPath(info.name)):
        return content
    return archive.file_of(names[0])


def _wraps(entry: PurePosixPath, attached: PurePosixPath) -> bool:
    if attached.suffix.lower() != ".zip":
        return True
    return entry.suffix.lower() == ".zip" and _RANDOM_NAME.fullmatch(entry.stem) is not None
