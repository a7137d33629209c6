"""What is late, on each database: since when, whose turn it is, and in which order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from hub.calendar import VIETNAM
from hub.config import StorageSettings
from hub.deadlines import Kind
from hub.errors import NotFound
from hub.model import Accepted
from hub.overdue import Overdue
from hub.testing import PDF, Box, ManualClock, hub_in_a_box, organization, settings
from schemas.edxml import writer
from schemas.edxml.envelope import AttachmentInfo, Business, Envelope, PackageKind, Priority, Reference

SENDER, POLLS, OTHER = "H49.13", "H49.61", "H49.62"
FRIDAY = date(2026, 11, 20)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()  # Friday 2026-11-20, nine in the morning in Vietnam


@pytest.fixture
async def box(tmp_path: Path, database: str, clock: ManualClock) -> AsyncIterator[Box]:
    config = replace(settings(tmp_path), storage=StorageSettings(database=database))
    async with hub_in_a_box(tmp_path, config=config, clock=clock) as made:
        await made.connect("sender", SENDER)
        await made.connect("polls", POLLS)
        await made.connect("other", OTHER)
        yield made


def letter(
    number: int,
    *,
    sender: str = SENDER,
    to: str = POLLS,
    signed: date = FRIDAY,
    due: date | None = None,
    priority: Priority = Priority.NORMAL,
    kind: PackageKind = PackageKind.NEW,
    replies_to: str | None = None,
) -> bytes:
    info = AttachmentInfo(content_id="1", name="van-ban.pdf", content_type="application/pdf")
    document_id = f"{sender},2026/11/20,{number}/CV"
    return writer.write(
        Envelope(
            kind=kind,
            sender=organization(sender),
            receivers=(organization(to),),
            document_id=document_id,
            number=str(number),
            notation="CV",
            place="Quảng Ninh",
            promulgated_on=signed,
            due_on=due,
            type_code="2",
            type_name="Công văn",
            subject=f"Việc {number}",
            content=f"Việc {number}",
            priority=priority,
            steering_type="0",
            business=None
            if kind is PackageKind.NEW
            else Business(reason="Kiểm thử", document_id=document_id),
            response_for=(Reference(organ_code=to, document_id=replies_to, code="1/CV"),)
            if replies_to
            else (),
            attachments=(info,),
        ),
        [(info, PDF)],
    )


async def hand_in(box: Box, content: bytes, endpoint: str = "sender") -> Accepted:
    return await box.hub.accept(await box.hub.endpoint(endpoint), content)


async def take_all(box: Box, endpoint: str = "polls") -> None:
    holder = await box.hub.endpoint(endpoint)
    for each in await box.hub.waiting(holder):
        await box.hub.take(holder, each.delivery.id)


async def answer(box: Box, document: Accepted, code: str, endpoint: str = "polls") -> None:
    await box.hub.answer(await box.hub.endpoint(endpoint), document.message.id, code, "Kiểm thử")


async def late(box: Box, kind: Kind | None = None, agency: str | None = None) -> list[Overdue]:
    return await box.hub.overdue(kind=kind, agency=agency)


def shown(found: list[Overdue]) -> list[tuple[str, str, str]]:
    return [(str(each.rule.id), each.open.code, each.turn) for each in found]


async def test_nothing_is_late_on_the_same_day(box: Box) -> None:
    await hand_in(box, letter(1, due=date(2026, 11, 30)))
    assert await late(box) == []


async def test_a_document_that_nobody_speaks_of_is_late_the_next_day(box: Box, clock: ManualClock) -> None:
    document = await hand_in(box, letter(1))
    clock.advance(days=1)
    (found,) = await late(box)

    assert shown([found]) == [("arrival", "1/CV", POLLS)]
    assert found.open.message == document.message.id
    assert found.due == datetime(2026, 11, 21, tzinfo=VIETNAM)
    assert found.late == timedelta(hours=9)
    told = found.as_json()
    assert told["turn"] == {"who": "addressee", "code": POLLS}
    assert told["late_seconds"] == 9 * 3_600
    assert "21" in told["rule"]["citation"]["vi"]


async def test_after_01_the_register_is_waited_for_and_then_nothing(box: Box, clock: ManualClock) -> None:
    document = await hand_in(box, letter(1))
    await take_all(box)
    await answer(box, document, "01")
    clock.advance(days=1)
    assert await late(box) == []
    clock.advance(days=3)  # Tuesday: Monday was the next working day
    assert shown(await late(box)) == [("registration", "1/CV", POLLS)]
    await answer(box, document, "03")
    clock.advance(days=60)
    assert await late(box) == [], "that 04 to 06 never come is not a failure"


async def test_an_urgent_document_is_late_within_the_hour_and_comes_first(
    box: Box, clock: ManualClock
) -> None:
    await hand_in(box, letter(1))
    clock.advance(days=3)
    await hand_in(box, letter(2, signed=date(2026, 11, 23), priority=Priority.EXPRESS))
    clock.advance(minutes=61)
    assert shown(await late(box)) == [("arrival", "2/CV", POLLS), ("arrival", "1/CV", POLLS)]


async def test_a_due_date_is_met_by_06_or_by_a_document_in_reply(box: Box, clock: ManualClock) -> None:
    documents = [await hand_in(box, letter(number, due=date(2026, 11, 25))) for number in (1, 2, 3)]
    await take_all(box)
    for document in documents:
        await answer(box, document, "03")
    clock.advance(days=5)
    assert await late(box) == []
    await answer(box, documents[0], "06")
    named = documents[1].message.document_id
    signed = date(2026, 11, 25)
    await hand_in(box, letter(9, sender=POLLS, to=SENDER, signed=signed, replies_to=named), "polls")
    await take_all(box, "sender")
    clock.advance(days=1)
    assert shown(await late(box, Kind.REPLY)) == [("reply", "3/CV", POLLS)]


async def test_a_recall_without_an_answer_is_late(box: Box, clock: ManualClock) -> None:
    document = await hand_in(box, letter(1))
    await take_all(box)
    await answer(box, document, "13", "sender")
    clock.advance(days=4)
    assert shown(await late(box)) == [("request", "1/CV", POLLS)], "and no more for the document itself"
    await answer(box, document, "16")
    assert await late(box, Kind.REQUEST) == []


async def test_what_was_withdrawn_or_superseded_is_not_waited_for(box: Box, clock: ManualClock) -> None:
    withdrawn = await hand_in(box, letter(1, due=FRIDAY))
    await answer(box, withdrawn, "13", "sender")
    await hand_in(box, letter(2, due=FRIDAY))
    await take_all(box)
    update = await hand_in(box, letter(2, kind=PackageKind.UPDATE))
    clock.advance(days=1)
    (found,) = await late(box)
    assert (str(found.rule.id), found.open.message) == ("arrival", update.message.id)


async def test_a_document_that_was_sent_late_stands_last(box: Box, clock: ManualClock) -> None:
    await hand_in(box, letter(1, signed=date(2026, 11, 18)))  # Wednesday: until Thursday noon
    await hand_in(box, letter(2, signed=date(2026, 11, 19)))  # Thursday: until Friday noon
    await hand_in(box, letter(3, signed=date(2026, 11, 19), priority=Priority.URGENT))  # until Thursday's end
    assert shown(await late(box)) == [("sent", "3/CV", SENDER), ("sent", "1/CV", SENDER)]
    clock.advance(days=1)
    kinds = [kind for kind, _, _ in shown(await late(box))]
    assert kinds == ["arrival", "arrival", "arrival", "sent", "sent"]


async def test_one_agencys_turns_are_asked_for_by_any_of_its_codes(box: Box, clock: ManualClock) -> None:
    await hand_in(box, letter(1))
    await hand_in(box, letter(2, to=OTHER))
    await hand_in(box, letter(3, signed=date(2026, 11, 2)))
    clock.advance(days=1)
    assert shown(await late(box, agency=OTHER)) == [("arrival", "2/CV", OTHER)]
    assert shown(await late(box, agency=SENDER)) == [("sent", "3/CV", SENDER)]
    with pytest.raises(NotFound):
        await late(box, agency="H49.99")


async def test_what_is_older_than_one_looks_back_is_history(box: Box, clock: ManualClock) -> None:
    await hand_in(box, letter(1))
    clock.now = datetime(2027, 3, 15, tzinfo=UTC)
    assert await late(box) == []


async def test_a_limit_keeps_the_worst(box: Box, clock: ManualClock) -> None:
    for number in range(1, 5):
        await hand_in(box, letter(number))
        clock.advance(minutes=1)
    clock.advance(days=2)
    assert [each.open.code for each in await box.hub.overdue(limit=2)] == ["1/CV", "2/CV"]
