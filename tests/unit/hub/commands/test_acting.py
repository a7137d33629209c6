"""The operator's orders by command: who and why, dry runs, repeats, exit codes; `why`, `trace` of many, `board`."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from hub.testing import package
from tests.unit.hub.commands.door import Command


@pytest.fixture
def delivery(edochub: Command, hub_folder: Path, letter: Path) -> str:
    """The delivery of the letter, in the commune's inbox."""
    assert edochub("send", letter, "--as", "so-noi-vu").code == 0
    return str(edochub("inbox", "xa-binh-thu", "--json").json["deliveries"][0]["id"])


def test_an_order_names_who_gave_it_and_why(edochub: Command, delivery: str) -> None:
    held = edochub("hold", delivery, "--by", "lan", "--why", "chờ ý kiến", "--json")

    assert held.code == 0
    assert (held.json["by"], held.json["why"]) == ("operator:lan", "chờ ý kiến")
    assert held.json["acted"][0]["delivery"]["state"] == "suspended"
    page = edochub("trace", delivery, language="vi").out
    assert "Người vận hành dừng lượt chuyển (vì: chờ ý kiến)" in page
    assert "người vận hành lan" in page


@pytest.mark.parametrize("command", ["hold", "withdraw", "expire"])
def test_what_stops_a_document_needs_a_reason(edochub: Command, delivery: str, command: str) -> None:
    assert edochub(command, delivery).code == 2
    assert edochub(command, delivery, "--why", "  ").code == 2
    assert edochub(command, delivery, "--why", "x", "--by", "").code == 2
    assert edochub(command, delivery, "--why", "x", "--dry-run").code == 0
    assert len(edochub("inbox", "xa-binh-thu", "--json").json["deliveries"]) == 1


def test_an_order_that_is_given_twice_is_carried_out_once(edochub: Command, delivery: str) -> None:
    first = edochub("withdraw", delivery, "--why", "gửi nhầm", language="vi")
    again = edochub("withdraw", delivery, "--why", "gửi nhầm", language="vi")

    assert (first.code, again.code) == (0, 0)
    assert "đã làm" in first.out
    assert "không đổi" in again.out
    kinds = [event["kind"] for event in edochub("trace", delivery, "--json").json["events"]]
    assert kinds.count("delivery.withdrawn") == 1


def test_what_cannot_be_done_is_said_and_the_exit_code_says_no(edochub: Command, delivery: str) -> None:
    edochub("take", delivery)

    ran = edochub("resend", delivery)

    assert ran.code == 1
    assert "--again" in ran.out
    assert edochub("resend", delivery, "--again", "--why", "lost there").code == 0
    assert "Sent again (1)" in edochub("inbox", "xa-binh-thu", "--json").json["deliveries"][0]["note"]["en"]


def test_a_document_that_goes_to_several_needs_to_be_told_which(
    edochub: Command, hub_folder: Path, tmp_path: Path
) -> None:
    letter = tmp_path / "two.edxml"
    letter.write_bytes(package(sender="Z99.13", to=["Z99.61", "Z99.62"]))
    sent = edochub("send", letter, "--as", "so-noi-vu", "--json").json["documents"][0]

    asked = edochub("resend", sent["id"])
    assert asked.code == 1
    assert "Z99.62" in asked.err
    assert edochub("resend", sent["id"], "--to", "Z99.99").code == 1
    assert edochub("resend", sent["id"], "--to", "Z99.61").code == 0
    assert edochub("resend", sent["id"], "--all-failed").out == "No delivery fits.\n"
    held = edochub("hold", sent["id"], "--why", "x", "--json").json["acted"]
    assert [each["result"] for each in held] == ["done"], "of a document, what can be stopped"


def test_a_filter_means_all_that_fit_it(edochub: Command, hub_folder: Path, tmp_path: Path) -> None:
    for number in range(3):
        path = tmp_path / f"{number}.edxml"
        path.write_bytes(package(sender="Z99.13", to=["Z99.61"]))
        assert edochub("send", path, "--as", "so-noi-vu").code == 0

    dry = edochub("expire", "--endpoint", "xa-binh-thu", "--why", "x", "--limit", "2", "--dry-run", "--json")
    assert (len(dry.json["acted"]), dry.json["more"], dry.json["dry_run"]) == (2, 1, True)
    assert edochub("expire", "--older-than", "1d", "--why", "x", "--json").json["acted"] == []
    done = edochub("expire", "--agency", "Z99.61", "--state", "available", "--why", "x", "--json").json
    assert [each["result"] for each in done["acted"]] == ["done"] * 3
    assert len(edochub("inbox", "so-noi-vu", "--json").json["deliveries"]) == 3


def test_release_of_an_endpoint_leaves_what_a_person_stopped(edochub: Command, delivery: str) -> None:
    edochub("hold", delivery, "--why", "x")

    left = edochub("release", "--endpoint", "xa-binh-thu", "--json")
    assert (left.code, left.json["acted"], left.json["stopped"]) == (0, [], 1)
    assert "--stopped" in edochub("release", "--endpoint", "xa-binh-thu").out
    let_go = edochub("release", "--endpoint", "xa-binh-thu", "--stopped", "--json").json["acted"]
    assert [each["delivery"]["id"] for each in let_go] == [delivery]
    assert edochub("release", "--endpoint", "nobody").code == 1


def test_deliveries_are_listed_page_by_page(edochub: Command, hub_folder: Path, tmp_path: Path) -> None:
    for number in range(3):
        path = tmp_path / f"{number}.edxml"
        path.write_bytes(package(sender="Z99.13", to=["Z99.61"]))
        assert edochub("send", path, "--as", "so-noi-vu").code == 0

    first = edochub("deliveries", "--endpoint", "xa-binh-thu", "--limit", "2", "--json").json
    rest = edochub(
        "deliveries", "--endpoint", "xa-binh-thu", "--limit", "2", "--after", first["next"], "--json"
    ).json
    assert (len(first["deliveries"]), len(rest["deliveries"]), rest["next"]) == (2, 1, None)
    assert "--after" in edochub("deliveries", "--limit", "2").out
    counted = edochub("deliveries", "--state", "available", "--limit", "1").out
    assert "3 in all." in counted


def test_why_tells_of_each_reference_and_of_those_that_mean_nothing(edochub: Command, delivery: str) -> None:
    ran = edochub("why", delivery, "nothing", language="vi")

    assert ran.code == 1
    assert "nằm trong hộp thư đến của xa-binh-thu" in ran.out
    assert "nothing" in ran.err
    told = edochub("why", delivery, "--json").json
    assert [each["kind"] for each in told["why"]] == ["available"]
    assert told["why"][0]["command"].startswith("edochub expire")
    assert edochub("why", "nothing").code == 1


def test_many_references_are_traced_at_once(
    edochub: Command, delivery: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = edochub("trace", delivery, "--json").json["message"]
    refs = tmp_path / "refs.txt"
    refs.write_text(f"{message['code']}\n\nnothing\n", encoding="utf-8")

    listed = edochub("trace", "--file", refs, language="vi")
    assert listed.code == 1
    assert "không tìm thấy" in listed.out
    assert "1 chờ nơi nhận lấy về" in listed.out
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{message['id']}\n{delivery}\n"))
    piped = edochub("trace", "-", "--json")
    assert piped.code == 0
    assert [each["reference"] for each in piped.json["references"]] == [message["id"], delivery]
    assert edochub("trace", message["id"], delivery, "--all").out.count("Addressees") == 1
    both = edochub("trace", message["id"], "nothing", "--json")
    assert (both.code, both.json["unknown"]) == (1, ["nothing"])


def test_a_number_that_several_documents_bear_is_listed_shortly(
    edochub: Command, hub_folder: Path, tmp_path: Path
) -> None:
    ids = []
    for number, subject in enumerate(("V/v họp", "V/v báo cáo")):
        path = tmp_path / f"{number}.edxml"
        content = package(sender="Z99.13", to=["Z99.61"], document_id="Z99.13,2026/11/18,7", subject=subject)
        path.write_bytes(content)
        ids.append(edochub("send", path, "--as", "so-noi-vu", "--json").json["documents"][0]["id"])

    short = edochub("trace", "Z99.13,2026/11/18,7")
    assert short.code == 0
    assert "Addressees" not in short.out
    assert short.out.index(ids[1]) < short.out.index(ids[0]), "the newest first"
    assert edochub("trace", "Z99.13,2026/11/18,7", "--all").out.count("Addressees") == 2
    assert "Addressees" in edochub("trace", "Z99.13,2026/11/18,7", "--subject", "bao cao").out
    assert "Addressees" in edochub("trace", "--subject", "HOP").out
    assert edochub("trace", "--agency", "Z99.62").code == 1
    assert edochub("trace", "--agency", "Q1").code == 1
    assert edochub("trace", "--agency", "Z99.61", "--to", "2020-01-01").out == "No document fits.\n"


def test_the_board_is_printed_once_for_scripts(edochub: Command, delivery: str) -> None:
    page = edochub("board", "--once", language="vi").out

    assert "xa-binh-thu" in page
    assert "1 chưa nhận (0 giữ, 0 dừng)" in page
    shown = edochub("board", "--json").json
    assert (shown["totals"]["untaken"], shown["agencies"][0]["health"]) == (1, "fine")
    edochub("take", delivery)
    later = edochub("board", "--json").json
    assert (later["totals"]["untaken"], later["totals"]["unanswered"]) == (0, 1)


def test_the_address_of_an_endpoint_is_changed(edochub: Command, delivery: str) -> None:
    changed = edochub(
        "endpoints",
        "set",
        "xa-binh-thu",
        "--address",
        "https://xa.example.vn/nhan",
        "--why",
        "đổi máy",
        "--json",
    )

    assert (changed.json["address"], changed.json["polls"]) == ("https://xa.example.vn/nhan", False)
    assert edochub("trace", delivery, "--json").json["deliveries"][0]["state"] == "queued"
    back = edochub("endpoints", "set", "xa-binh-thu", "--address", "")
    assert "1 waiting delivery goes by the new address." in back.out
    assert edochub("endpoints", "set", "xa-binh-thu", "--address", "ftp://nowhere").code == 2
    assert edochub("endpoints", "set", "xa-binh-thu").code == 2
