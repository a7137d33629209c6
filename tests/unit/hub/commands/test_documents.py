"""A document's way by command: sent, listed, fetched, taken, answered, traced."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from tests.unit.hub.commands.door import Command


@pytest.fixture
def delivery(edochub: Command, hub_folder: Path, letter: Path) -> str:
    """The delivery of the letter, in the commune's inbox."""
    assert edochub("send", letter, "--as", "so-noi-vu").code == 0
    return str(edochub("inbox", "xa-binh-thu", "--json").json["deliveries"][0]["id"])


def test_sending_again_gives_the_first_id_back(edochub: Command, hub_folder: Path, letter: Path) -> None:
    first = edochub("send", letter, "--as", "so-noi-vu", "--json").json["documents"][0]
    again = edochub("send", letter, "--as", "so-noi-vu", "--json").json["documents"][0]

    assert (first["duplicate"], again["duplicate"]) == (False, True)
    assert again["id"] == first["id"]


def test_of_several_packages_each_is_answered(edochub: Command, hub_folder: Path, letter: Path) -> None:
    bad = hub_folder / "bad.edxml"
    bad.write_bytes(b"<not><closed>")

    ran = edochub("send", letter, bad, "--as", "so-noi-vu", "--json")

    assert ran.code == 1
    assert [document["state"] for document in ran.json["documents"]] == ["accepted", "refused"]
    assert ran.json["documents"][1]["findings"]
    assert ran.json["documents"][1]["error"]["message"]["vi"]


def test_a_refusal_can_be_looked_up(edochub: Command, hub_folder: Path) -> None:
    bad = hub_folder / "bad.edxml"
    bad.write_bytes(b"<not><closed>")
    refused = edochub("send", bad, "--as", "so-noi-vu", "--json").json["documents"][0]

    ran = edochub("trace", refused["id"], language="vi")

    assert ran.code == 0
    assert "Gói tin bị trục từ chối" in ran.out
    assert "Trục từ chối gói tin" in ran.out


def test_a_package_may_come_through_a_pipe(
    edochub: Command, hub_folder: Path, letter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(letter.read_bytes())))

    ran = edochub("send", "-", "--as", "so-noi-vu")

    assert ran.code == 0
    assert "(standard input): accepted" in ran.out


def test_sending_as_nobody_names_those_there_are(edochub: Command, hub_folder: Path, letter: Path) -> None:
    ran = edochub("send", letter, "--as", "nobody")

    assert ran.code == 1
    assert "so-noi-vu" in ran.err


def test_what_is_fetched_is_what_was_sent(
    edochub: Command, delivery: str, letter: Path, tmp_path: Path
) -> None:
    assert edochub("fetch", delivery, "-o", tmp_path / "got.edxml").code == 0

    assert (tmp_path / "got.edxml").read_bytes() == letter.read_bytes()
    assert len(edochub("inbox", "xa-binh-thu", "--json").json["deliveries"]) == 1


def test_fetching_and_taking_empties_the_inbox(edochub: Command, delivery: str, tmp_path: Path) -> None:
    assert edochub("fetch", delivery, "-o", tmp_path / "got.edxml", "--take").code == 0

    assert edochub("inbox", "xa-binh-thu", "--json").json["deliveries"] == []


def test_a_file_that_cannot_be_written_is_not_taken(edochub: Command, delivery: str, tmp_path: Path) -> None:
    ran = edochub("fetch", delivery, "-o", tmp_path / "no" / "such" / "folder.edxml", "--take")

    assert ran.code == 4
    assert len(edochub("inbox", "xa-binh-thu", "--json").json["deliveries"]) == 1


def test_taking_twice_is_taking_once(edochub: Command, delivery: str) -> None:
    assert edochub("take", delivery, "--json").json["state"] == "delivered"
    assert edochub("take", delivery, "--json").json["state"] == "delivered"


@pytest.mark.parametrize("command", ["take", "resume", "trace"])
def test_what_is_not_there_is_not_found(edochub: Command, hub_folder: Path, command: str) -> None:
    ran = edochub(command, "01ARZ3NDEKTSV4RRFFQ69G5FAV", "--json")

    assert ran.code == 1
    assert ran.json["error"]["code"] == "not-found"


def test_an_answer_reaches_the_sender(edochub: Command, delivery: str) -> None:
    message = edochub("deliveries", "--json").json["deliveries"][0]["message"]

    answered = edochub("status", message, "03", "--as", "xa-binh-thu", "-m", "Đã vào sổ", language="vi")
    waiting = edochub("inbox", "so-noi-vu", "--json").json["deliveries"]

    assert answered.code == 0
    assert "03 – Đã tiếp nhận" in answered.out
    assert [(each["kind"], each["status"]) for each in waiting] == [("status", "03")]


def test_an_answer_that_changes_nothing_says_so(edochub: Command, delivery: str) -> None:
    message = edochub("deliveries", "--json").json["deliveries"][0]["message"]
    answers = [
        edochub("status", message, code, "--as", "xa-binh-thu", "-m", words)
        for code, words in (("06", "Đã xong"), ("03", "Đã rõ"), ("06", "Đã xong rồi"))
    ]

    assert [ran.code for ran in answers] == [0, 0, 0]
    assert [ran.err for ran in answers] == ["", "Note: came late, changes nothing.\n", "Note: said again.\n"]


def test_only_an_addressee_may_answer(edochub: Command, delivery: str) -> None:
    message = edochub("deliveries", "--json").json["deliveries"][0]["message"]
    edochub("endpoints", "add", "xa-an-thu", "--adapter", "http", "--agency", "Z99.62")

    assert edochub("status", message, "03", "--as", "xa-an-thu").code == 1


def test_a_trace_tells_a_clerk_everything(edochub: Command, delivery: str, letter: Path) -> None:
    message = edochub("deliveries", "--json").json["deliveries"][0]["message"]
    edochub("take", delivery)
    edochub("status", message, "03", "--as", "xa-binh-thu", "-m", "Đã vào sổ")

    page = edochub("trace", message, language="vi").out

    for words in (
        "Văn bản mới",
        "V/v kiểm thử liên thông văn bản",
        "UBND xã Bình Thử",
        "đã đến nơi nhận",
        "Trục đã tiếp nhận và lưu gói tin",
        "Nơi nhận đã nhận",
        "Ghi nhận thông báo trạng thái (03 – Đã tiếp nhận)",
        "Đã vào sổ",
        "không có chữ ký số",
    ):
        assert words in page


def test_a_trace_is_found_by_every_name_of_a_document(edochub: Command, delivery: str) -> None:
    message = edochub("trace", delivery, "--json").json["message"]

    for reference in (message["id"], message["document_id"], message["code"]):
        found = edochub("trace", reference, "--json").json
        assert found["message"]["id"] == message["id"]
        assert {"message", "events", "deliveries", "statuses"} <= set(found)


def test_deliveries_are_listed_by_state(edochub: Command, delivery: str) -> None:
    assert [
        each["id"] for each in edochub("deliveries", "--state", "available", "--json").json["deliveries"]
    ] == [delivery]
    assert edochub("deliveries", "--state", "suspended").out == "There are no deliveries.\n"


def test_a_delivery_that_is_done_cannot_be_resumed(edochub: Command, delivery: str) -> None:
    edochub("take", delivery)

    ran = edochub("resume", delivery)

    assert ran.code != 0
    assert delivery in ran.err


def test_the_ledger_of_all_this_is_whole(edochub: Command, delivery: str) -> None:
    ran = edochub("ledger", "verify", "--json")

    assert ran.code == 0
    assert ran.json["broken"] == []
    assert ran.json["events"] >= 4
