"""A sender uses one DocumentId twice: the same package is a repeat, other content is carried with a warning."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.model import Accepted
from hub.testing import Box, hub_in_a_box, package
from schemas.edxml.envelope import PackageKind

SENDER, OTHER, TO = "H49.13", "H49.14", "H49.61"
NAME = "H49.13,2026/11/20,12/SNV-VP"


@pytest.fixture
async def box(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[Box]:
    (tmp_path / "edochub.db").write_bytes(sqlite_template.read_bytes())
    async with hub_in_a_box(tmp_path) as opened:
        await opened.connect("so", SENDER)
        await opened.connect("khac", OTHER)
        await opened.connect("xa", TO)
        yield opened


async def hand_in(box: Box, content: bytes, endpoint: str = "so") -> Accepted:
    return await box.hub.accept(await box.hub.endpoint(endpoint), content)


def warned(accepted: Accepted) -> list[str]:
    return [each.code for each in accepted.message.findings if each.code == "document.id-reused"]


async def test_other_content_under_the_same_id_is_carried_and_its_sender_is_warned(box: Box) -> None:
    first = await hand_in(box, package(document_id=NAME, subject="Bản thứ nhất"))
    second = await hand_in(box, package(document_id=NAME, subject="Nội dung khác hẳn"))
    (traced,) = await box.hub.trace(second.message.id, await box.hub.endpoint("so"))

    assert warned(first) == []
    assert warned(second) == ["document.id-reused"]
    assert second.message.id != first.message.id
    assert len(second.deliveries) == 1
    assert traced.message is not None
    (finding,) = [each for each in traced.message.findings if each.code == "document.id-reused"]
    assert first.message.id in finding.message.vi
    assert NAME in finding.message.en


async def test_the_same_package_again_is_a_repeat_and_no_reason_to_warn(box: Box) -> None:
    content = package(document_id=NAME)
    first, again = await hand_in(box, content), await hand_in(box, content)

    assert again.duplicate
    assert again.message.id == first.message.id
    assert warned(again) == []


async def test_another_sender_may_use_the_same_id(box: Box) -> None:
    await hand_in(box, package(document_id=NAME))
    theirs = await hand_in(box, package(sender=OTHER, document_id=NAME), "khac")

    assert warned(theirs) == []


async def test_an_update_of_the_document_is_no_second_document(box: Box) -> None:
    await hand_in(box, package(document_id=NAME))
    update = await hand_in(
        box, package(document_id=NAME, kind=PackageKind.UPDATE, about=NAME, subject="Bản sửa")
    )

    assert warned(update) == []


async def test_two_that_are_handed_in_at_the_same_time_are_told_apart(box: Box) -> None:
    made = [package(document_id=NAME, subject=f"Bản {number}") for number in range(4)]
    accepted = await asyncio.gather(*(hand_in(box, each) for each in made))

    assert len({each.message.id for each in accepted}) == 4
    assert len([each for each in accepted if warned(each)]) == 3
