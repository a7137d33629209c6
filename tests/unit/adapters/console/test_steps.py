"""What is in the way is told without a command; each face adds how it is cleared there."""

from __future__ import annotations

import pytest

from adapters.console.codes import by_machine, refusal_name
from adapters.console.steps import STEPS, next_step
from hub import acting, resending, resuming
from hub.commands._hints import HINTS, with_hint
from hub.obstacle import Step, obstacle
from hub.why_words import WORDS
from schemas.text import Sentence, Text, speaking

SHELL = ("edochub", "--", "MÃ", "CODE")


@pytest.mark.parametrize("step", list(Step))
def test_the_shell_names_a_command_or_option_and_the_console_none(step: Step) -> None:
    said = obstacle(Text(vi="bị chặn", en="blocked"), step, "X1")

    typed = with_hint(said)
    assert typed.vi.startswith("bị chặn; ")
    assert any(mark in typed.en for mark in SHELL)
    shown = next_step(said)
    assert shown is not None
    assert not any(mark in shown.vi + shown.en for mark in SHELL)


def test_both_faces_know_every_step() -> None:
    assert set(HINTS) == set(STEPS) == set(Step)


def test_what_is_no_obstacle_is_left_as_it_is() -> None:
    said = Text(vi="xong", en="done")
    assert with_hint(said) is said
    assert next_step(said) is None


def test_no_sentence_of_the_hubs_orders_names_a_command() -> None:
    for module in (acting, resending, resuming):
        for name, value in vars(module).items():
            if isinstance(value, Sentence | Text):
                assert not any(mark in value.vi + value.en for mark in ("edochub", "--")), name
    for kind, words in WORDS.items():
        said = words.happened.vi + words.happened.en + words.next.vi + words.next.en
        assert not any(mark in said for mark in ("edochub", "--")), kind


def test_a_command_is_shown_only_where_the_console_has_no_button_for_it() -> None:
    assert by_machine("edochub endpoints add x")
    assert by_machine("edochub serve")
    assert not by_machine("edochub release X1")
    assert not by_machine("")


def test_a_refusal_has_a_name_in_both_languages_and_a_strange_code_stays_itself() -> None:
    with speaking("vi"):
        assert refusal_name("addressee.unknown") == "không có nơi nhận"
    with speaking("en"):
        assert refusal_name("addressee.unknown") == "no such addressee"
    assert refusal_name("something.else") == "something.else"
