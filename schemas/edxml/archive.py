"""Zip archives from strangers: looked at before anything is unpacked, unpacked in memory, never by their own names.

The limits hold for what the archive says of itself and again while it is unpacked, because it may lie.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast

from schemas.findings import Kind, Severity
from schemas.lengthy import File, Lengthy
from schemas.text import Sentence, Text


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an archive may contain."""

    entries: int = 1_000
    total: int = 200 * 1024 * 1024
    ratio: int = 200
    ratio_from: int = 1024 * 1024  # a short run of zeros packs 1000:1 and hurts nobody


LIMITS = ArchiveLimits()

_NAMED = "Tệp đính kèm «{attachment}»"
_SEND_ANOTHER = Sentence(
    vi="Đóng gói lại tệp đính kèm, hoặc gửi các tệp riêng lẻ không nén.",
    en="Pack the attachment anew, or send its files one by one, not packed.",
)

UNREADABLE = Kind(
    "zip-unreadable",
    Severity.ERROR,
    Sentence(
        vi=_NAMED + " khai báo là zip nhưng không giải nén được ({detail}).",
        en="The attachment “{attachment}” is declared a zip archive but cannot be unpacked ({detail}).",
    ),
    _SEND_ANOTHER,
)
BOMB = Kind(
    "zip-bomb",
    Severity.ERROR,
    Sentence(
        vi=_NAMED + " là bom nén (zip bomb): khi giải nén sẽ vượt quá giới hạn ({detail}).",
        en="The attachment “{attachment}” is a zip bomb: unpacked it would exceed the limits ({detail}).",
    ),
    _SEND_ANOTHER,
)
UNSAFE_NAME = Kind(
    "zip-unsafe-name",
    Severity.ERROR,
    Sentence(
        vi=_NAMED + " chứa tên tệp nguy hiểm: «{got}».",
        en="The attachment “{attachment}” contains a dangerous file name: “{got}”.",
    ),
    _SEND_ANOTHER,
)
SAME_NAME = Kind(
    "zip-same-name-twice",
    Severity.ERROR,
    Sentence(
        vi=_NAMED + " chứa hai tệp cùng tên: «{got}».",
        en="The attachment “{attachment}” contains two files of the same name: “{got}”.",
    ),
    _SEND_ANOTHER,
)
ENCRYPTED = Kind(
    "zip-encrypted",
    Severity.ERROR,
    Sentence(
        vi=_NAMED + " được đặt mật khẩu nên không kiểm tra được.",
        en="The attachment “{attachment}” is protected by a password and cannot be checked.",
    ),
    Sentence(
        vi="Gửi lại tệp không đặt mật khẩu; trục liên thông đã bảo vệ đường truyền.",
        en="Send the file without a password; the hub protects the way it travels.",
    ),
)


class UnsafeArchive(Exception):
    """The archive must not be unpacked: the kind of finding, and the values for its blanks."""

    def __init__(self, kind: Kind, **values: str | Text) -> None:
        super().__init__(kind.code)
        self.kind = kind
        self.values = values


_PIECE = 1024 * 1024
_MOST_HELD = 16 * 1024 * 1024
_END = struct.Struct("<4s4H2LH")  # end of central directory; APPNOTE 4.3.16
_LOCATOR = 20  # octets of what names the zip64 table; APPNOTE 4.3.15
_DIRECTORY_PER_ENTRY = 512
_NO_DIRECTORY = Text(vi="thiếu bảng mục lục", en="its table of contents is missing")


def _check_directory(content: File, limits: ArchiveLimits) -> None:
    """Refuse a huge table of contents before zipfile reads it: half a million entries would take seconds.

    Zip64 is refused as well: nobody needs it below 200 MB, and it can name another table than the plain one.
    """
    start = max(0, len(content) - _END.size - 0xFFFF)
    before = min(start, _LOCATOR)
    tail = content[start - before :]
    end = tail.rfind(b"PK\x05\x06", before)
    if end < 0 or len(tail) - end < _END.size:
        raise UnsafeArchive(UNREADABLE, detail=_NO_DIRECTORY)
    size = _END.unpack_from(tail, end)[5]
    if size > limits.entries * _DIRECTORY_PER_ENTRY or tail[max(0, end - _LOCATOR) : end].startswith(
        b"PK\x06\x07"
    ):
        raise UnsafeArchive(BOMB, detail=f"> {limits.entries}")


def is_archive(content: File) -> bool:
    """Return whether the content begins as a zip archive does (an empty one included)."""
    return content[:4] in (b"PK\x03\x04", b"PK\x05\x06")


class Archive:
    """A zip archive that has passed the checks."""

    def __init__(self, content: File, limits: ArchiveLimits = LIMITS) -> None:
        self._limits = limits
        _check_directory(content, limits)
        try:
            self._zip = zipfile.ZipFile(
                io.BytesIO(content) if isinstance(content, bytes) else content.opened()
            )
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
            raise UnsafeArchive(UNREADABLE, detail=type(error).__name__) from error
        self._check()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the files in it: for looking at, never for writing to disk."""
        return tuple(entry.filename for entry in self._zip.infolist() if not entry.is_dir())

    @property
    def sizes(self) -> list[tuple[str, int]]:
        """The names of the files in it, each with the size that it says it has."""
        return [(entry.filename, entry.file_size) for entry in self._zip.infolist() if not entry.is_dir()]

    def content_of(self, name: str) -> bytes:
        """Return a file, never more than it declared to be, or raise UnsafeArchive."""
        return b"".join(self.pieces_of(name))

    def file_of(self, name: str) -> File:
        """Return a file as `content_of` does, but a large one not in memory; raises UnsafeArchive as it does."""
        entry = self._zip.getinfo(name)
        if entry.file_size <= _MOST_HELD:
            return self.content_of(name)
        for _ in self.pieces_of(name):  # it must be sound to its end before anybody looks at its beginning
            pass
        return Lengthy(entry.file_size, lambda: cast(BinaryIO, self._zip.open(entry)))

    def pieces_of(self, name: str) -> Iterator[bytes]:
        """Yield a file piece by piece, never more than it declared to be; raises UnsafeArchive."""
        entry, got = self._zip.getinfo(name), 0
        try:
            with self._zip.open(entry) as stream:
                while piece := stream.read(min(_PIECE, entry.file_size + 1 - got)):
                    got += len(piece)
                    if got > entry.file_size:
                        break
                    yield piece
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            ValueError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise UnsafeArchive(UNREADABLE, detail=type(error).__name__) from error
        if got != entry.file_size:
            raise UnsafeArchive(UNREADABLE, detail=f"{got} != {entry.file_size}")

    def _check(self) -> None:
        entries = self._zip.infolist()
        if len(entries) > self._limits.entries:
            raise UnsafeArchive(BOMB, detail=f"{len(entries)} > {self._limits.entries}")
        total = sum(entry.file_size for entry in entries)
        if total > self._limits.total:
            raise UnsafeArchive(BOMB, detail=f"{total} > {self._limits.total}")
        seen: set[str] = set()
        for entry in entries:
            self._check_entry(entry)
            if entry.filename in seen:
                raise UnsafeArchive(SAME_NAME, got=entry.filename)
            seen.add(entry.filename)

    def _check_entry(self, entry: zipfile.ZipInfo) -> None:
        if entry.flag_bits & 0x1:
            raise UnsafeArchive(ENCRYPTED)
        packed = max(entry.compress_size, 1)
        if entry.file_size > self._limits.ratio_from and entry.file_size > self._limits.ratio * packed:
            raise UnsafeArchive(BOMB, detail=f"{entry.file_size // packed}:1 > {self._limits.ratio}:1")
        # orig_filename: zipfile cuts a name at a NUL and turns backslashes on some systems
        name = entry.orig_filename.replace("\\", "/")
        symlink = (entry.external_attr >> 16) & 0o170000 == 0o120000
        absolute = name.startswith("/") or name[1:2] == ":"
        if symlink or absolute or ".." in name.split("/") or "\x00" in name:
            raise UnsafeArchive(UNSAFE_NAME, got=entry.orig_filename)
