"""ZIP files, written in one way only and read without trust.

`pack` stores every part as it is, dated 1980-01-01, in the order given, with nothing else in the file: from the parts
anybody makes the same octets again, so every octet of the file can be accounted for.

`unpack` takes foreign files too (deflated, with extra fields and data descriptors) but not what can hide or hurt: the
parts must fill the file from its first octet to the central directory, and both descriptions of each must agree. It
never raises: what is wrong is told by the name of the part.
"""

from __future__ import annotations

import stat
import struct
import unicodedata
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from signing import zip_problems
from signing.zip_problems import WHOLE, Problem

LARGEST = 256 * 1024 * 1024  # octets of the file, and of all its parts together
MOST_PARTS = 1000
STEEPEST = 1000  # how many octets may come out of one
NAME_LIMIT = 512  # octets of a name

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_VERSION = 20
_NEW_YEAR_1980 = (0, 0x21)  # time, date: MS-DOS form
_UTF8, _DESCRIPTOR = 0x800, 0x8
_KNOWN_FLAGS = _UTF8 | _DESCRIPTOR | 0x6  # 0x6: how hard the compressor tried
_STORED, _DEFLATED = 0, 8
_UNIX = 3


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What was found. `differs`: the part where the file first departs from what `pack` would make of it."""

    parts: Mapping[str, bytes] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    differs: str | None = WHOLE


def pack(parts: Mapping[str, bytes]) -> bytes:
    """Return the file that holds these parts, in this order."""
    locals_, central, offset = [], [], 0
    for name, data in parts.items():
        raw = name.encode()
        common = (
            _VERSION,
            0 if name.isascii() else _UTF8,
            _STORED,
            *_NEW_YEAR_1980,
            zlib.crc32(data),
            len(data),
            len(data),
            len(raw),
            0,
        )
        locals_ += [_LOCAL.pack(b"PK\x03\x04", *common), raw, data]
        central += [_CENTRAL.pack(b"PK\x01\x02", _VERSION, *common, 0, 0, 0, 0, offset), raw]
        offset += _LOCAL.size + len(raw) + len(data)
    directory = b"".join(central)
    count = len(parts)
    end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), offset, 0)
    return b"".join((*locals_, directory, end))


def unpack(content: bytes) -> Unpacked:
    """Return the parts of a file, and everything that is wrong with it."""
    if len(content) > LARGEST:
        return Unpacked(problems=(zip_problems.too_large(WHOLE, f"{LARGEST} byte"),))
    return _Reader(content).read()


@dataclass(frozen=True, slots=True)
class _Record:
    """An entry of the central directory."""

    name: str
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    fixed: tuple[int, ...]  # what the local header must say as well


class _Reader:
    """Reads one file, in the order of its central directory, which must be the order of the parts."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.parts: dict[str, bytes] = {}
        self.problems: list[Problem] = []
        self.regions: list[tuple[int, int, str]] = []
        self.seen: set[str] = set()
        self.total = 0
        # Whose record, just read, says itself how long it is: if the next one is not there, that was a lie.
        self.loose: str | None = None

    def read(self) -> Unpacked:
        try:
            self._read()
        except zip_problems.Broken as broken:
            self.problems.append(broken.problem)
        return Unpacked(self.parts, tuple(self.problems), self._differs())

    def _read(self) -> None:
        end = self._end()
        _, _, _, count, again, size, offset, _ = _END.unpack_from(self.content, end)
        disks = _END.unpack_from(self.content, end)[1:3]
        if disks != (0, 0) or count != again or offset + size != end:
            raise zip_problems.broken(WHOLE, zip_problems.END)
        if count > MOST_PARTS:
            raise zip_problems.Broken(zip_problems.too_large(WHOLE, f"{MOST_PARTS}"))
        position, filled = offset, 0
        for number in range(count):
            record, following = self._record(position, end, number)
            self.regions.append((position, following, record.name))
            filled = self._part(record, filled, offset)
            position = following
        if position != end or filled != offset:
            raise zip_problems.broken(self.loose or WHOLE, zip_problems.BETWEEN)

    def _end(self) -> int:
        """Return where the end record is: its comment must reach exactly to the end of the file."""
        start = len(self.content) - _END.size
        lowest = max(0, start - 0xFFFF)
        while start >= lowest:
            start = self.content.rfind(b"PK\x05\x06", lowest, start + 4)
            if start < 0:
                break
            if start + _END.size + int(_END.unpack_from(self.content, start)[-1]) == len(self.content):
                return start
            start -= 1
        raise zip_problems.broken(WHOLE, zip_problems.END)

    def _record(self, position: int, end: int, number: int) -> tuple[_Record, int]:
        if position + _CENTRAL.size > end:
            raise zip_problems.broken(self.loose or self._nth_local(number), zip_problems.DIRECTORY)
        fields = _CENTRAL.unpack_from(self.content, position)
        signature, _made_by, needed, flags, method, _, _, crc, packed, size, named, extra, said = fields[:13]
        disk, _, attributes, offset = fields[13:]
        following = position + _CENTRAL.size + named + extra + said
        if signature != b"PK\x01\x02":
            raise zip_problems.broken(self.loose or self._nth_local(number), zip_problems.DIRECTORY)
        if disk or following > end or needed > 45:
            raise zip_problems.broken(self._nth_local(number), zip_problems.DIRECTORY)
        start = position + _CENTRAL.size
        name = self._name(self.content[start : start + named], flags, number)
        if stat.S_ISLNK(attributes >> 16) and fields[1] >> 8 == _UNIX:
            raise zip_problems.broken(name, zip_problems.LINK)
        self.loose = name if extra or said else None
        return _Record(name, flags, method, crc, packed, size, offset, (flags, method)), following

    def _name(self, raw: bytes, flags: int, number: int) -> str:
        try:
            name = raw.decode("utf-8" if flags & _UTF8 else "ascii")
        except UnicodeDecodeError:
            raise zip_problems.broken(self._nth_local(number), zip_problems.BAD_NAME) from None
        steps = name.removesuffix("/").split("/")
        forbidden = any(step in ("", ".", "..") for step in steps) or any(mark in name for mark in "\\:")
        if forbidden or len(raw) > NAME_LIMIT or not name.isprintable():
            self.problems.append(zip_problems.problem(self._nth_local(number), zip_problems.BAD_NAME))
            raise zip_problems.broken(name, zip_problems.BAD_NAME)
        # Two names that some file systems or people take for one would be two files under one name.
        folded = unicodedata.normalize("NFC", name).casefold()
        if folded in self.seen:
            self.problems.append(zip_problems.problem(self._nth_local(number), zip_problems.BAD_NAME))
            raise zip_problems.broken(name, zip_problems.TWICE)
        self.seen.add(folded)
        return name

    def _part(self, record: _Record, filled: int, limit: int) -> int:
        """Take in the part that must begin at `filled`; return where it ends."""
        name = record.name
        if record.offset != filled or filled + _LOCAL.size > limit:
            raise zip_problems.broken(name, zip_problems.BETWEEN)
        fields = _LOCAL.unpack_from(self.content, filled)
        signature, _, flags, method, _, _, crc, packed, size, named, extra = fields
        start = filled + _LOCAL.size
        if signature != b"PK\x03\x04" or (flags, method) != record.fixed:
            raise zip_problems.broken(name, zip_problems.HEADER)
        raw = self.content[start : start + named]
        if raw != name.encode():
            self.problems.append(zip_problems.problem(raw.decode("utf-8", "replace"), zip_problems.HEADER))
            raise zip_problems.broken(name, zip_problems.HEADER)
        told = (record.crc, record.packed, record.size)
        if (crc, packed, size) != ((0, 0, 0) if flags & _DESCRIPTOR and not crc else told):
            raise zip_problems.broken(name, zip_problems.HEADER)
        start += named + extra
        end = start + record.packed
        if end > limit:
            raise zip_problems.broken(name, zip_problems.LENGTH)
        after: int = end + self._descriptor(record, end) if flags & _DESCRIPTOR else end
        self.regions.append((filled, after, name))
        self._take(record, start, end)
        return after

    def _descriptor(self, record: _Record, position: int) -> int:
        told = struct.pack("<3I", record.crc, record.packed, record.size)
        for form in (b"PK\x07\x08" + told, told):
            if self.content.startswith(form, position):
                return len(form)
        raise zip_problems.broken(record.name, zip_problems.DESCRIPTOR)

    def _take(self, record: _Record, start: int, end: int) -> None:
        name = record.name
        self.total += record.size
        if self.total > LARGEST:
            raise zip_problems.Broken(zip_problems.too_large(name, f"{LARGEST} byte"))
        if record.size > STEEPEST * max(record.packed, 1):
            raise zip_problems.Broken(zip_problems.too_large(name, f"{STEEPEST}:1"))
        if record.flags & ~_KNOWN_FLAGS or record.method not in (_STORED, _DEFLATED):
            raise zip_problems.broken(name, zip_problems.METHOD)
        data = self.content[start:end] if record.method == _STORED else self._inflated(record, start, end)
        if len(data) != record.size or zlib.crc32(data) != record.crc:
            self.problems.append(zip_problems.problem(name, zip_problems.CHECKSUM))
        if name.endswith("/"):
            if data:
                raise zip_problems.broken(name, zip_problems.FOLDER)
            return
        self.parts[name] = data

    def _inflated(self, record: _Record, start: int, end: int) -> bytes:
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            data = inflate.decompress(self.content[start:end], record.size + 1)
        except zlib.error:
            raise zip_problems.broken(record.name, zip_problems.DEFLATE) from None
        if not inflate.eof or inflate.unused_data or inflate.unconsumed_tail:
            raise zip_problems.broken(record.name, zip_problems.DEFLATE)
        return data

    # What people are told when the directory itself is damaged

    def _nth_local(self, number: int) -> str:
        """Return the name of the part at that place, by the local headers alone."""
        position = 0
        for _ in range(number + 1):
            if position + _LOCAL.size > len(self.content):
                return WHOLE
            fields = _LOCAL.unpack_from(self.content, position)
            named, extra = fields[-2:]
            start = position + _LOCAL.size
            raw = self.content[start : start + named]
            position = start + named + extra + fields[7]
            if fields[0] != b"PK\x03\x04":
                return WHOLE
        return raw.decode("utf-8", "replace")

    def _differs(self) -> str | None:
        again = pack(self.parts)
        if again == self.content:
            return None
        shorter = min(len(again), len(self.content))
        first = _first_difference(again, self.content, shorter)
        return next((name for start, end, name in self.regions if start <= first < end), WHOLE)


def _first_difference(one: bytes, other: bytes, length: int) -> int:
    """Return where two strings first differ, by halving: comparing slices is fast, comparing octets is not."""
    low, high = 0, length
    while low < high:
        middle = (low + high) // 2
        if one[low : middle + 1] == other[low : middle + 1]:
            low = middle + 1
        else:
            high = middle
    return low
