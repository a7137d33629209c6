"""What an input does to how a document stands, whatever the order in which answers come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.exchange.standing import Effect, Event, Standing, apply, code_input, standing_of
from hub.exchange.states import FOREMOST, RANKS, Input, Progress, Request

START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def events(*codes: str) -> list[Event]:
    return [Event(input=Input(code), at=START + timedelta(minutes=n)) for n, code in enumerate(codes)]


def after(*codes: str) -> Standing:
    return standing_of(events(*codes))


def then(before: Sequence[str], code: str) -> Effect:
    return apply(after(*before), Event(input=Input(code), at=START + timedelta(days=1)))


@pytest.mark.parametrize(
    ("before", "code"),
    [
        ([], "01"),
        (["01"], "02"),
        (["01"], "03"),
        (["01", "03"], "04"),
        (["01", "03", "04"], "05"),
        (["01", "03", "05"], "04"),
        (["01", "03", "05"], "06"),
        ([], "06"),
        (["03", "04"], "04"),  # assigning again, and progress, are said more than once, and count
        (["03", "05"], "05"),
    ],
)
def test_an_answer_of_higher_or_equal_rank_moves_the_state_on(before: list[str], code: str) -> None:
    effect = then(before, code)
    assert (effect.note, effect.warns, effect.refused) == ("advanced", False, False)
    assert effect.standing.state == after(*before, code).state


@pytest.mark.parametrize(
    ("before", "code"), [(["03"], "01"), (["06"], "03"), (["06"], "04"), (["06", "03"], "05")]
)
def test_an_answer_of_lower_rank_comes_late_and_changes_nothing(before: list[str], code: str) -> None:
    effect = then(before, code)
    assert effect.note == "late"
    assert effect.standing.state is after(*before).state
    assert not effect.warns


@pytest.mark.parametrize("code", ["01", "02", "03", "06"])
def test_the_same_answer_again_is_a_repeat(code: str) -> None:
    assert then([code], code).note == "repeated"


@pytest.mark.parametrize("code", ["01", "03"])
def test_what_was_said_before_is_a_repeat_even_when_it_comes_late(code: str) -> None:
    assert then(["01", "06", code], code).note == "repeated"


def test_refusing_what_was_registered_contradicts_it() -> None:
    effect = then(["01", "03"], "02")
    assert (effect.note, effect.warns) == ("contradicts", True)
    assert effect.standing.state is Progress.REGISTERED


def test_registering_what_was_refused_moves_on_with_a_warning() -> None:
    effect = then(["02"], "03")
    assert (effect.note, effect.warns) == ("advanced", True)
    assert effect.standing.state is Progress.REGISTERED


@pytest.mark.parametrize("code", ["15", "16"])
def test_a_reply_to_nothing_is_refused(code: str) -> None:
    effect = then(["01", "03"], code)
    assert effect.refused
    assert effect.standing == after("01", "03")


@pytest.mark.parametrize(
    ("asked", "code", "state"),
    [
        ("recall", "15", Request.RECALLED),
        ("recall", "16", Request.RECALL_REFUSED),
        ("version", "15", Request.CHANGE_AGREED),
        ("version", "16", Request.CHANGE_REFUSED),
        ("replacement", "15", Request.CHANGE_AGREED),
        ("replacement", "16", Request.CHANGE_REFUSED),
    ],
)
def test_a_request_is_replied_to(asked: str, code: str, state: Request) -> None:
    effect = then([asked], code)
    assert (effect.note, effect.standing.request) == ("reply", state)


@pytest.mark.parametrize("code", ["01", "02", "03", "04", "05", "06"])
def test_after_a_recall_was_agreed_no_progress_is_possible(code: str) -> None:
    assert then(["01", "03", "recall", "15"], code).refused


def test_after_a_recall_was_refused_the_earlier_state_goes_on_and_another_may_follow() -> None:
    refused = after("01", "03", "recall", "16")
    assert (refused.state, refused.progress) == (Request.RECALL_REFUSED, Progress.REGISTERED)
    assert after("01", "03", "recall", "16", "06").progress is Progress.DONE
    assert then(["03", "recall", "16"], "recall").standing.state is Request.RECALL


def test_a_new_version_starts_anew() -> None:
    assert after("01", "06", "version").state is Request.CHANGE
    assert after("01", "06", "version", "15", "01").state is Progress.ARRIVED
    assert after("recall", "15", "version", "01").state is Progress.ARRIVED
    assert then(["01", "version"], "01").note == "advanced"


def test_a_document_that_is_replaced_by_another_keeps_its_progress() -> None:
    assert after("01", "03", "replacement").progress is Progress.REGISTERED


def test_what_was_withdrawn_is_answered_with_a_warning() -> None:
    effect = then(["withdrawal"], "03")
    assert (effect.warns, effect.refused) == (True, False)
    assert effect.standing.state is Request.WITHDRAWN
    assert then(["withdrawal"], "15").standing.state is Request.RECALLED, (
        "it destroyed the copy that it had fetched"
    )


def test_14_counts_as_15_because_one_sdk_writes_it_so() -> None:
    assert code_input("14") is Input.AGREES
    assert code_input("13") is None


def test_the_state_tells_since_when() -> None:
    assert after("01", "03", "01").since == START + timedelta(minutes=1)
    assert after("03", "recall", "06").since == START + timedelta(minutes=1), "the recall stays what matters"
    assert after().since is None


ANSWERS = st.sampled_from(["01", "02", "03", "04", "05", "06", "15", "16"])
INPUTS = st.sampled_from([str(each) for each in Input])


@st.composite
def shuffled(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """A set of answers in two orders."""
    answers = draw(st.lists(ANSWERS, max_size=10))
    return answers, draw(st.permutations(answers))


def recorded(before: Sequence[str], answers: Sequence[str]) -> Standing:
    """Play answers as the hub does: what is refused is not recorded."""
    return after(*before, *answers)


@settings(max_examples=1_500, deadline=None)
@given(shuffled(), st.sampled_from([[], ["version"], ["replacement"], ["01", "version"]]))
def test_the_order_of_answers_does_not_matter(orders: tuple[list[str], list[str]], before: list[str]) -> None:
    one, other = (recorded(before, order) for order in orders)
    assert RANKS[one.progress] == RANKS[other.progress]
    assert one.request is other.request


@settings(max_examples=1_500, deadline=None)
@given(
    shuffled(), st.sampled_from([["recall"], ["03", "recall"], ["withdrawal"], ["recall", "16", "recall"]])
)
def test_whatever_their_order_a_recall_is_answered_the_same(
    orders: tuple[list[str], list[str]], before: list[str]
) -> None:
    one, other = (recorded(before, order) for order in orders)
    assert one.request is other.request
    if (
        one.request is not Request.RECALLED
    ):  # after it, a late step is refused: which were before it, the order says
        assert RANKS[one.progress] == RANKS[other.progress]


@settings(max_examples=1_500, deadline=None)
@given(st.lists(INPUTS, max_size=25))
def test_no_history_reaches_a_forbidden_state(history: list[str]) -> None:
    standing = Standing()
    for event in events(*history):
        effect = apply(standing, event)
        now = effect.standing
        if effect.refused:
            assert now == standing
        if event.input is not Input.VERSION:
            assert RANKS[now.progress] >= RANKS[standing.progress], "the progress went back"
            if standing.request is Request.RECALLED:
                assert now.request is Request.RECALLED, "only a new version follows an agreed recall"
                assert now.progress is standing.progress
        if now.request in (Request.RECALLED, Request.RECALL_REFUSED) and now.request is not standing.request:
            assert standing.request in FOREMOST, "a reply without a request"
        assert (now.since is None) == (now == Standing() or now.state is Progress.SENT)
        standing = now


@settings(max_examples=1_000, deadline=None)
@given(st.lists(INPUTS, max_size=12), st.sampled_from(list(Input)))
def test_the_same_input_twice_is_once(history: list[str], again: Input) -> None:
    once = after(*history, str(again))
    twice = after(*history, str(again), str(again))
    assert (twice.progress, twice.request) == (once.progress, once.request)
