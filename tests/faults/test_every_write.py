"""Every write of the hub fails once, in every way, and still nothing is lost and nothing comes twice.

One function for each unit of work, named as `store.write` names it. It leads up to its write, lets it fail, and goes
on like a correct client: whoever gets no answer asks again with the same bytes. What must hold afterwards is the same
for all: `World.check_delivered`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from hub import acting, resending
from hub.acting import Acted, Order, Result
from hub.app import Hub
from hub.commands._endpoint_changes import Moved, set_address
from hub.errors import Malformed, Misconfigured
from hub.model import Accepted, Delivery, DeliveryState, Endpoint
from hub.testing import Box, package
from schemas.edxml.envelope import PackageKind
from tests.faults.life import Fault
from tests.faults.recorder import Recorder
from tests.faults.world import (
    FOLDER,
    NOT_CONNECTED,
    POLLING_ENDPOINT,
    POLLS,
    PUSHED,
    PUSHED_ENDPOINT,
    SENDER_ENDPOINT,
    World,
    world,
)

EVERYBODY = (PUSHED, POLLS, FOLDER)

every_fault = pytest.mark.parametrize("fault", list(Fault), ids=lambda fault: str(fault.name).lower())


@pytest.fixture
def all_of_it(tmp_path: Path, database: str) -> Iterator[World]:
    # As many attempts as it takes: a far side that is to come back may come late.
    with world(tmp_path, database, attempts=1_000) as made:
        yield made


def healed(world: World, unit: str) -> None:
    """Let everybody go on, then check everything; the fault must have struck the unit that was meant."""
    world.converge()
    assert [unit in names for _, names in world.struck] == [True], "the planned fault did not strike"
    world.check_delivered()


def hand_in(world: World, *to: str) -> Accepted:
    return world.hand_in(package(to=to), to)


@every_fault
def test_record(all_of_it: World, fault: Fault) -> None:
    all_of_it.plan("record", fault)
    accepted = hand_in(all_of_it, *EVERYBODY)
    assert accepted.duplicate == (fault in (Fault.KEPT, Fault.DIES_AFTER))
    healed(all_of_it, "record")


@every_fault
def test_claim(all_of_it: World, fault: Fault) -> None:
    all_of_it.plan("claim", fault)
    hand_in(all_of_it, *EVERYBODY)
    healed(all_of_it, "claim")


@every_fault
def test_acknowledge_of_a_receipt(all_of_it: World, fault: Fault) -> None:
    all_of_it.plan("acknowledge", fault)
    hand_in(all_of_it, PUSHED, POLLS)
    healed(all_of_it, "acknowledge")
    (delivery,) = all_of_it.far.documents
    again = fault in (Fault.DIES_BEFORE,)
    assert all_of_it.far.calls[delivery] == 1 + again, "only a death before it makes the hub send again"


@every_fault
def test_acknowledge_of_a_far_side_that_does_not_answer(all_of_it: World, fault: Fault) -> None:
    all_of_it.far.up = False
    all_of_it.plan("acknowledge", fault)
    hand_in(all_of_it, *EVERYBODY[:2])
    all_of_it.until(lambda: all_of_it.struck, "the fault")
    all_of_it.far.up = True
    healed(all_of_it, "acknowledge")


@every_fault
def test_acknowledge_of_a_refusal(all_of_it: World, fault: Fault) -> None:
    all_of_it.far.declines = True
    all_of_it.plan("acknowledge", fault)
    accepted = hand_in(all_of_it, PUSHED, POLLS)
    all_of_it.handed_in[accepted.message.id] = (all_of_it.content_of(accepted), (POLLS,))
    healed(all_of_it, "acknowledge")
    assert all_of_it.state_of(accepted, PUSHED) is DeliveryState.REFUSED
    assert all_of_it.answers_to(accepted) == ["02"], "the sender is told once"


@every_fault
def test_acknowledge_of_a_fault_of_ours(all_of_it: World, fault: Fault) -> None:
    all_of_it.far.broken = True
    all_of_it.plan("acknowledge", fault)
    accepted = hand_in(all_of_it, PUSHED, POLLS)
    all_of_it.until(lambda: all_of_it.state_of(accepted, PUSHED) is DeliveryState.SUSPENDED, "suspended")
    all_of_it.check()
    all_of_it.far.broken = False
    resume(all_of_it, accepted, PUSHED)
    healed(all_of_it, "acknowledge")


@every_fault
def test_resume_of_a_suspended_delivery(all_of_it: World, fault: Fault) -> None:
    all_of_it.far.broken = True
    accepted = hand_in(all_of_it, PUSHED, POLLS)
    all_of_it.until(lambda: all_of_it.state_of(accepted, PUSHED) is DeliveryState.SUSPENDED, "suspended")
    all_of_it.far.broken = False
    all_of_it.plan("resume", fault)
    resume(all_of_it, accepted, PUSHED)
    healed(all_of_it, "resume")


@every_fault
def test_resume_of_a_held_delivery(all_of_it: World, fault: Fault) -> None:
    accepted = hand_in(all_of_it, PUSHED, NOT_CONNECTED)
    assert all_of_it.state_of(accepted, NOT_CONNECTED) is DeliveryState.HELD

    async def connect(hub: Hub) -> Endpoint:
        return await Box(hub).connect("xa-moi", NOT_CONNECTED)

    all_of_it.until_answered(connect)
    all_of_it.plan("resume", fault)
    resume(all_of_it, accepted, NOT_CONNECTED)
    (delivery,) = all_of_it.look("xa-moi")
    all_of_it.take("xa-moi", delivery)
    healed(all_of_it, "resume")


@every_fault
def test_put_back_of_what_a_dead_hub_was_sending(all_of_it: World, fault: Fault) -> None:
    all_of_it.far.gate = threading.Event()
    hand_in(all_of_it, *EVERYBODY)
    all_of_it.until(lambda: all_of_it.far.calls, "the far side is called")
    all_of_it.kill()
    all_of_it.plan_next("put_back", fault)
    all_of_it.far.gate.set()
    healed(all_of_it, "put_back")


@every_fault
def test_put_back_of_what_was_claimed_and_not_tried(all_of_it: World, fault: Fault) -> None:
    hand_in(all_of_it, PUSHED)
    all_of_it.converge()  # the far side has taken one: from now on many are claimed at once
    all_of_it.far.gate = threading.Event()
    for _ in range(12):
        hand_in(all_of_it, PUSHED)
    all_of_it.plan("put_back", fault)
    all_of_it.far.quota = 1  # the first goes through, the next four fail, the others are not tried
    all_of_it.far.gate.set()
    all_of_it.until(lambda: all_of_it.struck, "the fault")
    all_of_it.far.quota = 1_000
    healed(all_of_it, "put_back")


@every_fault
def test_take(all_of_it: World, fault: Fault) -> None:
    hand_in(all_of_it, POLLS)
    (delivery,) = all_of_it.look(POLLING_ENDPOINT)
    all_of_it.plan("take", fault)
    assert all_of_it.take(POLLING_ENDPOINT, delivery).state is DeliveryState.DELIVERED
    assert all_of_it.take(POLLING_ENDPOINT, delivery).state is DeliveryState.DELIVERED
    healed(all_of_it, "take")


@every_fault
def test_decline(all_of_it: World, fault: Fault) -> None:
    accepted = hand_in(all_of_it, POLLS, FOLDER)
    (delivery,) = all_of_it.look(POLLING_ENDPOINT)
    all_of_it.plan("decline", fault)
    assert all_of_it.decline(POLLING_ENDPOINT, delivery).state is DeliveryState.REFUSED
    assert all_of_it.decline(POLLING_ENDPOINT, delivery).state is DeliveryState.REFUSED
    healed(all_of_it, "decline")
    assert all_of_it.answers_to(accepted) == ["02"], "the sender is told once"


@every_fault
def test_refuse(all_of_it: World, fault: Fault) -> None:
    hand_in(all_of_it, POLLS)
    all_of_it.plan("refuse", fault)

    async def accept(hub: Hub) -> None:
        await hub.accept(await hub.endpoint(SENDER_ENDPOINT), b"<not-a-package/>")

    with pytest.raises(Malformed) as caught:
        all_of_it.until_answered(accept)
    refused = caught.value.id
    assert refused, "the sender gets the id of what was stored"
    assert all_of_it.until_answered(lambda hub: hub.trace(refused))[0].events[0].kind == "document.refused"
    healed(all_of_it, "refuse")


@every_fault
def test_record_of_an_answer_that_the_hub_writes(all_of_it: World, fault: Fault) -> None:
    accepted = hand_in(all_of_it, POLLS)
    all_of_it.plan("record", fault)

    async def answer(hub: Hub) -> Accepted:
        return await hub.answer(await hub.endpoint(POLLING_ENDPOINT), accepted.message.id, "03", "Đã vào sổ")

    all_of_it.until_answered(answer)
    time.sleep(1.1)  # an answer carries the second in which it was written
    all_of_it.until_answered(answer)
    healed(all_of_it, "record")
    assert all_of_it.answers_to(accepted) == ["03"], "the sender is told once"


@every_fault
def test_record_of_a_recall(all_of_it: World, fault: Fault) -> None:
    accepted = hand_in(all_of_it, POLLS, FOLDER)
    all_of_it.until(
        lambda: all_of_it.state_of(accepted, FOLDER).final, "the folder has it, the other not yet"
    )
    all_of_it.handed_in[accepted.message.id] = (all_of_it.content_of(accepted), (FOLDER,))
    recall = package(to=(POLLS, FOLDER), kind=PackageKind.REVOKE, about=accepted.message.document_id)
    all_of_it.plan("record", fault)
    all_of_it.hand_in(recall, (FOLDER,))
    healed(all_of_it, "record")
    assert all_of_it.state_of(accepted, POLLS) is DeliveryState.WITHDRAWN


@every_fault
def test_note_that_the_hub_started(all_of_it: World, fault: Fault) -> None:
    hand_in(all_of_it, *EVERYBODY)
    all_of_it.stop()
    all_of_it.plan_next("note", fault)
    hand_in(all_of_it, *EVERYBODY)
    healed(all_of_it, "note")


@every_fault
def test_hold_and_release(all_of_it: World, fault: Fault) -> None:
    accepted = hand_in(all_of_it, POLLS, FOLDER)
    all_of_it.plan("hold", fault)
    (held,) = order(all_of_it, acting.hold, accepted, POLLS)
    assert held.delivery.state is DeliveryState.SUSPENDED
    all_of_it.check()
    assert all_of_it.look(POLLING_ENDPOINT) == []
    order(all_of_it, acting.release, accepted, POLLS)
    healed(all_of_it, "hold")


@every_fault
def test_release_of_what_an_outage_suspended(all_of_it: World, fault: Fault) -> None:
    all_of_it.far.broken = True
    accepted = hand_in(all_of_it, PUSHED, POLLS)
    all_of_it.until(lambda: all_of_it.state_of(accepted, PUSHED) is DeliveryState.SUSPENDED, "suspended")
    all_of_it.far.broken = False
    all_of_it.plan("release", fault)
    order(all_of_it, acting.release, accepted, PUSHED)
    healed(all_of_it, "release")


@every_fault
def test_resend_of_what_was_refused(all_of_it: World, fault: Fault) -> None:
    all_of_it.far.declines = True
    accepted = hand_in(all_of_it, PUSHED)
    all_of_it.until(lambda: all_of_it.state_of(accepted, PUSHED) is DeliveryState.REFUSED, "refused")
    all_of_it.far.declines = False
    all_of_it.plan("resend", fault)
    order(all_of_it, resending.resend, accepted, PUSHED)
    healed(all_of_it, "resend")
    assert all_of_it.state_of(accepted, PUSHED) is DeliveryState.DELIVERED


@every_fault
def test_withdraw_by_an_operator(all_of_it: World, fault: Fault) -> None:
    accepted = hand_in(all_of_it, POLLS, FOLDER)
    all_of_it.handed_in[accepted.message.id] = (all_of_it.content_of(accepted), (FOLDER,))
    all_of_it.plan("withdraw", fault)
    order(all_of_it, acting.withdraw, accepted, POLLS)
    healed(all_of_it, "withdraw")
    assert all_of_it.state_of(accepted, POLLS) is DeliveryState.WITHDRAWN
    assert all_of_it.answers_to(accepted) == []


@every_fault
def test_expire(all_of_it: World, fault: Fault) -> None:
    accepted = hand_in(all_of_it, POLLS, FOLDER)
    all_of_it.handed_in[accepted.message.id] = (all_of_it.content_of(accepted), (FOLDER,))
    all_of_it.plan("expire", fault)
    order(all_of_it, acting.expire, accepted, POLLS)
    healed(all_of_it, "expire")
    assert all_of_it.state_of(accepted, POLLS) is DeliveryState.REFUSED
    assert all_of_it.answers_to(accepted) == ["02"], "the sender is told once"


@every_fault
def test_set_address(all_of_it: World, fault: Fault) -> None:
    all_of_it.far.broken = True
    accepted = hand_in(all_of_it, PUSHED)
    all_of_it.until(lambda: all_of_it.state_of(accepted, PUSHED) is DeliveryState.SUSPENDED, "suspended")
    Recorder.far_sides["moved"] = all_of_it.far
    all_of_it.plan("set_address", fault)

    async def move(hub: Hub) -> Moved:
        return await set_address(hub, await hub.endpoint(PUSHED_ENDPOINT), "moved", OPERATOR)

    moved = all_of_it.until_answered(move)
    assert moved.endpoint.address == "moved"
    all_of_it.far.broken = False
    order(all_of_it, acting.release, accepted, PUSHED)
    healed(all_of_it, "set_address")


OPERATOR = "operator:test"
Do = Callable[[Hub, list[str], Order], Coroutine[Any, Any, list[Acted]]]


def order(world: World, do: Do, accepted: Accepted, addressee: str) -> list[Acted]:
    """Give an order about one delivery, as an operator who asks again when there is no answer.

    Carried out it is once, however often it is given. Who gives it again may hear that there is nothing left to do:
    the first time took effect, only its answer got lost, and the delivery has gone on since.
    """
    (delivery,) = [each for each in world.deliveries_of(accepted) if each.addressee == addressee]
    asked = 0

    async def said(hub: Hub) -> list[Acted]:
        nonlocal asked
        asked += 1
        return await do(hub, [delivery.id], Order(by=OPERATOR, why="thử"))

    before = ordered(world, delivery.id)
    (acted,) = world.until_answered(said)
    assert acted.result is Result.DONE or asked > 1
    assert ordered(world, delivery.id) == before + 1, "carried out once"
    return [acted]


def ordered(world: World, delivery: str) -> int:
    """Return how many events of a delivery the operator has caused."""

    async def events(hub: Hub) -> int:
        (trace,) = await hub.trace(delivery)
        return sum(each.delivery == delivery and each.actor == OPERATOR for each in trace.events)

    return world.until_answered(events)


def resume(world: World, accepted: Accepted, addressee: str) -> None:
    """Resume a delivery, as an operator who asks again when there is no answer."""
    (delivery,) = [each for each in world.deliveries_of(accepted) if each.addressee == addressee]

    async def said(hub: Hub) -> Delivery:
        return await hub.resume(delivery.id, "operator:test")

    try:
        world.until_answered(said)
    except Misconfigured:
        assert world.state_of(accepted, addressee) is not delivery.state, "it was resumed the first time"


def test_the_world_itself_notices_what_is_lost(tmp_path: Path, database: str) -> None:
    with world(tmp_path, database) as made:
        accepted = hand_in(made, PUSHED)
        made.converge()
        made.check_delivered()
        made.far.documents["another-id"] = made.content_of(accepted)
        with pytest.raises(AssertionError, match="twice"):
            made.check_delivered()
        made.far.documents.clear()
        with pytest.raises(AssertionError, match="lost"):
            made.check_delivered()


def test_the_world_itself_notices_a_step_that_no_event_tells_of(tmp_path: Path, database: str) -> None:
    with world(tmp_path, database) as made:
        hand_in(made, POLLS)
        made.until_answered(lambda hub: hub.store.write(_deliver_in_secret))
        with pytest.raises(AssertionError):
            made.check()


def _deliver_in_secret(tx: object) -> None:
    import sqlalchemy as sa

    from hub.store.tables import deliveries
    from hub.store.writer import Transaction

    assert isinstance(tx, Transaction)
    tx.execute(sa.update(deliveries).values(state="delivered"))
