"""What becomes of a document to a code, as of its day: delivered, held or refused, and always for a reason."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.destination import (
    FIRST_CODES,
    Case,
    Destination,
    Outcome,
    Successions,
    day_of_document,
    decide,
    decide_answer,
)
from hub.destination_words import DECISIONS, TITLES, as_json, explanation, steps
from hub.directory import Directory
from hub.model import Agency
from tests.unit.hub.directories import (
    BEFORE,
    MERGED,
    TODAY,
    agency,
    closed,
    code,
    directory,
    endpoint,
)
from tests.unit.hub.effort import calls

EAST = agency("Xã Thử Đông", code("X01.31", start=MERGED))
WEST = agency("Xã Thử Tây", code("X01.32", start=MERGED))
DISTRICT = agency("Huyện Thử Cũ", closed("000.00.21.X01", "X01.31", "X01.32"))
ISLAND = agency("Huyện đảo Thử Cũ", closed("X01.29", "X01.31"))
OFFICE = agency("Sở Thử", closed("000.00.13.X01"), code("X01.77", start=MERGED))
ENDED = agency("Phòng Thử", closed("X01.99"))
EVERYBODY = directory(
    EAST,
    WEST,
    DISTRICT,
    ISLAND,
    OFFICE,
    ENDED,
    endpoints=(endpoint("dong", EAST), endpoint("tay", WEST), endpoint("so", OFFICE), endpoint("axis")),
)


def made(
    asked: str,
    known: Directory = EVERYBODY,
    *,
    on: date = TODAY,
    today: date = TODAY,
    successions: Successions = "forward",
) -> Destination:
    found = decide(known, asked, written_on=on, today=today, successions=successions)
    said = explanation(found)
    assert said.vi
    assert said.vi != said.en
    return found


def short(found: Destination) -> tuple[str, str, str | None, str | None]:
    return (
        str(found.outcome),
        str(found.case),
        found.agency.name if found.agency else None,
        found.endpoint.id if found.endpoint else None,
    )


# --- found, and closed ---


def test_a_code_that_holds_goes_to_the_endpoint_of_its_agency() -> None:
    assert short(made("X01.31")) == ("delivered", "known", "Xã Thử Đông", "dong")


def test_an_agency_without_an_endpoint_is_held_for() -> None:
    found = made("X01.31", directory(EAST))
    assert short(found) == ("held", "known", "Xã Thử Đông", None)
    assert "has no endpoint yet" in explanation(found).en


def test_an_old_code_of_a_living_agency_is_its_own_and_the_present_code_is_told() -> None:
    found = made("000.00.13.X01")
    assert short(found) == ("delivered", "changed", "Sở Thử", "so")
    assert found.reached == "X01.77"
    assert explanation(found).en.startswith("The code 000.00.13.X01 is not the present code of Sở Thử")


@pytest.mark.parametrize("successions", ["hold", "refuse"])
def test_a_living_agency_gets_it_whatever_the_policy_for_successors(successions: Successions) -> None:
    assert made("000.00.13.X01", successions=successions).outcome is Outcome.DELIVERED


def test_a_code_that_held_on_the_day_of_the_document_is_right() -> None:
    assert short(made("000.00.13.X01", on=BEFORE)) == ("delivered", "known", "Sở Thử", "so")


def test_a_renumbering_that_is_recorded_as_a_succession_is_still_the_same_agency() -> None:
    renumbered = agency("Sở", closed("X02.01", "X02.09"), "X02.09")
    found = made(
        "X02.01", directory(renumbered, endpoints=(endpoint("so", renumbered),)), successions="refuse"
    )
    assert short(found) == ("delivered", "changed", "Sở", "so")


def test_a_closed_code_with_one_successor_is_forwarded() -> None:
    found = made("X01.29")
    assert short(found) == ("delivered", "forwarded", "Xã Thử Đông", "dong")
    assert (found.code, found.reached, found.forwarded) == ("X01.29", "X01.31", True)
    assert explanation(found).en == (
        "The code X01.29 of Huyện đảo Thử Cũ closed on 2025-07-01; its one successor is X01.31 (Xã Thử Đông); "
        "it goes through the endpoint dong"
    )


def test_it_is_forwarded_even_if_it_held_on_the_day_of_the_document() -> None:
    assert made("X01.29", on=BEFORE).case is Case.FORWARDED  # the agency is gone today


@pytest.mark.parametrize(
    ("successions", "expected"),
    [
        ("forward", ("delivered", "forwarded")),
        ("hold", ("held", "doubtful")),
        ("refuse", ("refused", "closed")),
    ],
)
def test_the_policy_decides_on_one_successor(successions: Successions, expected: tuple[str, str]) -> None:
    assert short(made("X01.29", successions=successions))[:2] == expected


@pytest.mark.parametrize(
    ("successions", "outcome"),
    [("forward", Outcome.HELD), ("hold", Outcome.HELD), ("refuse", Outcome.REFUSED)],
)
def test_a_split_agency_is_never_guessed(successions: Successions, outcome: Outcome) -> None:
    found = made("000.00.21.X01", successions=successions)
    assert found.outcome is outcome
    assert [each.code for each in found.candidates] == ["X01.31", "X01.32"]
    assert "X01.31 (Xã Thử Đông), X01.32 (Xã Thử Tây)" in explanation(found).vi


def test_a_closed_code_without_a_successor_is_refused_and_names_the_nearest() -> None:
    found = made("X01.99")
    assert short(found)[:2] == ("refused", "closed")
    assert "no successor is recorded; nearest known codes: X01." in explanation(found).en


def test_a_code_that_opens_later_is_refused() -> None:
    later = agency("Xã Mới", code("X03.01", start=date(2027, 1, 1)))
    found = made("X03.01", directory(later))
    assert short(found)[:2] == ("refused", "not-yet")
    assert "only from 2027-01-01" in explanation(found).en


def test_a_code_that_opened_after_the_document_was_written_is_taken() -> None:
    assert made("X01.31", on=BEFORE).case is Case.KNOWN


# --- chains, gaps ---


def test_a_chain_is_followed_to_who_is_there_today() -> None:
    first = agency("Một", closed("X04.01", "X04.02", on=date(2024, 1, 1)))
    second = agency("Hai", closed("X04.02", "X04.03"))
    third = agency("Ba", "X04.03")
    known = directory(first, second, third, endpoints=(endpoint("ba", third), endpoint("hai", second)))
    assert short(made("X04.01", known)) == ("delivered", "forwarded", "Ba", "ba")
    found = made("X04.01", known, on=date(2024, 6, 1), today=date(2024, 6, 1))
    assert short(found) == ("delivered", "forwarded", "Hai", "hai")


def test_a_branch_whose_end_is_not_known_makes_a_person_decide() -> None:
    split = agency("Huyện", closed("X04.10", "X04.11", "X04.12"))
    lost = agency("Xã Mất", closed("X04.11", on=date(2026, 1, 1)))
    there = agency("Xã Còn", "X04.12")
    found = made("X04.10", directory(split, lost, there, endpoints=(endpoint("con", there),)))
    assert short(found)[:2] == ("held", "split")
    assert explanation(found).en.endswith("X04.12 (Xã Còn); it is not known who succeeded X04.11")


def test_a_successor_that_opens_later_makes_a_person_decide() -> None:
    old = agency("Cũ", closed("X04.20", "X04.21"))
    later = agency("Mới", code("X04.21", start=date(2027, 1, 1)))
    assert short(made("X04.20", directory(old, later)))[:2] == ("held", "doubtful")


def test_a_successor_that_nobody_knows_makes_a_person_decide_unless_a_route_leads_there() -> None:
    old = agency("Cũ", closed("X04.30", "X09.01"))
    assert short(made("X04.30", directory(old)))[:2] == ("held", "doubtful")
    found = made("X04.30", directory(old, endpoints=(endpoint("axis"),), routes=(("X09.*", "axis"),)))
    assert short(found) == ("delivered", "forwarded", "X09.01", "axis")


# --- routes ---


def routed(*agencies: Agency, spoken_for: tuple[Agency, ...] = ()) -> Directory:
    return directory(
        *agencies,
        endpoints=(endpoint("own", *spoken_for), endpoint("axis"), endpoint("h02")),
        routes=(("*", "axis"), ("X02.*", "h02"), ("X01.*", None)),
    )


def test_an_unknown_code_goes_to_the_next_hub_by_the_longest_pattern() -> None:
    assert short(made("X02.13", routed())) == ("delivered", "elsewhere", "X02.13", "h02")
    assert short(made("000.00.13.X02", routed())) == ("delivered", "elsewhere", "000.00.13.X02", "h02")
    assert short(made("X07", routed())) == ("delivered", "elsewhere", "X07", "axis")
    assert "by the route X02.*" in explanation(made("X02.13", routed())).en


def test_an_own_endpoint_goes_before_every_route() -> None:
    own = agency("Của mình", "X02.13")
    assert short(made("X02.13", routed(own, spoken_for=(own,)))) == ("delivered", "known", "Của mình", "own")


def test_a_known_agency_without_an_endpoint_is_reached_by_a_route() -> None:
    found = made("X02.13", routed(agency("Xa", "X02.13")))
    assert short(found) == ("delivered", "known", "Xa", "h02")


def test_codes_that_are_this_hubs_own_are_not_sent_on() -> None:
    assert short(made("X01.13", routed()))[:2] == ("refused", "unknown")
    assert short(made("X01.13", routed(agency("Chưa nối", "X01.13"))))[:2] == ("held", "known")
    told = {step.name: step.found.en for step in steps(made("X01.13", routed()))}
    assert told["way"] == "the route X01.* keeps the code at this hub"


def test_a_successor_is_reached_by_a_route_as_well() -> None:
    old, new = agency("Cũ", closed("X02.90", "X02.91")), agency("Mới", "X02.91")
    assert short(made("X02.90", routed(old, new))) == ("delivered", "forwarded", "Mới", "h02")


def test_an_unknown_code_without_a_route_is_refused_and_names_the_nearest() -> None:
    found = made("X01.33")
    assert short(found) == ("refused", "unknown", None, None)
    assert "nearest known codes: X01.3" in explanation(found).en


# --- answers ---


def test_an_answer_to_a_closed_code_goes_to_whoever_sent_the_document() -> None:
    known = directory(DISTRICT, EAST, endpoints=(endpoint("huyen", DISTRICT), endpoint("dong", EAST)))
    found = decide_answer(known, "000.00.21.X01", today=TODAY)
    assert short(found) == ("delivered", "known", "Huyện Thử Cũ", "huyen")


def test_an_answer_to_an_agency_that_is_gone_goes_to_its_one_successor() -> None:
    assert short(decide_answer(EVERYBODY, "X01.29", today=TODAY))[:2] == ("delivered", "forwarded")
    assert decide_answer(EVERYBODY, "X01.29", today=TODAY, successions="hold").outcome is Outcome.HELD


def test_an_answer_to_a_code_that_was_closed_or_split_is_never_refused() -> None:
    for old in ("X01.99", "000.00.21.X01"):
        found = decide_answer(EVERYBODY, old, today=TODAY)
        assert (found.outcome, found.case) == (Outcome.HELD, Case.KNOWN)


# --- the day of the document ---


@pytest.mark.parametrize(
    ("written", "day"),
    [
        (None, TODAY),
        (BEFORE, BEFORE),
        (TODAY, TODAY),
        (TODAY + timedelta(days=1), TODAY),
        (date(2206, 1, 1), TODAY),
        (FIRST_CODES - timedelta(days=1), TODAY),
        (date(1, 1, 1), TODAY),
    ],
)
def test_a_day_that_cannot_be_right_counts_as_the_day_of_receipt(written: date | None, day: date) -> None:
    assert day_of_document(written, TODAY) == day


# --- whatever the table says ---

VALUES = [f"X0{number}" for number in range(6)]
DAYS = st.sampled_from([None, date(2024, 1, 1), MERGED, date(2026, 1, 1), date(2027, 1, 1)])


@st.composite
def directories(draw: st.DrawFn) -> Directory:
    """Return any directory: circles, gaps and codes that open after they close among them."""
    agencies: list[Agency] = []
    for number, value in enumerate(draw(st.lists(st.sampled_from(VALUES), unique=True))):
        entry = code(
            value, *draw(st.lists(st.sampled_from(VALUES), max_size=3)), start=draw(DAYS), end=draw(DAYS)
        )
        joined = draw(st.booleans())
        if agencies and joined:
            last = agencies.pop()
            agencies.append(agency(last.name, *last.codes, entry))
        else:
            agencies.append(agency(f"Cơ quan {number}", entry))
    speaks = draw(st.lists(st.booleans(), min_size=len(agencies), max_size=len(agencies)))
    spoken_for = [each for each, spoken in zip(agencies, speaks, strict=True) if spoken]
    endpoints = (*(endpoint(f"e{each.id}", each) for each in spoken_for), endpoint("axis"))
    patterns = draw(st.lists(st.sampled_from(["*", "X01.*", "X02"]), unique=True))
    ways = tuple((pattern, draw(st.sampled_from(["axis", None]))) for pattern in patterns)
    return directory(*agencies, endpoints=endpoints, routes=ways)


@given(
    directories(),
    st.one_of(st.sampled_from(VALUES), st.text(max_size=40)),
    DAYS,
    st.sampled_from(["forward", "hold", "refuse"]),
)
def test_every_code_has_an_outcome_and_a_reason_in_both_languages(
    known: Directory, asked: str, written_on: date | None, successions: Successions
) -> None:
    found = made(asked, known, on=written_on or TODAY, successions=successions)
    assert (found.outcome is Outcome.DELIVERED) == (found.endpoint is not None)
    assert found.outcome is Outcome.REFUSED or found.agency is not None
    if found.forwarded:
        assert successions == "forward"
        assert len(found.candidates) == 1
    told = steps(found)
    assert [step.name for step in told] == list(TITLES)
    assert all(step.found.vi and step.found.en for step in told)
    assert told[-1].found.vi.startswith(DECISIONS[found.outcome].vi)
    assert as_json(found)["decision"] == found.outcome


@given(directories(), st.sampled_from(VALUES))
def test_an_answer_to_a_known_code_is_never_refused(known: Directory, asked: str) -> None:
    found = decide_answer(known, asked, today=TODAY)
    assert found.outcome is not Outcome.REFUSED or not known.knows(asked)


def test_one_code_is_decided_in_a_few_steps() -> None:
    for asked in ("X01.31", "X01.29", "000.00.13.X01"):
        made(asked)
        assert calls(partial(decide, EVERYBODY, asked, written_on=TODAY, today=TODAY)) < 50
