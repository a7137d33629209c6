"""Expectations that are met, and those that are not."""

from hub.demo.checks import Checks
from schemas.text import Text


def test_a_check_that_does_not_hold_says_what_was_expected_and_what_came() -> None:
    checks, what = Checks(), Text(vi="Số lượt chuyển", en="Deliveries")
    assert checks.same(what, 2, 2)
    assert not checks.same(what, 2, 3)
    assert checks.held == 1
    assert [text.en for text in checks.differences] == ["Deliveries: expected 2, got 3"]
    assert [text.vi for text in checks.differences] == ["Số lượt chuyển: cần 2, nhưng gặp 3"]
