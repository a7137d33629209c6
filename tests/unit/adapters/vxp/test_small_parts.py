"""Addresses, ids, words and codes."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.vxp import address, codes, identity, replies, words
from adapters.vxp.sending import speaks_for
from hub import findings
from hub.directory import Directory
from hub.errors import (
    Corrupted,
    Declined,
    Fault,
    HubError,
    Malformed,
    Misconfigured,
    NoRoute,
    NotAllowed,
    NotAnswerable,
    NotFound,
    Refusal,
    TooLarge,
    Unavailable,
    UntrustedSignature,
)
from hub.ids import new_id
from hub.model import Agency, AgencyCode, Endpoint, Level
from hub.routes import Route
from schemas.edxml.codes import Scheme
from schemas.text import Text

WORDS = Text(vi="Lời", en="Words")
UNKNOWN = findings.ADDRESSEE_UNKNOWN.at(code="H49.D2l", explanation="x")
CLOSED = findings.ADDRESSEE_CLOSED.at(code="H49.D21", explanation="x")


# --- addresses ---


@pytest.mark.parametrize(
    ("written", "stored", "polls"),
    [
        (None, None, True),
        ("", None, True),
        ("?systemid=000.00.00.H49", "?systemid=000.00.00.H49", True),
        ("https://axis.example/api/?systemid=H49", "https://axis.example/api?systemid=H49", False),
        ("https://axis.example?systemid=H49&poll=10", "https://axis.example?systemid=H49", False),
        (
            "http://127.0.0.1:1/vxp?poll=0.5&systemid=H49",
            "http://127.0.0.1:1/vxp?systemid=H49&poll=0.5",
            False,
        ),
    ],
)
def test_an_address_is_stored_in_one_form(written: str | None, stored: str | None, polls: bool) -> None:
    settled = address.read(written).written()
    assert settled == stored
    assert address.read(settled).written() == stored
    assert address.is_axis(settled) is not polls


@pytest.mark.parametrize(
    "written",
    [
        "https://axis.example/",
        "https://axis.example/?systemid=",
        "https://axis.example/?systemid=đồng",
        "https://axis.example/?systemid=a%20b",
        "https://axis.example/?systemid=H49&poll=0",
        "https://axis.example/?systemid=H49&poll=often",
        "https://axis.example/?systemid=H49&key=x",
        "https://axis.example/?systemid=H49#x",
        "http://axis.example/?systemid=H49",
        "ftp://axis.example/?systemid=H49",
        "https://user:word@axis.example/?systemid=H49",
        "?poll=5",
        "?",
        "/path?systemid=H49",
    ],
)
def test_an_address_that_can_never_work_is_refused(written: str) -> None:
    with pytest.raises(Misconfigured):
        address.read(written)


# --- ids ---


@given(st.integers(min_value=0, max_value=2**128 - 1))
def test_an_id_is_a_uuid_and_back(number: int) -> None:
    written = str(uuid.UUID(int=number))
    delivery = identity.delivery_id(written)
    assert delivery is not None
    assert identity.doc_id(delivery) == written
    assert identity.delivery_id(written.upper()) == delivery


def test_our_own_id_is_understood_too() -> None:
    made = new_id(datetime(2026, 11, 20, tzinfo=UTC))
    assert identity.delivery_id(made.lower()) == made
    assert identity.delivery_id(identity.doc_id(made)) == made


@pytest.mark.parametrize("written", ["", "x", "../../etc/passwd", "0" * 26 + "0", "g" * 36, "1" * 36])
def test_what_is_no_id_names_nothing(written: str) -> None:
    assert identity.delivery_id(written) is None


# --- words ---


def test_a_sentence_for_a_header_is_plain_ascii_on_one_line() -> None:
    assert words.ascii_only("Từ chối:\r\n Đơn vị “H49”\x00 đã đóng") == "Tu choi: Don vi ?H49?? da dong"
    assert len(words.ascii_only("ế" * 5_000)) == words.LONGEST


@given(st.text())
def test_a_sentence_for_a_header_is_ascii_whatever_it_was(sentence: str) -> None:
    made = words.ascii_only(sentence)
    assert made.isascii()
    assert made.isprintable()


@pytest.mark.parametrize(
    "written",
    ["2026-11-21 21:03:51", "21/11/2026 21:03:51", "2026-11-21T21:03:51+07:00", "2026/11/21 21:03:51"],
)
def test_times_are_read_in_the_forms_seen(written: str) -> None:
    assert words.read_time(written) == datetime(2026, 11, 21, 14, 3, 51, tzinfo=UTC)
    assert words.read_time("not " + written) is None


def test_a_number_stands_where_a_string_is_expected() -> None:
    values: tuple[object, ...] = (0, "0", None, True, [], 1.5)
    assert [words.text(each) for each in values] == ["0", "0", "", "", "", ""]


# --- codes ---


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Corrupted("a", "b"), "10"),
        (TooLarge(1), "10"),
        (NotAllowed(WORDS), "19"),
        (NoRoute(WORDS, [UNKNOWN]), "18"),
        (NoRoute(WORDS, [UNKNOWN, CLOSED]), "18"),
        (NoRoute(WORDS, [CLOSED]), "23"),
        (Malformed([]), "22"),
        (UntrustedSignature(WORDS), "21"),
        (NotAnswerable(WORDS), "21"),
        (NotFound(WORDS), "21"),
        (Unavailable(WORDS), "20"),
        (Fault(WORDS), "20"),
    ],
)
def test_every_error_has_a_code(error: HubError, code: str) -> None:
    assert codes.code_of(error) == code


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("10", Declined),
        ("15", Misconfigured),
        ("18", Declined),
        ("19", Fault),
        ("20", Unavailable),
        ("21", Declined),
        ("22", Declined),
        ("23", Declined),
        ("-1", Fault),
        ("SOMETHING", Fault),
    ],
)
def test_every_code_says_what_happens_next(code: str, kind: type[HubError]) -> None:
    error = codes.raised(code, "Khong\r\n duoc", "axis.example")
    assert type(error) is kind
    assert error.message.vi != error.message.en
    assert "\n" not in error.message.vi


def test_a_question_that_is_refused_says_nothing_of_a_document() -> None:
    assert type(codes.unanswered("22", "x", "axis.example")) is Unavailable
    assert type(codes.unanswered("15", "x", "axis.example")) is Misconfigured


def test_a_description_names_every_fault_what_to_do_and_the_id() -> None:
    refusal = NoRoute(UNKNOWN.message, [UNKNOWN, CLOSED])
    refusal.id = "01REFUSAL"
    said = codes.description_of(refusal)
    assert UNKNOWN.message.vi in said
    assert CLOSED.remedy.vi in said
    assert said.endswith("[01REFUSAL]")


def test_a_description_has_an_end() -> None:
    many = NoRoute(UNKNOWN.message, [UNKNOWN] * 500)
    assert len(codes.description_of(many)) <= codes.LONGEST_DESCRIPTION + 40


def test_a_package_reply_is_the_envelope_around_base64() -> None:
    assert replies.package(b"<a/>") == (
        b'{"status":"OK","ErrorCode":"0","ErrorDesc":"Thanh cong","data":"PGEvPg=="}'
    )


@pytest.mark.parametrize("operation", replies.EMPTY)
def test_a_failure_is_ascii_and_has_no_null(operation: str) -> None:
    refusal = NoRoute(UNKNOWN.message, [UNKNOWN])
    body = replies.failure(operation, refusal)
    assert body.isascii()
    assert b"null" not in body
    assert isinstance(refusal, Refusal)


# --- who may send for whom ---


def test_an_endpoint_sends_for_its_agencies_and_for_what_is_routed_to_it() -> None:
    def agency(number: int, code: str) -> Agency:
        entry = AgencyCode(value=code, scheme=Scheme.QD20)
        return Agency(id=f"AG{number}", name=code, level=Level.OTHER, codes=(entry,))

    own, other, nobodys = agency(1, "H49.1"), agency(2, "H49.2"), agency(3, "H49.3")
    lower = Endpoint(id="lower", adapter="vxp", address=None, agencies=frozenset({own.id}))
    second = Endpoint(id="second", adapter="vxp", address=None, agencies=frozenset({other.id}))
    directory = Directory(
        agencies=(own, other, nobodys),
        endpoints=(lower, second),
        routes=(Route("H49.*", "lower"), Route("H53.*", "second")),
    )
    assert [
        code
        for code in ("H49.1", "H49.2", "H49.3", "H49.4", "H53.1", "G01", "")
        if speaks_for(directory, lower, code)
    ] == ["H49.1", "H49.3", "H49.4"]
