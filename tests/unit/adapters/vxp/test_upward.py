"""Delivering to an axis: once, whatever happens to the answer, and whomever the axis delivers to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.vxp import VxpAdapter
from adapters.vxp.hashes import short_hex
from adapters.vxp.sent import Line, ours, read
from adapters.vxp.upward import digest_of
from hub.errors import Declined, Fault, HubError, Misconfigured, Unavailable
from hub.model import Parcel
from hub.rig import endpoint, message, parcel, surroundings
from hub.testing import ManualClock
from schemas.edxml.envelope import PackageKind
from tests.unit.adapters.vxp.standin import StandInAxis, Trouble

RUBBISH: dict[str, Trouble] = {
    "a proxy's page": b"<html><h1>502 Bad Gateway</h1></html>",
    "nothing": b"",
    "no object": b"[]",
    "no code": b'{"status":"OK"}',
    "a null code": b'{"status":"OK","ErrorCode":null,"ErrorDesc":null}',
    "no id": b'{"status":"OK","ErrorCode":"0","ErrorDesc":"x"}',
    "a null id": b'{"status":"OK","ErrorCode":"0","ErrorDesc":"x","DocId":null}',
    "too deep": b"[" * 100_000,
    "no text": b"\xff\xfe\x00",
    "too much": b"x" * 1_100_000,
    "half": "half",
    "a dropped connection": "drop after",
}


@asynccontextmanager
async def opened(axis: StandInAxis, clock: ManualClock | None = None) -> AsyncIterator[VxpAdapter]:
    """Open a new adapter to an axis that runs."""
    around = surroundings()
    if clock is not None:
        around = replace(around, clock=clock)
    adapter = VxpAdapter(endpoint("vxp", VxpAdapter.settle(axis.address)), around)
    try:
        yield adapter
    finally:
        await adapter.close()


@pytest.fixture
async def axis() -> AsyncIterator[StandInAxis]:
    made = StandInAxis()
    await made.start()
    yield made
    await made.stop()


def to(base: Parcel, addressee: str, number: int) -> Parcel:
    """Return the delivery of the same message to another agency."""
    return replace(base, id=f"{base.id[:-2]}{number:02d}", addressee=addressee)


@pytest.mark.parametrize("tells_digest", [True, False])
@pytest.mark.parametrize("trouble", RUBBISH.values(), ids=RUBBISH.keys())
async def test_an_answer_that_does_not_count_is_looked_for_in_the_list(
    axis: StandInAxis, trouble: Trouble, tells_digest: bool
) -> None:
    axis.tells_digest = tells_digest
    sent = parcel(b"<a/>", words="H49.13")
    async with opened(axis) as adapter:
        axis.trouble("sendEdoc", trouble)
        with pytest.raises(Unavailable):
            await adapter.deliver(sent)
        axis.sent[0].code, axis.sent[0].title = sent.message.code, sent.message.subject
        receipt = await adapter.deliver(sent)
        assert receipt.remote_id == axis.sent[0].doc_id
        assert len(axis.sent) == 1


async def test_what_never_arrived_is_sent_again(axis: StandInAxis) -> None:
    async with opened(axis) as adapter:
        axis.trouble("sendEdoc", "drop")
        with pytest.raises(Unavailable):
            await adapter.deliver(parcel(b"<a/>"))
        await adapter.deliver(parcel(b"<a/>"))
        assert [each.content for each in axis.sent] == [b"<a/>"]


async def test_a_delivery_that_is_cut_off_while_the_axis_is_silent_is_found(axis: StandInAxis) -> None:
    async with opened(axis) as adapter:
        axis.trouble("sendEdoc", "silent")
        cut = asyncio.create_task(adapter.deliver(parcel(b"<a/>")))
        while not axis.sent:
            await asyncio.sleep(0)
        cut.cancel()
        with suppress(asyncio.CancelledError):
            await cut
        await adapter.deliver(parcel(b"<a/>"))
        assert len(axis.sent) == 1


async def test_without_the_list_nothing_is_sent_again(axis: StandInAxis) -> None:
    async with opened(axis) as adapter:
        axis.trouble("sendEdoc", "drop after")
        with pytest.raises(Unavailable):
            await adapter.deliver(parcel(b"<a/>"))
        for trouble in ("drop", b"<html/>", {"status": "FAIL", "ErrorCode": "22", "ErrorDesc": "x"}):
            axis.trouble("getSentEdocList", trouble)
            with pytest.raises(Unavailable):
                await adapter.deliver(parcel(b"<a/>"))
        assert axis.count("sendEdoc") == 1
        await adapter.deliver(parcel(b"<a/>"))
        assert axis.count("sendEdoc") == 1


async def test_what_is_new_is_sent_without_looking(axis: StandInAxis) -> None:
    clock = ManualClock()
    async with opened(axis, clock) as adapter:
        clock.advance(minutes=10)
        fresh = parcel(b"<a/>")
        await adapter.deliver(replace(fresh, message=replace(fresh.message, accepted_at=clock.now)))
        assert axis.asked == ["sendEdoc"]


async def test_what_has_waited_may_have_been_tried_by_another_process(axis: StandInAxis) -> None:
    clock = ManualClock()
    async with opened(axis, clock) as adapter:
        clock.advance(minutes=10)
        waited = parcel(b"<a/>")
        waited = replace(waited, message=replace(waited.message, accepted_at=clock.now))
        clock.advance(minutes=2)
        await adapter.deliver(waited)
        assert axis.asked == ["getSentEdocList", "sendEdoc"]


async def test_an_axis_that_delivers_to_everybody_gets_a_package_once(axis: StandInAxis) -> None:
    axis.everybody = ["G01", "G02", "G03"]
    first = parcel(b"<a/>", words="G01")
    async with opened(axis) as adapter:
        several = [to(first, code, number) for number, code in enumerate(axis.everybody)]
        receipts = await asyncio.gather(*map(adapter.deliver, several))
    assert len(axis.sent) == 1
    assert {receipt.remote_id for receipt in receipts} == {axis.sent[0].doc_id}


async def test_an_axis_that_delivers_to_whom_the_call_names_gets_it_for_each(axis: StandInAxis) -> None:
    first = parcel(b"<a/>", words="G01")
    async with opened(axis) as adapter:
        for number, code in enumerate(["G01", "G02"]):
            await adapter.deliver(to(first, code, number))
    assert [each.to for each in axis.sent] == [["G01"], ["G02"]]


async def test_after_a_restart_the_others_of_a_package_are_found_too(axis: StandInAxis) -> None:
    axis.everybody = ["G01", "G02"]
    first = parcel(b"<a/>", words="G01")
    for number, code in enumerate(axis.everybody):
        async with opened(axis) as adapter:
            await adapter.deliver(to(first, code, number))
    assert len(axis.sent) == 1


async def test_a_status_is_sent_as_one(axis: StandInAxis) -> None:
    base = parcel(b"<a/>")
    async with opened(axis) as adapter:
        await adapter.deliver(replace(base, message=replace(base.message, kind=PackageKind.STATUS)))
    assert axis.sent[0].kind == "status"


@pytest.mark.parametrize(
    ("code", "kind"), [("10", Declined), ("18", Declined), ("22", Declined), ("19", Fault), ("77", Fault)]
)
async def test_a_refusal_says_what_happens_next(axis: StandInAxis, code: str, kind: type[HubError]) -> None:
    axis.refuses = (code, "Khong duoc")
    async with opened(axis) as adapter:
        with pytest.raises(kind, match="Khong duoc"):
            await adapter.deliver(parcel(b"<a/>"))


async def test_a_wrong_secret_is_for_the_operator(axis: StandInAxis) -> None:
    axis.secret = "another"
    async with opened(axis) as adapter:
        with pytest.raises(Misconfigured):
            await adapter.deliver(parcel(b"<a/>"))
        with pytest.raises(Misconfigured):
            await adapter.check()


async def test_without_a_secret_nothing_goes_out(axis: StandInAxis) -> None:
    adapter = VxpAdapter(endpoint("vxp", VxpAdapter.settle(axis.address)), surroundings(secret=None))
    with pytest.raises(Misconfigured):
        await adapter.deliver(parcel(b"<a/>"))
    assert axis.asked == []


async def test_a_reply_that_never_comes_costs_one_delivery_only(axis: StandInAxis) -> None:
    async with opened(axis) as adapter:
        axis.trouble("sendEdoc", "silent")
        stuck = asyncio.create_task(adapter.deliver(parcel(b"<a/>", number=1)))
        while not axis.count("sendEdoc"):
            await asyncio.sleep(0)
        await adapter.deliver(parcel(b"<b/>", number=2))
        assert not stuck.done()
        stuck.cancel()
        with suppress(asyncio.CancelledError):
            await stuck


async def test_a_system_that_calls_us_is_not_called(axis: StandInAxis) -> None:
    adapter = VxpAdapter(endpoint("vxp", None), surroundings())
    assert not adapter.listens
    await adapter.check()
    with pytest.raises(Misconfigured):
        await adapter.deliver(parcel(b"<a/>"))
    assert VxpAdapter.polls(None)
    assert not VxpAdapter.polls(axis.address)


def test_the_hash_goes_out_as_the_axis_has_always_been_given_it() -> None:
    assert digest_of(b"<a/>") == short_hex(bytes.fromhex(message(b"<a/>").sha256))


# --- which line is ours -----------------------------------------------------------------------------------------------

ABOUT = message(b"<a/>")


def line(**given: object) -> Line:
    known = {
        "senderDocId": "1",
        "fromCode": ABOUT.sender,
        "toCode": "G01",
        "notation": ABOUT.code,
        "title": ABOUT.subject,
        "sentTime": ABOUT.accepted_at.astimezone().strftime("%Y-%m-%d %H:%M:%S"),
    } | given
    made = read(known)
    assert made is not None
    return replace(made, at=made.at if "sentTime" in given else ABOUT.accepted_at)


def test_a_line_with_our_digest_is_ours_and_one_with_another_is_not() -> None:
    assert ours(line(sha256=ABOUT.sha256.upper(), title="x"), ABOUT, "g01 ", ABOUT.accepted_at)
    assert not ours(line(sha256="0" * 64), ABOUT, "G01", ABOUT.accepted_at)
    assert not ours(line(sha256=ABOUT.sha256), ABOUT, "G02", ABOUT.accepted_at)


def test_without_a_digest_everything_that_is_told_has_to_fit() -> None:
    since = ABOUT.accepted_at
    assert ours(line(), ABOUT, "G01", since)
    assert ours(line(title=None), ABOUT, "G01", since)
    assert not ours(line(title=None, notation=None), ABOUT, "G01", since)
    assert not ours(line(title="Another"), ABOUT, "G01", since)
    assert not ours(line(notation="9/X"), ABOUT, "G01", since)
    assert not ours(line(fromCode="G09"), ABOUT, "G01", since)
    assert not ours(line(sentTime="some day"), ABOUT, "G01", since)
    assert not ours(line(), ABOUT, "G01", since + timedelta(hours=1))


def test_a_line_without_an_id_is_no_line() -> None:
    assert read({"toCode": "G01"}) is None
    assert read({"senderDocId": None}) is None


async def test_a_correction_is_not_taken_for_what_it_corrects(axis: StandInAxis) -> None:
    axis.tells_digest = False
    first = parcel(b"<a/>", words="G01")
    async with opened(axis) as adapter:
        await adapter.deliver(first)
        axis.sent[0].code, axis.sent[0].title = first.message.code, first.message.subject
        correction = parcel(b"<b/>", number=2, words="G01")
        named = replace(correction.message, code=first.message.code, subject=first.message.subject)
        await adapter.deliver(replace(correction, message=named))
    assert [each.content for each in axis.sent] == [b"<a/>", b"<b/>"]


async def test_the_addressee_goes_out_as_a_list_of_one(axis: StandInAxis) -> None:
    async with opened(axis) as adapter:
        await adapter.deliver(parcel(b"<a/>", words="G01"))
    assert json.dumps(axis.sent[0].to) == '["G01"]'
