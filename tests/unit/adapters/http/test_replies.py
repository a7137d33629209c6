from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from adapters.http.replies import Reply, receipt, retry_after
from hub.errors import Declined, Misconfigured, Unavailable
from hub.model import ReceiptKind

NOW = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
HOST = "vanban.example.vn"


def reply(status: int, body: object = None, **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, content)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299, 409])
def test_taken_now_or_taken_before_is_delivered(status: int) -> None:
    assert receipt(reply(status), HOST, NOW).kind is ReceiptKind.DELIVERED


@pytest.mark.parametrize(
    ("answer", "remote_id"),
    [
        (reply(200, {"id": "VB-17"}), "VB-17"),
        (reply(200, {"id": 17}), "17"),
        (reply(200, edochub_remote_id="VB-18"), "VB-18"),
        (reply(409, {"id": "VB-17"}), "VB-17"),
        (reply(200, {"id": True}), None),
        (reply(200, {"id": ["VB"]}), None),
        (reply(200, {"id": "x" * 201}), None),
        (reply(200, {"id": "a\nb"}), None),
        (reply(200, [1, 2]), None),
        (reply(200, b"\xff{"), None),
        (reply(200, b"[" * 100_000), None),
    ],
)
def test_the_far_side_may_name_the_document(answer: Reply, remote_id: str | None) -> None:
    assert receipt(answer, HOST, NOW).remote_id == remote_id


@pytest.mark.parametrize("status", [400, 410, 413, 415, 422])
def test_a_document_that_is_looked_at_and_refused_is_declined(status: int) -> None:
    with pytest.raises(Declined) as caught:
        receipt(reply(status), HOST, NOW)
    assert str(status) in caught.value.message.vi
    assert str(status) in caught.value.message.en


def test_the_far_sides_own_sentence_is_passed_on_but_cut() -> None:
    error = {"code": "x", "message": {"vi": "Sai\x07nơi nhận " + "a" * 900, "en": "Wrong addressee"}}
    with pytest.raises(Declined) as caught:
        receipt(reply(422, {"error": error}), HOST, NOW)
    assert caught.value.message.vi.startswith("Sai\ufffdnơi nhận")
    assert len(caught.value.message.vi) <= 80
    assert caught.value.message.en == "Wrong addressee"


@pytest.mark.parametrize(
    "body", [{"error": "no"}, {"error": {"message": {"vi": "a"}}}, {"error": {"message": 1}}, []]
)
def test_a_refusal_in_another_shape_is_told_by_its_status(body: object) -> None:
    with pytest.raises(Declined) as caught:
        receipt(reply(422, body), HOST, NOW)
    assert "422" in caught.value.message.en


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_not_now_is_tried_again(status: int) -> None:
    with pytest.raises(Unavailable) as caught:
        receipt(reply(status, retry_after="17"), HOST, NOW)
    assert caught.value.retry_after == 17


@pytest.mark.parametrize("status", [100, 301, 302, 307, 308, 401, 403, 404, 405, 406, 418, 451])
def test_a_wrong_address_or_credential_is_for_a_person_to_look_at(status: int) -> None:
    with pytest.raises(Misconfigured) as caught:
        receipt(reply(status), HOST, NOW)
    assert HOST in caught.value.message.vi


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0),
        ("120", 120),
        ("999999999", 3600),
        ("Mon, 02 Mar 2026 02:31:00 GMT", 60),
        ("Mon, 02 Mar 2026 02:29:00 GMT", 0),
        ("Mon, 02 Mar 2099 02:29:00 GMT", 3600),
        ("Mon, 02 Mar 2026 02:31:00", 60),
        ("-5", None),
        ("soon", None),
        ("٣", None),
    ],
)
def test_retry_after_is_honoured_in_both_forms_and_capped(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds
