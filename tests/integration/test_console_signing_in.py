"""The console: who gets in, for how long, and what ends that."""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.console import signing_in
from adapters.console.attempts import OF_BOTH
from adapters.console.visit import Visit
from hub import accounts_changes
from hub.accounts import Account, Role, fits
from hub.store.tables import accounts, console_sessions
from hub.testing import ManualClock
from tests.integration.console_desk import desk, post, sign_in, told


@pytest.fixture(autouse=True)
def a_database_at_its_newest_shape(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "edochub.db")


async def test_a_session_ends_with_sign_out_and_both_are_told(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.signed_in("van.hanh") as browser:
        cookie = browser.cookies["edochub_session"]
        assert (await post(browser, "/console/logout")).headers["location"] == "/console/login"
        async with at.browser() as other:
            other.cookies.set("edochub_session", cookie)
            assert (await other.get("/console/")).status_code == 303
        kinds = [kind for kind, actor in await told(at) if actor == "account:van.hanh"]

    assert kinds == ["account.signed-in", "account.signed-out"]


async def test_the_database_does_not_hold_what_the_browser_holds(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.signed_in("van.hanh") as browser:
        kept = await at.box.hub.store.read(
            lambda c: c.execute(sa.select(console_sessions.c.token)).scalars().all()
        )
        hashed = await at.box.hub.store.read(
            lambda c: c.execute(sa.select(accounts.c.password)).scalars().all()
        )

        assert browser.cookies["edochub_session"] not in kept
        assert all(each.startswith("$argon2id$") for each in hashed)


async def test_a_session_ends_when_nobody_uses_it_and_in_any_case(tmp_path: Path) -> None:
    clock = ManualClock()
    async with desk(tmp_path, clock=clock, idle_minutes=30, longest_hours=2) as at:
        async with at.signed_in("van.hanh") as browser:
            for _ in range(5):
                clock.advance(minutes=20)
                assert (await browser.get("/console/stuck")).status_code == 200
            clock.advance(minutes=20)  # two hours since it began
            assert (await browser.get("/console/stuck")).status_code == 303
        async with at.signed_in("van.hanh") as browser:
            clock.advance(minutes=20)
            refreshed = await browser.get("/console/stuck", headers={"X-Console-Refresh": "1"})
            assert refreshed.status_code == 200
            clock.advance(minutes=11)  # a page that refreshes itself is not a person
            assert (await browser.get("/console/stuck")).status_code == 303


@pytest.mark.parametrize("change", ["password", "role", "disable", "remove"])
async def test_who_loses_rights_loses_the_session(tmp_path: Path, change: str) -> None:
    async with desk(tmp_path) as at, at.signed_in("van.hanh") as browser:
        hub, by = at.box.hub, "operator:test"
        if change == "password":
            await accounts_changes.set_password(hub, "van.hanh", "chín con trâu qua sông", by)
        elif change == "role":
            await accounts_changes.change(hub, "van.hanh", by, role=Role.MANAGER)
        elif change == "disable":
            await accounts_changes.change(hub, "van.hanh", by, disabled=True)
        else:
            await accounts_changes.remove(hub, "van.hanh", by)

        assert (await browser.get("/console/stuck")).status_code == 303


async def test_wrong_passwords_are_limited_and_told_alike(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.browser() as browser:
        answers = [await sign_in(browser, "van.hanh", "sai mật khẩu rồi") for _ in range(OF_BOTH + 1)]
        unknown = await sign_in(browser, "khong.co.ai", "sai mật khẩu rồi")
        right = await sign_in(browser, "van.hanh")

    assert [answer.status_code for answer in answers] == [401] * OF_BOTH + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert right.status_code == 429  # the right one has to wait, too
    strip = re.compile(r'value="[^"]*"')
    assert strip.sub("", unknown.text) == strip.sub("", answers[0].text)


async def test_behind_a_proxy_a_stranger_locks_nobody_else_out(tmp_path: Path) -> None:
    async with desk(tmp_path, tls_in_front=True) as at:
        at.url = "https://hub.example"
        near, far = "2001:db8:1:2::7", "2001:db8:1:3::7"
        async with at.browser("10.0.0.9", **{"X-Forwarded-For": f"10.1.1.1, {far}"}) as stranger:
            for _ in range(OF_BOTH):
                assert (await sign_in(stranger, "van.hanh", "sai mật khẩu rồi")).status_code == 401
            stranger.headers["X-Forwarded-For"] = f"10.1.1.2, {far}8"  # another of its own addresses
            assert (await sign_in(stranger, "van.hanh")).status_code == 429
        async with at.browser("10.0.0.9", **{"X-Forwarded-For": f"{far}, {near}"}) as browser:
            assert (await sign_in(browser, "van.hanh")).status_code == 303


async def test_without_a_proxy_nobody_chooses_the_address_by_which_tries_are_counted(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.browser() as browser:
        for each in range(OF_BOTH):
            browser.headers["X-Forwarded-For"] = f"10.1.1.{each}"
            await sign_in(browser, "van.hanh", "sai mật khẩu rồi")
        assert (await sign_in(browser, "van.hanh")).status_code == 429


@pytest.mark.parametrize("change", ["password", "role", "disable", "remove"])
async def test_who_lost_rights_while_signing_in_is_not_let_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    right = signing_in.is_right
    async with desk(tmp_path) as at, at.browser() as browser:
        hub, by = at.box.hub, "operator:test"

        async def slow(visit: Visit, account: Account | None, password: str) -> bool:
            if change == "password":
                await accounts_changes.set_password(hub, "van.hanh", "chín con trâu qua sông", by)
            elif change == "role":
                await accounts_changes.change(hub, "van.hanh", by, role=Role.MANAGER)
            elif change == "disable":
                await accounts_changes.change(hub, "van.hanh", by, disabled=True)
            else:
                await accounts_changes.remove(hub, "van.hanh", by)
            return await right(visit, account, password)

        monkeypatch.setattr(signing_in, "is_right", slow)
        answer = await sign_in(browser, "van.hanh")
        kinds = [kind for kind, _ in await told(at)]

    assert answer.status_code == 401
    assert "edochub_session" not in browser.cookies
    assert "account.signed-in" not in kinds


async def test_of_two_changes_at_once_neither_is_lost(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        hub, by = at.box.hub, "operator:test"
        await asyncio.gather(
            accounts_changes.set_password(hub, "van.hanh", "chín con trâu qua sông", by),
            accounts_changes.change(hub, "van.hanh", by, disabled=True),
            accounts_changes.change(hub, "van.hanh", by, person="Người khác"),
        )
        found = await hub.store.read(lambda c: accounts_changes.known(c, "van.hanh"))

    assert found.disabled
    assert found.person == "Người khác"
    assert fits(found.password, "chín con trâu qua sông")


async def test_a_password_is_not_taken_in_the_clear_from_another_machine(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.browser("10.1.2.3") as browser:
        answer = await sign_in(browser, "van.hanh")

    assert answer.status_code == 403
    assert "TLS" in answer.text
    assert "edochub_session" not in browser.cookies


async def test_behind_tls_cookies_travel_over_tls_only(tmp_path: Path) -> None:
    async with desk(tmp_path, tls_in_front=True) as at:
        at.url = "https://hub.example"
        async with at.browser("10.1.2.3") as browser:
            answer = await sign_in(browser, "van.hanh")
            said = answer.headers["set-cookie"]
            page = await browser.get("/console/")

    assert said.startswith("__Host-edochub=")
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(said.split("; "))
    assert page.status_code == 200


async def test_without_an_account_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.box.hub.store.write(lambda tx: tx.execute(sa.delete(accounts)), "test")
        async with at.browser() as browser:
            page = (await browser.get("/console/login")).text

    assert "edochub accounts add" in page


async def test_it_can_be_switched_off(tmp_path: Path) -> None:
    async with desk(tmp_path, enabled=False) as at, at.browser() as browser:
        assert (await browser.get("/console/login")).status_code == 404
