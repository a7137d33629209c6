"""Memory is bounded, and what is in use stays."""

from __future__ import annotations

from signing.recent import Recent


def test_what_was_unused_for_longest_is_forgotten_first() -> None:
    recent: Recent[str, int] = Recent(most=2)
    recent.put("a", 1)
    recent.put("b", 2)
    assert recent.get("a") == 1
    recent.put("c", 3)
    assert (recent.get("a"), recent.get("b"), recent.get("c")) == (1, None, 3)
    assert len(recent) == 2


def test_a_new_value_replaces_the_old() -> None:
    recent: Recent[str, int] = Recent(most=2)
    recent.put("a", 1)
    recent.put("a", 2)
    assert (recent.get("a"), len(recent)) == (2, 1)
