"""Connections to far sides: shared by origin, each used by one request at a time, closed by their last user."""

from __future__ import annotations

import httpx
import pytest

from adapters.http import lines

URL = httpx.URL("https://vanban.example.vn/nhan")


async def test_endpoints_of_one_machine_share_connections() -> None:
    one, other = lines.take(URL), lines.take(httpx.URL("https://vanban.example.vn/khac?xa=2"))
    elsewhere = lines.take(httpx.URL("https://vanban.example.vn:8443/nhan"))
    assert one is other
    assert one is not elsewhere
    for each in (one, other, elsewhere):
        await each.give_back()


async def test_a_connection_serves_one_request_at_a_time_and_is_kept_for_the_next() -> None:
    here = lines.take(URL)
    async with here.one() as first, here.one() as second:
        assert first is not second
    async with here.one() as again:
        assert again in (first, second)
    await here.give_back()


async def test_what_broke_is_not_kept() -> None:
    here = lines.take(URL)
    with pytest.raises(httpx.ReadTimeout):
        async with here.one():
            raise httpx.ReadTimeout("no answer")
    assert here.idle == []
    await here.give_back()


async def test_no_more_are_kept_than_may_be_of_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MOST_IDLE", 1)
    here = lines.take(URL)
    async with here.one(), here.one():
        pass
    assert len(here.idle) == 1
    await here.give_back()


async def test_the_last_user_closes_them() -> None:
    here, also = lines.take(URL), lines.take(URL)
    async with here.one():
        pass
    await here.give_back()
    assert len(also.idle) == 1
    async with also.one():
        await also.give_back()
    assert also.idle == [], "also what was under way"
    later = lines.take(URL)
    assert later is not here
    await later.give_back()
