"""The gate: what is over an endpoint's limits waits, and nobody else does."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.config import LimitSettings
from hub.errors import Busy
from hub.limits import Bucket, EndpointLimits, Gate

OWN = EndpointLimits()


@dataclass
class Time:
    """Seconds that pass when the test says so."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def gate(time: Time, **limits: int) -> Gate:
    none = {"documents_at_once": 0, "documents_per_minute": 0, "bytes_per_minute": 0}
    return Gate(LimitSettings(**(none | limits)), time)


def test_so_many_at_once_and_no_more() -> None:
    doors = gate(Time(), documents_at_once=2)
    with doors.passing("a", OWN, 1), doors.passing("a", OWN, 1):
        with pytest.raises(Busy) as told, doors.passing("a", OWN, 1):
            pass
        with doors.passing("b", OWN, 1):
            pass
    assert told.value.retry_after == 1.0
    with doors.passing("a", OWN, 1):
        pass


def test_a_failure_inside_gives_the_place_back() -> None:
    doors = gate(Time(), documents_at_once=1)
    with pytest.raises(ValueError, match="inside"), doors.passing("a", OWN, 1):
        raise ValueError("inside")
    with doors.passing("a", OWN, 1):
        pass


def test_so_many_a_minute_and_when_to_come_back() -> None:
    time = Time()
    doors = gate(time, documents_per_minute=30)
    for _ in range(30):
        with doors.passing("a", OWN, 1):
            pass
    with pytest.raises(Busy) as told, doors.passing("a", OWN, 1):
        pass
    assert told.value.retry_after == 2.0
    time.now += 2.0
    with doors.passing("a", OWN, 1):
        pass


def test_who_only_knocks_takes_nothing() -> None:
    doors = gate(Time(), documents_per_minute=1, bytes_per_minute=10)
    for _ in range(5):
        doors.knock("a", OWN, 10)
    with doors.passing("a", OWN, 10):
        pass


def test_octets_count_and_what_is_larger_than_a_minute_fits_alone() -> None:
    time = Time()
    doors = gate(time, bytes_per_minute=6_000)
    with doors.passing("a", OWN, 10_000):
        pass
    with pytest.raises(Busy) as told, doors.passing("a", OWN, 100):
        pass
    # It took 10,000 of 6,000: 4,000 are owed, then 100 more are wanted.
    assert told.value.retry_after == pytest.approx(41.0)
    time.now += 41.0
    with doors.passing("a", OWN, 100):
        pass


def test_an_endpoint_may_have_limits_of_its_own() -> None:
    doors = gate(Time(), documents_at_once=1)
    free = EndpointLimits(documents_at_once=0)
    with ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(doors.passing("a", free, 1))
    assert EndpointLimits(documents_per_minute=7).over(LimitSettings()) == LimitSettings(
        documents_per_minute=7
    )


def test_both_languages_name_the_limit() -> None:
    doors = gate(Time(), documents_per_minute=1_500)
    for _ in range(1_500):
        with doors.passing("a", OWN, 1):
            pass
    with pytest.raises(Busy) as told:
        doors.knock("a", OWN, 1)
    assert "1,500" in told.value.message.vi
    assert "1,500" in told.value.message.en


@given(
    per_minute=st.integers(1, 1_000),
    steps=st.lists(st.tuples(st.floats(0, 30), st.integers(1, 50)), max_size=60),
)
def test_never_more_than_a_minute_at_once_and_the_rate_after_it(
    per_minute: int, steps: list[tuple[float, int]]
) -> None:
    bucket, now, taken = Bucket(per_minute, float(per_minute), 0.0), 0.0, 0
    for passed, amount in steps:
        now += passed
        amount = min(amount, per_minute)
        wait = bucket.wait(amount, now)
        if wait > 0.0:
            now += wait + 1e-6
        assert bucket.wait(amount, now) == 0.0
        bucket.take(amount)
        taken += amount
        assert taken <= per_minute * (1 + now / 60.0) + 1e-3
