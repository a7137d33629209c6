from __future__ import annotations

import base64
import hashlib
import json

import pytest
from starlette.requests import Request
from starlette.types import Message

from adapters.http import questions
from adapters.http.answers import Problem


def request(query: str = "", body: bytes = b"", **headers: str) -> Request:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": query.encode(), "headers": raw}
    return Request(scope, receive)


async def asked_for(body: bytes, content_type: str = "application/json") -> dict[str, str]:
    return await questions.json_object(
        request(body=body, content_type=content_type), 5.0, required=["code"], optional=["description"]
    )


@pytest.mark.parametrize(
    ("header", "secret"),
    [
        ("Bearer abc", "abc"),
        ("bearer   abc ", "abc"),
        ("Basic abc", None),
        ("Bearer", None),
        ("Bearer  ", None),
        ("abc", None),
        ("Bearer " + "a" * 600, None),
    ],
)
def test_the_secret_is_a_bearer_token(header: str, secret: str | None) -> None:
    assert questions.secret(request(authorization=header)) == secret


def test_without_the_header_there_is_no_secret() -> None:
    assert questions.secret(request()) is None


def test_a_misspelt_parameter_is_named_with_those_there_are() -> None:
    with pytest.raises(Problem) as caught:
        questions.only(request("limt=5"), "limit", "wait")
    assert caught.value.status == 400
    assert "limt" in caught.value.message.vi
    assert "limit, wait" in caught.value.message.en


@pytest.mark.parametrize(
    "written", ["0", "501", "-1", "1e9", "nan", "inf", "٣", "1.2.3", "", " 5", "9" * 400]
)
def test_a_number_out_of_its_bounds_is_refused(written: str) -> None:
    with pytest.raises(Problem):
        questions.number(request(f"limit={written}"), "limit", default=50, lowest=1, highest=500)


def test_a_part_of_a_document_cannot_be_asked_for() -> None:
    with pytest.raises(Problem):
        questions.whole(request("limit=1.5"), "limit", default=50, lowest=1, highest=500)


def test_a_number_within_its_bounds_is_read() -> None:
    assert questions.whole(request("limit=500"), "limit", default=50, lowest=1, highest=500) == 500
    assert questions.number(request("wait=2.5"), "wait", default=0, lowest=0, highest=60) == 2.5
    assert questions.number(request(), "limit", default=50, lowest=1, highest=500) == 50


@pytest.mark.parametrize(
    "content_type",
    [
        "application/xml",
        "text/xml; charset=utf-8",
        'application/xml;charset="UTF-8"',
        "application/edxml+xml",
        "application/octet-stream",
        "application/x-www-form-urlencoded",
        "Application/XML",
        "",
    ],
)
def test_what_may_be_a_package_is_taken(content_type: str) -> None:
    questions.package_type(request(content_type=content_type))


@pytest.mark.parametrize(
    "headers",
    [
        {"content_type": "application/json"},
        {"content_type": "multipart/form-data; boundary=x"},
        {"content_type": "application/xml; charset=utf-16"},
        {"content_type": "text/xml; charset=windows-1258"},
        {"content_type": "application/xml", "content_encoding": "gzip"},
    ],
)
def test_what_cannot_be_a_package_is_415_and_says_what_is_taken(headers: dict[str, str]) -> None:
    with pytest.raises(Problem) as caught:
        questions.package_type(request("", b"", **headers))
    assert caught.value.status == 415


def test_a_claimed_digest_is_read_whatever_else_is_claimed() -> None:
    digest = hashlib.sha256(b"<a/>")
    value = base64.b64encode(digest.digest()).decode()
    for header in (
        f"sha-256=:{value}:",
        f"sha-512=:AAAA:, sha-256=:{value}:",
        f"sha-256=:{value}:,md5=:AA==:",
    ):
        assert questions.claimed_sha256(request(content_digest=header)) == digest.hexdigest()


def test_other_algorithms_claim_nothing() -> None:
    assert questions.claimed_sha256(request()) is None
    assert questions.claimed_sha256(request(content_digest="sha-512=:AAAA:")) is None


@pytest.mark.parametrize(
    "header", ["sha-256=abc", "sha-256=:AAAA:", "sha-256=:?:", "sha-256=::", "sha-256=:A:"]
)
def test_a_broken_claim_is_said_and_not_ignored(header: str) -> None:
    with pytest.raises(Problem) as caught:
        questions.claimed_sha256(request(content_digest=header))
    assert caught.value.status == 400


async def test_a_json_body_is_read() -> None:
    body = json.dumps({"code": " 03 ", "description": "Đã vào sổ\nhôm nay"}).encode()
    assert await asked_for(body) == {"code": "03", "description": "Đã vào sổ\nhôm nay"}
    assert await asked_for(b'{"code":"03"}') == {"code": "03", "description": ""}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 60_000,
        b'{"description":"x"}',
        b'{"code":""}',
        b'{"code":"  "}',
        b'{"code":3}',
        b'{"code":null}',
        b'{"code":"03","descripton":"x"}',
        b'{"code":"03","description":"a\\u0000b"}',
        b'{"code":"03","description":"a\\ud800"}',
        b'{"code":"03","description":"\\u001b"}',
    ],
)
async def test_a_body_that_is_not_what_was_asked_for_is_400(body: bytes) -> None:
    with pytest.raises(Problem) as caught:
        await asked_for(body)
    assert caught.value.status == 400


async def test_a_json_body_has_a_limit() -> None:
    with pytest.raises(Problem) as caught:
        await asked_for(b" " * 65_537)
    assert caught.value.status == 413


async def test_xml_is_not_json() -> None:
    with pytest.raises(Problem) as caught:
        await asked_for(b"<a/>", "application/xml")
    assert caught.value.status == 415
