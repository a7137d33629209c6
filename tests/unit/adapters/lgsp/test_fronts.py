"""Both fronts when they behave otherwise than hoped: what is sent, what is raised, and that nothing comes twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.lgsp import LgspAdapter, address
from adapters.vxp.downward import Pauses
from hub.directory import Directory
from hub.errors import Declined, Fault, HubError, Misconfigured, Unavailable
from hub.model import Level
from hub.rig import StandInHub, endpoint, listening, parcel, surroundings
from schemas.edxml.envelope import PackageKind
from tests.unit.adapters.lgsp.standin import LangSonFront, QuangNamFront, StandInFront

FRONTS = [QuangNamFront, LangSonFront]
SEND = {"quang-nam": "POST vanbans", "lang-son": "sendEdoc"}
LIST = {"quang-nam": "GET vanbans", "lang-son": "syncReceivedEdocList"}
FETCH = {"quang-nam": "GET vanbans/id", "lang-son": "getEdoc"}
TELL = {"quang-nam": "PUT vanbans/id", "lang-son": "updateStatus"}
LOGIN = {"quang-nam": "POST token", "lang-son": "login"}

each_front = pytest.mark.parametrize("kind", FRONTS)


@asynccontextmanager
async def ground(
    kind: type[StandInFront], secret: str | None = StandInFront.secret, **more: str
) -> AsyncIterator[tuple[StandInFront, LgspAdapter]]:
    front = kind(more=more)
    await front.start()
    adapter = LgspAdapter(endpoint("lgsp", LgspAdapter.settle(front.address)), surroundings(secret))
    adapter.pauses = Pauses(first_seconds=0.01, longest_seconds=0.05, longest_rest_seconds=0.05)  # type: ignore[misc]
    try:
        yield front, adapter
    finally:
        await adapter.close()
        await front.stop()


async def failed(adapter: LgspAdapter, expected: type[HubError]) -> HubError:
    with pytest.raises(expected) as caught:
        await adapter.deliver(parcel(b"<a/>"))
    assert caught.value.message.vi != caught.value.message.en
    return caught.value


# --- sending ----------------------------------------------------------------------------------------------------------


@each_front
async def test_a_package_for_two_agencies_there_is_sent_once(kind: type[StandInFront]) -> None:
    async with ground(kind) as (front, adapter):
        first = parcel(b"<a/>")
        receipts = await asyncio.gather(
            adapter.deliver(first),
            adapter.deliver(replace(first, id="01ANOTHER0000000000000000D", addressee="H1")),
        )
        assert front.documents() == [b"<a/>"]
        assert front.asked.count(SEND[front.FLAVOUR]) == 1
        assert {each.remote_id for each in receipts} == {"VB-1"}


@each_front
async def test_a_status_is_sent_as_one(kind: type[StandInFront]) -> None:
    async with ground(kind) as (front, adapter):
        sent = parcel(b"<a/>")
        await adapter.deliver(replace(sent, message=replace(sent.message, kind=PackageKind.STATUS)))
        [(_, _, said)] = front.sent.values()
        assert said == "status"


@each_front
@pytest.mark.parametrize("trouble", ["drop", "drop after"])
async def test_a_lost_answer_is_tried_again_under_the_same_key(
    kind: type[StandInFront], trouble: str
) -> None:
    async with ground(kind) as (front, adapter):
        front.trouble(SEND[front.FLAVOUR], trouble)
        await failed(adapter, Unavailable)
        await adapter.deliver(parcel(b"<a/>"))
        assert front.documents() == [b"<a/>"]
        assert list(front.sent) == [parcel(b"<a/>").message.id]


@each_front
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((500, b"<html>oops</html>"), Unavailable),
        ((503, b""), Unavailable),
        ((429, b"{}"), Unavailable),
        ((200, b"<html>log in</html>"), Unavailable),
        ((200, b"{}"), Unavailable),
        ((200, b"[]"), Unavailable),
        ((200, b"[" * 100_000), Unavailable),
        ((200, b'{"status": "OK", "errorCode": "0", "success": true}'), Unavailable),  # no id
        ((302, b""), Fault),
        ((404, b"not here"), Fault),
        ((403, b"forbidden"), Misconfigured),
        ((413, b"too large"), Declined),
        (
            (200, b'{"status": "FAIL", "errorCode": "20", "success": false, "data": {"errorCode": "20"}}'),
            Unavailable,
        ),
        (
            (200, b'{"status": "FAIL", "errorCode": "18", "success": false, "data": {"errorCode": "18"}}'),
            Declined,
        ),
        (
            (400, b'{"status": "FAIL", "errorCode": "22", "success": false, "data": {"errorCode": "22"}}'),
            Declined,
        ),
        (
            (200, b'{"status": "FAIL", "errorCode": "15", "success": false, "data": {"errorCode": "15"}}'),
            Misconfigured,
        ),
        ((200, b'{"status": "FAIL", "success": false, "message": "no"}'), Fault),
    ],
)
async def test_what_each_answer_means(
    kind: type[StandInFront], answer: tuple[int, bytes], expected: type[HubError]
) -> None:
    async with ground(kind) as (front, adapter):
        front.trouble(SEND[front.FLAVOUR], answer)
        error = await failed(adapter, expected)
        assert type(error) is expected or issubclass(type(error), Unavailable)
        await adapter.deliver(parcel(b"<a/>"))
        assert front.documents() == [b"<a/>"]


@each_front
async def test_an_answer_without_end_is_left(kind: type[StandInFront]) -> None:
    async with ground(kind) as (front, adapter):
        front.trouble(SEND[front.FLAVOUR], (200, b'{"status": "OK", "x": "' + b"x" * 2_000_000 + b'"}'))
        await failed(adapter, Unavailable)


# --- tokens and secrets -----------------------------------------------------------------------------------------------


@each_front
async def test_a_token_serves_many_calls_and_is_replaced_when_it_has_ended(kind: type[StandInFront]) -> None:
    async with ground(kind) as (front, adapter):
        await asyncio.gather(*(adapter.deliver(parcel(b"<a/>", number=number)) for number in range(5)))
        assert front.asked.count(LOGIN[front.FLAVOUR]) == 1
        front.tokens.clear()
        await adapter.deliver(parcel(b"<a/>", number=9))
        assert front.asked.count(LOGIN[front.FLAVOUR]) == 2
        assert len(front.documents()) == 6


@each_front
async def test_a_token_that_is_never_taken_is_asked_for_once_more_only(kind: type[StandInFront]) -> None:
    async with ground(kind) as (front, adapter):
        front.trouble(SEND[front.FLAVOUR], (401, b""), (401, b""))
        await failed(adapter, Misconfigured)
        assert front.asked.count(LOGIN[front.FLAVOUR]) == 2


@each_front
@pytest.mark.parametrize("secret", [None, "", "one-word", " one-word "])
async def test_a_secret_that_is_not_two_words_is_said_to_be(
    kind: type[StandInFront], secret: str | None
) -> None:
    async with ground(kind, secret) as (front, adapter):
        await failed(adapter, Misconfigured)
        assert front.asked == []


@each_front
@pytest.mark.parametrize("secret", ["wrong-word unit-word", "log-in-word wrong-word"])
async def test_a_wrong_secret_suspends_and_is_in_no_sentence(kind: type[StandInFront], secret: str) -> None:
    async with ground(kind, secret) as (_, adapter):
        error = await failed(adapter, Misconfigured)
        assert "word" not in error.message.vi + error.message.en
        with pytest.raises(Misconfigured):
            await adapter.check()


@each_front
@pytest.mark.parametrize("answer", [b"", b"{}", b'{"data": {"token": 5}, "access_token": null}', b"[1]"])
async def test_a_log_in_that_gives_no_token_is_tried_again(kind: type[StandInFront], answer: bytes) -> None:
    async with ground(kind) as (front, adapter):
        front.trouble(LOGIN[front.FLAVOUR], (200, answer))
        await failed(adapter, Unavailable)
        await adapter.deliver(parcel(b"<a/>"))


@each_front
async def test_a_token_with_a_line_break_never_becomes_a_header(kind: type[StandInFront]) -> None:
    async with ground(kind) as (front, adapter):
        token = b"a\\r\\nX-Stray: yes"
        front.trouble(
            LOGIN[front.FLAVOUR], (200, b'{"access_token":"%s","data":{"token":"%s"}}' % (token, token))
        )
        await failed(adapter, Unavailable)
        assert front.unexpected == set()


# --- what is not known is a setting -----------------------------------------------------------------------------------


async def test_quang_nam_may_want_everything_in_the_query() -> None:
    async with ground(QuangNamFront, unit_in="query", arguments="query") as (front, adapter):
        await adapter.deliver(parcel(b"<a/>"))
        front.put(b"<in/>")
        hub = StandInHub()
        async with listening(adapter, hub):
            await told(front, "done", [b"<in/>"])
        assert front.documents() == [b"<a/>"]
        asked = dict(zip(front.asked, front.queries, strict=True))
        assert asked["POST vanbans"] == {"secretDonVi": "unit-word", "messageType": "edoc"}
        assert asked["PUT vanbans/id"] == {"secretDonVi": "unit-word", "status": "DONE"}


async def test_lang_son_may_give_the_package_as_it_stands() -> None:
    async with ground(LangSonFront) as (front, adapter):
        front.put(b"<never fetched/>")
        front.trouble(
            "getEdoc", (200, '{"success": true, "data": {"edxml": "<a>Ủy ban\\r\\n</a>"}}'.encode())
        )
        hub = StandInHub()
        async with listening(adapter, hub):
            await told(front, "done", [b"<never fetched/>"])
        assert hub.taken == ["<a>Ủy ban\r\n</a>".encode()]


# --- fetching ---------------------------------------------------------------------------------------------------------


async def told(front: StandInFront, status: str, expected: list[bytes]) -> None:
    async with asyncio.timeout(60):
        while front.told(status) != expected:
            await asyncio.sleep(0.01)


@each_front
async def test_documents_and_statuses_come_in(kind: type[StandInFront]) -> None:
    async with ground(kind) as (front, adapter):
        front.put(b"<a/>")
        front.put(b"<b/>", "status")
        hub = StandInHub()
        async with listening(adapter, hub), asyncio.timeout(60):
            while len(front.finished) < 2:
                await asyncio.sleep(0.01)
        assert sorted(hub.taken) == [b"<a/>", b"<b/>"]


@each_front
@pytest.mark.parametrize("operation", [LIST, FETCH, TELL, LOGIN])
@pytest.mark.parametrize(
    "trouble",
    ["drop", "drop after", (200, b"rubbish"), (500, b""), (200, b'{"success":true,"status":"OK","data":5}')],
)
async def test_whatever_goes_wrong_on_the_way_nothing_is_lost(
    kind: type[StandInFront], operation: dict[str, str], trouble: str | tuple[int, bytes]
) -> None:
    async with ground(kind) as (front, adapter):
        front.put(b"<a/>")
        front.trouble(operation[front.FLAVOUR], trouble, trouble)
        if operation is TELL and isinstance(trouble, tuple) and b"true" in trouble[1]:
            front.troubles.clear()  # that is a yes to updateStatus
        hub = StandInHub()
        async with listening(adapter, hub):
            await told(front, "done", [b"<a/>"])
        assert set(hub.taken) == {b"<a/>"}


async def test_an_id_that_would_be_another_path_is_not_asked_for() -> None:
    async with ground(QuangNamFront) as (front, adapter):
        line = b'{"status":"OK","errorCode":"0","data":[{"docId":".."},{"docId":"a/b"},{"docId":5.5}]}'
        front.trouble("GET vanbans", *[(200, line)] * 4)
        hub = StandInHub()
        async with listening(adapter, hub), asyncio.timeout(60):
            while front.asked.count("GET vanbans") < 5:
                await asyncio.sleep(0.01)
        assert "GET vanbans/id" not in front.asked
        assert hub.asked == 0


# --- agencies, addresses ----------------------------------------------------------------------------------------------


@each_front
async def test_its_agencies_become_rows(kind: type[StandInFront]) -> None:
    async with ground(kind) as (front, adapter):
        front.agencies = [
            {"id": 1, "code": "H47", "name": "Tỉnh", "pid": ""},
            {"id": 2, "code": "H47.1", "name": "Sở", "pid": 1},
            {"id": 3, "name": "no code"},
        ]
        found = await adapter.agencies(Directory())
        assert [row.name for row in found.rows] == ["Tỉnh", "Sở"]
        assert found.rows[0].level is Level.PROVINCE
        assert found.unusable == 1


@given(
    consumer=st.from_regex(r"[!-~]{1,40}", fullmatch=True),
    unit_in=st.sampled_from(["header", "query"]),
    poll=st.floats(0.01, 86_400),
)
def test_settling_an_address_twice_changes_nothing(consumer: str, unit_in: str, poll: float) -> None:
    made = address.Address(
        "https://lgsp.example/a",
        "quang-nam",
        {name: each.default or consumer for name, each in address.FLAVOURS["quang-nam"].SETTINGS.items()}
        | {"unit_in": unit_in},
        float(f"{poll:g}"),
    )
    assert address.read(made.written()) == made


@given(st.text())
def test_no_address_breaks_the_reader(written: str) -> None:
    with suppress(Misconfigured):
        address.read("lgsp+https://" + written)
