"""`edochub search`: what a person sees, and a program."""

from __future__ import annotations

from pathlib import Path

from hub.testing import package
from tests.unit.hub.commands.door import Command


def send(edochub: Command, path: Path, subject: str, to: str = "Z99.61") -> dict[str, str]:
    path.write_bytes(package(sender="Z99.13", to=[to], subject=subject))
    sent: dict[str, str] = edochub("send", path, "--as", "so-noi-vu", "--json").json["documents"][0]
    return sent


def test_what_was_just_sent_is_found_without_a_server(
    edochub: Command, hub_folder: Path, letter: Path
) -> None:
    sent = send(edochub, letter, "Triển khai xây dựng cầu")
    send(edochub, letter, "Việc khác")

    ran = edochub("search", "xay", "dựng", "--json")
    assert (ran.code, [each["id"] for each in ran.json["documents"]]) == (0, [sent["id"]])
    assert ran.json["documents"][0]["deliveries"] == {"available": 1}
    assert ran.json["after"] is None
    assert ran.json["read"]["event"] == ran.json["read"]["of"]

    page = edochub("search", "--from", "nội vụ", "--to", "xã", language="vi").out
    for words in ("Triển khai xây dựng cầu", "Việc khác", "chờ nơi nhận lấy về", "UBND xã An Thử (Z99.62)"):
        assert words in page


def test_a_page_ends_with_where_to_go_on(edochub: Command, hub_folder: Path, letter: Path) -> None:
    for number in range(3):
        send(edochub, letter, f"Kế hoạch {number}")

    first = edochub("search", "--limit", "2", "--json").json
    assert f"--after {first['after']}" in edochub("search", "--limit", "2").out
    rest = edochub("search", "--limit", "2", "--after", str(first["after"]), "--json").json
    assert [each["subject"][-1] for each in (*first["documents"], *rest["documents"])] == ["2", "1", "0"]


def test_nothing_found_is_a_no(edochub: Command, hub_folder: Path) -> None:
    assert (edochub("search", "gì", "đó").code, edochub("search", "gì").out) == (1, "No document is found.\n")
    unknown = edochub("search", "--from", "không có ai", language="vi")
    assert unknown.code == 1
    assert "Danh bạ không có cơ quan nào" in unknown.err
