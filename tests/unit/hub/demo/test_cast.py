"""Who takes part in the demo."""

import re
from datetime import date

from hub.demo.cast import (
    BINH_LIEU,
    CITY,
    CITY_OLD_CODE,
    CONNECTED,
    HUC_DONG,
    MINISTRY,
    TIEN_YEN,
    VO_NGAI,
    Way,
    connected,
    load,
    short,
)
from hub.model import Level, SignatureRule

PUBLIC = {MINISTRY, CITY, CITY_OLD_CODE}


def test_the_file_of_agencies_can_be_imported_without_a_warning() -> None:
    assert load().agencies.warnings == ()


def test_every_code_that_is_not_public_says_that_it_is_invented() -> None:
    codes = {code.value for row in load().agencies.rows for code in row.codes}
    assert all(re.fullmatch(r"H49\.DEMO\.\d\d", code) for code in codes - PUBLIC)
    assert codes > PUBLIC


def test_there_is_a_ministry_a_province_with_departments_and_communes() -> None:
    cast = load()
    levels = [len(cast.of_level(level)) for level in (Level.CENTRAL, Level.PROVINCE, Level.COMMUNE)]
    assert levels == [1, 4, 9]
    assert len(cast.players) == sum(levels)


def test_every_agency_has_exactly_one_system() -> None:
    spoken_for = [code for each in CONNECTED for code in each.codes]
    assert sorted(spoken_for) == sorted(player.code for player in load().players)


def test_systems_are_connected_in_every_way_and_one_must_sign() -> None:
    assert {each.way for each in CONNECTED} == set(Way)
    assert [each.id for each in CONNECTED if each.signatures is SignatureRule.REQUIRE] == ["so-tai-chinh"]


def test_an_agency_is_found_by_its_old_code_too() -> None:
    cast = load()
    assert cast[CITY_OLD_CODE] is cast[CITY]
    assert connected(cast[CITY_OLD_CODE].code).id == "ubnd-thanh-pho"


def test_what_is_addressed_to_a_closed_code_is_held_by_the_one_that_took_over_alone() -> None:
    cast = load()
    assert (cast[HUC_DONG].short, cast.holder(HUC_DONG)) == ("xã Húc Động", cast[BINH_LIEU])
    assert cast.holder(VO_NGAI) is cast[VO_NGAI]  # two took over: nobody has it until a person chooses
    assert cast.holder(CITY_OLD_CODE) is cast[CITY]


def test_communes_that_are_no_more_ended_with_the_mergers_and_take_no_part() -> None:
    cast = load()
    ended = {row.codes[0].value: row.codes[0] for row in cast.agencies.rows if row.codes[0].valid_to}
    assert {code: entry.successors for code, entry in ended.items()} == {
        HUC_DONG: (BINH_LIEU,),
        VO_NGAI: (BINH_LIEU, TIEN_YEN),
    }
    assert {entry.valid_to for entry in ended.values()} == {date(2025, 7, 1)}
    assert not ended.keys() & {player.code for player in cast.players}


def test_people_call_agencies_by_short_names() -> None:
    assert short("Ủy ban nhân dân xã Bình Liêu") == "xã Bình Liêu"
    assert short("Ủy ban nhân dân thành phố Quảng Ninh") == "UBND thành phố Quảng Ninh"
    assert short("Sở Nội vụ thành phố Quảng Ninh") == "Sở Nội vụ"
    assert short("Bộ Nội vụ") == "Bộ Nội vụ"


def test_local_agencies_name_the_city_as_the_body_in_charge() -> None:
    cast = load()
    assert cast["H49.DEMO.21"].organization.in_charge == "Ủy ban nhân dân thành phố Quảng Ninh"
    assert cast[MINISTRY].organization.in_charge == "Bộ Nội vụ"
