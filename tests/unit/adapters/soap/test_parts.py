"""Multipart bodies: octets out as they went in, and nothing that hangs or grows."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.soap.parts import MOST_PARTS, Part, Unreadable, read, safe_type, written
from tests.unit.adapters.soap.client import related


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_what_is_written_is_read_again(contents: list[bytes]) -> None:
    files = [Part(f"{number}@x", "a/b", content) for number, content in enumerate(contents)]
    package = read(*written(b"<root/>", files))
    assert package.root == b"<root/>"
    assert list(package.files) == files


@given(st.binary(max_size=2000), st.sampled_from(["b", "MIMEBoundary", "x'()+_,-./:=?"]))
def test_anything_at_all_is_read_or_refused(body: bytes, boundary: str) -> None:
    try:
        package = read(body, f'multipart/related; boundary="{boundary}"')
    except Unreadable:
        return
    assert sum(len(part.content) for part in package.files) <= len(body)


@given(st.text("-\r\nb: ", max_size=60))
def test_boundaries_in_all_places_are_read_or_refused(text: str) -> None:
    body = text.encode()
    try:
        package = read(body, "multipart/related; boundary=b")
    except Unreadable:
        return
    assert len(package.root) <= len(body)


def test_a_body_that_is_no_multipart_is_the_envelope() -> None:
    assert read(b"<a/>", "text/xml; charset=utf-8").root == b"<a/>"
    assert read(b"<a/>", "").root == b"<a/>"


def test_line_breaks_may_be_bare_and_there_may_be_a_preamble() -> None:
    body = b"preamble\n--b\nContent-Type: text/xml\n\n<a/>\n--b \nContent-ID: <1>\n\nx\r\n\n--b--\nepilogue"
    package = read(body, "multipart/related; boundary=b")
    assert package.root == b"<a/>"
    assert package.files == (Part("1", "text/plain", b"x\r\n"),)


def test_the_root_is_the_part_that_start_names() -> None:
    body = b"--b\r\nContent-ID: <f>\r\n\r\nfile\r\n--b\r\nContent-ID: <r>\r\n\r\n<a/>\r\n--b--"
    package = read(body, 'multipart/related; boundary=b; start="<r>"')
    assert package.root == b"<a/>"
    assert [part.content for part in package.files] == [b"file"]


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("base64", base64.encodebytes(b"x" * 100)),
        ("Quoted-Printable", b"x" * 50 + b"=\r\n" + b"x" * 50),
        ("8bit", b"x" * 100),
    ],
)
def test_a_part_that_says_that_it_is_encoded_is_decoded(encoding: str, content: bytes) -> None:
    head = (
        f"--b\r\n\r\n<a/>\r\n--b\r\nContent-ID: <1>\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
    )
    package = read(head + content + b"\r\n--b--", "multipart/related; boundary=b")
    assert package.files[0].content == b"x" * 100


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--b",
        b"--b--",
        b"--b\r\n\r\n<a/>",
        b"--b\r\nno header end",
        b"--b\r\nContent-Transfer-Encoding: uuencode\r\n\r\nx\r\n--b--",
        b"--b\r\nContent-Transfer-Encoding: base64\r\n\r\n!!\r\n--b--",
        b"--b\r\n\r\nx\r\n" * (MOST_PARTS + 1) + b"--b--",
        b"--b\r\nX: " + b"y" * 20_000 + b"\r\n\r\nx\r\n--b--",
    ],
)
def test_what_cannot_be_told_apart_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body, "multipart/related; boundary=b")


@pytest.mark.parametrize(
    "kind", ["multipart/related", 'multipart/related; boundary=""', 'multipart/related; boundary="a\u00e9"']
)
def test_a_boundary_has_to_be_one(kind: str) -> None:
    with pytest.raises(Unreadable):
        read(b"--\r\n\r\n<a/>\r\n----", kind)


def test_a_strangers_type_becomes_a_header_only_if_it_is_one() -> None:
    assert safe_type("application/pdf") == "application/pdf"
    for hostile in ("a/b\r\nX: y", "", "a", "a/b; c=d", "é/b"):
        assert safe_type(hostile) == "application/octet-stream"


def test_what_only_begins_like_the_boundary_is_content() -> None:
    contents = [b"--MIMEBoundary_1x", b"a\r\n--MIMEBoundary_1-x\r\nb", b"a --MIMEBoundary_1\r\n"]
    body, kind = related(b"<a/>", {str(number): content for number, content in enumerate(contents)})
    assert [part.content for part in read(body, kind).files] == contents
