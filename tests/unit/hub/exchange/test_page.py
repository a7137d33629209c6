"""docs/exchange.md says what the data says."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.exchange.page import MARKED, PARTS, renewed
from hub.exchange.states import Progress, Request

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "exchange.md").read_text(encoding="utf-8")


def test_the_page_is_current() -> None:
    # Not equal? python -m hub.exchange.page docs/exchange.md
    assert renewed(PAGE) == PAGE


def test_the_page_has_every_part_once() -> None:
    assert sorted(found["name"] for found in MARKED.finditer(PAGE)) == sorted(PARTS)


@pytest.mark.parametrize("state", [*Progress, *Request])
def test_every_state_is_in_a_table_and_in_a_diagram(state: str) -> None:
    assert f"`{state}`" in PAGE
    assert f"{state.replace('-', '_')}" in PARTS["progress-diagram"]() + PARTS["requests-diagram"]()


def test_a_part_that_was_edited_by_hand_is_written_anew() -> None:
    edited = PAGE.replace("| sent", "| sent by hand", 1).replace("stateDiagram-v2", "stateDiagram", 1)
    assert edited != PAGE
    assert renewed(edited) == PAGE
