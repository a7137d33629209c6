"""How often a password may be tried."""

from __future__ import annotations

from adapters.console.attempts import (
    MOST_KEPT,
    OF_ACCOUNT,
    OF_ADDRESS,
    OF_BOTH,
    WINDOW,
    Attempts,
)
from hub.testing import ManualClock


def test_after_a_few_wrong_passwords_an_account_waits_and_then_may_again() -> None:
    clock = ManualClock()
    attempts = Attempts(clock)
    for _ in range(OF_BOTH):
        assert attempts.wait_seconds("lan", "10.0.0.1") == 0
        attempts.failed("lan", "10.0.0.1")

    assert attempts.wait_seconds("lan", "10.0.0.1") == WINDOW.total_seconds()
    assert attempts.wait_seconds("minh", "10.0.0.1") == 0
    assert attempts.wait_seconds("lan", "10.0.0.2") == 0  # nobody locks somebody else out
    clock.advance(seconds=WINDOW.total_seconds())
    assert attempts.wait_seconds("lan", "10.0.0.1") == 0


def test_many_addresses_together_guess_slowly() -> None:
    clock = ManualClock()
    attempts = Attempts(clock)
    for each in range(OF_ACCOUNT):
        assert attempts.wait_seconds("lan", f"10.0.0.{each}") == 0
        attempts.failed("lan", f"10.0.0.{each}")

    assert attempts.wait_seconds("lan", "10.0.0.99") == WINDOW.total_seconds()
    assert attempts.wait_seconds("minh", "10.0.0.99") == 0


def test_an_address_that_tries_many_names_waits() -> None:
    attempts = Attempts(ManualClock())
    for each in range(OF_ADDRESS):
        attempts.failed(f"name{each}", "10.0.0.1")

    assert attempts.wait_seconds("lan", "10.0.0.1") > 0
    assert attempts.wait_seconds("lan", "10.0.0.2") == 0


def test_a_right_password_clears_the_account() -> None:
    attempts = Attempts(ManualClock())
    for _ in range(OF_BOTH):
        attempts.failed("lan", "10.0.0.1")
    attempts.succeeded("lan", "10.0.0.1")

    assert attempts.wait_seconds("lan", "10.0.0.1") == 0


def test_what_is_kept_is_bounded() -> None:
    attempts = Attempts(ManualClock())
    for each in range(MOST_KEPT):
        attempts.failed(f"name{each}", f"address{each}")

    assert len(attempts) == MOST_KEPT
