"""The tables of the state machine are whole, and keep the promises that they are read with."""

from __future__ import annotations

import pytest

from hub.exchange.states import (
    ANY_STEP,
    ASKING,
    CONTRADICTS,
    IMPOSSIBLE,
    INPUT_NAMES,
    LATE,
    NAMES,
    PASSED,
    PROGRESS,
    RANKS,
    REPLIES,
    REQUESTS,
    SAME,
    STEPS,
    WARNED,
    Input,
    Progress,
    Request,
    table,
)


def test_every_input_has_an_effect_in_every_state() -> None:
    assert set(PROGRESS) == set(Progress)
    assert all(set(row) == set(STEPS) for row in PROGRESS.values())
    assert set(REQUESTS) == set(Request)
    assert all(set(row) == {*ASKING, *REPLIES, ANY_STEP} for row in REQUESTS.values())


def test_every_cell_names_a_state_or_an_effect() -> None:
    for row in PROGRESS.values():
        assert {cell.rstrip(WARNED) for cell in row.values()} <= {*Progress, SAME, LATE, CONTRADICTS}
    for row in REQUESTS.values():
        assert set(row.values()) <= {*Request, SAME, CONTRADICTS, IMPOSSIBLE, PASSED, PASSED + WARNED}


def test_the_progress_never_moves_backward() -> None:
    for state, row in PROGRESS.items():
        for cell in row.values():
            if (moved := cell.rstrip(WARNED)) in set(Progress):
                assert RANKS[Progress(moved)] >= RANKS[Progress(state)], f"{state} -> {moved}"


def test_an_earlier_step_is_late_or_contradicts_and_never_lost() -> None:
    codes = dict(zip(STEPS, list(Progress)[1:], strict=True))
    for state, row in PROGRESS.items():
        for step, cell in row.items():
            if RANKS[codes[Input(step)]] < RANKS[Progress(state)]:
                assert cell in (LATE, CONTRADICTS), f"{state}, {step}: {cell}"


def test_after_a_recall_was_agreed_only_a_new_version_begins_again() -> None:
    row = REQUESTS[Request.RECALLED]
    assert row[ANY_STEP] == IMPOSSIBLE
    assert {name for name, cell in row.items() if cell in set(Request)} == {Input.VERSION}


def test_every_state_and_request_has_its_words() -> None:
    assert set(NAMES) == {*Progress, *Request}
    assert set(INPUT_NAMES) == set(ASKING)


def test_a_row_that_is_too_short_is_noticed() -> None:
    with pytest.raises(ValueError, match="zip"):
        table("01 02\nsent arrived")
