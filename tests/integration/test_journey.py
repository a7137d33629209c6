"""The whole journey on each database, and with RabbitMQ: a document, its answers, a recall, a refusal, all traced."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.folder import FolderAdapter
from hub.app import Hub
from hub.broker.amqp import AmqpBroker
from hub.config import StorageSettings, WorkerSettings
from hub.errors import Malformed, NoRoute
from hub.finding import Criteria
from hub.model import Accepted, DeliveryState, Endpoint
from hub.testing import Box, eventually, package, settings
from hub.why import why
from schemas.edxml.envelope import PackageKind
from schemas.edxml.reader import read
from schemas.xml import parse

PROVINCE, COMMUNE, MINISTRY, FOLDER = "H49.13", "H49.61", "G09", "H49.62"


@pytest.fixture(params=["memory", pytest.param("RabbitMQ", marks=pytest.mark.services)])
async def box(request: pytest.FixtureRequest, tmp_path: Path, database: str) -> AsyncIterator[Box]:
    config = replace(
        settings(tmp_path),
        storage=StorageSettings(database=database),
        # With a broker the tickets alone have to wake the lanes: the sweep comes too late for this test.
        worker=WorkerSettings(sweep_seconds=0.1 if request.param == "memory" else 3_600.0),
    )
    async with Hub.open(config) as hub:
        if request.param == "RabbitMQ":
            queue = request.getfixturevalue("queue")
            hub.broker = hub.worker.broker = AmqpBroker(queue.url, queue.name)
        made = Box(hub)
        (tmp_path / "agency").mkdir()
        await made.connect("province", PROVINCE)
        await made.connect("commune", COMMUNE)
        await made.connect("ministry", MINISTRY)
        where = FolderAdapter.settle(str(tmp_path / "agency"))
        await made.connect("folder", FOLDER, adapter="folder", address=where, polls=False)
        async with hub.running():
            yield made


async def hand_in(box: Box, endpoint: str, content: bytes) -> Accepted:
    return await box.hub.accept(await box.hub.endpoint(endpoint), content)


async def inbox(box: Box, endpoint: str, wait_seconds: float = 5.0) -> list[tuple[str, bytes]]:
    """Take everything that waits for an endpoint; return the delivery ids and the bytes."""
    holder: Endpoint = await box.hub.endpoint(endpoint)
    taken = []
    for each in await box.hub.waiting(holder, wait_seconds=wait_seconds):
        parcel = await box.hub.fetch(holder, each.delivery.id)
        await box.hub.take(holder, each.delivery.id)
        taken.append((parcel.id, parcel.content))
    return taken


async def test_a_document_reaches_everybody_and_the_answers_come_back(box: Box) -> None:
    content = package(sender=PROVINCE, to=(COMMUNE, MINISTRY, FOLDER))
    accepted = await hand_in(box, "province", content)
    assert [each.addressee for each in accepted.deliveries] == [COMMUNE, MINISTRY, FOLDER]
    for endpoint in ("commune", "ministry"):
        assert [found for _, found in await inbox(box, endpoint)] == [content]
    folder = box.hub.config.folder / "agency" / "outbox" / f"{accepted.deliveries[2].id}.edxml"
    await eventually(lambda: delivered(box, accepted))
    assert folder.read_bytes() == content

    for code in ("01", "03", "06"):
        await box.hub.answer(await box.hub.endpoint("commune"), accepted.message.id, code)
        assert len(await inbox(box, "province")) == 1
    (trace,) = await box.hub.trace(accepted.message.document_id)
    assert [(each.code, each.note) for each in trace.statuses] == [
        ("01", "advanced"),
        ("03", "advanced"),
        ("06", "advanced"),
    ]
    assert (await box.hub.accepted(accepted.message.id)).state == "completed"
    assert (await box.hub.verify_ledger()).broken == []


async def delivered(box: Box, accepted: Accepted) -> bool:
    found = await box.hub.accepted(accepted.message.id)
    return {each.state for each in found.deliveries} == {DeliveryState.DELIVERED}


async def test_a_document_is_asked_back_and_the_addressee_agrees(box: Box) -> None:
    accepted = await hand_in(box, "province", package(sender=PROVINCE, to=(COMMUNE,)))
    await inbox(box, "commune")
    await box.hub.answer(await box.hub.endpoint("province"), accepted.message.id, "13", "Gửi nhầm")
    assert len(await inbox(box, "commune")) == 1
    await box.hub.answer(await box.hub.endpoint("commune"), accepted.message.id, "15", "Đồng ý")
    assert len(await inbox(box, "province")) == 1
    (trace,) = await box.hub.trace(accepted.message.id)
    assert [each.note for each in trace.statuses] == ["request", "reply"]


async def test_an_update_is_about_the_document_that_it_updates(box: Box) -> None:
    first = await hand_in(box, "province", package(sender=PROVINCE, to=(COMMUNE,)))
    update = package(sender=PROVINCE, to=(COMMUNE,), kind=PackageKind.UPDATE, about=first.message.document_id)
    second = await hand_in(box, "province", update)
    assert second.message.about == first.message.id
    assert len(await inbox(box, "commune")) == 2


async def test_a_refused_document_leaves_its_reason_and_nothing_else(box: Box) -> None:
    with pytest.raises(NoRoute) as caught:
        await hand_in(box, "province", package(sender=PROVINCE, to=(COMMUNE, "H49.6l")))
    assert "H49.61" in caught.value.findings[0].message.en
    (trace,) = await box.hub.trace(caught.value.id or "")
    assert trace.refusal
    assert [event.kind for event in trace.events] == ["document.refused"]
    with pytest.raises(Malformed):
        await hand_in(box, "province", b"<edXML/>")
    assert await inbox(box, "commune", 0.1) == []
    assert await box.hub.deliveries(None, 10) == []
    assert (await box.hub.verify_ledger()).broken == []


async def test_a_refused_document_is_found_by_its_number_as_well(box: Box) -> None:
    astray = package(sender=PROVINCE, to=("H49.6l",))
    with pytest.raises(NoRoute) as caught:
        await hand_in(box, "province", astray)
    broken = package(sender=PROVINCE, to=(COMMUNE,), subject="")
    with pytest.raises(Malformed):
        await hand_in(box, "province", broken)

    for content, code in ((astray, "addressee.unknown"), (broken, "document.invalid")):
        number = read(parse(content)).code
        (trace,) = await box.hub.trace(number)
        assert trace.refusal
        assert (trace.refusal.code, trace.refusal.document_code) == (code, number)
        assert [each.kind for each in await why(box.hub, number)] == ["package.refused"]
    number = read(parse(astray)).code
    found = await box.hub.search(Criteria(number=number.lower()))
    assert [each.id for each in found.refused] == [caught.value.id]
    assert (await box.hub.search(Criteria(words=number, sender=COMMUNE))).refused == ()
    assert (await box.hub.search(Criteria(number=number, addressee=COMMUNE))).refused == ()


async def test_a_hundred_documents_at_once_arrive_in_their_order(box: Box) -> None:
    contents = [package(sender=PROVINCE, to=(COMMUNE, FOLDER)) for _ in range(100)]
    accepted = await asyncio.gather(*(hand_in(box, "province", content) for content in contents))
    commune = await box.hub.endpoint("commune")
    waiting = await box.hub.waiting(commune, limit=200)
    ids = [each.delivery.id for each in waiting]
    assert len(ids) == 100
    assert ids == sorted(ids), "the oldest first"
    outbox = box.hub.config.folder / "agency" / "outbox"
    await eventually(lambda: len(list(outbox.glob("*.edxml"))) == 100)
    assert sorted(path.read_bytes() for path in outbox.glob("*.edxml")) == sorted(contents)
    assert len({each.message.id for each in accepted}) == 100
