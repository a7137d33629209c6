"""The hash with one digit for small bytes, and the CR LF that is cut exactly once."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.vxp.hashes import package_in, short_hex
from hub.errors import Corrupted


def short(content: bytes) -> str:
    return short_hex(hashlib.sha256(content).digest())


def test_a_byte_below_16_has_one_digit() -> None:
    assert short_hex(bytes.fromhex("360389c0090b")) == "36389c09b"


@given(st.binary(max_size=64))
def test_the_package_is_the_body_without_the_line_end_that_the_client_appends(content: bytes) -> None:
    assert package_in(content + b"\r\n", short(content)) == content
    assert package_in(content + b"\r\n", hashlib.sha256(content).hexdigest().upper()) == content


@given(st.binary(max_size=64))
def test_a_body_that_is_the_package_itself_is_left_alone(content: bytes) -> None:
    assert package_in(content, short(content)) == content


def test_only_one_line_end_is_cut() -> None:
    content = b"<a/>\r\n\r\n"
    assert package_in(content + b"\r\n", short(content)) == content
    assert package_in(content, short(content)) == content
    with pytest.raises(Corrupted):
        package_in(b"<a/>\r\n\r\n", short(b"<a/>"))


@pytest.mark.parametrize("claimed", ["", "0", "x" * 64, short(b"<b/>"), "é" * 4])
def test_a_body_without_its_hash_is_refused(claimed: str) -> None:
    with pytest.raises(Corrupted):
        package_in(b"<a/>\r\n", claimed)


def test_a_line_end_of_another_kind_is_not_cut() -> None:
    with pytest.raises(Corrupted):
        package_in(b"<a/>\n", short(b"<a/>"))
