"""What an agency's account is not told: others' exchange, what was stopped on its way, others' machines."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from adapters.console.discretion import attempt_without_hosts, delivery_without_hosts, event_without_hosts
from hub import accounts_changes, acting, evidence
from hub.accounts import Role
from hub.acting import Order
from hub.model import Accepted, Attempt, DeliveryState, TraceEvent, utc_now
from hub.testing import status
from schemas.text import Text
from tests.integration.console_desk import Desk, desk, post, sign_in

ORDER = Order(by="operator:test", why="gửi nhầm")
OTHER_PASSWORD = "chín con trâu qua sông"
REASON = Text(vi="https://10.9.8.7/nhan: không trả lời", en="https://10.9.8.7/nhan: no answer")


@pytest.fixture(autouse=True)
def a_database_at_its_newest_shape(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "edochub.db")


@asynccontextmanager
async def the_sender(at: Desk) -> AsyncIterator[httpx.AsyncClient]:
    """Sign somebody of the sending agency in."""
    by = "operator:test"
    await accounts_changes.add(at.box.hub, "noi.vu", "Sở Nội vụ", Role.AGENCY, OTHER_PASSWORD, by, "H49.13")
    async with at.browser() as browser:
        await sign_in(browser, "noi.vu", OTHER_PASSWORD)
        yield browser


def page_of(sent: Accepted) -> str:
    return f"/console/documents/{sent.message.id}"


async def test_evidence_of_everybodys_exchange_is_for_who_sent_it(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        shared = page_of(at.documents["all"])
        async with at.signed_in("hai.son") as browser:
            page = (await browser.get(shared)).text
            assert (await post(browser, f"{shared}/package")).status_code == 200
            refused = await post(browser, f"{shared}/evidence")
        async with the_sender(at) as browser:
            own = (await browser.get(shared)).text
            made = await post(browser, f"{shared}/evidence")

    assert refused.status_code == 403
    assert "cơ quan gửi" in refused.text
    assert f"{shared}/evidence" not in page
    assert f"{shared}/evidence" in own
    assert made.content[:2] == b"PK"


@pytest.mark.parametrize("act", [acting.withdraw, acting.hold, acting.expire])
async def test_what_was_stopped_on_its_way_is_not_the_addressees(tmp_path: Path, act: object) -> None:
    async with desk(tmp_path) as at, at.signed_in("hai.son") as browser:
        ours = at.documents["ours"]
        assert (await browser.get(page_of(ours))).status_code == 200
        await act(at.box.hub, [ours.deliveries[0].id], ORDER)  # type: ignore[operator]
        await at.box.hub.indexing.catch_up(10_000)
        answers = [
            await browser.get(page_of(ours)),
            await post(browser, f"{page_of(ours)}/package"),
            await browser.get(f"/console/documents?q={ours.message.id}"),
            await browser.get("/console/documents?q=hai+son"),
            await browser.get("/console/documents"),
        ]

    assert [each.status_code for each in answers] == [404, 404, 200, 200, 200]
    assert not any(ours.message.subject in each.text for each in answers)


@pytest.mark.parametrize("taken", [True, False])
async def test_what_the_addressee_had_stays_its_own(tmp_path: Path, taken: bool) -> None:
    async with desk(tmp_path) as at, at.signed_in("hai.son") as browser:
        ours, hub = at.documents["ours"], at.box.hub
        system = await hub.endpoint("xa-hai-son")
        if taken:
            await hub.take(system, ours.deliveries[0].id)
        else:
            await hub.decline(system, ours.deliveries[0].id, "sai nơi nhận")

        assert (await browser.get(page_of(ours))).status_code == 200


async def test_the_timeline_tells_an_addressee_of_nobody_else(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        shared, hub = at.documents["all"], at.box.hub
        for endpoint, agency, code in (("xa-khac", "H49.63", "03"), ("xa-hai-son", "H49.61", "01")):
            answer = status(sender=agency, to="H49.13", document_id=shared.message.document_id, code=code)
            await hub.accept(await hub.endpoint(endpoint), answer)
        async with at.signed_in("kiem.toan") as browser:
            await post(browser, f"{page_of(shared)}/package")
            await post(browser, f"{page_of(shared)}/evidence")
            whole = (await browser.get(page_of(shared))).text
        async with at.signed_in("hai.son") as browser:
            await post(browser, f"{page_of(shared)}/package")
            addressee = (await browser.get(page_of(shared))).text
        async with the_sender(at) as browser:
            sender = (await browser.get(page_of(shared))).text

    assert [page.count("xa-khac") > 0 for page in (whole, sender, addressee)] == [True, True, False]
    assert "endpoint xa-hai-son" in addressee or "điểm kết nối xa-hai-son" in addressee  # its own answer
    assert [page.count("kiem.toan") > 0 for page in (whole, sender, addressee)] == [True, False, False]
    assert "Tải gói tin về máy" in addressee  # by its own account
    assert "Tải gói tin về máy" not in sender


async def test_nobody_learns_of_anothers_machines(tmp_path: Path) -> None:
    event = TraceEvent(
        seq=1, at=utc_now(), kind="delivery.waiting", message="m", delivery="d", actor="hub:a",
        details={"attempt": 1, "reason": REASON.as_json()}, hash="",
    )  # fmt: skip
    tried = Attempt(number=1, started_at=utc_now(), ended_at=utc_now(), outcome="unavailable", detail=REASON)
    async with desk(tmp_path) as at:
        waits = replace(
            at.documents["ours"].deliveries[0], state=DeliveryState.WAITING_FOR_RETRY, reason=REASON
        )

    assert event_without_hosts(event).details == {"attempt": 1}
    assert attempt_without_hosts(tried).detail is None
    assert attempt_without_hosts(replace(tried, outcome="refused")).detail == REASON
    assert delivery_without_hosts(waits).reason is None
    assert delivery_without_hosts(replace(waits, state=DeliveryState.REFUSED)).reason == REASON


async def test_evidence_is_made_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, under_way, most = evidence.make, 0, 0

    async def counted(*given: object) -> object:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)  # whoever else may come in, does
        try:
            return await made(*given)  # type: ignore[arg-type]
        finally:
            under_way -= 1

    monkeypatch.setattr(evidence, "make", counted)
    async with desk(tmp_path) as at, at.signed_in("kiem.toan") as browser:
        paper = f"{page_of(at.documents['ours'])}/evidence"
        answers = await asyncio.gather(*(post(browser, paper) for _ in range(3)))

    assert [each.status_code for each in answers] == [200] * 3
    assert most == 1


async def test_the_list_tells_a_sender_of_all_addressees_and_an_addressee_of_itself_alone(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path) as at, the_sender(at) as theirs, at.signed_in("hai.son") as browser:
        sent = (await theirs.get("/console/documents?q=thong+bao+chung")).text
        got = (await browser.get("/console/documents?q=thong+bao+chung")).text

    assert "0/3" in sent
    assert "0/1" in got
