"""What an operator does and looks at, on each database: hold, release, resend, withdraw, expire; lists, the board."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from hub import acting, board, resending, why
from hub.acting import Acted, Order, Result
from hub.app import Hub
from hub.board import Health
from hub.commands._endpoint_changes import set_address, switch
from hub.config import StorageSettings
from hub.errors import Malformed, NotAnswerable, NotFound
from hub.model import Accepted, Delivery, DeliveryState
from hub.obstacle import Obstacle, Step
from hub.references import chosen, deliveries_meant, listed, traced
from hub.store import deliveries as store
from hub.store.actions import Which, ahead_of
from hub.store.deliveries import Settlement
from hub.store.given import given_before
from hub.store.references import Remembered
from hub.store.tables import attempts
from hub.store.writer import Transaction
from hub.testing import Box, ManualClock, hub_in_a_box, package, settings
from schemas.edxml.envelope import PackageKind, Priority
from schemas.text import Text

SENDER, POLLS, PUSHED, NOT_CONNECTED = "H49.13", "H49.61", "H49.62", "H49.63"
LAN = Order(by="operator:lan", why="mạng của xã hỏng")
Do = Callable[[Hub, list[str], Order], Awaitable[list[Acted]]]
DOWN = Text(vi="không trả lời", en="no answer")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()  # Friday 2026-11-20, nine in the morning in Vietnam


@pytest.fixture
async def box(tmp_path: Path, database: str, clock: ManualClock) -> AsyncIterator[Box]:
    config = replace(settings(tmp_path), storage=StorageSettings(database=database))
    async with hub_in_a_box(tmp_path, config=config, clock=clock) as made:
        await made.connect("so", SENDER)
        await made.connect("xa-lay", POLLS)
        await made.connect("xa-nhan", PUSHED, adapter="folder", address=str(tmp_path / "xa"), polls=False)
        await made.add_agencies(NOT_CONNECTED)
        yield made


async def send(
    box: Box, *to: str, priority: Priority = Priority.NORMAL, subject: str = "V/v thử"
) -> Accepted:
    content = package(sender=SENDER, to=to, priority=priority, subject=subject)
    return await box.hub.accept(await box.hub.endpoint("so"), content)


def to(accepted: Accepted, code: str) -> str:
    return next(each.id for each in accepted.deliveries if each.addressee == code)


async def fail(box: Box, delivery: str, state: DeliveryState = DeliveryState.SUSPENDED) -> None:
    """Let a delivery have been tried once in vain."""

    def note(tx: Transaction) -> None:
        found = store.get(tx.connection, delivery)
        assert found is not None
        ended = Settlement(
            state=state,
            event="delivery.suspended" if state is DeliveryState.SUSPENDED else "delivery.waiting",
            actor="hub:node",
            reason=DOWN,
            next_try_at=tx.now + timedelta(hours=1) if state is not DeliveryState.SUSPENDED else None,
        )
        assert store.settle(tx, found, ended, list(DeliveryState))
        row = {"delivery": delivery, "number": found.attempts + 1, "started_at": tx.now, "ended_at": tx.now}
        tx.insert(attempts, row | {"outcome": "unavailable", "detail": store.stored_text(DOWN)})

    await box.hub.store.write(note)


async def state_of(box: Box, delivery: str) -> Delivery:
    return (await box.hub.inbox.delivery(None, delivery))[0]


async def kinds(box: Box, delivery: str) -> list[str]:
    (trace,) = await box.hub.trace(delivery)
    return [event.kind for event in trace.events if event.delivery == delivery]


def results(acted: list[Acted]) -> list[Result]:
    return [each.result for each in acted]


# --- hold and release ---------------------------------------------------------------------------------------------


async def test_what_a_person_stopped_stays_until_it_is_named(box: Box) -> None:
    accepted = await send(box, POLLS, PUSHED)
    held, failed = to(accepted, POLLS), to(accepted, PUSHED)
    await fail(box, failed)

    (acted,) = await acting.hold(box.hub, [held], LAN)
    assert (acted.before, acted.delivery.state) == (DeliveryState.AVAILABLE, DeliveryState.SUSPENDED)
    assert results(await acting.hold(box.hub, [held], LAN)) == [Result.ALREADY]
    assert await box.hub.waiting(await box.hub.endpoint("xa-lay")) == []

    stuck = Which(states=(DeliveryState.SUSPENDED,), stopped=False)
    everything, _, count = await listed(box.hub, replace(stuck, stopped=True))
    without, _, _ = await listed(box.hub, stuck)
    assert {each.id for each in everything} == {held, failed}
    assert (count, [each.id for each in without]) == (2, [failed])

    released = await acting.release(box.hub, [held, failed], LAN)
    assert [each.delivery.state for each in released] == [DeliveryState.AVAILABLE, DeliveryState.QUEUED]
    assert results(await acting.release(box.hub, [held, failed], LAN)) == [Result.ALREADY] * 2
    (trace,) = await box.hub.trace(held)
    stopped = next(event for event in trace.events if event.kind == "delivery.stopped")
    assert (stopped.actor, stopped.details["why"]) == ("operator:lan", "mạng của xã hỏng")


async def test_a_dry_run_changes_nothing_and_says_the_same(box: Box) -> None:
    accepted = await send(box, POLLS, PUSHED, NOT_CONNECTED)
    ids = [each.id for each in accepted.deliveries]
    before = await box.hub.deliveries(None, 10)
    dry = replace(LAN, dry_run=True)

    for order in (acting.hold, acting.withdraw, acting.expire, acting.release, resending.resend):
        told = await order(box.hub, ids, dry)
        assert len(told) == 3
    assert await box.hub.deliveries(None, 10) == before
    done = await acting.withdraw(box.hub, ids, LAN)
    assert results(await acting.withdraw(box.hub, ids, dry)) == [Result.ALREADY] * 3
    assert results(done) == [Result.DONE] * 3


async def test_held_documents_are_released_once_there_is_a_way(box: Box) -> None:
    accepted = await send(box, NOT_CONNECTED)
    held = to(accepted, NOT_CONNECTED)

    (told,) = await acting.release(box.hub, [held], LAN)
    assert told.result is Result.IMPOSSIBLE
    assert isinstance(told.said, Obstacle)
    assert (told.said.step, told.said.about) == (Step.CONNECT, NOT_CONNECTED)
    assert "edochub" not in told.said.en

    await box.connect("xa-moi", NOT_CONNECTED)
    (acted,) = await acting.release(box.hub, [held], LAN)
    assert (acted.result, acted.delivery.endpoint) == (Result.DONE, "xa-moi")


async def test_nothing_is_released_to_an_endpoint_that_is_off(box: Box) -> None:
    accepted = await send(box, PUSHED)
    await fail(box, to(accepted, PUSHED))
    await switch(box.hub, await box.hub.endpoint("xa-nhan"), "operator:lan", disabled=True)

    (told,) = await acting.release(box.hub, [to(accepted, PUSHED)], LAN)

    assert told.result is Result.IMPOSSIBLE
    assert isinstance(told.said, Obstacle)
    assert (told.said.step, told.said.about) == (Step.SWITCH_ON, "xa-nhan")
    (reason,) = await why.why(box.hub, to(accepted, PUSHED))
    assert reason.kind == "endpoint.disabled"


async def test_what_is_not_there_is_not_found(box: Box) -> None:
    with pytest.raises(NotFound):
        await acting.hold(box.hub, ["01ARZ3NDEKTSV4RRFFQ69G5FAV"], LAN)


# --- sending again ------------------------------------------------------------------------------------------------


async def test_sending_again_keeps_what_went_before(box: Box) -> None:
    accepted = await send(box, PUSHED)
    delivery = to(accepted, PUSHED)
    await fail(box, delivery)

    (acted,) = await resending.resend(box.hub, [delivery], LAN)
    assert (acted.result, acted.delivery.state) == (Result.DONE, DeliveryState.QUEUED)
    assert results(await resending.resend(box.hub, [delivery], LAN)) == [Result.ALREADY]

    (trace,) = await box.hub.trace(delivery)
    event = next(each for each in trace.events if each.kind == "delivery.resent")
    assert event.details["repeat"] == 1
    assert event.details["was"] == "suspended"
    assert event.details["first_error"] == DOWN.as_json()
    assert [each.outcome for each in trace.attempts[delivery]] == ["unavailable"]


async def test_who_has_it_gets_it_again_only_when_that_is_asked_for(box: Box) -> None:
    accepted = await send(box, POLLS)
    delivery = to(accepted, POLLS)
    endpoint = await box.hub.endpoint("xa-lay")
    await box.hub.take(endpoint, delivery)

    assert results(await resending.resend(box.hub, [delivery], LAN)) == [Result.IMPOSSIBLE]
    (acted,) = await resending.resend(box.hub, [delivery], LAN, again=True)
    assert acted.delivery.state is DeliveryState.AVAILABLE
    (waiting,) = await box.hub.waiting(endpoint)
    note = waiting.as_json()["note"]
    assert note["vi"] == "Gửi lại lần 1 theo yêu cầu của lan: mạng của xã hỏng"
    assert sha256((await box.hub.fetch(endpoint, delivery)).content).hexdigest() == accepted.message.sha256

    await box.hub.take(endpoint, delivery)
    assert (await kinds(box, delivery))[-2:] == ["delivery.resent", "delivery.delivered"]


@pytest.mark.parametrize("order", [acting.withdraw, acting.expire])
async def test_giving_a_repeat_up_leaves_what_the_addressee_has(box: Box, order: Do) -> None:
    accepted = await send(box, POLLS)
    delivery = to(accepted, POLLS)
    await box.hub.take(await box.hub.endpoint("xa-lay"), delivery)
    await resending.resend(box.hub, [delivery], LAN, again=True)

    (acted,) = await order(box.hub, [delivery], LAN)

    assert acted.delivery.state is DeliveryState.DELIVERED
    assert await box.hub.store.read(lambda c: given_before(c, accepted.message.id, delivery))
    assert await box.hub.waiting(await box.hub.endpoint("so")) == [], "the sender hears of no refusal"


async def test_a_recall_asks_who_is_being_sent_it_again(box: Box) -> None:
    accepted = await send(box, POLLS)
    delivery = to(accepted, POLLS)
    await box.hub.take(await box.hub.endpoint("xa-lay"), delivery)
    await resending.resend(box.hub, [delivery], LAN, again=True)

    recall = package(sender=SENDER, to=[POLLS], kind=PackageKind.REVOKE, about=accepted.message.document_id)
    await box.hub.accept(await box.hub.endpoint("so"), recall)

    assert (await state_of(box, delivery)).state is DeliveryState.DELIVERED
    (asked,) = await box.hub.waiting(await box.hub.endpoint("xa-lay"))
    assert asked.message.kind is PackageKind.REVOKE
    assert results(await resending.resend(box.hub, [delivery], LAN, again=True)) == [Result.IMPOSSIBLE]


# --- giving up ----------------------------------------------------------------------------------------------------


async def test_what_was_withdrawn_is_gone_and_nobody_is_written_to(box: Box) -> None:
    accepted = await send(box, POLLS)

    (acted,) = await acting.withdraw(box.hub, [to(accepted, POLLS)], LAN)

    assert acted.delivery.state is DeliveryState.WITHDRAWN
    assert await box.hub.waiting(await box.hub.endpoint("so")) == []
    (reason,) = await why.why(box.hub, to(accepted, POLLS))
    assert reason.kind == "withdrawn.operator"
    assert "lan" in reason.happened.vi
    for order in (acting.release, resending.resend):
        assert results(await order(box.hub, [to(accepted, POLLS)], LAN)) == [Result.IMPOSSIBLE]


async def test_who_fetches_too_late_is_told_who_withdrew_it_and_so_is_its_sender(box: Box) -> None:
    accepted = await send(box, POLLS)
    delivery, sender = to(accepted, POLLS), await box.hub.endpoint("so")
    await acting.withdraw(box.hub, [delivery], LAN)

    with pytest.raises(NotAnswerable) as caught:
        await box.hub.fetch(await box.hub.endpoint("xa-lay"), delivery)
    (traced,) = await box.hub.trace(accepted.message.id, sender)

    for told in (caught.value.message, traced.deliveries[0].reason):
        assert told is not None
        assert f"Người vận hành trục ({LAN.name})" in told.vi
        assert LAN.why in told.en
    assert "sender" not in caught.value.findings[0].message.en


async def test_the_sender_hears_once_that_nobody_took_it(box: Box, clock: ManualClock) -> None:
    accepted = await send(box, POLLS, NOT_CONNECTED)
    clock.advance(days=31)

    acted = await acting.expire(box.hub, [each.id for each in accepted.deliveries], LAN)
    again = await acting.expire(box.hub, [each.id for each in accepted.deliveries], LAN)

    assert results(acted) == [Result.DONE] * 2
    assert results(again) == [Result.ALREADY] * 2
    heard = await box.hub.waiting(await box.hub.endpoint("so"))
    assert sorted((each.message.status_code, each.message.sender) for each in heard) == [
        ("02", POLLS),
        ("02", NOT_CONNECTED),
    ]
    (trace,) = await box.hub.trace(accepted.message.id)
    assert all("31 ngày" in status.description for status in trace.statuses)
    reasons = await why.why(box.hub, accepted.message.id)
    assert {each.kind for each in reasons} == {"expired"}


async def test_what_an_addressee_has_cannot_be_withdrawn(box: Box) -> None:
    accepted = await send(box, POLLS)
    await box.hub.take(await box.hub.endpoint("xa-lay"), to(accepted, POLLS))

    for order in (acting.hold, acting.withdraw, acting.expire):
        assert results(await order(box.hub, [to(accepted, POLLS)], LAN)) == [Result.IMPOSSIBLE]


async def test_the_ledger_tells_of_all_of_it(box: Box) -> None:
    accepted = await send(box, POLLS, PUSHED)
    ids = [each.id for each in accepted.deliveries]
    for order in (acting.hold, acting.release, acting.expire, resending.resend, acting.withdraw):
        await order(box.hub, ids, LAN)

    assert (await box.hub.verify_ledger()).broken == []


# --- which ones ---------------------------------------------------------------------------------------------------


async def test_deliveries_are_listed_by_endpoint_agency_state_and_age_page_by_page(
    box: Box, clock: ManualClock
) -> None:
    old = await send(box, POLLS, PUSHED)
    clock.advance(hours=2)
    new = await send(box, POLLS, PUSHED, NOT_CONNECTED)
    await fail(box, to(old, PUSHED), DeliveryState.WAITING_FOR_RETRY)
    open_states = (DeliveryState.AVAILABLE, DeliveryState.WAITING_FOR_RETRY, DeliveryState.HELD)

    async def ids(**asked: object) -> list[str]:
        which = await chosen(box.hub, **{"endpoint": None, "agency": None, "states": ()} | asked)  # type: ignore[arg-type]
        return [each.id for each in (await listed(box.hub, which))[0]]

    assert await ids(endpoint="xa-lay") == [to(new, POLLS), to(old, POLLS)]
    assert await ids(agency=PUSHED, older_than_seconds=3_600) == [to(old, PUSHED)]
    assert await ids(states=(DeliveryState.HELD,)) == [to(new, NOT_CONNECTED)]
    everything = await ids(states=open_states)
    assert (
        everything == sorted([to(new, NOT_CONNECTED), to(new, POLLS), to(old, POLLS), to(old, PUSHED)])[::-1]
    )
    assert await ids(states=open_states, limit=2) == everything[:2]
    assert await ids(states=open_states, limit=2, after=everything[1]) == everything[2:]
    _, _, count = await listed(box.hub, Which(states=open_states))
    assert count == 4
    with pytest.raises(NotFound):
        await ids(endpoint="nobody")


async def test_references_are_found_by_what_is_remembered(box: Box, clock: ManualClock) -> None:
    first = await send(box, POLLS, subject="V/v báo cáo Quý III")
    clock.advance(days=2)
    second = await send(box, PUSHED, subject="V/v họp giao ban")

    async def found(*given: str, **remembered: object) -> list[list[str]]:
        named = await traced(box.hub, given, Remembered(**remembered))  # type: ignore[arg-type]
        return [[each.message.id for each in one.found if each.message] for one in named]

    polls = box.hub.directory.resolve(POLLS).agency
    assert polls is not None
    assert await found(subject="bao CAO quy") == [[first.message.id]]
    assert await found(agency=polls.id) == [[first.message.id]]
    assert await found(since=clock.now - timedelta(days=1)) == [[second.message.id]]
    assert await found(until=clock.now - timedelta(days=1)) == [[first.message.id]]
    assert await found(subject="V/v") == [[second.message.id, first.message.id]]
    assert await found(first.message.code, "nothing", second.message.id) == [
        [first.message.id],
        [],
        [second.message.id],
    ]
    assert await found(first.message.id, subject="họp") == [[]]


async def test_a_reference_to_a_document_means_its_deliveries(box: Box) -> None:
    accepted = await send(box, POLLS, PUSHED)

    assert len(await deliveries_meant(box.hub, accepted.message.document_id)) == 2
    assert [each.addressee for each in await deliveries_meant(box.hub, accepted.message.id, PUSHED)] == [
        PUSHED
    ]
    with pytest.raises(NotFound, match=NOT_CONNECTED):
        await deliveries_meant(box.hub, accepted.message.id, NOT_CONNECTED)


async def test_a_later_version_waits_behind_the_earlier_one(box: Box) -> None:
    first = await send(box, PUSHED)
    update = package(
        sender=SENDER,
        to=[PUSHED],
        kind=PackageKind.UPDATE,
        document_id=first.message.document_id,
        about=first.message.document_id,
    )
    second = await box.hub.accept(await box.hub.endpoint("so"), update)

    (behind,) = second.deliveries
    assert await box.hub.store.read(lambda c: ahead_of(c, behind)) == to(first, PUSHED)
    assert await box.hub.store.read(lambda c: ahead_of(c, first.deliveries[0])) is None


# --- an address ---------------------------------------------------------------------------------------------------


async def test_what_waits_goes_by_the_new_address(box: Box, tmp_path: Path) -> None:
    accepted = await send(box, PUSHED, POLLS)
    endpoint = await box.hub.endpoint("xa-nhan")

    moved = await set_address(box.hub, endpoint, str(tmp_path / "new"), "operator:lan", "đổi máy")
    assert (moved.endpoint.address, moved.deliveries) == (str(tmp_path / "new"), 0)
    again = await set_address(box.hub, moved.endpoint, str(tmp_path / "new"), "operator:lan")
    assert again.endpoint == moved.endpoint

    polls = await box.hub.endpoint("xa-lay")
    pushed = await set_address(box.hub, polls, "https://xa.example.vn/nhan", "operator:lan")
    assert (pushed.endpoint.polls, pushed.deliveries) == (False, 1)
    assert (await state_of(box, to(accepted, POLLS))).state is DeliveryState.QUEUED
    back = await set_address(box.hub, pushed.endpoint, "", "operator:lan")
    assert (back.endpoint.address, back.endpoint.polls, back.deliveries) == (None, True, 1)
    assert (await state_of(box, to(accepted, POLLS))).state is DeliveryState.AVAILABLE


# --- the board ----------------------------------------------------------------------------------------------------


async def test_the_board_shows_what_hurts_most_first(box: Box, clock: ManualClock) -> None:
    registered = await send(box, POLLS)
    await box.hub.take(await box.hub.endpoint("xa-lay"), to(registered, POLLS))
    await box.hub.answer(await box.hub.endpoint("xa-lay"), registered.message.id, "03", "Vào sổ")
    urgent = await send(box, POLLS, priority=Priority.URGENT)
    await box.hub.take(await box.hub.endpoint("xa-lay"), to(urgent, POLLS))
    waiting = await send(box, POLLS, PUSHED, NOT_CONNECTED)
    await fail(box, to(waiting, PUSHED), DeliveryState.WAITING_FOR_RETRY)
    clock.advance(hours=2)

    shown = await board.look(box.hub)

    rows = {row.code: row for row in shown.rows}
    polls, pushed, held = rows[POLLS], rows[PUSHED], rows[NOT_CONNECTED]
    assert [row.code for row in shown.rows][:2] == [POLLS, NOT_CONNECTED]
    assert (polls.untaken, polls.unanswered, polls.late, polls.late_urgent) == (1, 1, 1, 1)
    assert polls.unanswered_since == clock.now - timedelta(hours=2)
    assert polls.health is Health.FINE
    assert (pushed.waiting, pushed.health, str(pushed.error)) == (1, Health.FAILING, str(DOWN))
    assert (held.held, held.health, held.endpoint) == (1, Health.NONE, None)
    assert shown.totals["untaken"] == 4, "the answer that waits for the sender too"
    assert shown.as_json()["agencies"][0]["code"] == POLLS

    clock.advance(days=3)
    later = {row.code: row for row in (await board.look(box.hub)).rows}
    assert later[POLLS].late == 2, "Friday's ordinary one is late on Monday"
    assert later[POLLS].health is Health.SILENT


async def test_the_board_counts_what_was_refused_today(box: Box, clock: ManualClock) -> None:
    with pytest.raises(Malformed):
        await box.hub.accept(await box.hub.endpoint("so"), b"<not-a-package/>")

    shown = await board.look(box.hub)
    assert (shown.refused, len(shown.refusals)) == (1, 1)
    assert shown.as_json()["refusals"][0]["endpoint"] == "so"

    clock.advance(hours=25)
    assert (await board.look(box.hub)).refused == 0


async def test_the_board_agrees_with_the_list_of_what_is_late(box: Box, clock: ManualClock) -> None:
    for priority in (Priority.NORMAL, Priority.URGENT, Priority.NORMAL):
        accepted = await send(box, POLLS, priority=priority)
        await box.hub.take(await box.hub.endpoint("xa-lay"), to(accepted, POLLS))
        clock.advance(hours=7)

    for _ in range(6):
        late = await box.hub.overdue(limit=100)
        arrival = [each for each in late if str(each.rule.id) in {"arrival", "registration"}]
        assert (await board.look(box.hub)).totals["late"] == len(arrival)
        clock.advance(hours=11)
