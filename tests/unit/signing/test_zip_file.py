"""ZIP files: one form out, and nothing hidden or hurtful in."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing import zip_file
from signing.zip_file import pack, unpack
from signing.zip_problems import WHOLE, Problem

PARTS = {"mimetype": b"what/it+is", "folder/a.txt": b"A" * 40, "b.txt": b"B"}
NAMES = st.text("abcXYZ019._-", min_size=1, max_size=12).filter(lambda name: name.strip("."))


def parts_of(*problems: Problem) -> set[str]:
    return {problem.part for problem in problems}


@given(st.dictionaries(NAMES, st.binary(max_size=200), max_size=6))
def test_what_was_packed_comes_out_again(parts: dict[str, bytes]) -> None:
    if len({name.casefold() for name in parts}) < len(parts):
        return
    unpacked = unpack(pack(parts))
    assert (dict(unpacked.parts), unpacked.problems, unpacked.differs) == (parts, (), None)


def test_others_read_what_we_pack() -> None:
    with zipfile.ZipFile(io.BytesIO(pack(PARTS))) as opened:
        assert opened.testzip() is None
        assert {name: opened.read(name) for name in opened.namelist()} == PARTS
        assert opened.infolist()[0].date_time == (1980, 1, 1, 0, 0, 0)
    assert pack(PARTS)[30 : 30 + 8 + 10] == b"mimetypewhat/it+is"  # where "file" and others look for the type


def test_we_read_what_others_pack() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in PARTS.items():
            opened.writestr(name, data)
        opened.comment = b"made by somebody"
        opened.mkdir("empty")
    unpacked = unpack(made.getvalue())
    assert (dict(unpacked.parts), unpacked.problems) == (PARTS, ())
    assert unpacked.differs is not None


def test_data_descriptors_are_read() -> None:
    class Stream(io.RawIOBase):
        """Cannot be rewound, so lengths come after the data."""

        def __init__(self) -> None:
            self.written = b""

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.written += bytes(data)
            return len(data)

    stream = Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in PARTS.items():
            opened.writestr(name, data)
    unpacked = unpack(stream.written)
    assert (dict(unpacked.parts), unpacked.problems) == (PARTS, ())


def test_every_changed_octet_is_found_and_its_part_named() -> None:
    content = pack(PARTS)
    owners = owners_of(PARTS)
    assert len(owners) == len(content)
    for place, owner in enumerate(owners):
        for mask in (*(1 << bit for bit in range(8)), 0xFF):
            broken = bytearray(content)
            broken[place] ^= mask
            unpacked = unpack(bytes(broken))
            named = parts_of(*unpacked.problems) | {unpacked.differs}
            assert owner in named, (place, mask, named)


def owners_of(parts: dict[str, bytes]) -> list[str]:
    """Return for each octet of `pack(parts)` the part that it belongs to, worked out apart from the code."""
    owners: list[str] = []
    for name, data in parts.items():
        owners += [name] * (30 + len(name) + len(data))
    for name in parts:
        owners += [name] * (46 + len(name))
    return owners + [WHOLE] * 22


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../up", "a/../b", "a//b", "./a", "C:\\x", "a\\b", "a\x00b", "a\nb", "a" * 600]
)
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    unpacked = unpack(pack({"good": b"1", name: b"2"}))
    assert unpacked.problems
    assert name not in unpacked.parts


@pytest.mark.parametrize(("one", "other"), [("a.txt", "A.TXT"), ("é", "e\u0301")])
def test_names_that_are_the_same_to_some_are_refused(one: str, other: str) -> None:
    assert unpack(pack({one: b"1", other: b"2"})).problems


def test_the_same_name_twice_is_refused() -> None:
    content = pack({"a.txt": b"1", "b.txt": b"2"}).replace(b"b.txt", b"a.txt")
    assert parts_of(*unpack(content).problems) == {"a.txt"}


def test_nothing_may_stand_before_between_or_after() -> None:
    content = pack(PARTS)
    assert unpack(b"#!/bin/sh\n" + content).problems
    assert unpack(content + b"x").problems
    directory = content.index(b"PK\x01\x02")
    assert unpack(content[:directory] + b"hidden" + content[directory:]).problems


def test_parts_that_overlap_are_refused() -> None:
    """The quoted bomb: many names for the same octets."""
    data = zlib.compress(bytes(1000))
    local = struct.pack(
        "<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 33, zlib.crc32(data), len(data), len(data), 1, 0
    )
    body = local + b"a" + data
    record = struct.pack(
        "<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, zlib.crc32(data), len(data), len(data), 1, *[0] * 6
    )
    directory = record + b"a" + record + b"b"
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 2, 2, len(directory), len(body), 0)
    assert parts_of(*unpack(body + directory + end).problems) == {"b"}


def test_bombs_are_not_opened() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("bomb", bytes(20_000_000))
    (problem,) = unpack(made.getvalue()).problems
    assert (problem.part, problem.reason.code) == ("bomb", "container.too-large")


def test_a_length_that_lies_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("bomb", bytes(100_000))
    content = made.getvalue().replace(struct.pack("<I", 100_000), struct.pack("<I", 100))
    assert parts_of(*unpack(content).problems) == {"bomb"}


def test_too_many_parts_and_too_much_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert unpack(pack({str(number): b"" for number in range(1001)})).problems
    monkeypatch.setattr(zip_file, "LARGEST", 300)
    assert unpack(pack({"a": bytes(400)})).problems[0].reason.code == "container.too-large"


def test_links_encryption_and_other_compressions_are_refused() -> None:
    made = io.BytesIO()
    link = zipfile.ZipInfo("link")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(made, "w") as opened:
        opened.writestr(link, "/etc/passwd")
    assert parts_of(*unpack(made.getvalue()).problems) == {"link"}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_BZIP2) as opened:
        opened.writestr("odd", "x" * 100)
    assert unpack(made.getvalue()).problems
    encrypted = bytearray(pack({"a": b"x"}))
    encrypted[6] |= 1
    encrypted[encrypted.index(b"PK\x01\x02") + 8] |= 1
    assert parts_of(*unpack(bytes(encrypted)).problems) == {"a"}


@given(st.binary(max_size=300))
def test_rubbish_does_no_harm(rubbish: bytes) -> None:
    assert unpack(rubbish).problems


@given(st.binary(max_size=60), st.integers(0, 200))
def test_damage_does_no_harm(damage: bytes, place: int) -> None:
    content = pack(PARTS)
    unpacked = unpack(content[:place] + damage + content[place + len(damage) :])
    assert unpacked.differs is not None or unpacked.parts == PARTS
