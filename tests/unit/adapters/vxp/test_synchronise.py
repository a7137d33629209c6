"""The axis's agencies laid over a directory: what changes, and what is never touched."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adapters.vxp.synchronise import rows
from hub.agencies_merge import merged
from hub.directory import Directory
from hub.model import Agency, AgencyCode, Endpoint, Level
from schemas.edxml.codes import Scheme

TODAY = date(2026, 11, 22)


def agency(number: int, *codes: str, parent: str | None = None, level: Level = Level.CENTRAL) -> Agency:
    return Agency(
        id=f"AG{number}",
        name=f"Cơ quan {number}",
        level=level,
        codes=tuple(AgencyCode(value=code, scheme=Scheme.QD20) for code in codes),
        parent=parent,
    )


DIRECTORY = Directory(
    agencies=(
        agency(1, "G01", "X01"),
        agency(2, "G02", parent="G01"),
        agency(3, "H49", level=Level.PROVINCE),
    ),
    endpoints=(Endpoint(id="own", adapter="http", address=None, agencies=frozenset({"AG3"})),),
)


def laid(listed: list[Any], units: list[Any] | None = None) -> dict[str, Agency]:
    """Return the agencies, by code, after the import that the rows are for."""
    made = rows(listed, units or [], DIRECTORY, TODAY)
    numbers = itertools.count(100)
    merge = merged(DIRECTORY.agencies, made.rows, lambda: f"AG{next(numbers)}")
    return {code.value: each for each in merge.over(DIRECTORY.agencies) for code in each.codes}


def test_a_new_agency_gets_its_parent_and_level_from_the_list() -> None:
    after = laid(
        [{"id": "1", "code": "H53", "name": "Tỉnh"}, {"id": "2", "code": "H53.1", "name": "Sở", "pid": "1"}]
    )
    assert (after["H53"].level, after["H53.1"].level) == (Level.PROVINCE, Level.OTHER)
    assert after["H53.1"].parent == "H53"


def test_a_name_changes_and_everything_that_is_not_said_stays() -> None:
    after = laid([{"id": "9", "code": "G02", "name": "Tên  mới"}])
    assert after["G02"].name == "Tên mới"
    assert (after["G02"].parent, after["G02"].level, after["G02"].id) == ("G01", Level.CENTRAL, "AG2")


def test_an_older_code_is_added_unless_it_is_somebody_elses() -> None:
    after = laid(
        [
            {"code": "G02", "name": "Cơ quan 2", "oldCode": "X99"},
            {"code": "G07", "name": "Cơ quan 7", "oldCode": "G01"},
        ]
    )
    assert after["X99"].id == "AG2"
    assert after["G01"].id == "AG1"
    assert [code.value for code in after["G07"].codes] == ["G07"]


def test_what_this_hubs_own_systems_speak_for_is_left_alone() -> None:
    made = rows([{"code": "H49", "name": "Kẻ khác"}], [{"code": "H49", "deleted": True}], DIRECTORY, TODAY)
    assert made.rows == ()


def test_what_the_axis_deleted_is_closed_and_not_forgotten() -> None:
    after = laid(
        [],
        [{"code": "G01", "deleted": True}, {"code": "G02", "deleted": False}, {"code": "Z", "deleted": True}],
    )
    assert {code.valid_to for code in after["G01"].codes} == {TODAY}
    assert after["G02"].codes[0].valid_to is None


def test_entries_that_cannot_be_used_are_counted() -> None:
    bad: list[dict[str, Any]] = [
        {},
        {"code": "G09"},
        {"name": "x"},
        {"code": None, "name": None},
        {"code": "x" * 65, "name": "x"},
    ]
    made = rows([*bad, {"code": "G08", "name": "Cơ quan"}], [], DIRECTORY, TODAY)
    assert (len(made.rows), made.unusable) == (1, len(bad))


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["code", "name", "id", "pid", "oldCode", "deleted"]),
            st.one_of(
                st.sampled_from(["G01", "G02", "X01", "H49", "g01", "G01.2", "1", "2", ""]),
                st.none(),
                st.booleans(),
                st.text(max_size=5),
            ),
        ),
        max_size=8,
    )
)
def test_whatever_an_axis_lists_can_be_imported(items: list[dict[str, Any]]) -> None:
    after = laid(items, items)
    assert after["H49"] == DIRECTORY.agencies[2]
