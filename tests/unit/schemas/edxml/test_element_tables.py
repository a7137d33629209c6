"""The element tables hold together, and agree with what is known of the standard."""

from __future__ import annotations

import csv

import pytest

from schemas.edxml.element_tables import BLOCKS, LENGTHS, ROOTS, TOGETHER, below
from schemas.edxml.elements import DIALECTS, FORMS, PRESENCES, Form, Presence, walk
from tests.unit.schemas.samples import OFFICIAL

TABLES = sorted(OFFICIAL.parents[1].glob("reference/edxml-elements.csv"))


def test_every_block_is_reached_from_a_root() -> None:
    assert {name for root in ROOTS for name in below(root)} == set(BLOCKS)


@pytest.mark.parametrize("block", BLOCKS.values(), ids=lambda block: str(block.name))
def test_both_orders_name_the_same_elements_once(block: object) -> None:
    known = BLOCKS[block.name]  # type: ignore[attr-defined]
    for dialect in DIALECTS:
        order = known.order(dialect)
        assert len(order) == len(set(order))
        assert set(order) == known.names()


def test_a_group_holds_a_block_and_a_value_does_not() -> None:
    for block in BLOCKS.values():
        for element in block.elements:
            assert bool(element.of) is (element.form is Form.GROUP)
            assert element.of in BLOCKS or not element.of


def test_presences_and_forms_have_names_in_both_languages() -> None:
    assert set(PRESENCES) == set(Presence)
    assert set(FORMS) == set(Form)


def test_dotnet_keeps_the_regulations_order_and_puts_additions_last() -> None:
    for name in ("MessageHeader", "OtherInfo"):
        block = BLOCKS[name]
        added = {element.name for element in block.elements if element.added}
        order = block.order("dotnet")
        assert set(order[len(order) - len(added) :]) == added
    numbered = [element for element in BLOCKS["MessageHeader"].elements if not element.added]
    by_clause = sorted(numbered, key=lambda element: int(element.clause.partition(".")[2]))
    assert [element.name for element in by_clause] == list(
        BLOCKS["MessageHeader"].order("dotnet")[: len(numbered)]
    )


def test_lengths_are_found_by_parent_and_name() -> None:
    assert LENGTHS["PromulgationInfo", "Place"] == 50
    assert LENGTHS["ToPlaces", "Place"] == 150
    assert LENGTHS["MessageHeader", "Description"] == 1000
    assert TOGETHER == {"ToPlaces": 1000}


# Where Annex VI asks for less than the table's source, or the table has none of its own.
OURS = {"FullName", "PromulgationAmount", "PageAmount", "ContentTransferEncoded", "StatusCode"}


@pytest.mark.parametrize("table", TABLES)
def test_lengths_agree_with_the_reference_table(table: object) -> None:
    with open(str(table), encoding="utf-8") as lines:  # noqa: PTH123
        rows = [
            row for row in csv.DictReader(lines) if row["max_length"] and not row["type"].startswith("date")
        ]
    known = {}
    for root, prefix in zip(ROOTS, ("edoc", "status"), strict=True):
        for parent, element in walk(BLOCKS, root, "edXML"):
            known[prefix, parent, element.name] = element.longest
    for row in rows:
        prefix, _, path = row["path"].partition(":")
        parent, name = path.split("/")[-2:]
        if name not in OURS:
            assert known[prefix, parent, name] == int(row["max_length"]), row["path"]
