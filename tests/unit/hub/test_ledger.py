"""The chain of the ledger, on rows without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub import ledger
from hub.ledger import GENESIS, Row, verify

START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def written(count: int) -> list[Row]:
    """Return a ledger of so many events, as the hub writes it."""
    rows: list[Row] = []
    head = GENESIS
    for seq in range(1, count + 1):
        at = START + timedelta(seconds=seq)
        details: dict[str, Any] = {"state": "delivered", "attempt": seq, "lý do": "đã nhận"}
        body = ledger.body(seq, at, "delivery.delivered", f"M{seq}", f"D{seq}", "hub:test", details)
        head = ledger.chained(head, body)
        rows.append(Row(seq, at, "delivery.delivered", f"M{seq}", f"D{seq}", "hub:test", body, head))
    return rows


def test_an_untouched_ledger_is_whole() -> None:
    rows = written(20)
    report = verify(rows)
    assert (report.broken, report.events, report.head) == ([], 20, rows[-1].hash)


def test_an_empty_ledger_is_whole() -> None:
    assert verify([]).head == GENESIS


@given(st.integers(0, 9))
def test_an_event_taken_out_of_the_middle_is_missed(index: int) -> None:
    rows = written(11)
    del rows[index]
    assert verify(rows).broken


@given(st.integers(0, 8))
def test_two_events_that_changed_places_are_noticed(index: int) -> None:
    rows = written(10)
    rows[index], rows[index + 1] = rows[index + 1], rows[index]
    assert verify(rows).broken


@given(st.integers(0, 9), st.data())
def test_any_letter_changed_in_any_body_is_noticed(index: int, data: st.DataObject) -> None:
    rows = written(10)
    body = rows[index].body
    place = data.draw(st.integers(0, len(body) - 1))
    letter = data.draw(st.characters(codec="utf-8").filter(lambda char: char != body[place]))
    rows[index] = replace(rows[index], body=body[:place] + letter + body[place + 1 :])
    assert verify(rows).broken


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "delivery.refused"},
        {"message": "M9999"},
        {"delivery": None},
        {"actor": "operator:x"},
        {"at": START},
    ],
)
def test_a_look_up_column_that_lies_is_noticed(change: dict[str, Any]) -> None:
    rows = written(3)
    rows[1] = replace(rows[1], **change)
    assert any("2" in str(broken) for broken in verify(rows).broken)


def test_a_forger_who_recomputes_one_hash_breaks_the_next() -> None:
    rows = written(5)
    forged = rows[2].body.replace("đã nhận", "chưa nhận")
    rows[2] = replace(rows[2], body=forged, hash=ledger.chained(rows[1].hash, forged))
    broken = verify(rows).broken
    assert len(broken) == 1
    assert "4" in broken[0].en


def test_the_report_tells_the_last_state_of_each_delivery() -> None:
    assert verify(written(2)).states == {"D1": "delivered", "D2": "delivered"}
