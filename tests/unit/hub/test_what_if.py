"""A decision tried out on a copy of the directory."""

from __future__ import annotations

from datetime import date

import pytest

from hub.agencies_rows import AgencyRow
from hub.errors import Misconfigured
from hub.model import Level
from hub.what_if import changes, codes_of, takes_effect, tried
from tests.unit.hub.directories import TODAY, agency, closed, code, directory, endpoint

NEW_YEAR = date(2027, 1, 1)
COMMUNE = agency("Xã Thử", "X01.31")
KNOWN = directory(COMMUNE, endpoints=(endpoint("xa", COMMUNE),))
ROWS = [
    AgencyRow(line=2, name="Xã Thử", level=Level.OTHER, codes=(closed("X01.31", "X01.41", on=NEW_YEAR),)),
    AgencyRow(line=3, name="Xã Mới", level=Level.OTHER, codes=(code("X01.41", start=NEW_YEAR),)),
]


def test_the_directory_itself_stays_as_it_is() -> None:
    assert tried(KNOWN, ROWS).knows("X01.41")
    assert not KNOWN.knows("X01.41")
    assert tried(KNOWN, ROWS).endpoint_for(COMMUNE) is not None


def test_each_code_is_told_as_it_is_and_as_it_would_be() -> None:
    (one, other) = changes(KNOWN, ROWS, ["X01.31", "X01.99"], TODAY, NEW_YEAR, "forward")
    assert (one.now.case, one.after.case, one.after.reached, one.differs) == (
        "known",
        "forwarded",
        "X01.41",
        True,
    )
    assert (other.now.case, other.after.case, other.differs) == ("unknown", "unknown", False)


def test_other_candidates_for_a_divided_commune_are_a_change() -> None:
    parts = [agency(name, value) for name, value in (("Xã A", "X01.51"), ("Xã B", "X01.52"))]
    divided = agency("Xã Cũ", closed("X01.50", "X01.51", "X01.52", on=date(2025, 7, 1)))
    known = directory(*parts, divided, agency("Xã C", "X01.53"))
    rows = [
        AgencyRow(line=2, name="Xã A", level=Level.OTHER, codes=(closed("X01.51", "X01.53", on=NEW_YEAR),))
    ]
    (change,) = changes(known, rows, ["X01.50"], TODAY, NEW_YEAR, "forward")
    assert [each.code for each in change.now.candidates] == ["X01.51", "X01.52"]
    assert [each.code for each in change.after.candidates] == ["X01.53", "X01.52"]
    assert (change.now.outcome, change.after.outcome, change.differs) == ("held", "held", True)


def test_a_decision_is_looked_at_on_the_latest_day_that_it_speaks_of() -> None:
    assert takes_effect(ROWS, TODAY) == NEW_YEAR
    assert takes_effect(ROWS, date(2028, 1, 1)) == date(2028, 1, 1)
    assert takes_effect([], TODAY) == TODAY


@pytest.mark.parametrize(
    "content",
    [
        b"code\nX01\nX02\n",
        b"X01\nX02\n",
        b"X01,a\nX02,b\n",
        b"\xef\xbb\xbfname,code\na,X01\nb, X02 \nc,X01\n\n",
    ],
)
def test_codes_are_read_from_their_column_or_one_a_line(content: bytes) -> None:
    assert codes_of(content) == ["X01", "X02"]


def test_codes_in_another_encoding_are_refused() -> None:
    with pytest.raises(Misconfigured, match="UTF-8"):
        codes_of("Xã".encode("utf-16"))
