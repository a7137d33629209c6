"""The doctor: names what is wrong, says how to mend it, and changes nothing."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.commands import _checkup
from hub.commands._checkup import Health, at_least, numbers
from hub.commands._checkup_hub import clock_line
from hub.commands.doctor import NAMES, named
from tests.unit.hub.commands.door import Command

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def visit(edochub: Command, name: str) -> tuple[int, list[dict[str, Any]]]:
    """Return the exit code, and the lines about one thing."""
    ran = edochub("doctor", "--json")
    return ran.code, [line for line in ran.json["checks"] if line["name"] == name]


def test_a_new_hub_is_well(edochub: Command, hub_folder: Path) -> None:
    ran = edochub("doctor", "--json")

    assert ran.code == 0
    assert ran.json["healthy"] is True
    assert {
        "python",
        "libraries",
        "config",
        "master key",
        "signing key",
        "trust",
        "database",
        "ledger",
        "clock",
    } <= {line["name"] for line in ran.json["checks"]}


def test_every_line_that_is_not_well_says_how_to_mend_it(edochub: Command, hub_folder: Path) -> None:
    (hub_folder / "keys" / "hub.pem").unlink()
    (hub_folder / "trust" / "bad.pem").write_text("no certificate")

    ran = edochub("doctor", "--json")

    assert ran.code == 1
    for line in ran.json["checks"]:
        assert (line["health"] == "ok") or (line["remedy"]["vi"] and line["remedy"]["en"])


def test_without_a_configuration_the_rest_is_not_looked_at(edochub: Command) -> None:
    ran = edochub("doctor", language="vi")

    assert ran.code == 1
    assert "LỖI  cấu hình" in ran.out


def test_a_key_that_others_can_read_is_noticed(edochub: Command, hub_folder: Path) -> None:
    (hub_folder / "keys" / "hub.pem").chmod(0o640)
    (hub_folder / "keys" / "master.key").chmod(0o644)

    assert [line["health"] for line in visit(edochub, "signing key")[1]] == ["warning"]
    code, master = visit(edochub, "master key")
    assert (code, [line["health"] for line in master]) == (1, ["problem"])
    assert "chmod 600" in edochub("doctor").out


def test_a_bad_file_in_the_trust_folder_is_named(edochub: Command, hub_folder: Path) -> None:
    (hub_folder / "trust" / "goc-cu.pem").write_text("no certificate")

    code, lines = visit(edochub, "trust")

    assert code == 1
    assert "goc-cu.pem" in lines[0]["found"]["vi"]


def test_a_database_that_is_gone_is_not_made_anew(edochub: Command, hub_folder: Path) -> None:
    (hub_folder / "edochub.db").unlink()

    code, lines = visit(edochub, "database")

    assert (code, lines[0]["health"]) == (1, "problem")
    assert not (hub_folder / "edochub.db").exists()


def test_a_database_that_is_none_cannot_be_reached(edochub: Command, hub_folder: Path) -> None:
    for file in hub_folder.glob("edochub.db*"):
        file.unlink()
    (hub_folder / "edochub.db").write_text("not a database, " * 100)

    assert visit(edochub, "database")[1][0]["health"] == "problem"
    assert edochub("inbox", "so-noi-vu").code == 4


@pytest.mark.parametrize("seq", [1, 3])
def test_an_altered_ledger_is_noticed(edochub: Command, hub_folder: Path, seq: int) -> None:
    connection = sqlite3.connect(hub_folder / "edochub.db")
    connection.execute("UPDATE events SET body = replace(body, '\"kind\"', '\"sort\"') WHERE seq = ?", (seq,))
    connection.commit()
    connection.close()

    assert visit(edochub, "ledger")[1][0]["health"] == "problem"
    assert edochub("ledger", "verify").code == 1


def test_an_endpoint_that_cannot_work_is_a_problem(
    edochub: Command, hub_folder: Path, tmp_path: Path
) -> None:
    place = tmp_path / "outbox-of-the-commune"
    added = edochub(
        "endpoints", "add", "xa", "--adapter", "folder", "--agency", "Z99.62", "--address", place, "--json"
    )
    assert added.code == 0
    assert visit(edochub, "endpoint xa")[1][0]["health"] == "ok"
    shutil.rmtree(place)
    place.write_text("a file where the folder should be")

    line = visit(edochub, "endpoint xa")[1][0]

    assert line["health"] in {"warning", "problem"}
    assert line["remedy"] is not None


def test_an_endpoint_that_is_switched_off_is_mentioned(edochub: Command, hub_folder: Path) -> None:
    edochub("endpoints", "disable", "xa-binh-thu")

    assert visit(edochub, "endpoint xa-binh-thu")[1][0]["health"] == "warning"


def test_a_library_that_is_too_old_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_checkup, "version", lambda name: "5.9.9" if name == "lxml" else "9999.0")

    line = _checkup.libraries()

    assert line.health is Health.PROBLEM
    assert "lxml 5.9.9 < " in line.found.en


@pytest.mark.parametrize(
    ("got", "health"), [((3, 11, 0), Health.OK), ((3, 12, 4), Health.OK), ((3, 10, 9), Health.PROBLEM)]
)
def test_versions_are_compared_as_numbers(got: tuple[int, ...], health: Health) -> None:
    assert at_least("python", got, (3, 11), Health.PROBLEM).health is health
    assert numbers("46.0.10") > numbers("46.0.6")


@pytest.mark.parametrize(
    ("last", "health"),
    [
        (None, Health.OK),
        (NOW - timedelta(days=1), Health.OK),
        (NOW + timedelta(seconds=2), Health.OK),
        (NOW + timedelta(hours=1), Health.PROBLEM),
    ],
)
def test_a_clock_that_went_back_is_noticed(last: datetime | None, health: Health) -> None:
    assert clock_line(NOW, last).health is health


def test_a_clock_of_long_ago_is_noticed() -> None:
    assert clock_line(datetime(1970, 1, 1, tzinfo=UTC), None).health is Health.PROBLEM


def test_everything_that_is_looked_at_has_a_name_for_people(edochub: Command, hub_folder: Path) -> None:
    programs = {"python", "sqlite", "expat", "openssl"}
    for line in edochub("doctor", "--json").json["checks"]:
        kind = line["name"].split()[0] if line["name"].startswith("endpoint ") else line["name"]
        assert kind in {*NAMES, *programs}
    assert named(_checkup.Line("endpoint xa", Health.OK, _checkup.same("http"))).endswith(" xa")
