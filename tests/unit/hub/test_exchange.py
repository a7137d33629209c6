"""What an answer does to the state that earlier answers made."""

import pytest

from hub.exchange import note


@pytest.mark.parametrize(
    ("before", "code", "expected"),
    [
        ([], "01", "advanced"),
        (["01"], "03", "advanced"),
        (["01", "03"], "04", "advanced"),
        (["01", "03", "04"], "05", "advanced"),
        (["01", "03", "05"], "04", "advanced"),
        (["01", "03", "05"], "06", "advanced"),
        (["01"], "02", "advanced"),
        ([], "06", "advanced"),
    ],
)
def test_an_answer_of_higher_or_equal_rank_moves_the_state_on(
    before: list[str], code: str, expected: str
) -> None:
    assert note(before, code) == expected


@pytest.mark.parametrize(("before", "code"), [(["03"], "01"), (["06"], "03"), (["06", "05"], "04")])
def test_an_answer_of_lower_rank_comes_late_and_changes_nothing(before: list[str], code: str) -> None:
    assert note(before, code) == "late"


@pytest.mark.parametrize("code", ["01", "02", "03", "06"])
def test_the_same_answer_again_is_a_repeat(code: str) -> None:
    assert note([code], code) == "repeated"


@pytest.mark.parametrize("code", ["04", "05"])
def test_assigning_and_progress_may_be_said_again_and_count(code: str) -> None:
    assert note(["03", code], code) == "advanced"


def test_asking_back_and_its_answers_stand_beside_the_ranks() -> None:
    assert note(["06"], "13") == "request"
    assert note(["01", "13"], "15") == "reply"
    assert note(["01", "13"], "16") == "reply"


def test_14_counts_as_15_because_one_sdk_writes_it_so() -> None:
    assert note(["13"], "14") == "reply"
