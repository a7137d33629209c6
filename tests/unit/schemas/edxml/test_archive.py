"""Archives are opened only when they are safe, and never give more than they declared."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
from dataclasses import replace

import pytest

from schemas.edxml.archive import LIMITS, Archive, UnsafeArchive, is_archive
from tests.unit.pace import idle_seconds


def packed(entries: list[tuple[str | zipfile.ZipInfo, bytes]]) -> bytes:
    made = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # zipfile warns of the double name that a test wants
        for name, content in entries:
            archive.writestr(name, content)
    return made.getvalue()


def refused(content: bytes) -> str:
    with pytest.raises(UnsafeArchive) as caught:
        Archive(content)
    return caught.value.kind.code


def test_an_honest_archive_gives_its_files() -> None:
    archive = Archive(packed([("a.txt", b"one"), ("folder/b.txt", b"two"), ("folder/", b"")]))
    assert archive.names == ("a.txt", "folder/b.txt")
    assert archive.content_of("folder/b.txt") == b"two"


def test_a_bomb_is_refused_by_its_ratio() -> None:
    assert refused(packed([("zeros", bytes(5_000_000))])) == "zip-bomb"


def test_a_small_file_may_pack_as_well_as_it_likes() -> None:
    assert len(Archive(packed([("zeros", bytes(100_000))])).content_of("zeros")) == 100_000


def test_a_bomb_is_refused_by_what_it_adds_up_to() -> None:
    content = packed([(f"{number}", b"x" * 1000) for number in range(10)])
    with pytest.raises(UnsafeArchive) as caught:
        Archive(content, replace(LIMITS, total=9_999))
    assert caught.value.kind.code == "zip-bomb"


def test_too_many_files_are_refused() -> None:
    assert refused(packed([(f"{number}", b"") for number in range(1001)])) == "zip-bomb"


def test_a_huge_table_of_contents_is_refused_before_it_is_read() -> None:
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    table = entry * 300_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(table), 0, 0)
    assert refused(table + end) == "zip-bomb"
    assert idle_seconds(lambda: refused(table + end)) < 0.05


def test_a_second_table_of_contents_in_zip64_is_refused() -> None:
    content = packed([("a", b"x")])
    end = content.rindex(b"PK\x05\x06")
    locator = b"PK\x06\x07" + bytes(16)
    assert refused(content[:end] + locator + content[end:]) == "zip-bomb"


@pytest.mark.parametrize("name", ["../a", "a/../../b", "/etc/passwd", "..\\a", "C:\\a", "C:a", "a/.."])
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    assert refused(packed([(name, b"x")])) == "zip-unsafe-name"


def test_a_link_is_refused() -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    assert refused(packed([(link, b"/etc/passwd")])) == "zip-unsafe-name"


def test_two_files_of_one_name_are_refused() -> None:
    assert refused(packed([("a", b"x"), ("a", b"y")])) == "zip-same-name-twice"


def test_a_password_is_refused() -> None:
    content = bytearray(packed([("a", b"x")]))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert refused(bytes(content)) == "zip-encrypted"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"PK\x03\x04" + bytes(100), b"PK\x05\x06"])
def test_what_is_no_archive_is_unreadable(content: bytes) -> None:
    assert refused(content) == "zip-unreadable"


def test_content_that_does_not_fit_its_checksum_is_unreadable() -> None:
    content = bytearray(packed([("a", b"hello hello hello")]))
    content[35] ^= 0xFF
    with pytest.raises(UnsafeArchive) as caught:
        Archive(bytes(content)).content_of("a")
    assert caught.value.kind.code == "zip-unreadable"


def test_archives_are_known_by_their_first_bytes() -> None:
    assert is_archive(packed([("a", b"")]))
    assert is_archive(packed([]))
    assert not is_archive(b"%PDF")
