"""What is in a package is told by what it is: kinds, sizes, archives, packages inside packages."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

from schemas.edxml import file_kinds
from schemas.edxml.contents import Content, contents
from schemas.edxml.envelope import AttachmentInfo
from schemas.edxml.reader import read
from schemas.edxml.writer import write
from schemas.xml import parse
from tests.unit.schemas.samples import sample

BARE = replace(read(parse(sample("good/document-new"))), attachments=())


def zipped(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return made.getvalue()


def with_file(name: str, content: bytes, media_type: str = "application/octet-stream") -> bytes:
    info = AttachmentInfo(content_id="1", name=name, content_type=media_type)
    return write(BARE, [(info, content)])


def only(content: bytes) -> Content:
    (found,) = contents(parse(content))
    return found


def test_kind_size_and_digest_are_those_of_the_bytes() -> None:
    found = only(with_file("a.pdf", b"hello"))
    assert found.kind is file_kinds.TEXT
    assert found.size == 5
    assert found.sha256.startswith("2cf24dba")
    assert not found.as_named
    assert not found.wrapped


def test_a_file_in_a_wrapping_is_told_as_itself() -> None:
    wrapped, _ = contents(parse(sample("odd/doc-holds-package")))
    assert wrapped.wrapped
    assert wrapped.kind is file_kinds.EDXML
    assert wrapped.package is not None
    assert wrapped.package.envelope is not None
    assert wrapped.package.envelope.status is not None


def test_an_archive_is_listed_and_packages_in_it_are_named() -> None:
    inner = zipped(a_txt=b"abc", b_edxml=sample("good/document-new"))
    found = only(with_file("hồ sơ.zip", inner, "application/zip"))
    assert found.kind is file_kinds.ZIP
    assert (found.entries[0].name, found.entries[0].size) == ("a.txt", 3)
    package = found.entries[1].package
    assert package is not None
    assert package.envelope is not None
    assert package.envelope.code == "101/SGĐM-VP"
    assert [content.info.name for content in package.contents] == ["101_SGDM-VP.pdf", "danh sach.txt"]


def test_a_package_that_cannot_be_read_is_said_to_be_one() -> None:
    broken = sample("good/document-new")[:-10]
    found = only(with_file("a.edxml", broken))
    assert found.package is not None
    assert found.package.envelope is None
    assert found.package.problem is not None


def test_packages_in_packages_end_somewhere() -> None:
    package = sample("good/document-new")
    for _ in range(6):
        package = with_file("a.edxml", package)
    depth, found = 0, only(package)
    while found.package is not None and found.package.contents:
        depth, found = depth + 1, found.package.contents[0]
    assert depth == 3
    assert found.package is not None
    assert found.package.problem is not None
    assert "nested too deeply" in found.package.problem.en


def test_what_must_not_be_opened_is_listed_with_the_reason() -> None:
    _, bomb = contents(parse(sample("bad/zip-bomb")))
    assert (bomb.kind, bomb.size) == (None, 0)
    assert bomb.problem is not None
    assert "zip bomb" in bomb.problem.en
