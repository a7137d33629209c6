"""A province's whole tree, and the country's: every old code leads somewhere, for a stated reason."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from importlib import metadata
from itertools import count

import pytest

from hub.agencies_merge import merged
from hub.agencies_rows import AgencyRow
from hub.builtin import provinces
from hub.destination import Case, Destination, Outcome, decide
from hub.destination_words import explanation
from hub.directory import Directory
from hub.errors import Misconfigured
from hub.model import Level
from hub.successions import circles
from hub.units import PACKAGE, Units, installed, read
from hub.units_rows import Wanted, real_codes, rows
from schemas.edxml.codes import LONGEST_CODE, Scheme
from tests.unit.hub.country import large, small
from tests.unit.hub.directories import MERGED, TODAY, directory, endpoint

HA_LONG = Wanted("22", TODAY)


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> Units:
    return read(small().write(tmp_path_factory.mktemp("small")))


def laid_over(known: Directory, made: Sequence[AgencyRow]) -> Directory:
    numbers = count(len(known.agencies))
    return replace(
        known, agencies=merged(known.agencies, made, lambda: f"id-{next(numbers)}").over(known.agencies)
    )


def imported(units: Units, wanted: Wanted = HA_LONG, known: Directory | None = None) -> Directory:
    known = known or directory(endpoints=(endpoint("hub"),), routes=(("*", "hub"),))
    return laid_over(known, rows(units, wanted, known))


def went(known: Directory, code: str) -> Destination:
    return decide(known, code, written_on=TODAY, today=TODAY)


# --- one province ---


def test_a_province_comes_with_its_whole_tree(units: Units) -> None:
    known = imported(units)
    assert Counter(each.level for each in known.agencies) == {
        Level.PROVINCE: 1,
        Level.COMMUNE: 5 + 3,  # one went on as it was
        Level.DISTRICT: 3,
    }
    above = {each.code: each.parent for each in known.agencies}
    assert above["H49.X10010"] == "H49"
    assert above["H49.C193.C10004"] == "H49.C193"
    assert above["H49.C193"] == "H49"


def test_codes_are_made_up_and_say_so(units: Units) -> None:
    codes = [code for each in imported(units).agencies for code in each.codes if code.value != "H49"]
    assert {code.scheme for code in codes} == {Scheme.PROVISIONAL}
    assert all(len(code.value) <= LONGEST_CODE and code.value.isascii() for code in codes)


def test_a_merged_commune_leads_to_the_one_that_it_went_into(units: Units) -> None:
    made = went(imported(units), "H49.C193.C10004")
    assert (made.case, made.reached) == (Case.FORWARDED, "H49.X10001")
    assert made.agency is not None
    assert made.agency.name == "Ủy ban nhân dân xã Một, thành phố Quảng Ninh"


def test_a_commune_that_went_on_is_one_agency_with_both_codes(units: Units) -> None:
    made = went(imported(units), "H49.C193.C10007")
    assert (made.case, made.reached) == (Case.CHANGED, "H49.X10007")


def test_a_split_commune_and_a_district_are_left_to_a_person(units: Units) -> None:
    known = imported(units)
    split = went(known, "H49.C194.C10010")
    assert (split.outcome, [each.code for each in split.candidates]) == (
        Outcome.HELD,
        ["H49.X10013", "H49.X10010"],
    )
    assert [each.code for each in went(known, "H49.C193").candidates] == ["H49.X10001", "H49.X10007"]


def test_an_island_district_leads_to_its_special_zone(units: Units) -> None:
    assert went(imported(units), "H49.C207").reached == "H49.X10016"


def test_old_codes_held_until_the_merger(units: Units) -> None:
    entry = imported(units).resolve("H49.C193.C10004").entry
    assert entry is not None
    assert (entry.valid_from, entry.valid_to) == (None, MERGED)


def test_importing_again_changes_nothing(units: Units) -> None:
    known = imported(units)
    again = merged(known.agencies, rows(units, HA_LONG, known), lambda: "new")
    assert (again.added, again.changed) == ((), ())


def test_a_province_that_the_operator_has_described_is_left_alone(units: Units) -> None:
    mine = imported(units, replace(HA_LONG, prefix="Z99"))
    renamed = tuple(replace(each, name="Của tôi") if each.code == "Z99" else each for each in mine.agencies)
    made = rows(units, replace(HA_LONG, prefix="Z99"), replace(mine, agencies=renamed))
    assert "Z99" not in [row.codes[0].value for row in made]


def test_another_prefix_may_be_wanted(units: Units) -> None:
    known = imported(units, replace(HA_LONG, prefix="Z99"))
    assert known.knows("Z99.X10010")
    assert known.knows("Z99.C193.C10004")
    assert not known.knows("H49")


def test_a_province_that_is_not_there_names_those_that_are(units: Units) -> None:
    with pytest.raises(Misconfigured, match="22 Tỉnh Thử 22"):
        rows(units, Wanted("99", TODAY), directory())


# --- real codes ---


def test_real_codes_take_the_place_of_those_made_up(units: Units) -> None:
    codes = real_codes(b"gso_code,code,era\n10001,H49.61,\n193,000.00.31.H49,old\n10004,000.04.31.H49,old\n")
    known = imported(units, replace(HA_LONG, codes=codes))
    assert went(known, "000.04.31.H49").reached == "H49.61"
    assert known.resolve("000.00.31.H49").state == "closed"
    assert not known.knows("H49.X10001")
    assert not known.knows("H49.C193")
    entry = known.resolve("H49.61").entry
    assert entry is not None
    assert entry.scheme is Scheme.QD20


def test_a_made_up_code_that_was_in_use_stays_and_leads_to_the_real_one(units: Units) -> None:
    before = imported(units)
    wanted = replace(HA_LONG, codes=real_codes(b"gso_code,code,era\n10001,H49.61\n10004,000.04.31.H49,old\n"))
    after = imported(units, wanted, before)
    assert len(after.agencies) == len(before.agencies)
    made = went(after, "H49.X10001")
    assert (made.case, made.reached) == (Case.CHANGED, "H49.61")
    assert went(after, "H49.C193.C10004").reached == "H49.61"
    tomorrow = replace(wanted, today=TODAY + timedelta(days=1))
    assert merged(after.agencies, rows(units, tomorrow, after), lambda: "new").changed == ()


@pytest.mark.parametrize(
    "bad", [b"gso_code,code\n10001,\n", b"code\nH49.61\n", b"gso_code,code,era\n1,H49.1,later\n", b"\xff\xfe"]
)
def test_a_bad_file_of_codes_names_its_line(bad: bytes) -> None:
    with pytest.raises(Misconfigured, match=r"line|dòng"):
        real_codes(bad)


# --- the country ---


def real() -> list[Units]:
    """Return the published data, if they are installed here."""
    return [installed()] if list(metadata.distributions(name=PACKAGE)) else []


@pytest.fixture(scope="module", params=["generated", *(["published"] if real() else [])])
def whole_country(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Units:
    return (
        read(large().write(tmp_path_factory.mktemp("large"))) if request.param == "generated" else real()[0]
    )


def test_ten_thousand_old_codes_each_lead_somewhere_for_a_stated_reason(whole_country: Units) -> None:
    hubs = tuple(endpoint(f"hub-{each.code.lower()}") for each in provinces() if each.since)
    ways = tuple((f"{each.code}.*", f"hub-{each.code.lower()}") for each in provinces() if each.since)
    known = imported(whole_country, Wanted("all", TODAY), directory(endpoints=hubs, routes=ways))
    old = sorted(code.value for each in known.agencies for code in each.codes if code.valid_to)
    asked = random.Random(1).sample(old, 10_000)

    made = [went(known, code) for code in asked]

    counted = Counter(each.outcome for each in made)
    assert counted[Outcome.REFUSED] == 0
    assert counted[Outcome.HELD] > 500  # districts, and communes that were split
    assert counted[Outcome.DELIVERED] > 8_000
    for each in made:
        said = explanation(each)
        assert each.code in said.vi
        assert each.code in said.en
        assert (each.endpoint is not None) == (each.outcome is Outcome.DELIVERED)


def test_the_country_has_no_circle_of_successors(whole_country: Units) -> None:
    known = imported(whole_country, Wanted("all", TODAY))
    onward = {code.value: code.successors for each in known.agencies for code in each.codes}
    assert list(circles(onward)) == []
    assert all(known.knows(each) for successors in onward.values() for each in successors)
