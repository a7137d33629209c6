"""Far sides that hang, fail, lie or break: each harms only its own deliveries, and none of those is lost."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from hub.app import Hub
from hub.errors import Declined, Fault, Misconfigured, NotFound, Unavailable
from hub.model import Accepted, Delivery, DeliveryState, Parcel, Receipt
from hub.testing import Box, package
from schemas.text import Text
from tests.faults.recorder import FarSide, Recorder
from tests.faults.world import POLLS, PUSHED, PUSHED_ENDPOINT, World, world

OTHER, OTHER_ENDPOINT = "H49.65", "xa-dam-ha"


@pytest.fixture
def two(tmp_path: Path, database: str) -> Iterator[World]:
    with world_of_two(tmp_path, database) as made:
        yield made


@pytest.fixture
def patient(tmp_path: Path, database: str) -> Iterator[World]:
    """One that gives no delivery up, however long the test takes to let the far side come back."""
    with world_of_two(tmp_path, database, attempts=1_000) as made:
        yield made


@contextlib.contextmanager
def world_of_two(folder: Path, database: str, **retry: Any) -> Iterator[World]:
    """A world with a second endpoint that is pushed to and always works."""
    with world(folder, database, **retry) as made:
        Recorder.far_sides[OTHER_ENDPOINT] = FarSide()
        made.life.ask(
            lambda hub: Box(hub).connect(
                OTHER_ENDPOINT, OTHER, adapter="recorder", address=OTHER_ENDPOINT, polls=False
            )
        )
        yield made


def hand_in(world: World, *to: str) -> Accepted:
    return world.hand_in(package(to=to), to)


def text(sentence: str) -> Text:
    return Text(vi=sentence, en=sentence)


def test_an_endpoint_that_hangs_delays_nobody_else(two: World) -> None:
    two.far.gate = threading.Event()  # never set until the end
    hand_in(two, PUSHED)
    two.until(lambda: two.far.calls, "the far side hangs")
    for _ in range(20):
        hand_in(two, PUSHED, OTHER, POLLS)
    other = Recorder.far_sides[OTHER_ENDPOINT]
    two.until(lambda: len(other.documents) == 20, "the other far side has all")
    assert not two.far.documents, "all that while it hung"
    two.far.gate.set()
    two.converge()
    two.check_delivered()


def test_an_endpoint_that_is_down_is_felt_for_one_delivery_at_a_time(patient: World) -> None:
    patient.far.up, patient.far.gate, patient.far.answers = False, threading.Event(), 8
    first = hand_in(patient, PUSHED)
    patient.until(
        lambda: patient.state_of(first, PUSHED) is DeliveryState.WAITING_FOR_RETRY,
        "the lane knows that it is down",
    )
    for _ in range(11):
        hand_in(patient, PUSHED)
    patient.until(lambda: patient.far.calls.total() == 9, "several tries, and one that stands still")
    waiting = [each for each in patient.deliveries() if each.state is DeliveryState.QUEUED]
    assert waiting, "those that were not tried have used up nothing"
    assert {each.attempts for each in waiting} == {0}
    assert patient.far.calls.total() == 9, "one at a time"
    patient.far.up = True
    patient.far.gate.set()
    patient.converge()
    patient.check_delivered()


def test_after_the_last_attempt_a_delivery_is_suspended_and_resume_delivers_it(two: World) -> None:
    two.far.up = False
    accepted = hand_in(two, PUSHED, OTHER)
    two.until(lambda: two.state_of(accepted, PUSHED) is DeliveryState.SUSPENDED, "suspended")
    (delivery,) = [each for each in two.deliveries_of(accepted) if each.addressee == PUSHED]
    assert delivery.attempts == two.config.retry.attempts
    (trace,) = two.until_answered(lambda hub: hub.trace(accepted.message.id))
    outcomes = [(each.number, each.outcome) for each in trace.attempts[delivery.id]]
    assert outcomes == [(number, "unavailable") for number in range(1, delivery.attempts + 1)]
    two.restart()
    assert two.state_of(accepted, PUSHED) is DeliveryState.SUSPENDED, "a restart does not resume by itself"
    two.far.up = True
    two.until_answered(lambda hub: hub.resume(delivery.id, "operator:test"))
    two.converge()
    two.check_delivered()


def test_the_wait_between_tries_grows_and_is_spread(two: World) -> None:
    two.far.up = False
    accepted = hand_in(two, PUSHED)
    two.until(lambda: two.state_of(accepted, PUSHED) is DeliveryState.SUSPENDED, "suspended")
    (trace,) = two.until_answered(lambda hub: hub.trace(accepted.message.id))
    (attempts,) = trace.attempts.values()
    waits = [(after.started_at - before.ended_at).total_seconds() for before, after in pairwise(attempts)]
    retry = two.config.retry
    for number, wait in enumerate(waits):
        meant = min(retry.first_seconds * retry.factor**number, retry.longest_seconds)
        assert wait >= meant * (1 - retry.jitter) * 0.9, f"wait {number + 1} is too short"


class Odd(Exception):
    """Something that no adapter should raise."""


def raising(error: BaseException) -> Callable[[Parcel], Any]:
    def outcome(_: Parcel) -> Any:
        raise error

    return outcome


ENDINGS: dict[str, tuple[Callable[[Parcel], Any], DeliveryState]] = {
    "an unplanned error": (raising(Odd()), DeliveryState.SUSPENDED),
    "a fault": (raising(Fault(text("Lỗi"))), DeliveryState.SUSPENDED),
    "a wrong address": (raising(Misconfigured(text("Sai địa chỉ"))), DeliveryState.SUSPENDED),
    "an error that is none of the three": (raising(NotFound(text("Không có"))), DeliveryState.SUSPENDED),
    "nothing instead of a receipt": (lambda _: None, DeliveryState.SUSPENDED),
    "a refusal": (raising(Declined(text("Từ chối"))), DeliveryState.REFUSED),
    "a refusal with characters that XML forbids": (
        raising(Declined(text("a\x00b\x0b\ud800c"))),
        DeliveryState.REFUSED,
    ),
    "a refusal of a hundred thousand words": (
        raising(Declined(text("dài " * 100_000))),
        DeliveryState.REFUSED,
    ),
    "a remote id with a NUL": (lambda _: Receipt(remote_id="a\x00b"), DeliveryState.DELIVERED),
    "a remote id with half a letter": (lambda _: Receipt(remote_id="\udce1"), DeliveryState.DELIVERED),
    "a remote id of a megabyte": (lambda _: Receipt(remote_id="x" * 1_000_000), DeliveryState.DELIVERED),
    "a fault in words that cannot be stored": (raising(Fault(text("\ud800\x00"))), DeliveryState.SUSPENDED),
    "unavailable, in words that cannot be stored": (
        raising(Unavailable(text("\ud800\x00"))),
        DeliveryState.SUSPENDED,  # after the last attempt
    ),
    "unavailable for ever": (
        raising(Unavailable(text("Đợi"), retry_after=float("inf"))),
        DeliveryState.SUSPENDED,
    ),
    "unavailable, and no number": (
        raising(Unavailable(text("Đợi"), retry_after=float("nan"))),
        DeliveryState.SUSPENDED,
    ),
    "cancelled by itself": (raising(asyncio.CancelledError()), DeliveryState.SUSPENDED),
}


@pytest.mark.parametrize("name", ENDINGS)
def test_however_a_delivery_ends_it_is_settled_and_the_others_go_on(two: World, name: str) -> None:
    ending, expected = ENDINGS[name]
    accepted = hand_in(two, PUSHED, OTHER)
    two.converge()
    assert two.far.documents, "the endpoint is trusted with several at once from here on"
    two.far.gate = threading.Event()
    first = hand_in(two, PUSHED)
    two.until(lambda: len(two.far.calls) == 2, "the far side holds the first")
    odd = hand_in(two, PUSHED)
    others = [hand_in(two, PUSHED) for _ in range(6)]
    two.far.odd = (lambda parcel: parcel.message.id == odd.message.id, ending)
    two.far.gate.set()
    two.until(lambda: two.state_of(odd, PUSHED) is expected, f"{expected}")
    others += [accepted, first]
    two.until(lambda: all(two.state_of(each, PUSHED).final for each in others), "the others are delivered")
    assert {two.state_of(each, PUSHED) for each in others} == {DeliveryState.DELIVERED}
    two.check()


def test_a_worker_that_is_stopped_while_a_far_side_hangs_leaves_nothing_half_done(two: World) -> None:
    two.far.gate = threading.Event()
    accepted = hand_in(two, PUSHED, OTHER)
    for _ in range(8):
        hand_in(two, PUSHED)
    two.until(lambda: two.far.calls and two.state_of(accepted, OTHER).final, "one hangs, the other has it")

    async def stop(hub: Hub) -> list[Delivery]:
        await hub.worker.close(patience_seconds=0.1)
        return await hub.deliveries(DeliveryState.SENDING, 100)

    assert two.life.ask(stop) == []
    two.stop()
    two.far.gate.set()
    two.converge()
    two.check_delivered()


def test_an_endpoint_whose_adapter_is_gone_is_suspended_and_disturbs_nobody(two: World) -> None:
    two.until_answered(
        lambda hub: Box(hub).connect("he-thong-cu", "H49.66", adapter="gone", address="x", polls=False)
    )
    accepted = hand_in(two, "H49.66", OTHER)
    two.until(lambda: two.state_of(accepted, "H49.66") is DeliveryState.SUSPENDED, "suspended")
    two.until(lambda: two.state_of(accepted, OTHER) is DeliveryState.DELIVERED, "delivered")
    two.check()


def test_an_adapter_that_cannot_even_be_made_disturbs_nobody(two: World) -> None:
    two.until_answered(
        lambda hub: Box(hub).connect("he-thong-hong", "H49.66", adapter="broken", address="x", polls=False)
    )
    accepted = hand_in(two, "H49.66", OTHER)
    two.until(lambda: two.state_of(accepted, "H49.66") is DeliveryState.SUSPENDED, "suspended")
    two.until(lambda: two.state_of(accepted, OTHER) is DeliveryState.DELIVERED, "delivered")
    assert PUSHED_ENDPOINT in Recorder.far_sides
    hand_in(two, OTHER)
    two.until(
        lambda: all(each.state.final for each in two.deliveries() if each.addressee == OTHER), "goes on"
    )
    two.check()


def test_an_adapter_that_cannot_be_closed_does_not_keep_the_hub_from_stopping(two: World) -> None:
    hand_in(two, PUSHED, OTHER)
    two.converge()
    two.far.closes_badly = True
    two.restart()
    hand_in(two, PUSHED, OTHER)
    two.converge()
    two.check_delivered()
