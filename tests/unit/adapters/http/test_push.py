"""What a push looks like from the far side, and what its failures mean."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import httpx
import pytest

from adapters.http import HttpAdapter
from adapters.http.signature import verified
from hub.errors import Declined, Misconfigured, Unavailable
from hub.rig import NOW, endpoint, message, parcel, surroundings

URL = "https://vanban.example.vn/nhan?kenh=1"
SECRET = "a-shared-secret"


class FarSide:
    """Keeps what it gets and answers as it is told to."""

    def __init__(
        self, answer: Callable[[httpx.Request], httpx.Response] | httpx.Response | Exception
    ) -> None:
        self.answer = answer
        self.got: list[httpx.Request] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.got.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        if not isinstance(self.answer, httpx.Response):
            return self.answer(request)
        stream = httpx.ByteStream(self.answer.content)  # as from a network: it can be read once
        return httpx.Response(self.answer.status_code, headers=self.answer.headers, stream=stream)


def pushing(far: FarSide, address: str | None = URL, secret: str | None = SECRET) -> HttpAdapter:
    adapter = HttpAdapter(endpoint("http", address), surroundings(secret))
    adapter.transport = httpx.MockTransport(far)
    return adapter


async def test_a_push_carries_the_bytes_and_says_what_they_are() -> None:
    far = FarSide(httpx.Response(201, json={"id": "VB-17"}))
    content = b"<edXML>\r\n</edXML>"
    receipt = await pushing(far).deliver(parcel(content))
    assert receipt.remote_id == "VB-17"
    [got] = far.got
    assert (got.method, str(got.url), got.content) == ("POST", URL, content)
    about = parcel(content)
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert got.headers["content-type"] == "application/xml"
    assert got.headers["content-length"] == str(len(content))
    assert got.headers["content-digest"] == f"sha-256=:{digest}:"
    assert got.headers["edochub-delivery"] == got.headers["idempotency-key"] == about.id
    assert got.headers["edochub-message"] == about.message.id
    assert got.headers["edochub-kind"] == "new"


async def test_a_push_proves_that_it_is_the_hubs() -> None:
    far = FarSide(httpx.Response(200))
    await pushing(far).deliver(parcel(b"<a/>"))
    header, delivery = far.got[0].headers["edochub-signature"], far.got[0].headers["edochub-delivery"]
    assert verified(header, SECRET, delivery, far.got[0].content, now=NOW.timestamp())
    assert not verified(header, "another", delivery, far.got[0].content, now=NOW.timestamp())


async def test_a_large_push_arrives_whole_and_signed() -> None:
    far = FarSide(httpx.Response(200))
    content = bytes(range(256)) * 9_000
    await pushing(far).deliver(parcel(content))
    got = far.got[0]
    assert got.content == content
    assert got.headers["content-length"] == str(len(content))
    assert "transfer-encoding" not in got.headers
    header, delivery = got.headers["edochub-signature"], got.headers["edochub-delivery"]
    assert verified(header, SECRET, delivery, content, now=NOW.timestamp())


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("000.00.01.H99", "000.00.01.H99"),
        ("Xã Ví Dụ", "X%C3%A3%20V%C3%AD%20D%E1%BB%A5"),
        ("a\r\nX-Stray: yes", "a%0D%0AX-Stray:%20yes"),
        ("100%", "100%25"),
    ],
)
async def test_codes_are_percent_encoded_where_they_are_not_plain(words: str, written: str) -> None:
    far = FarSide(httpx.Response(200))
    await pushing(far).deliver(parcel(b"<a/>", words=words))
    assert far.got[0].headers["edochub-from"] == written
    assert far.got[0].headers["edochub-to"] == written
    assert "x-stray" not in far.got[0].headers


async def test_the_same_parcel_again_is_known_by_its_key() -> None:
    far = FarSide(httpx.Response(409))
    adapter = pushing(far)
    for _ in range(2):
        await adapter.deliver(parcel(b"<a/>"))
    assert len({got.headers["idempotency-key"] for got in far.got}) == 1


async def test_a_redirect_is_not_followed() -> None:
    far = FarSide(httpx.Response(308, headers={"Location": "https://elsewhere.example.vn/"}))
    with pytest.raises(Misconfigured):
        await pushing(far).deliver(parcel(b"<a/>"))
    assert len(far.got) == 1


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("certificate verify failed"),
        httpx.ConnectTimeout(""),
        httpx.ReadTimeout(""),
        httpx.WriteTimeout(""),
        httpx.PoolTimeout(""),
        httpx.RemoteProtocolError("closed"),
        httpx.ReadError(""),
        AttributeError("getpeername"),  # of anyio, when the far side hangs up while it is connected to
    ],
)
async def test_a_far_side_that_cannot_be_reached_is_tried_again(error: Exception) -> None:
    with pytest.raises(Unavailable) as caught:
        await pushing(FarSide(error)).deliver(parcel(b"<a/>"))
    assert "vanban.example.vn" in caught.value.message.vi
    assert "kenh" not in caught.value.message.vi


async def test_a_refusal_is_final() -> None:
    words = {"error": {"code": "x", "message": {"vi": "Sai nơi nhận", "en": "Wrong addressee"}}}
    with pytest.raises(Declined) as caught:
        await pushing(FarSide(httpx.Response(422, json=words))).deliver(parcel(b"<a/>"))
    assert caught.value.message.vi == "Sai nơi nhận"


async def test_only_the_beginning_of_an_answer_is_read() -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 8_192
            yield b"x" * 8_192

    receipt = await pushing(FarSide(lambda _: httpx.Response(200, content=endless()))).deliver(
        parcel(b"<a/>")
    )
    assert receipt.remote_id is None
    assert read <= 65_536 + 8_192


async def test_an_encoded_answer_is_not_unpacked() -> None:
    def gzipped(request: httpx.Request) -> httpx.Response:
        stream = httpx.ByteStream(b'{"id": "not gzip"}')
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=stream)

    assert (await pushing(FarSide(gzipped)).deliver(parcel(b"<a/>"))).remote_id is None


async def test_an_answer_whose_body_breaks_off_is_still_an_answer() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b'{"id":'
        raise httpx.ReadError("closed")

    receipt = await pushing(FarSide(lambda _: httpx.Response(200, content=broken()))).deliver(parcel(b"<a/>"))
    assert receipt.remote_id is None


async def test_without_a_secret_nothing_is_sent() -> None:
    far = FarSide(httpx.Response(200))
    for call in (pushing(far, secret=None).deliver(parcel(b"<a/>")), pushing(far, secret=None).check()):
        with pytest.raises(Misconfigured):
            await call
    assert far.got == []


@pytest.mark.parametrize("address", [None, "http://vanban.example.vn/", "https://a:b@vanban.example.vn/"])
async def test_an_address_that_was_written_past_the_rules_is_not_used(address: str | None) -> None:
    far = FarSide(httpx.Response(200))
    with pytest.raises(Misconfigured):
        await pushing(far, address).deliver(parcel(b"<a/>"))
    assert far.got == []


@pytest.mark.parametrize("status", [200, 204, 401, 404, 405, 500])
async def test_a_check_is_content_with_any_answer_and_sends_nothing(status: int) -> None:
    far = FarSide(httpx.Response(status))
    await pushing(far).check()
    [got] = far.got
    assert (got.method, got.content) == ("HEAD", b"")
    assert "edochub-signature" not in got.headers


async def test_a_check_says_when_nobody_answers() -> None:
    with pytest.raises(Unavailable):
        await pushing(FarSide(httpx.ConnectError("refused"))).check()


async def test_an_endpoint_that_polls_has_nothing_to_check() -> None:
    far = FarSide(httpx.ConnectError("refused"))
    await pushing(far, address=None, secret=None).check()
    assert far.got == []


async def test_a_closed_adapter_may_be_used_again() -> None:
    far = FarSide(httpx.Response(200))
    adapter = pushing(far)
    await adapter.deliver(parcel(b"<a/>"))
    await adapter.close()
    await adapter.close()
    await adapter.deliver(parcel(b"<a/>"))
    assert len(far.got) == 2


async def test_the_digest_is_that_of_the_message() -> None:
    far = FarSide(httpx.Response(200))
    about = replace(message(b"<a/>"), sha256="00" * 32)
    await pushing(far).deliver(replace(parcel(b"<a/>"), message=about))
    assert far.got[0].headers["content-digest"] == f"sha-256=:{base64.b64encode(bytes(32)).decode()}:"
