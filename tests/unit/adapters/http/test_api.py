"""What is common to all operations, and what each passes to the hub; the hub itself is a stand-in."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from hub.errors import Fault, HubError, Malformed, Misconfigured, NotAllowed, Unavailable
from hub.trace import Trace
from schemas.findings import Finding, Severity
from schemas.text import Text
from tests.unit.adapters.http.standin import (
    BEARER,
    DELIVERY_ID,
    MESSAGE_ID,
    REFUSAL,
    client,
    message,
    stand_in,
)

WORDS = Text(vi="Câu tiếng Việt", en="An English sentence")
XML = {"Content-Type": "application/xml"}

OPERATIONS = [
    ("POST", "/documents"),
    ("GET", f"/documents/{MESSAGE_ID}"),
    ("GET", f"/documents/{MESSAGE_ID}/trace"),
    ("POST", f"/documents/{MESSAGE_ID}/statuses"),
    ("GET", "/inbox"),
    ("GET", f"/inbox/{DELIVERY_ID}/document"),
    ("POST", f"/inbox/{DELIVERY_ID}/ack"),
    ("POST", f"/inbox/{DELIVERY_ID}/refuse"),
    ("GET", "/agencies"),
]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
@pytest.mark.parametrize("header", ["", "Bearer wrong", "Basic YTpi", f"Bearer  {'x' * 900}"])
async def test_nobody_gets_in_without_a_secret(tmp_path: Path, method: str, path: str, header: str) -> None:
    hub = stand_in(tmp_path)
    async with client(hub) as api:
        answer = await api.request(method, path, headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "unauthenticated"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert hub.seen == []


async def test_the_contract_is_for_everybody(tmp_path: Path) -> None:
    async with client(stand_in(tmp_path)) as api:
        answer = await api.get("/openapi.json", headers={"Authorization": ""})
    assert answer.json()["openapi"].startswith("3.1")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Malformed([Finding("x.y", Severity.ERROR, WORDS, WORDS)]), 422, "document.invalid"),
        (NotAllowed(WORDS), 403, "sender.not-allowed"),
        (Unavailable(WORDS, 3.5), 503, "unavailable"),
        (Misconfigured(WORDS), 500, "fault"),
        (Fault(WORDS), 500, "fault"),
        (HubError(WORDS), 500, "fault"),
        (RuntimeError("secret inside"), 500, "fault"),
    ],
)
async def test_what_the_hub_raises_is_answered_in_one_shape(
    tmp_path: Path, error: Exception, status: int, code: str
) -> None:
    hub = stand_in(tmp_path)
    hub.error = error
    async with client(hub) as api:
        answer = await api.post("/documents", content=b"<a/>", headers=XML)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code
    assert set(answer.json()["error"]["message"]) == {"vi", "en"}
    assert "secret inside" not in answer.text
    assert ("retry-after" in answer.headers) == (status == 503)


async def test_our_own_faults_are_told_by_an_incident_number_only(tmp_path: Path) -> None:
    hub = stand_in(tmp_path)
    hub.error = Misconfigured(
        Text(vi="khóa /etc/edochub/hub.key hỏng", en="the key /etc/edochub/hub.key is broken")
    )
    async with client(hub) as api:
        first, second = [(await api.get("/inbox")).json()["error"]["message"]["en"] for _ in range(2)]
    assert "hub.key" not in first
    assert first != second


async def test_an_error_is_in_the_readers_language_too(tmp_path: Path) -> None:
    async with client(stand_in(tmp_path)) as api:
        english = await api.get("/documents/nowhere", headers={"Accept-Language": "en-GB"})
        vietnamese = await api.get("/documents/nowhere")
    assert (english.json()["error"]["text"], english.headers["content-language"]) == ("Not here", "en")
    assert (vietnamese.json()["error"]["text"], vietnamese.headers["content-language"]) == ("Không có", "vi")


async def test_what_is_not_there_and_what_is_not_done_there(tmp_path: Path) -> None:
    async with client(stand_in(tmp_path)) as api:
        nothing = await api.get("/nothing")
        wrong = await api.delete("/inbox")
    assert (nothing.status_code, nothing.json()["error"]["code"]) == (404, "not-found")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (405, "method.not-allowed")
    assert "GET" in wrong.headers["allow"]


async def test_a_document_is_201_and_the_same_again_200(tmp_path: Path) -> None:
    hub = stand_in(tmp_path)
    async with client(hub) as api:
        first = await api.post("/documents", content=b"<a/>", headers=XML)
        second = await api.post("/documents", content=b"<a/>", headers=XML)
    assert (first.status_code, first.json()["duplicate"]) == (201, False)
    assert (second.status_code, second.json()["duplicate"]) == (200, True)
    assert first.json()["id"] == second.json()["id"]
    assert first.headers["location"] == f"/api/v1/documents/{MESSAGE_ID}"
    assert set(first.json()) == {"id", "state", "duplicate", "findings", "signatures", "deliveries"}


async def test_the_claimed_digest_reaches_the_hub(tmp_path: Path) -> None:
    hub = stand_in(tmp_path)
    value = base64.b64encode(hashlib.sha256(b"<a/>").digest()).decode()
    async with client(hub) as api:
        await api.post("/documents", content=b"<a/>", headers={"Content-Digest": f"sha-256=:{value}:"})
    assert hub.seen == [("accept", "xa-vi-du", b"<a/>", hashlib.sha256(b"<a/>").hexdigest())]


async def test_the_wrong_type_is_refused_before_the_hub_sees_it(tmp_path: Path) -> None:
    hub = stand_in(tmp_path)
    async with client(hub) as api:
        answer = await api.post("/documents", json={"a": 1})
    assert answer.status_code == 415
    assert "application/json" in answer.json()["error"]["message"]["vi"]
    assert hub.seen == []


async def test_a_body_over_the_limit_is_on_record_though_nobody_read_it(tmp_path: Path) -> None:
    hub = stand_in(tmp_path, package_bytes=10)
    async with client(hub) as api:
        answer = await api.post("/documents", content=b"x" * 11, headers=XML)
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "document.too-large"
    assert answer.json()["refusal"] == REFUSAL.id
    assert hub.seen == [("refuse_unread", "document.too-large", 11)]


async def test_a_body_that_does_not_come_is_408(tmp_path: Path) -> None:
    async def slowly() -> AsyncIterator[bytes]:
        yield b"<a"
        await asyncio.sleep(5)

    async with client(stand_in(tmp_path, body_seconds=0.05)) as api:
        answer = await api.post("/documents", content=slowly(), headers=XML)
    assert answer.status_code == 408


@pytest.mark.parametrize(
    ("path", "reference"),
    [
        (f"/documents/{MESSAGE_ID}", MESSAGE_ID),
        ("/documents/000.01%2C2026%2F03%2F02%2C7%2FVD-CV", "000.01,2026/03/02,7/VD-CV"),
        ("/documents/000.01,2026/03/02,7/VD-CV", "000.01,2026/03/02,7/VD-CV"),
        ("/documents/7%2Ftrace", "7/trace"),
        ("/documents/7%2fstatuses", "7/statuses"),
        ("/documents/%C4%90%C6%A0N", "ĐƠN"),
        ("/documents/a%252Fb", "a%2Fb"),
    ],
)
async def test_a_document_id_may_contain_slashes(tmp_path: Path, path: str, reference: str) -> None:
    hub = stand_in(tmp_path)
    async with client(hub) as api:
        await api.get(path)
        await api.get(path + "/trace")
        await api.post(path + "/statuses", json={"code": "03"})
    assert hub.seen == [
        ("accepted", reference),
        ("trace", reference),
        ("answer", reference, "03", "", None, None),
    ]


async def test_an_id_longer_than_any_is_not_looked_for(tmp_path: Path) -> None:
    hub = stand_in(tmp_path)
    async with client(hub) as api:
        answer = await api.get("/documents/" + "9" * 5_000)
    assert answer.status_code == 404
    assert len(answer.content) < 1_000
    assert hub.seen == []


async def test_a_document_is_shown_with_its_envelope(tmp_path: Path) -> None:
    async with client(stand_in(tmp_path)) as api:
        shown = (await api.get(f"/documents/{MESSAGE_ID}")).json()
    assert shown["message"]["subject"] == "V/v ví dụ"
    assert shown["deliveries"][0]["id"] == DELIVERY_ID


async def test_of_several_traces_the_newest_is_shown_and_the_others_named(tmp_path: Path) -> None:
    hub = stand_in(tmp_path)
    older = "01K0000000MMMMMMMMMMMMMMMM"
    hub.traces = [Trace(message=message(message_id=older)), Trace(message=message()), Trace(refusal=REFUSAL)]
    async with client(hub) as api:
        shown = (await api.get("/documents/7%2FVD-CV/trace")).json()
    assert shown["message"] == {}
    assert shown["refusal"]["id"] == REFUSAL.id
    assert shown["others"] == [MESSAGE_ID, older]


async def test_a_trace_of_nothing_is_404(tmp_path: Path) -> None:
    hub = stand_in(tmp_path)
    hub.traces = []
    async with client(hub) as api:
        assert (await api.get("/documents/7/trace")).status_code == 404


async def test_an_answer_reaches_the_hub(tmp_path: Path) -> None:
    hub = stand_in(tmp_path)
    async with client(hub) as api:
        answer = await api.post(
            f"/documents/{MESSAGE_ID}/statuses", json={"code": "13", "from": "A", "to": "B"}
        )
    assert answer.status_code == 201
    assert hub.seen == [("answer", MESSAGE_ID, "13", "", "B", "A")]


async def test_the_inbox_passes_its_questions_on_and_cuts_a_long_wait(tmp_path: Path) -> None:
    hub = stand_in(tmp_path, longest_wait_seconds=20)
    async with client(hub) as api:
        for query in ("", "?limit=7&wait=2.5", "?wait=9999"):
            answer = await api.get("/inbox" + query)
            assert [each["id"] for each in answer.json()["deliveries"]] == [DELIVERY_ID]
    assert hub.seen == [("waiting", 50, 0), ("waiting", 7, 2.5), ("waiting", 50, 20)]


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "wait=-1", "wait=x", "limt=5"])
async def test_a_question_that_is_not_understood_is_400(tmp_path: Path, query: str) -> None:
    hub = stand_in(tmp_path)
    async with client(hub) as api:
        assert (await api.get(f"/inbox?{query}")).status_code == 400
    assert hub.seen == []


async def test_a_package_is_fetched_with_its_digests(tmp_path: Path) -> None:
    hub = stand_in(tmp_path)
    hub.content = b"<edXML>\r\n\xe1\xba\xbf</edXML>\n"
    sha256 = hashlib.sha256(hub.content)
    async with client(hub) as api:
        answer = await api.get(f"/inbox/{DELIVERY_ID}/document")
    assert answer.content == hub.content
    assert answer.headers["content-type"] == "application/xml"
    assert answer.headers["etag"] == f'"{sha256.hexdigest()}"'
    assert answer.headers["content-digest"] == f"sha-256=:{base64.b64encode(sha256.digest()).decode()}:"
    assert answer.headers["content-disposition"] == f'attachment; filename="{MESSAGE_ID}.xml"'


@pytest.mark.parametrize(
    ("header", "status"),
    [('"{}"', 304), ('"other", W/"{}"', 304), ("*", 304), ('"other"', 200), ("{}", 200), ("", 200)],
)
async def test_what_the_client_has_is_not_sent_again(tmp_path: Path, header: str, status: int) -> None:
    hub = stand_in(tmp_path)
    known = {"If-None-Match": header.format(hashlib.sha256(hub.content).hexdigest())}
    async with client(hub) as api:
        answer = await api.get(f"/inbox/{DELIVERY_ID}/document", headers=known)
    assert answer.status_code == status
    assert (answer.content == b"") == (status == 304)
    assert "etag" in answer.headers


async def test_a_large_package_is_fetched_whole(tmp_path: Path) -> None:
    hub = stand_in(tmp_path)
    hub.content = bytes(range(256)) * 20_000
    async with client(hub) as api:
        assert (await api.get(f"/inbox/{DELIVERY_ID}/document")).content == hub.content


async def test_acknowledging_needs_no_body_and_minds_none(tmp_path: Path) -> None:
    hub = stand_in(tmp_path)
    async with client(hub) as api:
        for answer in (
            await api.post(f"/inbox/{DELIVERY_ID}/ack"),
            await api.post(f"/inbox/{DELIVERY_ID}/ack", json={"thanks": True}),
        ):
            assert (answer.status_code, answer.json()["state"]) == (200, "delivered")


async def test_refusing_needs_a_reason(tmp_path: Path) -> None:
    hub = stand_in(tmp_path)
    async with client(hub) as api:
        assert (await api.post(f"/inbox/{DELIVERY_ID}/refuse", json={"reason": " "})).status_code == 400
        assert (await api.post(f"/inbox/{DELIVERY_ID}/refuse")).status_code == 400
        answer = await api.post(f"/inbox/{DELIVERY_ID}/refuse", json={"reason": "Gửi nhầm"})
    assert answer.json()["state"] == "refused"
    assert hub.seen == [("decline", DELIVERY_ID, "Gửi nhầm")]


async def test_agencies_are_found_by_words_and_listed_without(tmp_path: Path) -> None:
    async with client(stand_in(tmp_path)) as api:
        found = (await api.get("/agencies", params={"q": "xa vi du"})).json()["agencies"]
        listed = (await api.get("/agencies")).json()["agencies"]
        nothing = (await api.get("/agencies", params={"q": "không-đâu-cả"})).json()["agencies"]
    assert found == listed
    assert nothing == []
    assert found[0]["code"] == "000.00.01.X99"
    assert found[0]["codes"][0]["valid_from"] == "2025-07-01"
    assert set(found[0]) == {"code", "codes", "name", "level", "parent"}


async def test_a_client_that_leaves_ends_its_long_poll(tmp_path: Path) -> None:
    hub = stand_in(tmp_path)
    hub.wait = asyncio.Event()
    async with client(hub) as api:
        with pytest.raises((httpx.ReadTimeout, TimeoutError)):
            async with asyncio.timeout(0.05):
                await api.get("/inbox?wait=30")
        hub.wait = None
        assert (await api.get("/inbox", headers=BEARER)).status_code == 200
