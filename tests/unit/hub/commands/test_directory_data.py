"""The public codes that the hub ships, the country's units, and a decision tried out."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from hub import units
from tests.unit.hub.commands.door import Command
from tests.unit.hub.country import small

DECISION = """\
code,name,level,parent,valid_from,valid_to,successors
Z99.61,UBND xã Bình Thử,commune,Z99,,2027-01-01,Z99.63
Z99.62,UBND xã An Thử,commune,Z99,,2027-01-01,Z99.63 Z99.13
Z99.63,UBND xã Bình An,commune,Z99,2027-01-01,,
"""


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The data package, as small as a province."""
    folder = small().write(tmp_path / "units")
    monkeypatch.setattr(units, "installed", lambda: units.read(folder))


# --- level 1 ---


def test_a_new_hub_knows_nobody_until_it_is_told(edochub: Command, tmp_path: Path) -> None:
    edochub("init", tmp_path / "hub")
    assert edochub("agencies", "list", "--json").json == {"agencies": []}


def test_level_1_is_imported_with_a_word_on_how_sure_it_is(edochub: Command, hub_folder: Path) -> None:
    ran = edochub("agencies", "import", "--builtin", "level1")

    assert ran.code == 0
    assert "ought to be compared with QĐ 09/2025/QĐ-TTg" in ran.err
    assert edochub("agencies", "show", "H02", "--json").json["agency"]["codes"][0]["successors"] == ["H05"]
    assert edochub("agencies", "import", "--builtin", "level1", "--json").json["added"] == 0


@pytest.mark.parametrize("arguments", [[], ["agencies.csv", "--builtin", "level1"], ["--builtin", "level2"]])
def test_either_a_file_or_what_is_shipped(
    edochub: Command, hub_folder: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(hub_folder.parent)
    assert edochub("agencies", "import", *arguments).code == 2


# --- units ---


@pytest.mark.usefixtures("published")
def test_a_province_starts_with_its_whole_tree_in_one_command(edochub: Command, hub_folder: Path) -> None:
    ran = edochub("agencies", "import-units", "--province", "22")

    assert ran.code == 0
    assert "provisional" in ran.err
    assert "12 added" in ran.out
    found = edochub("agencies", "list", "phuong", "bac", "--json").json["agencies"]
    assert [(each["code"], each["codes"][0]["scheme"]) for each in found] == [("H49.X10010", "provisional")]
    assert edochub("route", "H49.C193", "--json").json["case"] == "split"


@pytest.mark.usefixtures("published")
def test_real_codes_and_another_prefix_may_be_given(
    edochub: Command, hub_folder: Path, tmp_path: Path
) -> None:
    codes = tmp_path / "codes.csv"
    codes.write_text("gso_code,code\n10010,Z98.61\n", encoding="utf-8")

    ran = edochub(
        "agencies", "import-units", "--province", "22", "--scheme-prefix", "Z98", "--codes", codes, "--json"
    )

    assert ran.json["added"] == 12
    assert edochub("agencies", "show", "Z98.61").code == 0
    assert edochub("agencies", "show", "Z98.X10001").code == 0


@pytest.mark.usefixtures("published")
def test_a_province_that_is_not_there_is_wrong_usage(edochub: Command, hub_folder: Path) -> None:
    ran = edochub("agencies", "import-units", "--province", "77", language="vi")
    assert (ran.code, "22 Tỉnh Thử 22" in ran.err) == (2, True)


# --- a decision tried out ---


@pytest.fixture
def decision(tmp_path: Path) -> tuple[Path, Path]:
    """A decision, and the codes to look at."""
    file, codes = tmp_path / "decision.csv", tmp_path / "codes.csv"
    file.write_text(DECISION, encoding="utf-8")
    codes.write_text("name,code\nBình,Z99.61\nAn,Z99.62\nSở,Z99.13\nAi,Z99.69\n", encoding="utf-8")
    return file, codes


def test_a_decision_is_tried_out_and_nothing_is_written(
    edochub: Command, hub_folder: Path, decision: tuple[Path, Path]
) -> None:
    told = edochub("agencies", "what-if", decision[0], "--codes", decision[1], "--json").json

    assert [(each["code"], each["now"]["case"], each["after"]["case"]) for each in told["codes"]] == [
        ("Z99.61", "known", "forwarded"),
        ("Z99.62", "known", "split"),
        ("Z99.13", "known", "known"),
        ("Z99.69", "unknown", "unknown"),
    ]
    assert told["codes"][0]["after"]["date"] == "2027-01-01"
    assert told["summary"][2]["en"] == "2 of 4 codes change"
    assert edochub("agencies", "show", "Z99.63").code == 1


def test_the_answer_goes_to_a_table_or_to_a_file(
    edochub: Command, hub_folder: Path, decision: tuple[Path, Path], tmp_path: Path
) -> None:
    shown = edochub("agencies", "what-if", decision[0], "--codes", decision[1], language="vi")
    assert "Z99.61" in shown.out
    assert "cơ quan kế thừa duy nhất: Z99.63" in shown.out

    out = tmp_path / "out.csv"
    assert edochub("agencies", "what-if", decision[0], "--codes", decision[1], "-o", out).code == 0
    with out.open(encoding="utf-8-sig", newline="") as file:
        records = list(csv.DictReader(file))
    assert [(each["code"], each["now"], each["after"]) for each in records[:2]] == [
        ("Z99.61", "delivered", "held"),  # the new commune is not connected yet
        ("Z99.62", "held", "held"),
    ]
    assert "Z99.63" in records[0]["after_vi"]


def test_a_decision_before_its_day_changes_nothing(
    edochub: Command, hub_folder: Path, decision: tuple[Path, Path]
) -> None:
    told = edochub(
        "agencies", "what-if", decision[0], "--codes", decision[1], "--date", "2026-12-31", "--json"
    ).json
    assert told["summary"][2]["en"] == "0 of 4 codes change"
