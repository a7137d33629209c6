"""Routes: what a pattern covers, and that the longest one decides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import Misconfigured
from hub.routes import ID_LENGTH, Route, RouteTable, known_stranger, meaning, stranger

TABLE = RouteTable(
    [
        Route("*", "axis"),
        Route("H49.*", "ha-long"),
        Route("*.32.H53", "huyen-32"),
        Route("*.H53", "tay-ninh"),
        Route("H49.77", "so-77"),
        Route("H26.*", None),
    ]
)


@pytest.mark.parametrize(
    ("code", "endpoint"),
    [
        ("H49", "ha-long"),
        ("H49.13", "ha-long"),
        ("H49.13.02", "ha-long"),
        ("000.00.13.H49", "ha-long"),
        (" h49.13 ", "ha-long"),
        ("H49.77", "so-77"),
        ("000.00.77.H49", "so-77"),
        ("H49.77.01", "ha-long"),
        ("H53.32.20", "huyen-32"),
        ("000.20.32.H53", "huyen-32"),
        ("000.20.33.H53", "tay-ninh"),
        ("H53", "tay-ninh"),
        ("G22", "axis"),
        ("vxp.saas.03", "axis"),
        ("H4", "axis"),
        ("H491.1", "axis"),
    ],
)
def test_the_longest_pattern_that_covers_a_code_decides(code: str, endpoint: str) -> None:
    for _ in range(2):  # the second time from memory
        found = TABLE.find(code)
        assert found is not None
        assert found.endpoint == endpoint


def test_a_pattern_without_an_endpoint_keeps_its_codes_here() -> None:
    assert TABLE.find("H26.01") == Route("H26.*", None)


@pytest.mark.parametrize("nothing", ["", "   ", "không phải mã", "H49..13", "a/b", "H" * 65, "H49.\x00"])
def test_what_does_not_look_like_a_code_is_sent_nowhere(nothing: str) -> None:
    assert TABLE.find(nothing) is None


def test_without_routes_nothing_is_covered() -> None:
    assert RouteTable().find("H49.13") is None
    assert RouteTable([Route("H49.*", "x")]).find("H50") is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("H49.*", "*.H49"),
        ("H53.32.*", "*.32.H53"),
        ("H49.*", " h49.* "),
        ("*.00.H49", "H49.*"),
        ("H49.13", "000.00.13.H49"),
    ],
)
def test_both_notations_of_a_pattern_mean_one_thing(one: str, other: str) -> None:
    assert meaning(one) == meaning(other)


@pytest.mark.parametrize("bad", ["", "H4*", "H49.*.01", "**", "*H49", "H49,*", "*." + "H" * 70, "H 49.*"])
def test_what_is_no_pattern_is_refused_with_an_example(bad: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        meaning(bad)
    assert "H49.*" in caught.value.message.vi
    assert caught.value.message.vi != caught.value.message.en


# --- who is not in the directory ---


def test_one_code_is_one_stranger_however_it_is_typed() -> None:
    assert stranger("H49.13").id == stranger(" h49.13 ").id
    assert stranger("H49.13").id != stranger("000.00.13.H49").id  # they may be two agencies


@given(st.text(alphabet="HX0123456789.", min_size=1, max_size=64))
def test_an_id_fits_its_column_and_is_no_agencys(code: str) -> None:
    made = stranger(code)
    assert len(made.id) <= ID_LENGTH
    assert made.id.startswith("~")
    assert made.code == code


def test_two_long_codes_are_two_strangers() -> None:
    assert stranger("H49." + "1" * 31).id != stranger("H49." + "1" * 30 + "2").id


def test_a_stranger_is_known_again_by_its_id() -> None:
    long = "H49." + "1" * 31
    assert known_stranger(stranger("h49.13").id, "h49.13") == stranger("h49.13")
    assert known_stranger(stranger(long).id, long) == stranger(long)
    assert known_stranger(stranger("H50.2").id, "H49.13").code == "H50.2"  # it was forwarded
