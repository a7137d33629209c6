"""An endpoint that speaks for several addressees, and corrections after an outage."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from hub.errors import NotAnswerable
from hub.model import DeliveryState
from hub.store import deliveries
from hub.testing import hub_in_a_box, package
from schemas.edxml.envelope import PackageKind

ID = "H49.13,2026/11/18,7/CV"
LEASE = timedelta(minutes=5)


async def test_each_of_its_addressees_answers_for_itself(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        sender = await box.connect("sender", "H49.13")
        shared = await box.connect("shared", "H49.61", "H49.62")
        document = await box.hub.accept(sender, package(to=["H49.61", "H49.62"], document_id=ID))
        with pytest.raises(NotAnswerable, match=r"H49\.61, H49\.62"):
            await box.hub.answer(shared, document.message.id, "03")
        for code in ("H49.61", "H49.62"):
            answer = await box.hub.answer(shared, document.message.id, "03", speaker=code)
            assert (answer.message.sender, answer.duplicate) == (code, False)
        (trace,) = await box.hub.trace(document.message.id)
        assert [(status.sender, status.code) for status in trace.statuses] == [
            ("H49.61", "03"),
            ("H49.62", "03"),
        ]


async def test_nobody_answers_for_an_addressee_of_somebody_else(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        sender = await box.connect("sender", "H49.13")
        one = await box.connect("one", "H49.61")
        await box.connect("other", "H49.62")
        document = await box.hub.accept(sender, package(to=["H49.61", "H49.62"], document_id=ID))
        with pytest.raises(NotAnswerable):
            await box.hub.answer(one, document.message.id, "03", speaker="H49.62")


async def test_a_correction_waits_for_what_it_corrects(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        sender = await box.connect("sender", "H49.13")
        await box.connect("pushed", "H49.61", adapter="folder", address=str(tmp_path), polls=False)
        first = await box.hub.accept(sender, package(document_id=ID))
        update = await box.hub.accept(sender, package(document_id=ID, kind=PackageKind.UPDATE))
        other = await box.hub.accept(sender, package())

        claimed = await box.hub.store.write(lambda tx: deliveries.claim(tx, "pushed", 10, "node", LEASE))
        assert [each.message.id for each in claimed] == [first.message.id, other.message.id]
        assert await box.hub.store.write(lambda tx: deliveries.claim(tx, "pushed", 10, "node", LEASE)) == []

        done = deliveries.Settlement(
            state=DeliveryState.DELIVERED, event="delivery.delivered", actor="hub:node"
        )
        delivered = claimed[0].delivery
        assert await box.hub.store.write(
            lambda tx: deliveries.settle(tx, delivered, done, [DeliveryState.SENDING], "node")
        )
        claimed = await box.hub.store.write(lambda tx: deliveries.claim(tx, "pushed", 10, "node", LEASE))
        assert [each.message.id for each in claimed] == [update.message.id]


async def test_corrections_of_one_document_come_in_their_order_whatever_each_is_about(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        sender = await box.connect("sender", "H49.13")
        await box.connect("pushed", "H49.61", adapter="folder", address=str(tmp_path), polls=False)
        first = await box.hub.accept(sender, package(document_id=ID))
        (claimed,) = await box.hub.store.write(lambda tx: deliveries.claim(tx, "pushed", 10, "node", LEASE))
        assert claimed.message.id == first.message.id
        done = deliveries.Settlement(
            state=DeliveryState.DELIVERED, event="delivery.delivered", actor="hub:node"
        )
        delivered = claimed.delivery
        await box.hub.store.write(
            lambda tx: deliveries.settle(tx, delivered, done, [DeliveryState.SENDING], "node")
        )
        recall = await box.hub.accept(sender, package(document_id=ID, about=ID, kind=PackageKind.REVOKE))
        update = await box.hub.accept(sender, package(document_id=ID, kind=PackageKind.UPDATE))
        assert recall.message.about == update.message.about == first.message.id

        (claimed,) = await box.hub.store.write(lambda tx: deliveries.claim(tx, "pushed", 10, "node", LEASE))
        assert claimed.message.id == recall.message.id


async def test_a_correction_does_not_wait_for_what_a_person_must_look_at(tmp_path: Path) -> None:
    async with hub_in_a_box(tmp_path) as box:
        sender = await box.connect("sender", "H49.13")
        await box.connect("pushed", "H49.61", adapter="folder", address=str(tmp_path), polls=False)
        await box.hub.accept(sender, package(document_id=ID))
        update = await box.hub.accept(sender, package(document_id=ID, kind=PackageKind.UPDATE))
        (claimed,) = await box.hub.store.write(lambda tx: deliveries.claim(tx, "pushed", 10, "node", LEASE))
        stuck = deliveries.Settlement(
            state=DeliveryState.SUSPENDED, event="delivery.suspended", actor="hub:node"
        )
        await box.hub.store.write(
            lambda tx: deliveries.settle(tx, claimed.delivery, stuck, [DeliveryState.SENDING], "node")
        )
        again = await box.hub.store.write(lambda tx: deliveries.claim(tx, "pushed", 10, "node", LEASE))
        assert [each.message.id for each in again] == [update.message.id]
