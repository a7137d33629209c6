"""`edochub report`: on the terminal, as a file, and counted again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hub.testing import package
from tests.unit.hub.commands.door import Command

NOW = datetime.now(UTC)
DAYS = ("--from", (NOW - timedelta(days=2)).date(), "--to", (NOW + timedelta(days=2)).date())


def send(edochub: Command, letter: Path) -> None:
    """Send a document."""
    letter.write_bytes(package(sender="Z99.13", to=["Z99.61"]))
    assert edochub("send", letter, "--as", "so-noi-vu").code == 0


def test_a_report_is_shown_in_the_language_of_its_reader(
    edochub: Command, hub_folder: Path, letter: Path
) -> None:
    send(edochub, letter)
    ran = edochub("report", *DAYS, language="vi")
    assert ran.code == 0
    for words in (
        "Báo cáo trao đổi văn bản điện tử",
        "Ký số, chứng minh bằng mật mã",
        "Sở Nội vụ Thử Nghiệm",
    ):
        assert words in ran.out
    told = edochub("report", *DAYS, "--agency", "Z99.13", "--json").json
    assert told["agency"]["code"] == "Z99.13"
    assert told["kinds"]["new"] == 1


def test_a_report_is_written_to_a_file(
    edochub: Command, hub_folder: Path, letter: Path, tmp_path: Path
) -> None:
    send(edochub, letter)
    for form, begins in ((".csv", b"\xef\xbb\xbf"), (".json", b"{"), (".xlsx", b"PK"), (".pdf", b"%PDF")):
        path = tmp_path / f"report{form}"
        ran = edochub("report", *DAYS, "-o", path)
        assert (ran.code, ran.out) == (0, "")
        assert path.read_bytes().startswith(begins)
    assert edochub("report", *DAYS, "-o", tmp_path / "report.docx").code == 2


def test_a_recount_says_line_by_line_whether_it_agrees(
    edochub: Command, hub_folder: Path, letter: Path
) -> None:
    send(edochub, letter)
    with closing(sqlite3.connect(hub_folder / "edochub.db")) as database:  # behind the ledger's back
        database.execute("UPDATE deliveries SET state = 'refused'")
        database.commit()
    ran = edochub("report", *DAYS, "--recount", "--json")
    differing = {
        (line["row"], line["reported"], line["recounted"])
        for line in ran.json["lines"]
        if not line["agrees"] and line["table"]["en"] == "How far deliveries have come"
    }
    assert differing == {("On its way or waiting", 0, 1), ("Refused", 1, 0)}
    assert (ran.code, ran.json["agrees"]) == (1, False)
    evidence = ran.json["evidence"]
    assert (evidence["packages"], evidence["broken"], evidence["damaged"]) == (1, [], [])
    page = edochub("report", *DAYS, "--recount", language="vi").out
    assert "KHÔNG KHỚP" in page
    assert "khớp" in page


def test_days_that_are_none_are_refused(edochub: Command, hub_folder: Path) -> None:
    assert edochub("report", "--from", "2026-11-02", "--to", "2026-11-01").code == 2
    assert edochub("report", "--agency", "Z99.99").code == 1
    assert edochub("report").code == 0
