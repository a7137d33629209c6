"""The directory: what a code means on a day, and what to write instead of one that means nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.directory import Directory, Standing
from hub.errors import NotFound
from hub.model import Agency, AgencyCode, Endpoint, Level
from schemas.edxml.codes import scheme_of
from tests.unit.hub.effort import calls

MERGED = date(2025, 7, 1)
LATER = date(2026, 11, 22)


def code(value: str, *successors: str, start: date | None = None, end: date | None = None) -> AgencyCode:
    return AgencyCode(
        value=value, scheme=scheme_of(value), valid_from=start, valid_to=end, successors=successors
    )


def agency(name: str, *codes: AgencyCode | str) -> Agency:
    made = tuple(code(each) if isinstance(each, str) else each for each in codes)
    return Agency(id=f"id-{made[0].value}", name=name, level=Level.OTHER, codes=made)


def directory(*agencies: Agency, endpoints: tuple[Endpoint, ...] = ()) -> Directory:
    return Directory(agencies, endpoints, 7, lambda: datetime(2026, 11, 22, 3, tzinfo=UTC))


def endpoint(name: str, *agencies: Agency) -> Endpoint:
    return Endpoint(id=name, adapter="http", address=None, agencies=frozenset(a.id for a in agencies))


MAU = agency("Ủy ban nhân dân tỉnh Mẫu", "000.00.00.X01", "X01")
DISTRICT = agency("Ủy ban nhân dân huyện Thử Cũ", code("000.00.21.X01", "X01.31", "X01.32", end=MERGED))
EAST = agency("Ủy ban nhân dân xã Thử Đông", code("X01.31", start=MERGED))
WEST = agency("Ủy ban nhân dân xã Thử Tây", code("X01.32", start=MERGED))
EVERYBODY = directory(MAU, DISTRICT, EAST, WEST)


# --- found ---


def test_a_code_as_written_finds_its_agency() -> None:
    resolution = EVERYBODY.resolve("X01")
    assert (resolution.state, resolution.agency, resolution.code) == (Standing.FOUND, MAU, "X01")
    assert resolution.explanation.en == "The code X01 belongs to Ủy ban nhân dân tỉnh Mẫu"
    assert resolution.explanation.vi == "Mã X01 là của Ủy ban nhân dân tỉnh Mẫu"


@pytest.mark.parametrize("written", ["x01", " X01 ", "\tx01\n"])
def test_blanks_and_small_letters_are_forgiven(written: str) -> None:
    assert EVERYBODY.resolve(written).agency is MAU


def test_the_code_as_written_goes_before_the_one_in_capitals() -> None:
    small, large = agency("nhỏ", "test.a"), agency("lớn", "TEST.A")
    assert directory(small, large).resolve("test.a").agency is small
    assert directory(small, large).resolve("TEST.A").agency is large


def test_what_could_be_two_agencies_in_capitals_is_nobody() -> None:
    known = directory(agency("nhỏ", "test.a"), agency("vừa", "Test.a"))
    assert known.resolve("TEST.A").state is Standing.UNKNOWN


# --- the mirror form ---


def test_the_mirror_form_is_understood_where_the_table_is_silent() -> None:
    only_old, only_new = agency("Sở Thử", "000.00.13.X01"), agency("Xã Thử", "X02.20.05")
    known = directory(only_old, only_new)
    assert known.resolve("X01.13").agency is only_old
    assert known.resolve("x01.13").agency is only_old
    assert known.resolve("005.20.00.X02").agency is None
    assert known.resolve("000.05.20.X02").agency is only_new


def test_an_agency_with_a_code_of_that_scheme_is_not_known_by_the_mirror() -> None:
    renumbered = agency("Sở Thử", "000.00.13.X01", "X01.77")
    resolution = directory(renumbered).resolve("X01.13")
    assert resolution.state is Standing.UNKNOWN
    assert [near.code for near in resolution.nearest] == ["000.00.13.X01"]


def test_a_registered_code_goes_before_anothers_mirror() -> None:
    old, new = agency("Sở cũ", "000.00.13.X01"), agency("Sở mới", "X01.13")
    assert directory(old, new).resolve("X01.13").agency is new
    assert directory(old, new).resolve("000.00.13.X01").agency is old


def test_a_mirror_that_two_agencies_share_is_nobody() -> None:
    long, short = agency("Một", "000.28.22.X01"), agency("Hai", "28.22.X01")
    assert directory(long, short).resolve("X01.22.28").state is Standing.UNKNOWN


def test_a_mirror_form_closes_with_its_code() -> None:
    assert EVERYBODY.resolve("X01.21").state is Standing.CLOSED
    assert EVERYBODY.resolve("X01.21", date(2025, 6, 30)).state is Standing.FOUND


# --- closed ---


def test_a_closed_code_names_its_agency_and_its_successors() -> None:
    resolution = EVERYBODY.resolve("000.00.21.X01", LATER)
    assert (resolution.state, resolution.agency) == (Standing.CLOSED, DISTRICT)
    assert [(s.code, s.agency) for s in resolution.successors] == [("X01.31", EAST), ("X01.32", WEST)]
    assert resolution.explanation.en == (
        "The code 000.00.21.X01 of Ủy ban nhân dân huyện Thử Cũ closed on 2025-07-01; succeeded by "
        "X01.31 (Ủy ban nhân dân xã Thử Đông), X01.32 (Ủy ban nhân dân xã Thử Tây)"
    )
    assert resolution.explanation.vi.startswith(
        "Mã 000.00.21.X01 của Ủy ban nhân dân huyện Thử Cũ đã ngừng sử dụng từ ngày 01/07/2025; "
        "cơ quan kế thừa: X01.31 ("
    )


def test_a_closed_code_without_successors_says_so() -> None:
    resolution = directory(agency("Phòng Thử", code("X01.99", end=MERGED))).resolve("X01.99", LATER)
    assert resolution.successors == ()
    assert resolution.explanation.en.endswith("closed on 2025-07-01; no successor is recorded")
    assert resolution.explanation.vi.endswith(
        "đã ngừng sử dụng từ ngày 01/07/2025; chưa ghi nhận cơ quan kế thừa"
    )


@pytest.mark.parametrize(
    ("day", "state"),
    [(date(2025, 6, 30), Standing.FOUND), (MERGED, Standing.CLOSED), (LATER, Standing.CLOSED)],
)
def test_the_day_decides_whether_a_code_is_closed(day: date, state: Standing) -> None:
    assert EVERYBODY.resolve("000.00.21.X01", day).state is state


def test_without_a_day_it_is_today_in_vietnam() -> None:
    almost = datetime(2025, 6, 30, 16, 59, tzinfo=UTC)
    midnight = datetime(2025, 6, 30, 17, 0, tzinfo=UTC)  # 00:00 in Vietnam
    states = [
        Directory((DISTRICT,), clock=lambda at=at: at).resolve("000.00.21.X01").state  # type: ignore[misc]
        for at in (almost, midnight)
    ]
    assert states == [Standing.FOUND, Standing.CLOSED]


def test_a_code_that_is_not_open_yet_says_from_when() -> None:
    resolution = EVERYBODY.resolve("X01.31", date(2025, 6, 1))
    assert (resolution.state, resolution.agency, resolution.ended) == (Standing.CLOSED, EAST, False)
    assert resolution.explanation.en.endswith("does not hold yet, only from 2025-07-01")
    assert resolution.explanation.vi.endswith("chưa có hiệu lực, chỉ dùng từ ngày 01/07/2025")


def test_successors_are_followed_until_one_holds() -> None:
    first = agency("Một", code("X01.01", "X01.02", end=date(2024, 1, 1)))
    second = agency("Hai", code("X01.02", "X01.03", end=MERGED))
    third = agency("Ba", "X01.03")
    known = directory(first, second, third)
    assert [s.code for s in known.resolve("X01.01", LATER).successors] == ["X01.03"]
    assert [s.code for s in known.resolve("X01.01", date(2024, 6, 1)).successors] == ["X01.02"]


def test_successors_that_go_round_in_a_circle_come_to_an_end() -> None:
    known = directory(
        agency("Một", code("X01.01", "X01.02", end=MERGED)),
        agency("Hai", code("X01.02", "X01.01", end=MERGED)),
    )
    assert known.resolve("X01.01", LATER).successors == ()


def test_a_successor_that_nobody_knows_is_told_by_its_code() -> None:
    resolution = directory(agency("Một", code("X01.01", "X09.09", end=MERGED))).resolve("X01.01", LATER)
    assert [(s.code, s.agency) for s in resolution.successors] == [("X09.09", None)]
    assert resolution.explanation.en.endswith("succeeded by X09.09")


def test_an_agency_that_was_renumbered_succeeds_itself() -> None:
    renumbered = agency("Sở Thử", code("000.00.13.X01", end=MERGED), code("X01.77", start=MERGED))
    resolution = directory(renumbered).resolve("000.00.13.X01", LATER)
    assert [(s.code, s.agency) for s in resolution.successors] == [("X01.77", renumbered)]


def test_two_codes_of_one_successor_are_one_successor() -> None:
    heir = agency("Sở Mới", "000.00.14.X01", "X01.14")
    old = agency("Sở Cũ", code("X01.13", "000.00.14.X01", "X01.14", end=MERGED))
    assert [s.code for s in directory(heir, old).resolve("X01.13", LATER).successors] == ["000.00.14.X01"]


def test_an_open_code_has_no_successors() -> None:
    open_one = agency("Sở", code("X01.13", "X01.14"))
    assert directory(open_one).resolve("X01.13").successors == ()


# --- unknown ---


def test_an_unknown_code_names_the_nearest() -> None:
    resolution = EVERYBODY.resolve("X01.23", LATER)
    assert (resolution.state, resolution.agency) == (Standing.UNKNOWN, None)
    assert resolution.nearest[0].agency in {EAST, WEST}
    assert resolution.explanation.en.startswith(
        "No agency in the directory has the code X01.23; nearest known codes: X01.3"
    )
    assert resolution.explanation.vi.startswith(
        "Không có cơ quan nào trong danh bạ mang mã X01.23; các mã gần nhất: X01.3"
    )


def test_with_nothing_near_it_only_says_unknown() -> None:
    resolution = EVERYBODY.resolve("QQQQQQQQ", LATER)
    assert resolution.nearest == ()
    assert resolution.explanation.en == "No agency in the directory has the code QQQQQQQQ"


def test_a_strangers_code_is_shown_shortened_and_harmless() -> None:
    shown = EVERYBODY.resolve("\x1b[31m" + "9" * 10_000).explanation
    assert len(shown.vi) < 200
    assert "\x1b" not in shown.vi


def test_closed_codes_are_not_offered() -> None:
    assert "000.00.21.X01" not in [near.code for near in EVERYBODY.candidates("000.00.22.X01")]


def test_swapped_neighbours_are_the_likeliest_slip() -> None:
    known = directory(*(agency(value, value) for value in ("X03", "X13", "X33", "X37", "X63")))
    assert known.candidates("X73")[0].code == "X37"


def test_a_code_of_the_same_top_level_is_nearer() -> None:
    known = directory(agency("xa", "X12.31"), agency("gần", "X21.31"), agency("cùng tỉnh", "X11.41"))
    assert known.candidates("X11.31")[0].code == "X11.41"


def test_a_code_is_near_to_the_mirror_of_what_was_written() -> None:
    known = directory(agency("Sở Thử", "000.00.13.X01", "X01.88"))
    assert [near.code for near in known.candidates("X01.14")] == ["000.00.13.X01"]


def test_an_unknown_unit_falls_back_to_the_one_above() -> None:
    assert [near.agency for near in EVERYBODY.candidates("X01.77.555")] == [MAU]
    assert [near.agency for near in EVERYBODY.candidates("088.77.66.X01")] == [MAU]


def test_nearest_gives_each_agency_once() -> None:
    near = directory(agency("Sở", "000.00.13.X01", "X01.13")).nearest("X01.12")
    assert [found.name for found in near] == ["Sở"]


@pytest.mark.parametrize("nothing", ["", "   ", "9" * 65])
def test_nothing_is_near_to_nothing_or_to_too_much(nothing: str) -> None:
    assert EVERYBODY.candidates(nothing) == ()


@given(st.text(max_size=80))
def test_whatever_is_asked_there_is_an_answer_in_both_languages(asked: str) -> None:
    resolution = EVERYBODY.resolve(asked)
    assert (resolution.agency is None) == (resolution.state is Standing.UNKNOWN)
    assert resolution.explanation.vi != resolution.explanation.en


def test_fifteen_thousand_agencies_are_quick_to_ask() -> None:
    known = directory(
        *(
            agency(f"Xã {number}", f"{number % 100:03d}.{number // 100 % 100:02d}.01.X{number // 10_000:02d}")
            for number in range(15_000)
        )
    )
    known.candidates("000.00.99.X01")
    assert calls(lambda: known.resolve("050.50.01.X00")) < 100, "it asks after one, not after all"
    assert calls(lambda: known.candidates("050.05.11.X10")) < 10 * 15_000, "a look at each, and no more"


# --- searching ---

HOA_BINH = agency("Ủy ban nhân dân xã Hòa Bình", "X01.41")
DAT_DO = agency("Ủy ban nhân dân xã Đất Đỏ", "000.00.42.X01")
HOA_BIEN = agency("Trường Hóa Biển", "X01.43")
PEOPLE = directory(HOA_BINH, DAT_DO, HOA_BIEN)


@pytest.mark.parametrize(
    "words", ["Hòa Bình", "hoa binh", "HOÀ BÌNH", "hoà bình", "xã hòa bình", "binh xa hoa"]
)
def test_a_name_is_found_with_and_without_diacritics(words: str) -> None:
    assert PEOPLE.search(words) == [HOA_BINH]


@pytest.mark.parametrize("words", ["Đất Đỏ", "dat do", "đât đo", "DAT DO"])
def test_d_with_a_stroke_is_a_d(words: str) -> None:
    assert PEOPLE.search(words) == [DAT_DO]


@pytest.mark.parametrize("words", ["000.00.42.X01", "000.00.42.x01", "X01.42"])
def test_any_code_is_found_the_mirror_too(words: str) -> None:
    assert PEOPLE.search(words) == [DAT_DO]


def test_the_beginning_of_a_code_finds_all_below() -> None:
    assert set(PEOPLE.search("x01.4")) == {HOA_BINH, DAT_DO, HOA_BIEN}


def test_all_words_must_fit() -> None:
    assert PEOPLE.search("hoa đỏ") == []


def test_a_slip_in_a_word_is_forgiven() -> None:
    assert PEOPLE.search("hoa binhh") == [HOA_BINH]
    assert PEOPLE.search("trờng") == [HOA_BIEN]


def test_a_slip_in_a_very_short_word_is_not() -> None:
    assert PEOPLE.search("zo") == []


def test_diacritics_decide_the_order() -> None:
    one, other = agency("Xã Hà", "X01.51"), agency("Xã Hạ", "X01.52")
    assert directory(one, other).search("xã hạ") == [other, one]
    assert directory(one, other).search("xã hà") == [one, other]


def test_nothing_asked_is_nothing_found() -> None:
    assert PEOPLE.search("  - ") == []


def test_every_mirror_of_an_agency_is_found() -> None:
    two = agency("Sở", "000.00.13.X01", "000.00.14.X01")
    known = directory(two, agency("Xã", "X01.15"))
    assert known.search("x01.13") == known.search("x01.14") == [two]


def test_preparing_changes_no_answer() -> None:
    fresh = directory(HOA_BINH, DAT_DO, HOA_BIEN).prepare()
    assert fresh.search("hoa binh") == [HOA_BINH]
    assert fresh.candidates("X01.14")[0].agency is HOA_BINH


def test_the_limit_is_kept() -> None:
    assert len(PEOPLE.search("x01", limit=2)) == 2


def test_only_the_first_words_of_a_long_search_are_looked_at() -> None:
    assert PEOPLE.search("hoa binh " * 6 + "không có đâu") == [HOA_BINH]


# --- endpoints and ids ---


def test_an_agency_is_found_by_its_id() -> None:
    assert EVERYBODY.agency(MAU.id) is MAU


def test_an_id_that_is_nobodys_is_not_found() -> None:
    with pytest.raises(NotFound) as caught:
        EVERYBODY.agency("nobody")
    assert "nobody" in caught.value.message.vi


def test_endpoints_are_found_by_id_and_by_agency() -> None:
    province = endpoint("province", MAU, EAST)
    known = directory(MAU, EAST, WEST, endpoints=(province,))
    assert known.endpoint("province") is province
    assert known.endpoint("nobody") is None
    assert known.endpoint_for(MAU) is province
    assert known.endpoint_for(EAST) is province
    assert known.endpoint_for(WEST) is None
    assert known.version == 7


def test_it_knows_closed_codes_too() -> None:
    assert EVERYBODY.knows("000.00.21.X01")
    assert not EVERYBODY.knows("X99")
