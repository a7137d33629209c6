"""How one edochub asks another to answer when something has come."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from adapters.vxp import patience
from adapters.vxp.axis import Axis, Line
from adapters.vxp.downward import Downward, Pauses
from hub.model import utc_now
from hub.testing import package
from tests.unit.adapters.vxp.ground import ground
from tests.unit.adapters.vxp.vectors import SECRETS, A, B


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("wait=20", 20.0),
        ("respond-async, WAIT = 2.5", 2.5),
        ("", 0.0),
        ("wait", 0.0),
        ("wait=soon", 0.0),
        ("wait=-1", 0.0),
        ("wait=nan", 0.0),
        ("wait=inf", 0.0),
        ("respond-async", 0.0),
    ],
)
def test_what_a_request_prefers(header: str, seconds: float) -> None:
    assert patience.asked({"Prefer": header}) == seconds


def test_what_we_wish_is_understood() -> None:
    assert patience.asked(patience.wish(7.5)) == 7.5
    assert patience.wish(0) == patience.applied(0) == {}


async def test_an_empty_list_is_answered_when_something_comes(tmp_path: Path) -> None:
    async with ground(tmp_path) as at:

        async def secret() -> str:
            return SECRETS[B]

        axis = Axis(Line(endpoint=B, base=f"{at.url}/vxp", system_id=B, secret=secret, clock=utc_now))
        try:
            assert await axis.awaited("edoc", 0.0) == ([], False)
            assert await axis.awaited("edoc", 0.05) == ([], True)
            asking = asyncio.create_task(axis.awaited("edoc", 30.0))
            sender = await at.box.hub.endpoint(A)
            await at.box.hub.accept(sender, package(sender=A, to=[B]))
            async with asyncio.timeout(60):
                items, waited = await asking
            assert waited
            assert [each["to"] for each in items] == [B]
        finally:
            await axis.close()


async def test_an_axis_that_only_says_that_it_waits_is_not_asked_more_often() -> None:
    async def secret() -> None:
        return None

    axis = Axis(Line(endpoint="axis", base="http://127.0.0.1:1", system_id="a", secret=secret, clock=utc_now))
    downward = Downward(axis, "edoc", Pauses())
    now = asyncio.get_running_loop().time()
    downward.asked_at, downward.waited = now, True
    assert downward._until_next(10.0) > 5.0
    downward.asked_at = now - 20.0
    assert downward._until_next(10.0) == 0.0
    downward.waited = False
    assert downward._until_next(10.0) == 10.0
