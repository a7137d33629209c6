"""`edochub overdue`, and what `edochub trace` tells of versions and states."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from hub.commands.overdue import spoken
from hub.testing import package
from schemas.edxml.envelope import PackageKind
from tests.unit.hub.commands.door import Command


def send(edochub: Command, path: Path, content: bytes) -> dict[str, str]:
    path.write_bytes(content)
    sent: dict[str, str] = edochub("send", path, "--as", "so-noi-vu", "--json").json["documents"][0]
    return sent


def test_nothing_late_is_said_so_with_code_0(edochub: Command, hub_folder: Path) -> None:
    ran = edochub("overdue")

    assert (ran.code, ran.out) == (0, "Nothing is late.\n")


def test_what_was_sent_late_is_listed_with_its_rule_and_code_0(
    edochub: Command, hub_folder: Path, letter: Path
) -> None:
    sent = send(edochub, letter, package(sender="Z99.13", to=["Z99.61"]))  # signed on 18 November 2026

    ran = edochub("overdue", "--kind", "sent", "--json")
    assert ran.code == 0
    assert [each["message"] for each in ran.json["overdue"]] == [sent["id"]]
    assert ran.json["overdue"][0]["turn"] == {"who": "sender", "code": "Z99.13"}

    page = edochub("overdue", "--kind", "sent", language="vi").out
    for words in ("nơi gửi", "Z99.13", "V/v kiểm thử", "Quyết định 28/2018/QĐ-TTg", "đã đối chiếu nguồn"):
        assert words in page


def test_only_one_agencys_turns_are_listed(edochub: Command, hub_folder: Path, letter: Path) -> None:
    send(edochub, letter, package(sender="Z99.13", to=["Z99.61"]))

    assert edochub("overdue", "--kind", "sent", "--agency", "Z99.62", "--json").json["overdue"] == []
    assert edochub("overdue", "--agency", "Z99.77").code == 1


@pytest.mark.parametrize(
    ("late", "said"),
    [
        (timedelta(minutes=5), "5 phút"),
        (timedelta(hours=3, minutes=59), "3 giờ"),
        (timedelta(days=2, hours=23), "2 ngày"),
    ],
)
def test_how_late_is_said_in_the_largest_unit(late: timedelta, said: str) -> None:
    assert spoken(late).vi == said


def test_a_trace_tells_of_versions_and_of_each_addressees_state(
    edochub: Command, hub_folder: Path, letter: Path
) -> None:
    first = send(edochub, letter, package(sender="Z99.13", to=["Z99.61"]))
    named = edochub("trace", first["id"], "--json").json["message"]["document_id"]
    update = package(sender="Z99.13", to=["Z99.61"], kind=PackageKind.UPDATE, document_id=named)
    second = send(edochub, letter, update)
    edochub("status", second["id"], "03", "--as", "xa-binh-thu", "-m", "Đã vào sổ")

    page = edochub("trace", first["id"], language="vi").out
    assert f"Đã bị thay bởi  {second['id']} (Z99.61)" in page
    assert "Tình trạng tại nơi nhận" in page
    assert "đã tiếp nhận, vào sổ" in page
    page = edochub("trace", second["id"], language="en").out
    assert f"Supersedes  {first['id']} (Z99.61)" in page
    (state,) = edochub("trace", second["id"], "--json").json["states"]
    assert (state["to"], state["state"], state["request"]) == ("Z99.61", "registered", "change-asked")


def test_a_recall_before_delivery_tells_the_sender_at_once(
    edochub: Command, hub_folder: Path, letter: Path
) -> None:
    sent = send(edochub, letter, package(sender="Z99.13", to=["Z99.61"]))

    recall = edochub("status", sent["id"], "13", "--as", "so-noi-vu", "-m", "Gửi nhầm", "--json")
    assert recall.code == 0
    assert [each["code"] for each in recall.json["findings"]] == ["recall.withdrawn"]
    assert [each["state"] for each in recall.json["deliveries"]] == ["withdrawn"]
    page = edochub("trace", sent["id"], language="vi").out
    assert "đã rút lại trước khi giao" in page
    assert "Đã rút lại trước khi giao" in page, "the event too"
