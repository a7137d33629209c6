"""How long the hub waits for an endpoint that is down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.config import RetrySettings
from hub.retry import exhausted, wait_seconds

STEADY = RetrySettings(first_seconds=5, factor=2, longest_seconds=600, jitter=0, attempts=3)


@pytest.mark.parametrize(("failures", "seconds"), [(1, 5), (2, 10), (3, 20), (8, 600), (500, 600)])
def test_the_wait_doubles_up_to_the_longest(failures: int, seconds: float) -> None:
    assert wait_seconds(STEADY, failures, chance=0.5) == seconds


@given(st.integers(1, 1_000), st.floats(0, 1))
def test_chance_spreads_the_wait_by_the_jitter_and_no_further(failures: int, chance: float) -> None:
    plain = wait_seconds(STEADY, failures, 0.5)
    jittered = wait_seconds(_jittery(), failures, chance)
    assert plain * 0.8 - 1e-9 <= jittered <= plain * 1.2 + 1e-9


def _jittery() -> RetrySettings:
    return RetrySettings(first_seconds=5, factor=2, longest_seconds=600, jitter=0.2)


def test_what_the_far_side_asks_for_is_the_least_that_we_wait() -> None:
    assert wait_seconds(STEADY, 1, 0.5, asked=90) == 90
    assert wait_seconds(STEADY, 7, 0.5, asked=90) == 320


def test_nobody_makes_us_wait_longer_than_the_longest() -> None:
    assert wait_seconds(STEADY, 1, 0.5, asked=1e9) == 600


def test_the_attempts_are_exhausted_with_the_last_one() -> None:
    assert [exhausted(STEADY, attempts) for attempts in (1, 2, 3, 4)] == [False, False, True, True]
