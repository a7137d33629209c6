"""Where a code goes, explained; routes to other hubs; and a person's choice among successors."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.testing import package
from tests.unit.hub.commands.door import Command


@pytest.mark.parametrize(
    ("code", "decision", "exit_code"),
    [("Z99.61", "delivered", 0), ("Z99.69", "refused", 1), ("Z99.40", "held", 3), ("Z99.62", "held", 3)],
)
def test_a_decision_is_told_by_its_exit_code_and_in_both_languages(
    edochub: Command, hub_folder: Path, code: str, decision: str, exit_code: int
) -> None:
    ran = edochub("route", code, "--json")

    assert (ran.code, ran.json["decision"]) == (exit_code, decision)
    assert code in ran.json["explanation"]["vi"]
    assert code in ran.json["explanation"]["en"]
    assert [step["step"] for step in ran.json["steps"]] == [
        "written",
        "trimmed",
        "mirror",
        "agency",
        "validity",
        "succession",
        "way",
        "decision",
    ]


def test_every_step_is_shown_to_people(edochub: Command, hub_folder: Path) -> None:
    vietnamese = edochub("route", " z99.40", language="vi")
    assert "Bỏ khoảng trắng, viết hoa  Z99.40" in vietnamese.out
    assert "Giữ lại.\n" in vietnamese.out
    english = edochub("route", "Z99.40")
    assert "a person must decide which agency gets it: Z99.61 (UBND xã Bình Thử)" in english.out


def test_a_day_may_be_named(edochub: Command, hub_folder: Path) -> None:
    told = edochub("route", "Z99.40", "--date", "01/06/2025", "--json").json
    assert told["date"] == "2025-06-01"
    assert "on the document's day 2025-06-01: it holds" in told["steps"][4]["found"]["en"]
    assert edochub("route", "Z99.40", "--date", "yesterday").code == 2


def test_a_route_leads_unknown_codes_to_the_next_hub(edochub: Command, hub_folder: Path) -> None:
    assert edochub("endpoints", "add", "axis", "--adapter", "http", "--next-hub").code == 0

    assert edochub("routes", "add", "*.Z88", "--endpoint", "axis", "--json").json["endpoint"] == "axis"

    ran = edochub("route", "Z88.13", "--json")
    assert (ran.code, ran.json["endpoint"], ran.json["route"]) == (0, "axis", "*.Z88")
    assert edochub("routes", "list", "--json").json == {"routes": [{"pattern": "*.Z88", "endpoint": "axis"}]}
    assert "Z88.*" in edochub("routes", "list").out
    assert edochub("routes", "remove", "Z88.*").code == 0
    assert edochub("route", "Z88.13").code == 1


def test_a_new_route_lets_go_what_is_held(edochub: Command, hub_folder: Path, tmp_path: Path) -> None:
    letter = tmp_path / "held.edxml"
    letter.write_bytes(package(sender="Z99.13", to=["Z99.62"]))
    edochub("send", letter, "--as", "so-noi-vu")
    edochub("endpoints", "add", "axis", "--adapter", "http", "--next-hub")

    released = edochub("routes", "add", "Z99.*", "--endpoint", "axis", "--json").json["released"]

    assert len(released) == 1
    assert edochub("deliveries", "--state", "held", "--json").json["deliveries"] == []


def test_codes_may_be_kept_here(edochub: Command, hub_folder: Path) -> None:
    edochub("endpoints", "add", "axis", "--adapter", "http", "--next-hub")
    edochub("routes", "add", "*", "--endpoint", "axis")
    edochub("routes", "add", "Z99.*", "--here")

    assert edochub("route", "Z99.69").code == 1
    assert edochub("route", "Z77").code == 0
    assert "(thuộc trục này)" in edochub("routes", "list", language="vi").out


@pytest.mark.parametrize(
    "arguments",
    [
        ["Z88.*"],
        ["Z88.*", "--here", "--endpoint", "axis"],
        ["Z8*", "--here"],
        ["Z88.*", "--endpoint", "axis"],
    ],
)
def test_a_route_that_cannot_be_meant_is_wrong_usage(
    edochub: Command, hub_folder: Path, arguments: list[str]
) -> None:
    ran = edochub("routes", "add", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err


def test_a_route_that_is_not_there_cannot_be_removed(edochub: Command, hub_folder: Path) -> None:
    assert edochub("routes", "remove", "Z88.*").code == 1
    assert "routes add" in edochub("routes", "list").out


def test_a_held_delivery_goes_to_the_successor_that_a_person_names(
    edochub: Command, hub_folder: Path, tmp_path: Path
) -> None:
    letter = tmp_path / "split.edxml"
    letter.write_bytes(package(sender="Z99.13", to=["Z99.40"]))
    edochub("send", letter, "--as", "so-noi-vu")
    (held,) = edochub("deliveries", "--state", "held", "--json").json["deliveries"]
    assert "Z99.61" in held["reason"]["vi"]

    assert "--to CODE" in edochub("resume", held["id"]).err
    resumed = edochub("resume", held["id"], "--to", "Z99.61", "--json").json

    assert (resumed["endpoint"], resumed["state"]) == ("xa-binh-thu", "available")
    assert "to Z99.61" in edochub("trace", held["id"]).out
