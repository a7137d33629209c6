"""What the SDK was seen to sign is what we sign and believe."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.vxp import signature
from adapters.vxp.signature import Unreadable
from tests.unit.adapters.vxp.vectors import CAPTURED, SECRETS, A, B, Captured

SECRET = SECRETS[A]


@pytest.mark.parametrize("captured", CAPTURED, ids=lambda each: each.name)
def test_a_captured_call_is_authentic_under_its_own_secret_only(captured: Captured) -> None:
    other = B if captured.system == A else A
    sign_header = captured.sign_header
    assert signature.authentic(sign_header, captured.proof, [SECRETS[captured.system]])
    assert signature.authentic(
        sign_header, captured.proof.upper(), [SECRETS[other], SECRETS[captured.system]]
    )
    assert not signature.authentic(sign_header, captured.proof, [SECRETS[other]])
    assert not signature.authentic(sign_header, captured.proof, [])
    assert not signature.authentic(sign_header + b" ", captured.proof, [SECRETS[captured.system]])


@pytest.mark.parametrize("captured", CAPTURED, ids=lambda each: each.name)
def test_the_parameters_of_a_captured_call_are_read_as_they_stand(captured: Captured) -> None:
    assert signature.parameters(captured.sign_header) == captured.parameters


@pytest.mark.parametrize("captured", CAPTURED, ids=lambda each: each.name)
def test_a_call_of_ours_is_signed_as_the_captured_one(captured: Captured) -> None:
    headers = signature.signed(captured.parameters, SECRETS[captured.system])
    assert headers["XroadVnpt-sign-header"].encode() == captured.sign_header
    assert headers["XroadVnpt-hash-header"] == captured.proof
    assert headers["XroadVnpt-sign-header-key"].split(";") == list(captured.parameters)
    for name, value in captured.parameters.items():
        assert headers[f"XroadVnpt-{name}"] == value


def test_names_that_differ_by_case_are_two_parameters() -> None:
    read = signature.parameters(b'{"XroadVnpt-docId":"1","XroadVnpt-docid":"2"}')
    assert read == {"docId": "1", "docid": "2"}


def test_what_has_no_prefix_is_no_parameter() -> None:
    assert signature.parameters(b'{"systemid":"x","XroadVnpt-systemid":"y"}') == {"systemid": "y"}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"null",
        b'{"XroadVnpt-a":1}',
        b'{"XroadVnpt-a":null}',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_what_is_no_object_of_strings_is_unreadable(text: bytes) -> None:
    with pytest.raises(Unreadable):
        signature.parameters(text)


@given(st.binary(max_size=200), st.text(max_size=80))
def test_nothing_else_is_authentic(sign_header: bytes, presented: str) -> None:
    assert not signature.authentic(sign_header, presented, [SECRET])


@given(st.dictionaries(st.text("abcDEF-", min_size=1), st.text(st.characters(codec="ascii"))))
def test_what_we_sign_we_believe(parameters: dict[str, str]) -> None:
    headers = signature.signed({"Content-Type": "a/b", **parameters}, SECRET)
    sign_header = headers["XroadVnpt-sign-header"].encode()
    assert signature.authentic(sign_header, headers["XroadVnpt-hash-header"], [SECRET])
    assert signature.parameters(sign_header) == {"Content-Type": "a/b", **parameters}
    assert json.loads(sign_header)


def test_a_time_is_vietnams_with_milliseconds_where_a_zone_might_be_thought() -> None:
    at = datetime(2026, 11, 21, 14, 3, 51, 123_000, tzinfo=UTC)
    assert signature.timestamp(at) == "21112026T210351+0123"
    assert signature.read_timestamp("21112026T210351+0123") == at.replace(microsecond=0)
    assert signature.read_timestamp("yesterday") is None
