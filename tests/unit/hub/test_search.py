"""Words without diacritics, and an index of them."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from hub.model import Agency, AgencyCode, Level
from hub.search import MOST_WORDS, Index, folded, plain, swapped
from schemas.edxml.codes import Scheme

HOA_BINH = Agency(
    id="1",
    name="Ủy ban nhân dân xã Hòa Bình",
    level=Level.COMMUNE,
    codes=(AgencyCode(value="X01.41", scheme=Scheme.QD20),),
)


def test_a_decomposed_name_folds_like_a_composed_one() -> None:
    assert folded("Ho\u0300a Bi\u0300nh (cũ)") == ["hoa", "binh", "cu"]


def test_names_are_compared_without_regard_to_blanks_and_capitals() -> None:
    assert plain("  Xã  HÒA Bình ") == plain("xã hòa bình")


def test_an_agency_is_found_by_a_code_that_only_mirrors_its_own() -> None:
    assert Index((HOA_BINH,), {"1": ["000.00.41.X01"]}).search("000.00.41.x01", 5) == [HOA_BINH]
    assert Index((HOA_BINH,), {}).search("000.00.41.x01", 5) == []


def test_words_beyond_the_limit_are_not_looked_at() -> None:
    asked = " ".join(["hoa"] * MOST_WORDS + ["nowhere"])
    assert Index((HOA_BINH,), {}).search(asked, 5) == [HOA_BINH]


def commune(identity: str, name: str, closed: date | None = None) -> Agency:
    code = AgencyCode(value=f"X01.{identity}", scheme=Scheme.QD20, valid_to=closed)
    return Agency(id=identity, name=name, level=Level.COMMUNE, codes=(code,))


def test_letters_that_changed_places_are_forgiven() -> None:
    index = Index((HOA_BINH,), {})
    assert index.search("hoa bihn", 5) == [HOA_BINH]
    assert index.search("hoa nibh", 5) == []


@given(st.text("abc", min_size=2, max_size=6), st.text("abc", min_size=2, max_size=6))
def test_swapped_means_that_swapping_two_neighbours_gives_the_other(one: str, other: str) -> None:
    swaps = {
        one[:at] + one[at + 1] + one[at] + one[at + 2 :]
        for at in range(len(one) - 1)
        if one[at] != one[at + 1]
    }
    assert swapped(one, other) is (other in swaps)


def test_words_side_by_side_go_before_words_far_apart_and_the_living_before_the_closed() -> None:
    apart = commune("1", "xã Liêu, Bình Phước")
    closed = commune("2", "xã Bình Liêu", date(2025, 7, 1))
    living = commune("3", "xã Bình Liêu, Quảng Ninh")
    found = Index((apart, closed, living), {}).search("binh lieu", 5)
    assert [each.id for each in found] == ["3", "2", "1"]
