"""Getting time stamps over HTTP: from the first authority that gives a good one, and never from a bad one."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable

import httpx
import pytest
from asn1crypto import cms, tsp

from signing import timestamp
from signing.timestamp_client import REMEMBERED_SECONDS, HttpTimeStamper, NoTimeStamp
from signing.tsa_server import application
from signing.verdict import Outcome
from tests.unit.signing.containers import NOW, stamper, trust

WORDS = b"words"
DIGEST = hashlib.sha256(WORDS).digest()
GOOD, SLOW, BAD, SECOND = (f"http://{name}.example/tsa" for name in ("good", "slow", "bad", "second"))

Behaviour = Callable[[bytes], Awaitable[httpx.Response]]


async def good(query: bytes) -> httpx.Response:
    return httpx.Response(200, content=stamper().answer(query))


async def silent(query: bytes) -> httpx.Response:
    never: asyncio.Future[httpx.Response] = asyncio.get_running_loop().create_future()
    return await never


async def failing(query: bytes) -> httpx.Response:
    return httpx.Response(503)


async def unreachable(query: bytes) -> httpx.Response:
    raise httpx.ConnectError("refused")


async def talkative(query: bytes) -> httpx.Response:
    return httpx.Response(200, content=b"x" * 1_000_000)


async def replaying(query: bytes) -> httpx.Response:
    """An old answer to the same question: without the nonce it could be replayed."""
    return httpx.Response(200, content=answer(stamper().token("sha256", DIGEST, nonce=7)))


async def of_other_words(query: bytes) -> httpx.Response:
    nonce = tsp.TimeStampReq.load(query)["nonce"].native
    return httpx.Response(200, content=answer(stamper().token("sha256", bytes(32), nonce=nonce)))


async def refusing(query: bytes) -> httpx.Response:
    return httpx.Response(200, content=stamper().answer(b"nonsense"))


def answer(token: bytes) -> bytes:
    granted = {"status": {"status": "granted"}, "time_stamp_token": cms.ContentInfo.load(token)}
    return bytes(tsp.TimeStampResp(granted).dump())


class World:
    """Authorities behind their addresses, and who was asked."""

    def __init__(self, **behaviours: Behaviour) -> None:
        self.behaviours = {f"http://{name}.example/tsa": behaviour for name, behaviour in behaviours.items()}
        self.asked: list[str] = []
        self.now = 0.0

    def stamper(self, *urls: str, timeout_seconds: float = 5.0) -> HttpTimeStamper:
        client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        return HttpTimeStamper(
            urls or tuple(self.behaviours), timeout_seconds, client=client, time=lambda: self.now
        )

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        return await self.behaviours[str(request.url)](request.content)


async def test_a_token_comes_from_the_server() -> None:
    transport = httpx.ASGITransport(application(stamper()))
    async with httpx.AsyncClient(transport=transport) as client:
        made = await HttpTimeStamper(["http://tsa.example/tsa"], client=client).stamp(DIGEST)
    assert timestamp.verify(made, WORDS, trust(), NOW).outcome is Outcome.VALID


@pytest.mark.parametrize("behaviour", [failing, unreachable, talkative, replaying, of_other_words, refusing])
async def test_a_bad_answer_is_passed_over_at_once(behaviour: Behaviour) -> None:
    world = World(bad=behaviour, second=good)
    made = await world.stamper(timeout_seconds=60).stamp(DIGEST)
    assert timestamp.verify(made, WORDS, trust(), NOW).outcome is Outcome.VALID
    assert world.asked == [BAD, SECOND]


async def test_a_slow_one_does_not_block_and_is_asked_last_for_a_while() -> None:
    world = World(slow=silent, good=good)
    asking = world.stamper(timeout_seconds=0.3)
    await asking.stamp(DIGEST)
    assert asking.order() == (GOOD, SLOW)
    await asking.stamp(DIGEST)
    assert world.asked == [SLOW, GOOD, GOOD]
    world.now += REMEMBERED_SECONDS
    assert asking.order() == (SLOW, GOOD)


async def test_nobody_else_is_asked_while_the_first_answers_well() -> None:
    world = World(good=good, second=good)
    await world.stamper().stamp(DIGEST)
    assert world.asked == [GOOD]


async def test_the_time_is_for_all_together() -> None:
    world = World(slow=silent, second=silent)
    before = asyncio.get_running_loop().time()
    with pytest.raises(NoTimeStamp) as caught:
        await world.stamper(timeout_seconds=0.1).stamp(DIGEST)
    assert asyncio.get_running_loop().time() - before < 2
    assert SLOW in caught.value.text.en
    assert SECOND in caught.value.text.vi


async def test_who_failed_and_why_is_told() -> None:
    with pytest.raises(NoTimeStamp, match="http-503"):
        await World(bad=failing).stamper().stamp(DIGEST)
    with pytest.raises(NoTimeStamp):
        await HttpTimeStamper([]).stamp(DIGEST)


async def test_when_all_fall_short_all_are_asked_again_in_order() -> None:
    world = World(bad=failing, second=failing)
    asking = world.stamper()
    for _ in range(2):
        with pytest.raises(NoTimeStamp):
            await asking.stamp(DIGEST)
    assert world.asked == [BAD, SECOND, BAD, SECOND]
