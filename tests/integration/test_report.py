"""Reports on each database: what is counted, and that raw evidence says the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hub.config import StorageSettings
from hub.deadlines import Kind
from hub.errors import Misconfigured, NotFound
from hub.model import Accepted, Level
from hub.report import reporting
from hub.report.compared import compared
from hub.report.figures import Exchanged, Figures, OnTime, Period, Signatures
from hub.routes import Route
from hub.store import routes
from hub.store.tables import deliveries, messages, statuses
from hub.testing import PDF, Box, ManualClock, hub_in_a_box, organization, settings
from schemas.edxml import writer
from schemas.edxml.envelope import (
    AttachmentInfo,
    Business,
    Envelope,
    PackageKind,
    Priority,
    ReceiverChange,
    Reference,
)
from signing.ca import CertificateAuthority
from signing.xml import sign
from tests.unit.signing import pdfs

PROVINCE, COMMUNE, OTHER, MINISTRY, UNCONNECTED = "H49.13", "H49.61", "H49.62", "G12.18", "H49.70"
FRIDAY = date(2026, 11, 20)
PERIOD = Period(date(2026, 11, 1), date(2026, 11, 30))


@pytest.fixture(scope="module")
def signed() -> bytes:
    return pdfs.sign(pdfs.sign(pdfs.blank(), pdfs.person()), pdfs.agency(), field="Signature2")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()  # Friday 2026-11-20, nine in the morning in Vietnam


@pytest.fixture
async def box(tmp_path: Path, database: str, clock: ManualClock) -> AsyncIterator[Box]:
    config = replace(settings(tmp_path), storage=StorageSettings(database=database))
    async with hub_in_a_box(tmp_path, config=config, clock=clock) as made:
        made.hub.trust = pdfs.trust()
        await made.add_agencies(PROVINCE, level=Level.PROVINCE)
        await made.add_agencies(COMMUNE, OTHER, UNCONNECTED, level=Level.COMMUNE)
        await made.add_agencies(MINISTRY, level=Level.CENTRAL)
        for code in (PROVINCE, COMMUNE, OTHER, MINISTRY):
            await made.connect(code, code)
        yield made


def letter(
    number: int,
    *,
    sender: str = PROVINCE,
    to: tuple[str, ...] = (COMMUNE,),
    dated: date = FRIDAY,
    due: date | None = None,
    priority: Priority = Priority.NORMAL,
    kind: PackageKind = PackageKind.NEW,
    replies_to: str | None = None,
    file: bytes = PDF,
    name: str = "van-ban.pdf",
    off: str | None = None,
) -> bytes:
    info = AttachmentInfo(content_id="1", name=name, content_type="application/pdf")
    document_id = f"{sender},2026/11/20,{number}/CV"
    new = kind is PackageKind.NEW
    return writer.write(
        Envelope(
            kind=kind,
            sender=organization(sender),
            receivers=tuple(map(organization, to)),
            document_id=document_id,
            number=str(number),
            notation="CV",
            place="Quảng Ninh",
            promulgated_on=dated,
            due_on=due,
            type_code="2",
            type_name="Công văn",
            subject=f"Việc {number}",
            content=f"Việc {number}",
            priority=priority,
            steering_type="0",
            business=None
            if new
            else Business(
                reason="Sửa",
                document_id=document_id,
                content_changed=kind is PackageKind.UPDATE,
                receivers_changed=bool(off),
                receiver_changes=(ReceiverChange(code=off, added=False),) if off else (),
            ),
            response_for=(Reference(organ_code=to[0], document_id=replies_to, code="1/CV"),)
            if replies_to
            else (),
            attachments=(info,),
        ),
        [(info, file)],
    )


async def hand_in(box: Box, content: bytes, endpoint: str = PROVINCE) -> Accepted:
    return await box.hub.accept(await box.hub.endpoint(endpoint), content)


async def take(box: Box, document: Accepted, endpoint: str = COMMUNE) -> None:
    holder = await box.hub.endpoint(endpoint)
    for each in document.deliveries:
        if each.endpoint == endpoint:
            await box.hub.take(holder, each.id)


async def answer(box: Box, document: Accepted, code: str, endpoint: str = COMMUNE, **more: Any) -> None:
    await box.hub.answer(await box.hub.endpoint(endpoint), document.message.id, code, "Kiểm thử", **more)


async def settle(box: Box) -> None:
    while await box.hub.settling.settle_some():
        pass


async def report(box: Box, **of: Any) -> Figures:
    return await reporting.report(box.hub, PERIOD, **of)


async def agreeing(box: Box, **of: Any) -> Figures:
    """Return the report, once it is shown that raw evidence says the same, line by line."""
    figures, again, recounted = await reporting.recount(box.hub, PERIOD, **of)
    assert [line for line in compared(figures, again) if not line.agrees] == []
    assert (recounted.ledger.broken, recounted.damaged) == ([], [])
    assert figures == again
    return figures


def timely(figures: Figures, kind: Kind) -> tuple[int, int, int]:
    (found,) = (each for each in figures.deadlines if each.kind is kind)
    return found.on_time, found.late, found.open


async def test_a_month_of_everything_is_counted_the_same_from_raw_evidence(
    box: Box, clock: ManualClock, signed: bytes
) -> None:
    taken = [await hand_in(box, letter(number, file=signed)) for number in range(1, 7)]
    clock.advance(minutes=30)
    for number, each in enumerate(taken):
        clock.advance(minutes=7)
        await take(box, each)
        if number % 2:
            await answer(box, each, "01")
    urgent = [
        await hand_in(box, letter(number, priority=Priority.EXPRESS, to=(COMMUNE, OTHER)))
        for number in range(10, 14)
    ]
    for number, each in enumerate(urgent):
        await take(box, each)
        clock.advance(minutes=20 + 10 * number)
        await answer(box, each, "03")
    due = [
        await hand_in(box, letter(number, due=date(2026, 11, 24), to=(OTHER,))) for number in range(20, 24)
    ]
    for each in due[:3]:
        await take(box, each, OTHER)
    await answer(box, due[0], "06", OTHER)
    await hand_in(
        box,
        letter(
            30, sender=OTHER, to=(PROVINCE,), replies_to=due[1].message.document_id, file=pdfs.edited(signed)
        ),
        OTHER,
    )
    await hand_in(
        box, letter(31, sender=MINISTRY, to=(PROVINCE, COMMUNE), dated=date(2026, 11, 10)), MINISTRY
    )
    stranger = CertificateAuthority.create("Gốc lạ", pdfs.ISSUED).issue(
        "Bộ Lạ", pdfs.ISSUED, organisation="Bộ Lạ"
    )
    await hand_in(box, sign(letter(32, sender=MINISTRY, to=(UNCONNECTED,)), stranger), MINISTRY)
    old = await hand_in(box, letter(40))
    clock.advance(hours=1)
    await take(box, old)
    await hand_in(box, letter(40, kind=PackageKind.UPDATE, dated=FRIDAY))
    back = await hand_in(box, letter(41))
    await take(box, back)
    await answer(box, back, "13", PROVINCE)
    await answer(box, back, "15")
    await hand_in(box, letter(42, kind=PackageKind.REVOKE))
    declined = await hand_in(box, letter(43))
    await box.hub.decline(await box.hub.endpoint(COMMUNE), declined.deliveries[0].id, "Nhầm")
    held = await hand_in(box, letter(44, to=(UNCONNECTED,)))
    await box.connect("late", UNCONNECTED)
    await box.hub.resume(held.deliveries[0].id, "operator:test")
    clock.advance(days=6)
    await answer(box, due[2], "06", OTHER)
    await settle(box)

    figures = await agreeing(box)
    assert figures.kinds[PackageKind.NEW] == 21
    assert figures.kinds[PackageKind.UPDATE] == figures.kinds[PackageKind.REVOKE] == 1
    assert {each.level: each.all for each in figures.sent} == {
        Level.CENTRAL: 2,
        Level.PROVINCE: 19,
        Level.COMMUNE: 1,
    }
    assert figures.signatures == (
        Signatures(level=Level.CENTRAL, undetermined=1, none=1),
        Signatures(level=Level.PROVINCE, valid=6, none=13),
        Signatures(level=Level.COMMUNE, invalid=1),
    )
    assert figures.arrived.refused == 1
    assert timely(figures, Kind.REQUEST) == (1, 0, 0)
    assert timely(figures, Kind.REPLY) == (2, 1 + 1, 0)
    assert figures.slowest_to_take[0].who.code in {COMMUNE, OTHER}
    for of in ({"agency": COMMUNE}, {"agency": PROVINCE}, {"level": Level.COMMUNE}, {"slowest": 1}):
        await agreeing(box, **of)


async def test_the_name_of_a_file_changes_nothing(box: Box, signed: bytes) -> None:
    await hand_in(box, letter(1, file=signed, name="quyet-dinh.pdf"))
    await hand_in(box, letter(2, name="x_Signed.pdf"))
    await hand_in(box, letter(3, name="x.pdf"))
    await settle(box)
    figures = await agreeing(box)
    assert figures.signatures == (Signatures(level=Level.PROVINCE, valid=1, none=2),)
    assert figures.signed.share == pytest.approx(1 / 3)


async def test_what_is_not_looked_into_yet_is_said_so(box: Box, signed: bytes) -> None:
    await hand_in(box, letter(1, file=signed))
    assert (await report(box)).signatures == (Signatures(level=Level.PROVINCE, waiting=1),)
    await settle(box)
    assert (await report(box)).signatures == (Signatures(level=Level.PROVINCE, valid=1),)


async def test_days_are_those_of_vietnam(box: Box, clock: ManualClock) -> None:
    for moment in (
        datetime(2026, 10, 31, 16, 59, 59, tzinfo=UTC),  # a second before November
        datetime(2026, 10, 31, 17, 0, tzinfo=UTC),
        datetime(2026, 11, 30, 16, 59, 59, tzinfo=UTC),
        datetime(2026, 11, 30, 17, 0, tzinfo=UTC),
    ):
        clock.now = moment
        await hand_in(box, letter(moment.day * 100 + moment.second, dated=moment.date()))
    await settle(box)
    figures = await agreeing(box)
    assert figures.sent == (Exchanged(level=Level.PROVINCE, inside=2),)


async def test_sending_is_in_time_until_the_noon_of_the_next_working_day(
    box: Box, clock: ManualClock
) -> None:
    clock.now = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)  # Monday noon
    await hand_in(box, letter(1))
    clock.advance(seconds=1)
    await hand_in(box, letter(2))
    await hand_in(box, letter(3, dated=date(2020, 1, 2)))
    await settle(box)
    assert timely(await agreeing(box), Kind.SENT) == (1, 2, 0)


async def test_a_notice_is_in_time_on_the_day_and_an_urgent_one_within_the_hour(
    box: Box, clock: ManualClock
) -> None:
    plain = [await hand_in(box, letter(number)) for number in (1, 2, 3)]
    urgent = [await hand_in(box, letter(number, priority=Priority.EXPRESS)) for number in (4, 5)]
    assert timely(await report(box), Kind.ARRIVAL) == (0, 0, 5)
    clock.advance(minutes=60)
    await answer(box, urgent[0], "01")
    clock.advance(seconds=1)
    await answer(box, urgent[1], "01")
    clock.now = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)  # midnight
    await answer(box, plain[0], "01")
    clock.advance(seconds=1)
    await answer(box, plain[1], "01")
    await settle(box)
    figures = await agreeing(box)
    assert timely(figures, Kind.ARRIVAL) == (2, 3, 0)
    assert figures.deadlines[1] == OnTime(kind=Kind.ARRIVAL, on_time=2, late=3)
    (pace,) = figures.slowest_to_answer
    assert (pace.count, pace.median, pace.p95) == (4, 3_601.0, 15 * 3_600.0 + 1)


async def test_an_answer_to_a_recall_is_in_time_until_the_end_of_the_next_working_day(
    box: Box, clock: ManualClock
) -> None:
    agreed, refused, silent = [await hand_in(box, letter(number)) for number in (1, 2, 3)]
    for each in (agreed, refused, silent):
        await take(box, each)
        clock.advance(minutes=5)
    not_taken = await hand_in(box, letter(4))
    for each in (agreed, silent, not_taken):
        await answer(box, each, "13", PROVINCE)
    await hand_in(box, letter(2, kind=PackageKind.REVOKE))
    assert timely(await report(box), Kind.REQUEST) == (0, 0, 3)  # what was withdrawn asks for no answer
    clock.now = datetime(2026, 11, 23, 16, 59, tzinfo=UTC)  # the last minute of Monday
    await answer(box, agreed, "15")
    clock.advance(minutes=2)
    await answer(box, refused, "16")
    await settle(box)
    assert timely(await agreeing(box), Kind.REQUEST) == (1, 2, 0)
    assert timely(await agreeing(box, agency=COMMUNE), Kind.REQUEST) == (1, 2, 0)
    assert timely(await agreeing(box, agency=PROVINCE), Kind.REQUEST) == (0, 0, 0)


async def test_an_update_that_takes_an_addressee_off_asks_it_for_an_answer(
    box: Box, clock: ManualClock
) -> None:
    both = await hand_in(box, letter(1, to=(COMMUNE, OTHER)))
    await take(box, both)
    await take(box, both, OTHER)
    await hand_in(box, letter(1, to=(COMMUNE, OTHER), kind=PackageKind.UPDATE, off=OTHER))
    clock.advance(minutes=5)
    await answer(box, both, "15", OTHER)
    await settle(box)
    assert timely(await agreeing(box), Kind.REQUEST) == (1, 0, 0)


async def test_by_another_hub_is_told_apart(box: Box) -> None:
    await box.connect("axis", "W00.1")
    await box.hub.store.write(lambda tx: routes.add(tx, Route("G05.*", "axis"), "operator:test"))
    await box.hub.refresh_directory()
    await hand_in(box, letter(1, to=("G05.1", COMMUNE)))
    await box.hub.accept(await box.hub.endpoint("axis"), letter(2, sender="G05.7", to=(COMMUNE,)))
    await settle(box)
    figures = await agreeing(box)
    assert figures.sent == (
        Exchanged(level=Level.PROVINCE, inside=1),
        Exchanged(level=Level.OTHER, outside=1),
    )
    assert figures.received == (
        Exchanged(level=Level.COMMUNE, inside=2),
        Exchanged(level=Level.OTHER, outside=1),
    )


async def test_rows_that_were_changed_behind_the_ledger_are_found(box: Box, clock: ManualClock) -> None:
    documents = [await hand_in(box, letter(number)) for number in range(3)]
    for each in documents:
        await take(box, each)
        await answer(box, each, "01")
    await settle(box)
    await agreeing(box)

    def forge(tx: Any) -> None:
        tx.execute(
            sa.update(messages).where(messages.c.id == documents[0].message.id).values(sender_agency="X" * 26)
        )
        tx.execute(sa.delete(statuses).where(statuses.c.message == documents[1].message.id))
        tx.execute(sa.update(deliveries).values(state="refused"))

    await box.hub.store.write(forge, "forge")
    figures, again, recounted = await reporting.recount(box.hub, PERIOD)
    wrong = {line.sheet.en for line in compared(figures, again) if not line.agrees}
    assert {"Documents sent, by the sender's level", "How far deliveries have come", "In time"} <= wrong
    assert recounted.ledger.broken == []


async def test_what_cannot_be_asked_is_refused(box: Box) -> None:
    with pytest.raises(NotFound):
        await report(box, agency="H49.99")
    with pytest.raises(Misconfigured):
        Period(date(2026, 11, 2), date(2026, 11, 1))
    assert (await agreeing(box)).arrived.share is None
