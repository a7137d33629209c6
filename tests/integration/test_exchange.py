"""Recalls, versions and answers on each database: who is asked, what is withdrawn, and how the document stands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from hub.config import StorageSettings
from hub.errors import NotAnswerable
from hub.model import Accepted, Delivery, DeliveryState, Endpoint
from hub.store import deliveries as delivery_store
from hub.store.deliveries import Settlement
from hub.store.writer import Transaction
from hub.testing import PDF, Box, ManualClock, hub_in_a_box, organization, package, settings
from hub.trace import Trace
from schemas.edxml import writer
from schemas.edxml.envelope import (
    AttachmentInfo,
    Business,
    Envelope,
    PackageKind,
    Priority,
    ReceiverChange,
)

SENDER, POLLS, OTHER, PUSHED, HELD = "H49.13", "H49.61", "H49.62", "H49.63", "H49.64"
SAMPLES = Path(__file__).resolve().parents[2] / ".." / "shared" / "samples" / "edxml"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def box(tmp_path: Path, database: str, clock: ManualClock) -> AsyncIterator[Box]:
    config = replace(settings(tmp_path), storage=StorageSettings(database=database))
    async with hub_in_a_box(tmp_path, config=config, clock=clock) as made:
        await made.connect("sender", SENDER)
        await made.connect("polls", POLLS)
        await made.connect("other", OTHER)
        await made.connect("pushed", PUSHED, adapter="folder", address=str(tmp_path), polls=False)
        await made.add_agencies(HELD)
        yield made


async def hand_in(box: Box, content: bytes, endpoint: str = "sender") -> Accepted:
    return await box.hub.accept(await box.hub.endpoint(endpoint), content)


async def answer(
    box: Box, endpoint: str, document: Accepted, code: str, to: str | None = None, why: str = "Kiểm thử"
) -> Accepted:
    if isinstance(box.hub.clock, ManualClock):
        box.hub.clock.advance(minutes=1)
    holder = await box.hub.endpoint(endpoint)
    return await box.hub.answer(holder, document.message.id, code, why, to=to)


async def ask_back(box: Box, document: Accepted, to: str, why: str = "Gửi nhầm") -> Accepted:
    return await answer(box, "sender", document, "13", to, why)


async def traced(box: Box, document: Accepted) -> Trace:
    (found,) = await box.hub.trace(document.message.id)
    return found


async def states(box: Box, document: Accepted) -> dict[str, str]:
    return {each.to: str(each.standing.state) for each in (await traced(box, document)).states}


async def deliveries(box: Box, document: Accepted) -> dict[str, Delivery]:
    return {each.addressee: each for each in (await box.hub.accepted(document.message.id)).deliveries}


async def waiting(box: Box, endpoint: str) -> list[str]:
    return [each.message.id for each in await box.hub.waiting(await box.hub.endpoint(endpoint))]


async def take_all(box: Box, endpoint: str) -> None:
    holder = await box.hub.endpoint(endpoint)
    for each in await box.hub.waiting(holder):
        await box.hub.take(holder, each.delivery.id)


async def whole(box: Box) -> None:
    report = await box.hub.verify_ledger()
    assert [str(text) for text in report.broken] == []


def codes(document: Accepted) -> list[str]:
    """Return what the sender is told of recalls and answers."""
    found = [finding.code for finding in document.message.findings]
    return [code for code in found if code.startswith(("recall.", "answer."))]


async def put(box: Box, delivery: Delivery, state: DeliveryState, *, claim: bool = False) -> None:
    """Bring a delivery into a state, as the worker would."""

    def unit(tx: Transaction) -> None:
        if claim:
            delivery_store.claim(tx, delivery.endpoint or "", 10, "node", timedelta(minutes=1))
        if state is not DeliveryState.SENDING:
            to = Settlement(state=state, event=f"delivery.{state}", actor="hub:test", next_try_at=tx.now)
            delivery_store.settle(tx, delivery, to, [DeliveryState.SENDING, DeliveryState.QUEUED])

    await box.hub.store.write(unit)


# --- recall before delivery ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", [POLLS, PUSHED, HELD])
async def test_what_was_not_delivered_is_withdrawn_and_nobody_is_asked(box: Box, to: str) -> None:
    document = await hand_in(box, package(sender=SENDER, to=[to]))
    recall = await ask_back(box, document, to)

    assert (await deliveries(box, document))[to].state is DeliveryState.WITHDRAWN
    assert recall.deliveries[0].state is DeliveryState.WITHDRAWN
    assert recall.state == "completed"
    assert codes(recall) == ["recall.withdrawn"]
    assert await states(box, document) == {to: "withdrawn"}
    assert await waiting(box, "polls") == []
    trace = await traced(box, document)
    assert [event.kind for event in trace.events][-1] == "delivery.withdrawn"
    assert trace.events[-1].details["by"] == recall.message.id
    assert [each.note for each in trace.statuses] == ["withdrawn"]
    await whole(box)


@pytest.mark.parametrize("state", [DeliveryState.WAITING_FOR_RETRY, DeliveryState.SUSPENDED])
async def test_a_delivery_that_was_tried_is_withdrawn_and_a_second_recall_is_passed_on(
    box: Box, state: DeliveryState
) -> None:
    document = await hand_in(box, package(sender=SENDER, to=[PUSHED]))
    await put(box, document.deliveries[0], state, claim=True)

    first = await ask_back(box, document, PUSHED)
    assert codes(first) == ["recall.withdrawn-after-try"]
    assert (await deliveries(box, document))[PUSHED].state is DeliveryState.WITHDRAWN
    assert first.deliveries[0].state is DeliveryState.WITHDRAWN

    second = await ask_back(box, document, PUSHED, "Nơi nhận báo đã có văn bản")
    assert second.deliveries[0].state is DeliveryState.QUEUED
    assert await states(box, document) == {PUSHED: "recall-asked"}
    await whole(box)


async def test_who_has_it_is_asked_and_its_answer_counts(box: Box) -> None:
    document = await hand_in(box, package(sender=SENDER, to=[POLLS]))
    await take_all(box, "polls")
    await answer(box, "polls", document, "03")

    recall = await ask_back(box, document, POLLS)
    assert codes(recall) == []
    assert await waiting(box, "polls") == [recall.message.id]
    assert await states(box, document) == {POLLS: "recall-asked"}

    await answer(box, "polls", document, "16")
    assert await states(box, document) == {POLLS: "recall-refused"}
    await ask_back(box, document, POLLS, "Đề nghị xem xét lại")
    await answer(box, "polls", document, "15")
    assert await states(box, document) == {POLLS: "recalled"}
    with pytest.raises(NotAnswerable) as caught:
        await answer(box, "polls", document, "06")
    assert [finding.code for finding in caught.value.findings] == ["answer.after-recall"]
    assert caught.value.id is not None, "the refusal is on record"
    await whole(box)


async def test_who_is_being_sent_it_is_asked_and_a_failed_attempt_is_not_repeated(box: Box) -> None:
    document = await hand_in(box, package(sender=SENDER, to=[PUSHED]))
    await put(box, document.deliveries[0], DeliveryState.SENDING, claim=True)

    recall = await ask_back(box, document, PUSHED)
    assert recall.deliveries[0].state is DeliveryState.QUEUED
    assert (await deliveries(box, document))[PUSHED].state is DeliveryState.SENDING

    await put(box, document.deliveries[0], DeliveryState.WAITING_FOR_RETRY)
    withdrawn = (await deliveries(box, document))[PUSHED]
    assert (withdrawn.state, withdrawn.next_try_at) == (DeliveryState.WITHDRAWN, None)
    ended, gone = (await traced(box, document)).events[-2:]
    assert (ended.kind, gone.kind) == ("delivery.waiting_for_retry", "delivery.withdrawn")
    assert gone.details["by"] == recall.message.id
    await whole(box)


async def test_an_attempt_that_succeeds_while_it_is_asked_back_counts(box: Box) -> None:
    document = await hand_in(box, package(sender=SENDER, to=[PUSHED]))
    await put(box, document.deliveries[0], DeliveryState.SENDING, claim=True)
    await ask_back(box, document, PUSHED)
    await put(box, document.deliveries[0], DeliveryState.DELIVERED)
    assert (await deliveries(box, document))[PUSHED].state is DeliveryState.DELIVERED
    assert await states(box, document) == {PUSHED: "recall-asked"}
    await whole(box)


async def test_fetching_is_not_taking_and_who_comes_too_late_is_told_to_destroy_its_copy(box: Box) -> None:
    document = await hand_in(box, package(sender=SENDER, to=[POLLS]))
    holder, delivery = await box.hub.endpoint("polls"), document.deliveries[0].id
    await box.hub.fetch(holder, delivery)
    await ask_back(box, document, POLLS)

    for attempt in (box.hub.take(holder, delivery), box.hub.decline(holder, delivery, "Không nhận")):
        with pytest.raises(NotAnswerable) as caught:
            await attempt
        assert "Hủy bản đã tải" in caught.value.message.vi
        assert [finding.code for finding in caught.value.findings] == ["delivery.withdrawn"]
    with pytest.raises(NotAnswerable):
        await box.hub.fetch(holder, delivery)
    assert await waiting(box, "polls") == []
    assert await waiting(box, "sender") == [], "no 02 goes out for what was withdrawn"
    await whole(box)


async def test_taking_and_recalling_at_once_ends_in_one_of_the_two_ways(box: Box) -> None:
    for _ in range(12):
        document = await hand_in(box, package(sender=SENDER, to=[POLLS]))
        holder = await box.hub.endpoint("polls")
        taken, recall = await asyncio.gather(
            box.hub.take(holder, document.deliveries[0].id),
            ask_back(box, document, POLLS),
            return_exceptions=True,
        )
        assert isinstance(recall, Accepted)
        state = (await deliveries(box, document))[POLLS].state
        if isinstance(taken, Delivery):
            assert (state, recall.deliveries[0].state) == (DeliveryState.DELIVERED, DeliveryState.AVAILABLE)
        else:
            assert isinstance(taken, NotAnswerable)
            assert (state, recall.deliveries[0].state) == (DeliveryState.WITHDRAWN, DeliveryState.WITHDRAWN)
    await whole(box)


async def test_a_revocation_asks_each_addressee_by_itself(box: Box) -> None:
    document = await hand_in(box, package(sender=SENDER, to=[POLLS, OTHER, HELD]))
    await take_all(box, "other")
    content = package(
        sender=SENDER,
        to=[POLLS, OTHER, HELD],
        kind=PackageKind.REVOKE,
        document_id=document.message.document_id,
    )
    revocation = await hand_in(box, content)

    assert {each.addressee: str(each.state) for each in revocation.deliveries} == {
        POLLS: "withdrawn",
        OTHER: "available",
        HELD: "withdrawn",
    }
    assert codes(revocation) == ["recall.withdrawn", "recall.withdrawn"]
    assert await states(box, document) == {POLLS: "withdrawn", OTHER: "recall-asked", HELD: "withdrawn"}
    assert await waiting(box, "polls") == []
    await answer(box, "other", document, "15")
    assert await states(box, revocation) == {POLLS: "withdrawn", OTHER: "recalled", HELD: "withdrawn"}
    again = await hand_in(box, content)
    assert again.duplicate
    await whole(box)


async def test_a_recall_in_the_same_group_as_its_document_finds_it(box: Box) -> None:
    document = await hand_in(box, package(sender=SENDER, to=[POLLS, OTHER]))
    recalls = await asyncio.gather(*(ask_back(box, document, to) for to in (POLLS, OTHER)))
    assert all(each.deliveries[0].state is DeliveryState.WITHDRAWN for each in recalls)
    assert set((await states(box, document)).values()) == {"withdrawn"}


async def test_a_withdrawn_document_may_be_sent_anew_as_an_update(box: Box) -> None:
    document = await hand_in(box, package(sender=SENDER, to=[POLLS]))
    await ask_back(box, document, POLLS)
    update = await hand_in(
        box,
        package(sender=SENDER, to=[POLLS], kind=PackageKind.UPDATE, document_id=document.message.document_id),
    )
    assert await waiting(box, "polls") == [update.message.id]
    await answer(box, "polls", update, "01")
    assert await states(box, document) == {POLLS: "arrived"}


# --- versions -----------------------------------------------------------------------------------------------------


async def test_an_update_supersedes_what_each_addressee_had(box: Box) -> None:
    first = await hand_in(box, package(sender=SENDER, to=[POLLS, OTHER]))
    named = first.message.document_id
    second = await hand_in(
        box, package(sender=SENDER, to=[POLLS], kind=PackageKind.UPDATE, document_id=named)
    )
    third = await hand_in(
        box, package(sender=SENDER, to=[POLLS, OTHER], kind=PackageKind.UPDATE, document_id=named)
    )

    shown = (await traced(box, first)).as_json()
    assert shown["superseded_by"] == [
        {"message": second.message.id, "to": [POLLS]},
        {"message": third.message.id, "to": [OTHER]},
    ]
    assert shown["supersedes"] == []
    shown = (await traced(box, third)).as_json()
    assert {each["message"]: each["to"] for each in shown["supersedes"]} == {
        first.message.id: [OTHER],
        second.message.id: [POLLS],
    }
    assert shown["superseded_by"] == []
    assert (await traced(box, second)).message == (await box.hub.accepted(second.message.id)).message


async def test_a_replacement_supersedes_another_document_for_whom_it_concerns(box: Box) -> None:
    old = await hand_in(box, package(sender=SENDER, to=[POLLS, OTHER]))
    await take_all(box, "polls")
    await answer(box, "polls", old, "03")
    new = await hand_in(
        box,
        package(sender=SENDER, to=[POLLS], kind=PackageKind.REPLACE, about=old.message.document_id),
    )
    assert (await traced(box, old)).as_json()["superseded_by"] == [{"message": new.message.id, "to": [POLLS]}]
    assert await states(box, old) == {POLLS: "registered", OTHER: "sent"}
    assert await states(box, new) == {POLLS: "change-asked"}
    await answer(box, "polls", old, "15")
    await answer(box, "polls", new, "15")
    await answer(box, "polls", new, "01")
    assert await states(box, new) == {POLLS: "arrived"}


async def test_a_recall_withdraws_the_version_that_waits_and_asks_for_the_one_that_is_there(box: Box) -> None:
    first = await hand_in(box, package(sender=SENDER, to=[POLLS]))
    await take_all(box, "polls")
    await answer(box, "polls", first, "03")
    second = await hand_in(
        box,
        package(sender=SENDER, to=[POLLS], kind=PackageKind.UPDATE, document_id=first.message.document_id),
    )
    recall = await ask_back(box, second, POLLS)
    assert codes(recall) == ["recall.partly-withdrawn"]
    assert (await deliveries(box, second))[POLLS].state is DeliveryState.WITHDRAWN
    assert await waiting(box, "polls") == [recall.message.id]
    (state,) = (await traced(box, first)).states
    assert (str(state.standing.state), str(state.standing.progress)) == ("recall-asked", "registered")
    await whole(box)


def update_of_receivers(document: Accepted, *, to: list[str], off: str, added: str) -> bytes:
    """Return an update that changes the list of receivers (ReceiverType 0: give it back, 1: gets it as new)."""
    info = AttachmentInfo(content_id="1", name="van-ban.pdf", content_type="application/pdf")
    changes = (ReceiverChange(code=off, added=False), ReceiverChange(code=added, added=True))
    return writer.write(
        Envelope(
            kind=PackageKind.UPDATE,
            sender=organization(SENDER),
            receivers=tuple(organization(code) for code in to),
            document_id=document.message.document_id,
            number="1",
            notation="CV",
            place="Quảng Ninh",
            promulgated_on=document.message.promulgated_on,
            type_code="2",
            type_name="Công văn",
            subject="Thay đổi nơi nhận",
            content="Thay đổi nơi nhận",
            steering_type="0",
            business=Business(
                reason="Gửi nhầm",
                document_id=document.message.document_id,
                receivers_changed=True,
                receiver_changes=changes,
            ),
            attachments=(info,),
        ),
        [(info, PDF)],
    )


@pytest.mark.parametrize("taken", [True, False])
async def test_an_update_that_takes_an_addressee_off_asks_it_to_give_the_document_back(
    box: Box, taken: bool
) -> None:
    document = await hand_in(box, package(sender=SENDER, to=[POLLS]))
    if taken:
        await take_all(box, "polls")
    update = await hand_in(box, update_of_receivers(document, to=[POLLS, OTHER], off=POLLS, added=OTHER))
    assert await states(box, update) == {
        POLLS: "recall-asked" if taken else "withdrawn",
        OTHER: "change-asked",
    }
    assert await waiting(box, "polls") == ([update.message.id] if taken else [])
    assert await waiting(box, "other") == [update.message.id]
    await answer(box, "other", update, "01")
    assert (await states(box, update))[OTHER] == "arrived"
    await whole(box)


# --- answers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["15", "16"])
async def test_a_reply_to_nothing_is_refused_and_leaves_nothing(box: Box, code: str) -> None:
    document = await hand_in(box, package(sender=SENDER, to=[POLLS]))
    await take_all(box, "polls")
    with pytest.raises(NotAnswerable) as caught:
        await answer(box, "polls", document, code)
    assert [finding.code for finding in caught.value.findings] == ["answer.nothing-asked"]
    assert (await traced(box, document)).statuses == ()
    assert await waiting(box, "sender") == []


async def test_a_refusal_after_the_register_is_carried_with_a_warning(box: Box) -> None:
    document = await hand_in(box, package(sender=SENDER, to=[POLLS]))
    await take_all(box, "polls")
    await answer(box, "polls", document, "03")
    refusal = await answer(box, "polls", document, "02")
    assert "answer.contradicts" in codes(refusal)
    assert await states(box, document) == {POLLS: "registered"}
    assert [each.note for each in (await traced(box, document)).statuses] == ["advanced", "contradicts"]


async def test_each_addressee_stands_by_itself(box: Box) -> None:
    document = await hand_in(box, package(sender=SENDER, to=[POLLS, OTHER]))
    await answer(box, "polls", document, "06")
    await answer(box, "other", document, "02")
    assert await states(box, document) == {POLLS: "done", OTHER: "refused"}


async def test_an_answer_has_no_states_of_its_own(box: Box) -> None:
    document = await hand_in(box, package(sender=SENDER, to=[POLLS]))
    said = await answer(box, "polls", document, "01")
    assert (await traced(box, said)).as_json()["states"] == []


# --- the official samples -----------------------------------------------------------------------------------------

DOCUMENTS = ["edoc_new", "edoc_update", "edoc_replacement", "edoc_revocation"]
ANSWERS = {
    "01": "status_inbox_01",
    "03": "status_acceptance_03",
    "04": "status_assignment_04",
    "05": "status_processing_05",
    "06": "status_finish_06",
    "02": "status_rejection_02",
    "13": "status_cancellation_13",
    "15": "status_change-acceptance_15",
    "16": "status_change-rejection_16",
}
THERE = SAMPLES.is_dir()


async def sampled(box: Box, *, taken: bool) -> dict[str, Endpoint]:
    """Connect everybody in the samples and send the four documents."""
    codes = ["000.00.00.A80", "28.22.H17", *(f"000.00.00.{code}" for code in ("G22", "H41", "H14", "G17"))]
    systems = {code: await box.connect(f"s-{code.replace('.', '-').lower()}", code) for code in codes}
    for name in DOCUMENTS:
        sender = "000.00.00.A80" if name == "edoc_new" else "000.00.00.G22"
        accepted = await box.hub.accept(systems[sender], (SAMPLES / f"{name}.edxml").read_bytes())
        assert not accepted.duplicate
        for delivery in accepted.deliveries if taken else ():
            if delivery.endpoint and not delivery.state.final:
                await box.hub.take(await box.hub.endpoint(delivery.endpoint), delivery.id)
    return systems


@pytest.mark.parametrize("taken", [True, False] if THERE else [])
async def test_all_official_samples_are_accepted_in_order(box: Box, taken: bool) -> None:
    systems = await sampled(box, taken=taken)
    for code, name in ANSWERS.items():
        system = systems["000.00.00.G22" if code == "13" else "000.00.00.H41"]
        accepted = await box.hub.accept(system, (SAMPLES / f"{name}.edxml").read_bytes())
        assert accepted.message.status_code == code
    traces = await box.hub.trace("000.00.00.G22,2015/09/30,7816/VPCP-TTĐT")
    assert {
        str(each.standing.state) for trace in traces for each in trace.states if each.to.endswith("H41")
    } == {"recalled"}
    await whole(box)


@pytest.mark.parametrize("taken", [True, False])
@pytest.mark.parametrize("code", list(ANSWERS) if THERE else [])
async def test_each_official_answer_alone_is_accepted(box: Box, code: str, taken: bool) -> None:
    systems = await sampled(box, taken=taken)
    system = systems["000.00.00.G22" if code == "13" else "000.00.00.H41"]
    accepted = await box.hub.accept(system, (SAMPLES / f"{ANSWERS[code]}.edxml").read_bytes())
    assert accepted.message.about is not None
    await whole(box)


# --- urgency ------------------------------------------------------------------------------------------------------


async def test_urgent_documents_come_first_in_every_queue(box: Box) -> None:
    asked = [Priority.NORMAL, Priority.URGENT, Priority.NORMAL, Priority.EXPRESS, Priority.VERY_URGENT]
    sent = [
        await hand_in(box, package(sender=SENDER, to=[POLLS, PUSHED], priority=priority))
        for priority in asked
    ]
    wanted = [sent[n].message.id for n in (3, 4, 1, 0, 2)]
    assert await waiting(box, "polls") == wanted

    claimed = await box.hub.store.write(
        lambda tx: delivery_store.claim(tx, "pushed", 3, "node", timedelta(minutes=1))
    )
    rest = await box.hub.store.write(
        lambda tx: delivery_store.claim(tx, "pushed", 9, "node", timedelta(minutes=1))
    )
    assert [each.message.id for each in (*claimed, *rest)] == wanted
