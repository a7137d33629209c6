"""A decision in words: every step that led to it, and lists that stay readable."""

from __future__ import annotations

from hub.destination import decide
from hub.destination_words import MOST_NAMED, as_json, candidates_text, steps
from hub.directory import Candidate
from tests.unit.hub.directories import BEFORE, MERGED, TODAY, agency, closed, code, directory, endpoint

HEIR = agency("Xã Mới", code("X01.31", start=MERGED))
OLD = agency("Xã Cũ", closed("000.21.09.X01", "X01.31"))
KNOWN = directory(HEIR, OLD, endpoints=(endpoint("moi", HEIR),))


def told(asked: str) -> dict[str, str]:
    made = decide(KNOWN, asked, written_on=BEFORE, today=TODAY)
    return {step.name: step.found.en for step in steps(made)}


def test_every_step_of_a_forwarded_code_is_told() -> None:
    assert told(" x01.09.21") == {
        "written": " x01.09.21",
        "trimmed": "X01.09.21",
        "mirror": "000.21.09.X01",
        "agency": "Xã Cũ (000.21.09.X01, qcvn102)",
        "validity": "from no known day until before 2025-07-01; on the document's day 2025-06-01: it holds; "
        "today 2026-11-22: it does not hold",
        "succession": "X01.31 (Xã Mới)",
        "way": "it goes through the endpoint moi",
        "decision": "Delivered; The code  x01.09.21 of Xã Cũ closed on 2025-07-01; its one successor is "
        "X01.31 (Xã Mới); it goes through the endpoint moi",
    }


def test_what_was_not_needed_is_told_too() -> None:
    found = told("X99.1")
    assert (found["agency"], found["validity"]) == ("not in the directory", "not needed")
    assert found["mirror"] == "the code has no other notation"
    assert told("X01.31")["succession"] == "not needed"


def test_the_shape_for_programs_has_the_decision_and_both_languages() -> None:
    shape = as_json(decide(KNOWN, "000.21.09.X01", written_on=BEFORE, today=TODAY))
    assert (shape["decision"], shape["case"], shape["date"]) == ("delivered", "forwarded", "2025-06-01")
    assert shape["agency"] == {"code": "X01.31", "name": "Xã Mới"}
    assert shape["candidates"] == [{"code": "X01.31", "name": "Xã Mới"}]
    assert [set(step["title"]) for step in shape["steps"]] == [{"vi", "en"}] * 8


def test_a_long_list_of_candidates_is_cut() -> None:
    many = tuple(Candidate(f"X{number}", None) for number in range(MOST_NAMED + 3))
    assert candidates_text(many).en.endswith(f"X{MOST_NAMED - 1} and 3 more")
    assert candidates_text(many).vi.endswith("và 3 nơi khác")
    assert candidates_text(many[:2]).en == "X0, X1"
