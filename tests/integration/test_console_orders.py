"""The console: what a form needs, and what an order does."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.console.routes import WAYS
from hub.model import DeliveryState
from tests.integration.console_desk import csrf, desk, path_of, post, told


@pytest.fixture(autouse=True)
def a_database_at_its_newest_shape(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "edochub.db")


ORDERS = [way for way in WAYS if way.method == "POST" and way.signed_in]


async def test_no_form_counts_without_its_mark_or_from_another_site(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.signed_in("quan.tri") as browser:
        mark = await csrf(browser)
        for way in ORDERS:
            bare = await browser.post(path_of(way, at), data={"action": "withdraw"})
            assert bare.status_code in {403, 422}, way.path
            elsewhere = await browser.post(
                path_of(way, at), data={"csrf": mark}, headers={"Sec-Fetch-Site": "cross-site"}
            )
            assert elsewhere.status_code in {403, 422}, way.path
        async with at.browser() as stranger:
            form = {"csrf": mark, "name": "van.hanh", "password": "x"}
            assert (await stranger.post("/console/login", data=form)).status_code == 403
        assert [kind for kind, _ in await told(at) if kind.startswith("delivery.withdrawn")] == []


async def test_a_form_of_unknown_or_great_length_is_not_read(tmp_path: Path) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b"name=x&csrf="
        raise AssertionError("it was read")

    async with desk(tmp_path) as at, at.browser() as browser:
        chunked = await browser.post("/console/login", content=endless())
        great = await browser.post("/console/login", data={"name": "x" * 100_000})

    assert (chunked.status_code, great.status_code) == (403, 403)


async def test_an_order_is_asked_for_confirmed_and_written_down_with_name_and_reason(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.signed_in("van.hanh") as browser:
        delivery = at.documents["stopped"].deliveries[0].id
        asked = await post(browser, "/console/stuck/ask", action="withdraw", delivery=delivery)
        no_reason = await post(browser, "/console/stuck/do", action="withdraw", delivery=delivery, reason=" ")
        before, _ = await at.box.hub.inbox.delivery(None, delivery)
        order = {"action": "withdraw", "delivery": delivery, "reason": "gửi nhầm nơi nhận"}
        done = await post(browser, "/console/stuck/do", **order)
        again = await post(browser, "/console/stuck/do", **order)
        after, _ = await at.box.hub.inbox.delivery(None, delivery)
        trace = (await browser.get(f"/console/documents/{at.documents['stopped'].message.id}")).text

    assert asked.status_code == 200
    assert "minlength" in asked.text
    assert no_reason.status_code == 422
    assert before.state is DeliveryState.SUSPENDED
    assert done.status_code == again.status_code == 200
    assert after.state is DeliveryState.WITHDRAWN
    assert "Đã thực hiện 1 trên 1" in done.text
    assert "Đã thực hiện 0 trên 1" in again.text
    assert "gửi nhầm nơi nhận" in trace
    assert "van.hanh" in trace


@pytest.mark.parametrize("action", ["release", "resend", "hold", "withdraw", "expire"])
async def test_every_action_reaches_the_hub(tmp_path: Path, action: str) -> None:
    async with desk(tmp_path) as at, at.signed_in("van.hanh") as browser:
        which = "ours" if action == "hold" else "stopped"
        delivery = at.documents[which].deliveries[0].id
        done = await post(
            browser, "/console/stuck/do", action=action, delivery=delivery, reason="kiểm thử thao tác"
        )
        actors = {actor for _, actor in await told(at)}

    assert "Đã thực hiện 1 trên 1" in done.text
    assert "account:van.hanh" in actors


async def test_an_order_for_nothing_or_of_no_kind_is_refused(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.signed_in("van.hanh") as browser:
        delivery = at.documents["ours"].deliveries[0].id
        for form in (
            {"action": "withdraw"},
            {"action": "explode", "delivery": delivery},
            {"action": "withdraw", "delivery": "../../etc/passwd"},
            {"action": "withdraw", "delivery": "0" * 26},
        ):
            for path in ("/console/stuck/ask", "/console/stuck/do"):
                assert (await post(browser, path, **form, reason="lý do nào đó")).status_code in {404, 422}
