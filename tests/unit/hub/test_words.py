"""No state, level or outcome is without its words."""

from __future__ import annotations

from hub.model import DeliveryState, Level, SignatureRule
from hub.words import ATTEMPTS, LEVELS, SIGNATURE_RULES, STATES, days, word
from signing.verdict import OUTCOMES, Outcome


def test_every_member_has_its_words() -> None:
    assert set(STATES) == set(DeliveryState)
    assert set(LEVELS) == set(Level)
    assert set(OUTCOMES) == set(Outcome)
    assert set(SIGNATURE_RULES) == set(SignatureRule)


def test_no_two_states_are_called_the_same() -> None:
    for speak in ("vi", "en"):
        assert len({getattr(text, speak) for text in STATES.values()}) == len(STATES)


def test_a_word_that_a_newer_hub_wrote_is_shown_as_it_stands() -> None:
    assert word(ATTEMPTS, "postponed") == "postponed"


def test_one_day_is_not_said_in_the_plural() -> None:
    assert [days(count).en for count in (0, 1, 2)] == ["0 days", "1 day", "2 days"]
    assert days(1).vi == "1 ngày"
