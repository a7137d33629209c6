"""Words without diacritics, and an index of them."""

from __future__ import annotations

from hub.model import Agency, AgencyCode, Level
from hub.search import MOST_WORDS, Index, folded, plain
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
