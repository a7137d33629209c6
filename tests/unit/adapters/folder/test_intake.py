"""What one round of taking in does with each answer of the hub, and with what is left of an earlier life."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.folder.intake import Intake
from adapters.folder.layout import FolderSettings, Layout
from hub.errors import Malformed, Unavailable
from hub.hops import Hops
from hub.model import Accepted
from hub.rig import NOW, message
from schemas.findings import Finding, Severity
from schemas.text import Text

SETTINGS = FolderSettings(quiet_seconds=0.0, largest_bytes=1000, first_pause_seconds=30.0, scan_seconds=5.0)
FINDING = Finding(
    code="xml.not-well-formed",
    severity=Severity.ERROR,
    message=Text(vi="Thẻ chưa được đóng", en="A tag is not closed"),
    remedy=Text(vi="Đóng thẻ này", en="Close the tag"),
    line=3,
)
DOWN = Unavailable(Text(vi="Cơ sở dữ liệu không trả lời", en="The database does not answer"), retry_after=7)


class Answers:
    """A hub that answers in a prescribed order and then accepts."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.offered: list[bytes] = []
        self.duplicate = False

    async def receive(self, content: bytes, hops: Hops = ()) -> Accepted:
        self.offered.append(content)
        if self.errors:
            raise self.errors.pop(0)
        return Accepted(message=message(content), deliveries=(), duplicate=self.duplicate)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(tmp_path / "agency")
    made.make()
    return made


async def at_once(function: Callable[..., Any], *arguments: object) -> Any:
    return function(*arguments)


def intake(layout: Layout, settings: FolderSettings = SETTINGS) -> Intake:
    return Intake(layout, settings, lambda: NOW, at_once)


def drop(layout: Layout, name: str, content: bytes) -> None:
    (layout.inbox / name).write_bytes(content)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_an_accepted_package_lies_in_accepted_with_the_hubs_answer(layout: Layout) -> None:
    drop(layout, "công văn.xml", b"<a/>")
    await intake(layout).round(Answers().receive)
    number = message(b"").id
    assert names(layout.accepted) == [f"{number}.edxml", f"{number}.json"]
    assert (layout.accepted / f"{number}.edxml").read_bytes() == b"<a/>"
    answer = json.loads((layout.accepted / f"{number}.json").read_bytes())
    assert answer["id"] == number
    assert answer["file"] == "công văn.xml"
    assert answer["duplicate"] is False
    assert answer["findings"] == []
    assert names(layout.inbox) == names(layout.working) == names(layout.refused) == []


async def test_a_refused_package_lies_in_refused_with_a_letter_and_an_answer(layout: Layout) -> None:
    drop(layout, "sai.xml", b"<a>")
    refusal = Malformed([FINDING])
    refusal.id = "01REFUSAL"
    await intake(layout).round(Answers(refusal).receive)
    assert names(layout.refused) == ["sai.xml", "sai.xml.json", "sai.xml.txt"]
    assert "Thẻ chưa được đóng" in (layout.refused / "sai.xml.txt").read_text(encoding="utf-8-sig")
    assert json.loads((layout.refused / "sai.xml.json").read_bytes()) == {
        "file": "sai.xml",
        "at": NOW.isoformat(),
        "error": {"code": "document.invalid", "message": FINDING.message.as_json()},
        "findings": [FINDING.as_json()],
        "refusal": "01REFUSAL",
    }
    assert names(layout.inbox) == names(layout.working) == []


async def test_a_second_refused_package_of_the_same_name_leaves_the_first_alone(layout: Layout) -> None:
    for content in (b"<first>", b"<second>"):
        drop(layout, "sai.xml", content)
        await intake(layout).round(Answers(Malformed([FINDING])).receive)
    assert (layout.refused / "sai.xml").read_bytes() == b"<first>"
    assert len(names(layout.refused)) == 6


async def test_an_answer_never_takes_the_place_of_a_refused_package(layout: Layout) -> None:
    for name in ("sai.xml.json", "sai.xml"):
        drop(layout, name, name.encode())
        await intake(layout).round(Answers(Malformed([FINDING])).receive)
    assert (layout.refused / "sai.xml.json").read_bytes() == b"sai.xml.json"
    assert len(names(layout.refused)) == 6


async def test_a_package_over_the_limit_is_refused_without_asking_the_hub(layout: Layout) -> None:
    drop(layout, "lớn.xml", b"x" * 1001)
    hub = Answers()
    await intake(layout).round(hub.receive)
    assert hub.offered == []
    assert "1,000 byte" in (layout.refused / "lớn.xml.txt").read_text(encoding="utf-8-sig")


async def test_a_link_that_was_swapped_in_after_the_claim_is_moved_aside_and_not_read(
    layout: Layout, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (layout.working / "0-a.xml").symlink_to(tmp_path / "secret")
    hub = Answers()
    await intake(layout).round(hub.receive)
    assert hub.offered == []
    assert (layout.refused / "a.xml").is_symlink()
    assert json.loads((layout.refused / "a.xml.json").read_bytes())["error"]["code"] == "file.not-plain"


async def test_when_the_hub_is_unavailable_everything_waits_in_its_order(layout: Layout) -> None:
    taker, hub = intake(layout), Answers(DOWN)
    drop(layout, "b.xml", b"<first/>")
    with pytest.raises(Unavailable):
        await taker.round(hub.receive)
    drop(layout, "a.xml", b"<second/>")
    await taker.round(hub.receive)
    assert hub.offered == [b"<first/>", b"<first/>", b"<second/>"]
    assert names(layout.working) == []


async def test_something_unplanned_keeps_the_file_and_lets_the_others_go_on(layout: Layout) -> None:
    taker, hub = intake(layout), Answers(RuntimeError("unplanned"))
    drop(layout, "a.xml", b"<unlucky/>")
    await taker.round(hub.receive)
    drop(layout, "b.xml", b"<lucky/>")
    assert await taker.round(hub.receive) <= SETTINGS.scan_seconds
    assert hub.offered == [b"<unlucky/>", b"<lucky/>"]
    assert [path.read_bytes() for path in layout.working.iterdir()] == [b"<unlucky/>"]


async def test_a_file_that_rested_is_offered_again(layout: Layout) -> None:
    taker, hub = (
        intake(layout, replace(SETTINGS, first_pause_seconds=0.0)),
        Answers(RuntimeError("unplanned")),
    )
    drop(layout, "a.xml", b"<unlucky/>")
    await taker.round(hub.receive)
    await taker.round(hub.receive)
    assert hub.offered == [b"<unlucky/>", b"<unlucky/>"]
    assert names(layout.working) == []


async def test_an_answer_that_cannot_be_written_keeps_the_package(layout: Layout) -> None:
    layout.accepted.rmdir()
    drop(layout, "a.xml", b"<a/>")
    taker, hub = intake(layout, replace(SETTINGS, first_pause_seconds=0.0)), Answers()
    await taker.round(hub.receive)
    assert len(names(layout.working)) == 1
    layout.accepted.mkdir()
    await taker.round(hub.receive)
    assert hub.offered == [b"<a/>", b"<a/>"]
    assert names(layout.working) == []


async def test_what_a_hub_left_that_died_is_offered_again(layout: Layout) -> None:
    (layout.working / "00112233-a.xml").write_bytes(b"<left/>")
    hub = Answers()
    hub.duplicate = True
    await intake(layout).round(hub.receive)
    assert hub.offered == [b"<left/>"]
    answer = json.loads(next(layout.accepted.glob("*.json")).read_bytes())
    assert answer["duplicate"] is True
    assert answer["file"] == "a.xml"


async def test_while_one_hub_takes_in_another_only_looks_on(layout: Layout) -> None:
    drop(layout, "a.xml", b"<a/>")
    onlooker, hub = intake(layout), Answers()

    async def receive(content: bytes, hops: Hops = ()) -> Accepted:
        assert await onlooker.round(hub.receive) == SETTINGS.scan_seconds
        return await hub.receive(content)

    await intake(layout).round(receive)
    assert hub.offered == [b"<a/>"]
    drop(layout, "b.xml", b"<b/>")
    await onlooker.round(hub.receive)
    assert hub.offered == [b"<a/>", b"<b/>"]


async def test_it_looks_again_soon_while_a_file_is_not_complete(layout: Layout) -> None:
    taker = intake(layout, replace(SETTINGS, quiet_seconds=0.5))
    assert await taker.round(Answers().receive) == 5.0
    drop(layout, "a.xml", b"<a/>")
    assert await taker.round(Answers().receive) == 0.5
