"""The axis's side of the protocol on a real server: two systems with the SDK, and all that it does to one."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.vxp.identity import delivery_id
from hub.commands import _endpoint_changes as changes
from hub.errors import NotAllowed
from hub.model import DeliveryState, utc_now
from hub.store import registrations
from hub.store.registrations import Registration
from hub.store.writer import Transaction
from hub.testing import PDF, package, status
from schemas.edxml.envelope import PackageKind
from tests.unit.adapters.vxp.ground import Ground, connect, ground
from tests.unit.adapters.vxp.sdk import LIST_FIELDS, Sdk, Version, read_head
from tests.unit.adapters.vxp.vectors import CAPTURED, SECRETS, A, B, Captured

VERSIONS: tuple[Version, ...] = ("2.0.0", "2.0.1")
SEND = {"from": A, "servicetype": "eDoc", "messagetype": "edoc"}
LIST = {"servicetype": "eDoc", "messagetype": "edoc"}


def letter(**words: Any) -> bytes:
    return package(**({"sender": A, "to": [B]} | words))


@asynccontextmanager
async def raw(at: Ground) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Open a bare connection to the hub."""
    reader, writer = await asyncio.open_connection("127.0.0.1", at.port, limit=1 << 26)
    try:
        async with asyncio.timeout(60):
            yield reader, writer
    finally:
        writer.close()


async def replayed(
    at: Ground, captured: Captured, prefix: str = "/vxp"
) -> tuple[dict[str, str], bytes, bool]:
    """Write a captured request as it was; return the answer's headers, its body, and whether 100 Continue came."""
    async with raw(at) as (reader, writer):
        writer.write(captured.raw(prefix) + (b"" if captured.waits else captured.body))
        code, headers = await read_head(reader)
        told = code == 100
        if told:
            writer.write(captured.body)
            code, headers = await read_head(reader)
        assert code == 200
        return headers, await reader.readexactly(int(headers["content-length"])), told


# --- captured requests ------------------------------------------------------------------------------------------------


async def test_a_captured_request_gets_every_field_that_the_sdk_reads(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        await at.box.add_agencies("H49")
        await at.a.send(letter(), SEND)
        for captured in CAPTURED:
            headers, body, told = await replayed(at, captured)
            assert told is captured.waits, captured.name
            if captured.operation == "downloadEdoc":
                assert body == b""
                continue
            assert body.isascii()
            assert json.loads(body)["ErrorCode"] not in ("15", None), captured.name
            result = at.a.read(captured.operation, body)
            assert None not in (result.status, result.code, result.words), captured.name
            if captured.operation in LIST_FIELDS:
                assert result.ok, captured.name
                assert result.value, captured.name
                assert headers["connection"] == "close"


async def test_captured_requests_work_under_a_double_slash(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        for prefix in ("/vxp/", "/vxp//"):
            _, body, _ = await replayed(at, CAPTURED[0], prefix)
            assert json.loads(body)["status"] == "OK"


async def test_a_captured_request_with_another_secret_gets_nothing(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        for captured in CAPTURED:
            _, body, _ = await replayed(at, replace(captured, proof="0" * 64))
            if captured.operation == "downloadEdoc":
                assert body == b""
            else:
                result = at.a.read(captured.operation, body)
                assert (result.status, result.code) == ("FAIL", "15"), captured.name
                assert not result.value, captured.name


# --- two systems ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
async def test_each_kind_of_document_goes_across_and_its_status_comes_back(
    tmp_path: Path, version: Version
) -> None:
    async with ground(tmp_path) as at:
        a, b = at.sdk(A, version), at.sdk(B, version)
        for kind in (PackageKind.NEW, PackageKind.UPDATE, PackageKind.REPLACE, PackageKind.REVOKE):
            await exchanged(a, b, kind)
        assert not (await at.box.hub.verify_ledger()).broken


async def exchanged(a: Sdk, b: Sdk, kind: PackageKind) -> None:
    """Send a package of a kind from one system to the other, take it there, and answer it."""
    document_id = f"{kind}/VB"
    content = letter(document_id=document_id)
    assert (await a.send(content, SEND)).ok
    if kind is not PackageKind.NEW:
        [earlier] = (await b.call("getReceivedEdocList", LIST)).value
        assert (await b.call("updateStatus", {"docid": earlier["docId"], "status": "done"})).ok
        content = letter(kind=kind, about=document_id)
        assert (await a.send(content, SEND)).ok
    [waiting] = (await b.call("getReceivedEdocList", LIST)).value
    assert (waiting["from"], waiting["to"], waiting["status"]) == (A, B, "initial")
    assert await b.get(waiting["docId"]) == content
    assert (await b.call("updateStatus", {"docid": waiting["docId"], "status": "done"})).ok
    assert (await b.call("getReceivedEdocList", LIST)).value == []

    answer = status(sender=B, to=A, document_id=document_id, code="03")
    assert (await b.send(answer, {"from": B, "servicetype": "eDoc", "messagetype": "status"})).ok
    [told] = (await a.call("getReceivedEdocList", LIST | {"messagetype": "status"})).value
    assert await a.get(told["docId"]) == answer
    assert (await a.call("updateStatus", {"docid": told["docId"], "status": "done"})).ok


async def test_the_sender_sees_how_its_document_stands(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        sent = await at.a.send(letter(subject="Về việc kiểm thử"), SEND)
        await at.a.send(letter(), SEND)
        [line] = (await at.a.call("getSentEdocList", LIST | {"docId": sent.value})).value
        assert (line["senderDocId"], line["fromCode"], line["toCode"]) == (sent.value, A, B)
        assert (line["title"], line["receiveStatus"]) == ("Về việc kiểm thử", "initial")
        waiting = {"docId": line["receiverDocId"]}
        for word in ("processing", "DONE"):
            assert (await at.b.call("updateStatus", waiting | {"status": word})).ok
            [line] = (await at.a.call("getSentEdocList", {"docId": sent.value})).value
            assert line["receiveStatus"] == word.lower()
        assert line["receivedTime"]


async def test_begun_work_is_shown_and_noted_once(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        sent = await at.a.send(letter(), SEND)
        [waiting] = (await at.b.call("getReceivedEdocList", LIST)).value
        for _ in range(3):
            assert (await at.b.call("updateStatus", {"docid": waiting["docId"], "status": "Processing"})).ok
        [waiting] = (await at.b.call("getReceivedEdocList", LIST)).value
        assert (waiting["status"], waiting["status_desc"]) == ("processing", "Dang xu ly")
        [trace] = await at.box.hub.trace(sent.value)
        assert [event.kind for event in trace.events].count("delivery.processing") == 1
        assert not (await at.box.hub.verify_ledger()).broken


async def test_a_failure_at_the_receiver_reaches_the_sender_as_a_refusal(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        sent = await at.a.send(letter(), SEND)
        [waiting] = (await at.b.call("getReceivedEdocList", LIST)).value
        words = {"docid": waiting["docId"], "status": "fail", "description": "Khong mo duoc tep dinh kem"}
        assert (await at.b.call("updateStatus", words)).ok
        assert (await at.b.call("updateStatus", words)).ok
        [line] = (await at.a.call("getSentEdocList", {"docId": sent.value})).value
        assert line["receiveStatus"] == "fail"
        [told] = (await at.a.call("getReceivedEdocList", {"messagetype": "status"})).value
        content = await at.a.get(told["docId"])
        assert b"Khong mo duoc tep dinh kem" in content
        late = await at.b.call("updateStatus", {"docid": waiting["docId"], "status": "done"})
        assert (late.status, late.code) == ("FAIL", "21")


async def test_documents_and_statuses_are_listed_and_counted_apart(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        await at.a.send(letter(document_id="1/VB"), SEND)
        await at.b.send(
            status(sender=B, to=A, document_id="1/VB", code="01"), {"from": B, "messagetype": "status"}
        )
        for client, documents, statuses in ((at.a, 0, 1), (at.b, 1, 0)):
            assert (await client.call("countReceiveEdoc", LIST)).value == documents
            assert (await client.call("countReceiveStatus", LIST)).value == statuses
            assert len((await client.call("getReceivedEdocList", LIST)).value) == documents
            listed = await client.call("getReceivedEdocList", LIST | {"messagetype": "status"})
            assert len(listed.value) == statuses


async def test_one_system_gets_a_line_for_each_of_its_agencies(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        await connect(at.box, "two", "H49.1", "H49.2", secret="two")
        assert (await at.a.send(letter(to=["H49.1", "H49.2"]), SEND)).ok
        two = at.sdk("two", secret="two")
        waiting = (await two.call("getReceivedEdocList", LIST)).value
        assert {each["to"] for each in waiting} == {"H49.1", "H49.2"}
        assert len({each["docId"] for each in waiting}) == 2


async def test_a_system_may_go_by_another_name_than_its_endpoint(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        await connect(at.box, "so-y-te", "H49.9", secret="s", address="?systemid=000.00.09.H49")
        assert (await at.sdk("000.00.09.H49", secret="s").call("getReceivedEdocList", LIST)).ok
        assert (await at.sdk("so-y-te", secret="s").call("getReceivedEdocList", LIST)).code == "15"


async def test_downloading_gives_the_package_itself_and_a_failure_nothing(tmp_path: Path) -> None:
    content = letter(attachment=bytes(range(256)) * 8_000)
    async with ground(tmp_path) as at:
        await at.a.send(content, SEND)
        [waiting] = (await at.b.call("getReceivedEdocList", LIST)).value
        assert await at.b.download(waiting["docId"]) == content
        assert await at.a.download(waiting["docId"]) == b""
        assert await at.b.download("00000000-0000-0000-0000-000000000000") == b""
        assert await at.b.download(waiting["docId"], signed=False) == b""


# --- what stays in the SDK and comes again ----------------------------------------------------------------------------


async def test_nothing_left_over_from_an_earlier_call_hides_a_document(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        past = {"fromDate": "01/01/2020 00:00:00", "toDate": "02/01/2020 00:00:00"}
        assert (await at.b.call("getReceivedEdocList", LIST | past)).value == []
        await at.a.send(letter(), SEND)
        [first] = (await at.b.call("getReceivedEdocList", LIST)).value
        await at.b.get(first["docId"])
        assert (await at.b.call("updateStatus", {"docid": first["docId"], "status": "done"})).ok
        second = letter()
        await at.a.send(second, SEND | {"to": [B, "hub.test.nobody"]})
        stale = at.b.sticky
        assert stale["status"] == "done"
        assert stale["toDate"] == past["toDate"]
        assert stale["docId"] == stale["docid"] == first["docId"]
        [waiting] = (await at.b.call("getReceivedEdocList", LIST)).value
        assert waiting["docId"] != first["docId"]
        assert await at.b.get(waiting["docId"]) == second
        assert (await at.b.call("countReceiveEdoc")).value == 1
        # docId is of the second, docid still of the first: the one that finishes is docid, and it is finished already
        assert (await at.b.call("updateStatus", {"status": "done"})).ok
        assert len((await at.b.call("getReceivedEdocList", LIST)).value) == 1


async def test_the_id_of_something_received_does_not_narrow_what_was_sent(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        await at.a.send(letter(), SEND)
        [received] = (await at.b.call("getReceivedEdocList", LIST)).value
        await at.b.get(received["docId"])
        sent = await at.b.send(letter(sender=B, to=[A]), SEND | {"from": B})
        [line] = (await at.b.call("getSentEdocList", LIST)).value
        assert line["senderDocId"] == sent.value
        others = await at.a.call("getSentEdocList", LIST | {"docId": sent.value})
        assert [each["fromCode"] for each in others.value] == [A]


async def test_a_stale_addressee_does_not_change_where_a_package_goes(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        await connect(at.box, "c", "hub.test.c", secret="c")
        await at.a.send(letter(), SEND | {"to": [B]})
        await at.a.send(letter(to=["hub.test.c"]), SEND)
        assert at.a.sticky["to"] == '["hub.test.b"]'
        assert len((await at.sdk("c", secret="c").call("getReceivedEdocList", LIST)).value) == 1
        assert len((await at.b.call("getReceivedEdocList", LIST)).value) == 1


async def test_a_time_of_long_ago_or_to_come_is_no_reason(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        for stamp in ("01012019T000000+0000", "31122099T235959+0999", "not a time"):
            client = replace(at.a, timestamp=stamp, sticky={})
            assert (await client.call("getReceivedEdocList", LIST)).ok


# --- sending ----------------------------------------------------------------------------------------------------------


async def test_the_same_request_again_is_the_first_one(tmp_path: Path) -> None:
    content = letter()
    async with ground(tmp_path) as at:
        first, *more = await asyncio.gather(*(at.sdk(A).send(content, SEND) for _ in range(4)))
        assert {each.value for each in more} == {first.value}
        assert len((await at.b.call("getReceivedEdocList", LIST)).value) == 1


async def test_packages_with_any_line_end_arrive_as_they_were(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        for ending in (b"", b"\n", b"\r\n", b"\r\n\r\n", b"\r\n\r\n\r\n"):
            content = letter() + ending
            assert (await at.a.send(content, SEND)).ok
            [waiting] = (await at.b.call("getReceivedEdocList", LIST)).value
            assert await at.b.get(waiting["docId"]) == content
            await at.b.call("updateStatus", {"docid": waiting["docId"], "status": "done"})


async def test_a_large_package_goes_through_byte_for_byte(tmp_path: Path) -> None:
    content = letter(attachment=PDF + bytes(range(256)) * 60_000)
    assert len(content) > 20_000_000
    async with ground(tmp_path) as at:
        assert (await at.a.send(content, SEND)).ok
        [waiting] = (await at.b.call("getReceivedEdocList", LIST)).value
        assert await at.b.get(waiting["docId"]) == content


async def test_a_package_of_just_the_limit_is_taken_and_one_beyond_is_refused_in_words(
    tmp_path: Path,
) -> None:
    content = letter(attachment=b"x" * 300_000)
    async with ground(tmp_path, package_bytes=len(content)) as at:
        assert (await at.a.send(content, SEND)).ok
        for more in (1, 2, 3, 500_000):
            refused = await at.a.send(content + b" " * more, SEND)
            assert (refused.status, refused.code, refused.value) == ("FAIL", "10", "")
            assert "giới hạn" in str(refused.words)


async def test_a_thousand_addressees_in_the_headers_are_read(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        many = [f"hub.test.{number:06d}" for number in range(1_000)]
        assert (await at.a.send(letter(), SEND | {"to": many})).ok
        size = sum(len(k) + len(v) + 4 for k, v in at.a.signed({}, "application/json").items())
        assert size > 35_000
        assert (await at.a.call("getSentEdocList", LIST)).ok


async def test_a_body_that_is_not_what_its_hash_says_is_refused_and_on_record(tmp_path: Path) -> None:
    content = letter()
    async with ground(tmp_path) as at:
        await at.a.send(content, SEND)
        headers = at.a.signed(SEND, "application/octet-stream")
        answer = await at.a.exchange("POST", "sendEdoc", headers, content[:-9] + b"\r\n", old_stack=True)
        refused = at.a.read("sendEdoc", answer.body)
        assert (refused.status, refused.code, refused.value) == ("FAIL", "10", "")
        refusal = str(refused.words).rpartition("[")[2].rstrip("]")
        [trace] = await at.box.hub.trace(refusal)
        assert trace.refusal is not None


async def test_refusals_are_as_the_reference_says(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        foreign = await at.a.send(letter(sender=B, to=[A]), SEND | {"from": B})
        assert (foreign.code, foreign.words) == (
            "19",
            "Don vi gui hub.test.b khong dung voi ma da dang ky: hub.test.a",
        )
        inside = await at.a.send(letter(sender=B, to=[A]), SEND)
        assert (inside.status, inside.code) == ("FAIL", "19")
        unknown = await at.a.send(letter(to=["hub.test.nobody"]), SEND)
        assert (unknown.status, unknown.code, unknown.value) == ("FAIL", "18", "")
        assert "hub.test.nobody" in str(unknown.words)
        broken = await at.a.send(b"<edXML><unclosed></edXML>", SEND)
        assert (broken.status, broken.code) == ("FAIL", "22")
        assert not (await at.b.call("getReceivedEdocList", LIST)).value


async def test_a_wrong_word_for_a_status_is_refused(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        await at.a.send(letter(), SEND)
        [waiting] = (await at.b.call("getReceivedEdocList", LIST)).value
        for word in ("finished", ""):
            refused = await at.b.call("updateStatus", {"docid": waiting["docId"], "status": word})
            assert (refused.status, refused.code) == ("FAIL", "21")
        assert (await at.b.call("updateStatus", {"docid": "x", "status": "done"})).code == "21"
        foreign = await at.a.call("updateStatus", {"docid": waiting["docId"], "status": "done"})
        assert foreign.code == "21"


async def test_a_failed_fetch_tells_its_reason_to_the_older_sdk_too(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        for version in VERSIONS:
            result = await at.sdk(B, version).call("getEdoc", {"docId": "nothing", "filePath": "x"})
            assert (result.status, result.code, result.value) == ("FAIL", "21", "")


async def test_what_was_taken_back_cannot_be_fetched_any_more(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        await at.a.send(letter(document_id="9/VB"), SEND)
        [waiting] = (await at.b.call("getReceivedEdocList", LIST)).value
        back = status(sender=A, to=B, document_id="9/VB", code="13")
        assert (await at.a.send(back, SEND | {"messagetype": "status"})).ok
        assert await at.b.get(waiting["docId"]) == b""
        assert (await at.b.call("getReceivedEdocList", LIST)).value == []
        delivery = delivery_id(waiting["docId"])
        assert delivery is not None
        found, _ = await at.box.hub.inbox.delivery(None, delivery)
        assert found.state is DeliveryState.WITHDRAWN


# --- who calls --------------------------------------------------------------------------------------------------------


async def test_a_refusal_does_not_tell_which_systems_there_are(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        await at.box.connect("so-y-te", "H49.9")  # of another adapter
        await connect(at.box, "off", "H49.8", secret="off")
        await changes.switch(at.box.hub, await at.box.hub.endpoint("off"), "operator:test", disabled=True)
        wrong = [
            at.sdk(A, secret="wrong"),
            at.sdk("nobody", secret="wrong"),
            at.sdk("so-y-te", secret=at.box.secrets["so-y-te"]),
            at.sdk("off", secret="off"),
            at.sdk("", secret="wrong"),
        ]
        for client in wrong:
            await client.call("getReceivedEdocList", LIST)
        bodies = {client.answers[0].body for client in wrong}
        assert len(bodies) == 1
        assert json.loads(bodies.pop())["ErrorCode"] == "15"


async def test_the_name_in_the_header_has_to_be_the_one_that_is_signed(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        headers = at.a.signed(LIST, "application/json")
        for changed in (
            headers | {"XroadVnpt-systemid": B},
            {name: value for name, value in headers.items() if name != "XroadVnpt-systemid"},
            {name: value for name, value in headers.items() if name != "XroadVnpt-hash-header"},
            headers | {"xroadvnpt-sign-header": headers["XroadVnpt-sign-header"]},
            headers | {"XroadVnpt-sign-header": "{}"},
            headers | {"XroadVnpt-sign-header": "[" * 60_000},
            headers | {"XroadVnpt-hash-header": ""},
            {},
        ):
            answer = await at.a.exchange("POST", "getReceivedEdocList", changed, b"")
            assert at.a.read("getReceivedEdocList", answer.body).code == "15"


async def test_while_a_secret_is_replaced_both_count(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        endpoint = await at.box.hub.endpoint(A)
        until = utc_now() + timedelta(days=365)
        new = await changes.rotate(at.box.hub, endpoint, until, "operator:test")
        assert (await at.a.call("getReceivedEdocList", LIST)).ok
        assert (await at.sdk(A, secret=new).call("getReceivedEdocList", LIST)).ok
        last = await changes.rotate(at.box.hub, endpoint, None, "operator:test")
        assert (await at.a.call("getReceivedEdocList", LIST)).code == "15"
        assert (await at.sdk(A, secret=last).call("getReceivedEdocList", LIST)).ok


async def test_the_database_holds_the_secret_sealed(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        assert (await at.a.call("getReceivedEdocList", LIST)).ok
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert files
        assert not [path for path in files if SECRETS[A].encode() in path.read_bytes()]


async def test_letters_that_the_sdk_spoils_are_named_as_the_reason(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        for path in ("kho/văn-bản", "kho/v?n-b?n"):
            spoilt = replace(at.a, sticky={"filePath": path}, secret="as if it were spoilt")
            result = await spoilt.call("getReceivedEdocList", LIST)
            assert result.code == "15"
            assert "filePath" in str(result.words)
        whole = replace(at.a, sticky={"filePath": "kho/văn-bản"})
        assert (await whole.call("getReceivedEdocList", LIST)).ok  # with no port in the URL UTF-8 goes out


async def test_a_letter_that_became_a_control_character_is_answered_in_the_sdks_shape(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        for operation in ("getEdoc", "sendEdoc", "getReceivedEdocList"):
            headers = at.a.signed({"filePath": "kho/v\u0003n"}, "application/json")
            answer = await at.a.exchange("POST", operation, headers, b"")
            result = at.sdk(A, "2.0.0").read(operation, answer.body)
            assert result.status == "FAIL"
            assert "filePath" in str(result.words)


async def test_a_head_that_is_too_large_is_answered_in_the_sdks_shape(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        headers = at.a.signed({"filePath": "x" * 200_000}, "application/json")
        answer = await at.a.exchange("POST", "getSentEdocList", headers, b"")
        assert answer.status == 431
        result = at.a.read("getSentEdocList", answer.body)
        assert (result.status, result.value) == ("FAIL", [])


async def test_a_stranger_with_a_large_body_still_gets_the_words(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        result = await at.sdk(A, secret="wrong").send(b"x" * 3_000_000, SEND)
        assert (result.status, result.code, result.value) == ("FAIL", "15", "")


async def test_a_client_that_waits_to_be_asked_is_answered_at_once(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        client = at.sdk(A, secret="wrong")
        assert (await client.call("updateStatus", {"docid": "x", "status": "done"})).code == "15"
        assert not client.answers[0].told_to_go_on
        await at.a.call("updateStatus", {"docid": "x", "status": "done"})
        assert at.a.answers[0].told_to_go_on


async def test_an_unknown_operation_is_refused_in_words_and_only_to_who_is_known(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        assert (await at.a.call("getEverything")).code == "21"
        assert (await at.sdk(A, secret="wrong").call("getEverything")).code == "15"


async def test_keep_alive_holds_where_the_sdk_keeps_its_connections(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        captured = next(each for each in CAPTURED if each.operation == "countReceiveEdoc")
        async with raw(at) as (reader, writer):
            for _ in range(3):
                writer.write(captured.raw())
                assert (await read_head(reader))[0] == 100
                writer.write(captured.body)
                code, headers = await read_head(reader)
                assert code == 200
                assert "connection" not in headers
                await reader.readexactly(int(headers["content-length"]))


async def test_a_fault_of_ours_is_answered_with_a_number_and_without_a_word_about_our_insides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ground(tmp_path) as at:

        async def broken(*arguments: object, **more: object) -> None:
            raise RuntimeError("the insides")

        monkeypatch.setattr(at.box.hub, "accept", broken)
        result = await at.a.send(letter(), SEND)
        assert (result.status, result.code, result.value) == ("FAIL", "20", "")
        assert "insides" not in str(result.words)


async def test_a_client_that_leaves_harms_nobody(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        captured = next(each for each in CAPTURED if each.operation == "sendEdoc")
        async with raw(at) as (_, writer):
            writer.write(captured.raw().replace(b"Content-Length: 12", b"Content-Length: 5000") + b"<half")
            await writer.drain()
        assert (await at.a.send(letter(), SEND)).ok


# --- agencies ---------------------------------------------------------------------------------------------------------


async def test_agencies_are_listed_with_their_parents_and_older_codes(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        everybody = {each["code"]: each for each in (await at.a.call("getAgenciesList")).value}
        assert set(everybody) == {A, B}
        assert everybody[A]["name"] == "Cơ quan hub.test.a"
        units = (await at.a.call("getSynchronizeUnit")).value
        assert {(each["code"], each["deleted"], each["isAgency"]) for each in units} == {
            (A, False, True),
            (B, False, True),
        }
        await at.box.add_agencies("H49", "H49.1")
        one = (await at.a.call("getAgenciesListQD20", {"level": "1"})).value
        assert [each["code"] for each in one] == ["H49"]
        assert [each["code"] for each in (await at.sdk(A).call("getAgenciesListQD20")).value] == [
            "H49",
            "H49.1",
        ]


async def register(client: Sdk, **given: str) -> Any:
    body = {"id": "", "pcode": A, "code": "hub.test.a.child", "name": "Đơn vị con", "mail": ""} | given
    return await client.call("registerAgency", {}, json.dumps(body, ensure_ascii=False))


async def test_a_system_registers_a_unit_of_its_own_writes_to_it_and_closes_it(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        assert (await register(at.a)).ok
        units = {each["code"]: each for each in (await at.a.call("getSynchronizeUnit")).value}
        assert units["hub.test.a.child"]["pid"] == units[A]["id"]
        sent = await at.b.send(letter(sender=B, to=["hub.test.a.child"]), SEND | {"from": B})
        assert sent.ok
        [waiting] = (await at.a.call("getReceivedEdocList", LIST)).value
        assert waiting["to"] == "hub.test.a.child"
        own = await at.a.send(letter(sender="hub.test.a.child"), SEND | {"from": "hub.test.a.child"})
        assert own.ok
        assert (await register(at.a, name="Đơn vị con, tên mới")).ok
        assert (await at.a.call("deleteAgency", {"AgencyCode": "hub.test.a.child"})).ok
        assert (await at.a.call("deleteAgency", {"AgencyCode": "hub.test.a.child"})).ok
        closed = await at.b.send(letter(sender=B, to=["hub.test.a.child"]), SEND | {"from": B})
        assert (closed.status, closed.code) == ("FAIL", "23")
        units = {each["code"]: each for each in (await at.a.call("getSynchronizeUnit")).value}
        assert units["hub.test.a.child"]["deleted"] is True
        assert units["hub.test.a.child"]["name"] == "Đơn vị con, tên mới"
        assert "hub.test.a.child" not in {each["code"] for each in (await at.a.call("getAgenciesList")).value}
        assert (await register(at.a)).ok
        assert (await at.b.send(letter(sender=B, to=["hub.test.a.child"]), SEND | {"from": B})).ok
        assert not (await at.box.hub.verify_ledger()).broken


async def test_what_is_not_below_ones_own_codes_cannot_be_registered(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        for given, code in (
            ({"code": "hub.test.b.child"}, "19"),
            ({"code": "hub.test.ab"}, "19"),
            ({"code": A}, "19"),
            ({"pcode": B, "code": "hub.test.b.child"}, "19"),
            ({"pcode": "nobody"}, "19"),
            ({"code": "hub.test.a.đ"}, "21"),
            ({"code": "hub.test.a." + "x" * 60}, "21"),
            ({"name": "x" * 501}, "21"),
            ({"name": ""}, "21"),
            ({"code": ""}, "21"),
        ):
            refused = await register(at.a, **given)
            assert (refused.status, refused.code) == ("FAIL", code), given
        assert {each["code"] for each in (await at.a.call("getAgenciesList")).value} == {A, B}


async def test_a_unit_that_another_system_has_is_not_taken_over(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        await connect(at.box, "child", "hub.test.a.child", secret="child")
        assert (await register(at.a, name="Kẻ khác")).code == "19"
        assert (await at.a.call("deleteAgency", {"AgencyCode": "hub.test.a.child"})).code == "21"
        names = {each["code"]: each["name"] for each in (await at.a.call("getAgenciesList")).value}
        assert names["hub.test.a.child"] == "Cơ quan hub.test.a.child"


async def test_a_unit_that_another_process_added_meanwhile_is_not_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ground(tmp_path) as at:
        before = at.box.hub.directory
        await connect(at.box, "child", "hub.test.a.child", secret="child")
        endpoint = await at.box.hub.endpoint(A)
        asked = Registration(code="hub.test.a.child", name="Kẻ khác", parent=A)

        def unit(tx: Transaction) -> None:
            registrations.register(tx, before, endpoint, asked)

        with pytest.raises(NotAllowed):
            await at.box.hub.store.write(unit)


async def test_the_topmost_agency_of_a_system_is_the_operators_to_close(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        refused = await at.a.call("deleteAgency", {"AgencyCode": A})
        assert (refused.status, refused.code) == ("FAIL", "19")
        assert (await at.a.call("deleteAgency", {"AgencyCode": ""})).code == "21"


async def test_a_registration_that_is_no_json_is_refused_in_words(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:
        for body in ("{", "[]", "null", '"x"', "{}", '{"code": null, "pcode": [], "name": {}}', "[" * 60_000):
            refused = await at.a.call("registerAgency", {}, body)
            assert (refused.status, refused.code) == ("FAIL", "21"), body[:20]
            assert "JSON" in str(refused.words)


# --- whatever comes ---------------------------------------------------------------------------------------------------


async def test_whatever_is_signed_and_sent_gets_an_answer_that_the_sdk_survives(tmp_path: Path) -> None:
    chance = random.Random(20261122)
    words = [
        "",
        "x",
        "edoc",
        "status",
        "done",
        "fail",
        A,
        B,
        "\u0103",
        "[" * 50,
        '{"',
        "%00",
        "1" * 40,
        "a;b",
        "null",
    ]
    names = [
        "docId",
        "docid",
        "status",
        "messagetype",
        "from",
        "to",
        "hash-file",
        "level",
        "AgencyCode",
        "toDate",
    ]
    operations = [each.operation for each in CAPTURED if each.method == "POST"] + ["x", "getEdoc/x", "%2e%2e"]
    async with ground(tmp_path) as at:
        await at.a.send(letter(), SEND)
        for _ in range(250):
            client = at.sdk(chance.choice([A, B]), chance.choice(VERSIONS))
            given = {name: chance.choice(words) for name in chance.sample(names, chance.randint(0, 6))}
            headers = client.signed(given, "application/json")
            body = chance.randbytes(chance.choice([0, 1, 50, 5_000]))
            operation = chance.choice(operations)
            answer = await client.exchange("POST", operation, headers, body, old_stack=chance.random() < 0.5)
            result = client.read(operation.rpartition("/")[2], answer.body)
            assert result.status in ("OK", "FAIL"), (operation, given)
            assert result.code not in (None, "15", "20"), (operation, given, result)
        assert not (await at.box.hub.verify_ledger()).broken
