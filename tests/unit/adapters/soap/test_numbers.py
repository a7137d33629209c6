"""Our ids as the numbers that the protocol has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.soap import numbers
from hub.ids import LENGTH, new_id

TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2109, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(TIMES)
def test_a_number_fits_a_java_long_and_leads_back_to_its_millisecond(at: datetime) -> None:
    made = new_id(at)
    number = numbers.number_of(made)
    assert 0 < number < 2**63
    assert made.startswith(numbers.prefix_of(number))
    assert numbers.read(str(number)) == number


def test_ids_that_were_made_one_after_the_other_in_one_millisecond_differ() -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    following = [new_id(at)]
    for _ in range(1000):
        following.append(new_id(at - timedelta(days=1), following[-1]))
    assert len({numbers.number_of(each) for each in following}) == len(following)


def test_a_known_id_has_a_known_number() -> None:
    assert numbers.number_of("01M80BQTS41DXHPVNQMZSZM0DX") == 3765035115807900093
    assert len(numbers.prefix_of(3765035115807900093)) < LENGTH


@pytest.mark.parametrize("written", ["", "-1", "0", "1.0", "0x1", "٣", "9223372036854775808", "9" * 40, "a"])
def test_what_is_no_number_of_ours_is_none(written: str) -> None:
    assert numbers.read(written) is None


def test_only_an_id_has_a_number() -> None:
    with pytest.raises(ValueError, match="not one of our ids"):
        numbers.number_of("nobody")
