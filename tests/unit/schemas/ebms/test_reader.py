"""A header is read alone or in its envelope, and never raises for a value."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from schemas.ebms.header import Party
from schemas.ebms.reader import moment, read
from schemas.xml import parse
from tests.unit.schemas.samples import OF_AS4, SAMPLES


def header(name: str) -> bytes:
    return (SAMPLES / "as4" / f"{name}.xml").read_bytes()


def test_a_user_message_is_read_whole() -> None:
    (message,) = read(parse(header("good/user-message"))).user_messages
    assert message.info.message_id == "0c0ffee0-1234-4abc-8def-0123456789ab@truc.mau.example"
    assert message.info.at == datetime(2026, 11, 20, 1, 15, tzinfo=UTC)
    assert (message.sender.name, message.receiver.name) == ("truc-mau-mot", "truc-mau-hai")
    assert message.sender.role.endswith("/initiator")
    assert (message.service, message.action) == ("trao-doi-van-ban", "gui-van-ban")
    assert dict(message.properties)["originalSender"] == "000.00.13.H49"
    assert [part.href for part in message.parts] == [
        "cid:van-ban@truc.mau.example",
        "cid:phu-luc@truc.mau.example",
    ]
    assert dict(message.parts[0].properties)["CompressionType"] == "application/gzip"


def test_alone_or_in_soap_it_says_the_same() -> None:
    assert read(parse(header("good/header-alone"))) == read(parse(header("good/user-message")))


def test_signals_are_told_apart() -> None:
    (receipt,) = read(parse(header("good/receipt"))).signals
    (error,) = read(parse(header("good/error"))).signals
    (pull,) = read(parse(header("good/pull-request"))).signals
    assert (receipt.is_receipt, receipt.pulls, receipt.errors) == (True, False, ())
    assert receipt.info.refers_to.startswith("0c0ffee0")
    assert [(each.code, each.severity) for each in error.errors] == [("EBMS:0003", "failure")]
    assert error.errors[0].description == "The service is not agreed upon"
    assert (pull.pulls, pull.is_receipt) == (True, False)


@pytest.mark.parametrize("name", OF_AS4)
def test_whatever_is_in_it_is_read(name: str) -> None:
    assert read(parse((SAMPLES / name).read_bytes()))


def test_times_without_a_zone_are_utc_and_others_keep_theirs() -> None:
    assert moment("2026-11-20T01:15:00") == datetime(2026, 11, 20, 1, 15, tzinfo=UTC)
    assert moment("2026-11-20T08:15:00+07:00") == datetime(2026, 11, 20, 1, 15, tzinfo=UTC)
    assert moment("20/11/2026") is None


def test_a_party_without_identifiers_has_no_name() -> None:
    assert Party(ids=()).name == ""
