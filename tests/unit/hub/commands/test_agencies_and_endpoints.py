"""Who there is: agencies from a file, and the systems that speak for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.testing import package
from tests.unit.hub.commands.door import AGENCIES, Command


def test_the_same_file_again_changes_nothing(edochub: Command, hub_folder: Path) -> None:
    again = edochub("agencies", "import", hub_folder.parent / "agencies.csv", "--json")

    assert again.json["added"] == again.json["changed"] == 0
    assert again.json["unchanged"] == AGENCIES.count("\n") - 1


def test_a_file_with_a_fault_imports_nothing_and_names_the_line(edochub: Command, hub_folder: Path) -> None:
    bad = hub_folder / "bad.csv"
    bad.write_text(
        "code,name,level,parent\nZ98,Tỉnh khác,province,\nZ98.1,Xã khác,village,Z98\n", encoding="utf-8"
    )

    ran = edochub("agencies", "import", bad)

    assert ran.code == 2
    assert "line 3" in ran.err
    assert edochub("agencies", "show", "Z98").code == 1


def test_agencies_are_found_without_diacritics(edochub: Command, hub_folder: Path) -> None:
    found = edochub("agencies", "list", "binh", "thu", "--json").json["agencies"]

    assert [agency["code"] for agency in found] == ["Z99.61"]
    assert found[0]["endpoint"] == "xa-binh-thu"


def test_agencies_that_are_no_more_say_since_when(edochub: Command, hub_folder: Path) -> None:
    lines = {line.split()[0]: line for line in edochub("agencies", "list").out.splitlines()}

    assert "2025-07-01" in lines["Z99.40"]
    assert "2025-07-01" not in lines["Z99.61"]


def test_a_search_that_finds_nothing_is_not_told_to_import(edochub: Command, hub_folder: Path) -> None:
    assert "try fewer" in edochub("agencies", "list", "binh", "nowhere").out


@pytest.mark.parametrize(
    ("code", "state", "exit_code"),
    [("Z99.61", "found", 0), ("Z99.40", "closed", 0), ("Z99.69", "unknown", 1)],
)
def test_a_code_is_explained(
    edochub: Command, hub_folder: Path, code: str, state: str, exit_code: int
) -> None:
    ran = edochub("agencies", "show", code, "--json")

    assert (ran.code, ran.json["state"]) == (exit_code, state)
    assert code in ran.json["explanation"]["vi"]


def test_a_secret_is_shown_once_and_opens_the_door(edochub: Command, hub_folder: Path) -> None:
    added = edochub("endpoints", "add", "xa-an-thu", "--adapter", "http", "--agency", "Z99.62", "--json").json

    assert added["secret"]
    assert added["agencies"] == ["Z99.62"]
    assert added["secret"] not in edochub("endpoints", "list", "--json").out
    assert added["secret"] not in edochub("endpoints", "show", "xa-an-thu", "--json").out


def test_people_are_told_that_a_secret_is_not_shown_again(edochub: Command, hub_folder: Path) -> None:
    added = edochub("endpoints", "rotate", "xa-binh-thu", language="vi")

    assert "edh_" in added.out
    assert "chỉ hiện lần này" in added.err


def test_an_old_secret_may_be_kept_for_some_hours(edochub: Command, hub_folder: Path) -> None:
    assert edochub("endpoints", "rotate", "xa-binh-thu", "--json").json["old_until"] is None
    assert (
        edochub("endpoints", "rotate", "xa-binh-thu", "--keep-old", "2", "--json").json["old_until"]
        is not None
    )


def test_several_agencies_may_be_named_at_once(edochub: Command, hub_folder: Path) -> None:
    added = edochub("endpoints", "add", "tinh", "--adapter", "http", "--agency", "Z99,Z99.62", "--json").json

    assert added["agencies"] == ["Z99", "Z99.62"]


def test_an_agency_has_one_endpoint(edochub: Command, hub_folder: Path) -> None:
    ran = edochub("endpoints", "add", "another", "--adapter", "http", "--agency", "Z99.61")

    assert ran.code == 2
    assert "xa-binh-thu" in ran.err


def test_an_address_that_can_never_work_is_wrong_usage(edochub: Command, hub_folder: Path) -> None:
    add = (
        "endpoints",
        "add",
        "xa",
        "--adapter",
        "folder",
        "--agency",
        "Z99.62",
        "--address",
        "relative/path",
    )

    assert edochub(*add).code == 2
    assert edochub("endpoints", "show", "xa").code == 1


def test_an_endpoint_is_switched_off_and_on(edochub: Command, hub_folder: Path) -> None:
    assert edochub("endpoints", "disable", "xa-binh-thu", "--json").json["disabled"] is True
    assert edochub("endpoints", "disable", "xa-binh-thu", "--json").json["disabled"] is True
    assert edochub("endpoints", "enable", "xa-binh-thu", "--json").json["disabled"] is False
    assert edochub("ledger", "verify").code == 0


def test_the_dialect_of_an_endpoint_is_chosen_shown_and_changed(edochub: Command, hub_folder: Path) -> None:
    add = ("endpoints", "add", "xa-an-thu", "--adapter", "http", "--agency", "Z99.62")
    assert edochub(*add, "--dialect", "dotnet", "--json").json["dialect"] == "dotnet"
    assert edochub("endpoints", "show", "xa-binh-thu", "--json").json["dialect"] == "vnpt"
    assert "dotnet: as the .NET SDK does" in edochub("endpoints", "show", "xa-an-thu").out

    changed = edochub("endpoints", "set", "xa-binh-thu", "--dialect", "dotnet", "--json")

    assert changed.json == edochub("endpoints", "show", "xa-binh-thu", "--json").json
    assert {each["dialect"] for each in edochub("endpoints", "list", "--json").json["endpoints"]} == {
        "dotnet",
        "vnpt",
    }
    assert "dotnet" in edochub("endpoints", "set", "xa-binh-thu", "--dialect", "dotnet").out
    assert edochub("ledger", "verify").code == 0


def test_the_limits_of_an_endpoint_are_chosen_shown_and_taken_back(
    edochub: Command, hub_folder: Path
) -> None:
    add = ("endpoints", "add", "xa-an-thu", "--adapter", "http", "--agency", "Z99.62")
    limits = ("--limit", "documents_per_minute=60", "--limit", "deliveries_at_once=0")
    assert edochub(*add, *limits, "--json").json["limits"] == {
        "documents_per_minute": 60,
        "deliveries_at_once": 0,
    }
    assert "documents_per_minute=60" in edochub("endpoints", "show", "xa-an-thu").out
    assert edochub("endpoints", "show", "xa-binh-thu", "--json").json["limits"] == {}

    again = ("--limit", "documents_per_minute=default", "--limit", "bytes_per_minute=1000")
    changed = edochub("endpoints", "set", "xa-an-thu", *again, "--json")

    assert changed.json["limits"] == {"bytes_per_minute": 1000, "deliveries_at_once": 0}
    assert changed.json == edochub("endpoints", "show", "xa-an-thu", "--json").json
    assert edochub("ledger", "verify").code == 0


@pytest.mark.parametrize("limit", ["speed=1", "documents_per_minute", "documents_per_minute=-1", "=5"])
def test_a_limit_that_cannot_be_is_wrong_usage(edochub: Command, hub_folder: Path, limit: str) -> None:
    ran = edochub("endpoints", "set", "xa-binh-thu", "--limit", limit)

    assert ran.code == 2
    assert "documents_per_minute" in ran.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("xa-binh-thu",), 2, "--dialect"),
        (("xa-binh-thu", "--dialect", "java"), 2, "vnpt"),
        (("nowhere", "--dialect", "dotnet"), 1, "xa-binh-thu"),
    ],
)
def test_a_change_that_cannot_be_is_wrong_usage(
    edochub: Command, hub_folder: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    ran = edochub("endpoints", "set", *words)

    assert ran.code == code
    assert said in ran.err


def test_what_was_held_goes_on_when_its_endpoint_is_added(edochub: Command, hub_folder: Path) -> None:
    held = hub_folder / "held.edxml"
    held.write_bytes(package(sender="Z99.13", to=["Z99.62"]))
    sent = edochub("send", held, "--as", "so-noi-vu", "--json").json["documents"][0]
    assert [delivery["state"] for delivery in sent["deliveries"]] == ["held"]

    added = edochub("endpoints", "add", "xa-an-thu", "--adapter", "http", "--agency", "Z99.62", "--json").json

    assert [delivery["id"] for delivery in added["released"]] == [sent["deliveries"][0]["id"]]
    assert len(edochub("inbox", "xa-an-thu", "--json").json["deliveries"]) == 1


def test_a_secret_that_the_far_side_dictates_is_taken_from_a_file_and_not_shown(
    edochub: Command, hub_folder: Path
) -> None:
    secret = hub_folder / "secret"
    secret.write_text("hunter2\n")
    added = edochub(
        "endpoints",
        "add",
        "xa-thu",
        "--adapter",
        "soap",
        "--agency",
        "Z99.62",
        "--secret-file",
        secret,
        "--json",
    )
    rotated = edochub("endpoints", "rotate", "xa-thu", "--secret-file", secret)

    assert (added.code, added.json["secret"]) == (0, None)
    assert rotated.code == 0
    assert "hunter2" not in added.out + rotated.out + rotated.err


@pytest.mark.parametrize("given", ["hunter2", "một mã bí mật dài nhưng có dấu cách"])
def test_a_weak_secret_cannot_become_a_bearer_token(edochub: Command, hub_folder: Path, given: str) -> None:
    secret = hub_folder / "secret"
    secret.write_text(given)

    ran = edochub("endpoints", "rotate", "xa-binh-thu", "--secret-file", secret)

    assert ran.code == 2
    assert "24" in ran.err


def test_an_empty_secret_is_wrong_usage(edochub: Command, hub_folder: Path) -> None:
    empty = hub_folder / "secret"
    empty.write_text("\n")

    assert edochub("endpoints", "rotate", "xa-binh-thu", "--secret-file", empty).code == 2
