"""Signing in to the console at an identity provider: who gets in, as what, and every way in which it must fail."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from adapters.console.oidc import Provider as Client
from hub import accounts_changes
from hub.accounts import Role
from hub.config import OidcSettings
from hub.errors import Misconfigured
from hub.model import utc_now
from hub.store import accounts as store
from hub.testing import hub_in_a_box, settings
from tests.integration.console_desk import Desk, desk
from tests.integration.oidc_provider import Provider, new_key, provider

REDIRECT = "http://127.0.0.1:8080/console/oidc"
ROLES = {"truc-quan-tri": "administrator", "truc-van-hanh": "operator", "can-bo-xa": "agency"}


@pytest.fixture(autouse=True)
def a_database_at_its_newest_shape(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "edochub.db")


@contextlib.asynccontextmanager
async def ground(folder: Path) -> AsyncIterator[tuple[Desk, Provider]]:
    """Give a hub whose console trusts a provider, and the provider."""
    async with provider() as made:
        (folder / "oidc.secret").write_text(made.secret + "\n")
        oidc = OidcSettings(
            issuer=made.issuer,
            client_id=made.client,
            secret_file=Path("oidc.secret"),
            redirect=REDIRECT,
            roles=ROLES,
        )
        made.claims = {
            "sub": "1",
            "preferred_username": "Lan.Nguyen",
            "name": "Lan",
            "roles": ["truc-van-hanh"],
        }
        async with desk(folder, config=replace(settings(folder), oidc=oidc)) as at:
            yield at, made


async def through(browser: httpx.AsyncClient, to: str = "") -> httpx.Response:
    """Go to the provider and back, as a browser does."""
    gone = await browser.get(f"/console/oidc/start{f'?to={to}' if to else ''}")
    assert gone.status_code == 303, gone.text
    async with httpx.AsyncClient() as outside:
        sent_back = await outside.get(gone.headers["location"])
    assert sent_back.headers["location"].startswith(REDIRECT)
    return await browser.get(sent_back.headers["location"])


async def test_whom_the_provider_vouches_for_gets_in_with_the_role_it_says(tmp_path: Path) -> None:
    async with ground(tmp_path) as (at, _), at.browser() as browser:
        assert "/console/oidc/start" in (await browser.get("/console/login")).text
        back = await through(browser, "/console/stuck")
        page = await browser.get(back.headers["location"])
        made = await at.box.hub.store.read(lambda c: accounts_changes.known(c, "lan.nguyen"))

    assert back.headers["location"] == "/console/stuck"
    assert page.status_code == 200
    assert (made.role, made.password, made.person) == (Role.OPERATOR, None, "Lan")


async def test_the_role_is_what_the_provider_says_today(tmp_path: Path) -> None:
    async with ground(tmp_path) as (at, there), at.browser() as browser, at.browser() as elsewhere:
        await through(browser)
        there.claims["roles"] = ["can-bo-xa"]
        there.claims["agency"] = "H49.61"
        await through(elsewhere)
        made = await at.box.hub.store.read(lambda c: accounts_changes.known(c, "lan.nguyen"))
        before = await browser.get("/console/stuck")
        after = await elsewhere.get("/console/stuck")

    assert made.role is Role.AGENCY
    assert before.status_code == 303  # the session with the old rights is gone
    assert after.status_code == 403


LIES: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "x"},
    "no nonce": {"nonce": None},
    "another issuer": {"iss": "https://elsewhere.example"},
    "for another client": {"aud": "somebody-else"},
    "another authorised party": {"azp": "somebody-else"},
    "over": {"exp": 1_000_000_000},
    "without an end": {"exp": None},
    "nobody": {"sub": None},
    "no role that we know": {"roles": ["khach"]},
    "no roles": {"roles": None},
    "roles of another shape": {"roles": {"truc-quan-tri": True}},
    "a name that is none": {"preferred_username": "<script>"},
    "an agency without a code": {"roles": ["can-bo-xa"]},
    "an agency that is not there": {"roles": ["can-bo-xa"], "agency": "X99"},
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_token_that_does_not_fit_lets_nobody_in(tmp_path: Path, lie: str) -> None:
    async with ground(tmp_path) as (at, there), at.browser() as browser:
        there.lies = LIES[lie]
        back = await through(browser)
        page = await browser.get("/console/")
        people = await at.box.hub.store.read(store.every)

    assert back.status_code == 403
    assert 'role="alert"' in back.text
    assert page.status_code == 303
    assert "lan.nguyen" not in {each.name for each in people}


async def test_a_token_signed_by_another_key_lets_nobody_in(tmp_path: Path) -> None:
    async with ground(tmp_path) as (at, there), at.browser() as browser:
        there.published = [there.key]
        there.key = new_key("one")  # of the same name
        assert (await through(browser)).status_code == 403


async def test_a_provider_may_change_its_key(tmp_path: Path) -> None:
    async with ground(tmp_path) as (at, there):
        async with at.browser() as browser:
            assert (await through(browser)).status_code == 303
        there.key = new_key("two")
        app_provider = next(
            route for route in at.app.routes if getattr(route, "path", "") == "/console"
        ).app.provider
        app_provider._fetched_at -= 60  # some time later
        async with at.browser() as browser:
            assert (await through(browser)).status_code == 303


async def test_what_did_not_begin_in_this_browser_does_not_end_in_it(tmp_path: Path) -> None:
    async with ground(tmp_path) as (at, _), at.browser() as browser, at.browser() as victim:
        gone = await browser.get("/console/oidc/start")
        state = parse_qs(urlsplit(gone.headers["location"]).query)["state"][0]
        stolen = await victim.get(f"/console/oidc?code=code-0&state={state}")
        forged = await browser.get("/console/oidc?code=code-0&state=other")
        without = await browser.get(f"/console/oidc?state={state}")

    assert [answer.status_code for answer in (stolen, forged, without)] == [403, 403, 403]


async def test_a_name_that_belongs_to_somebody_else_is_not_taken_over(tmp_path: Path) -> None:
    async with ground(tmp_path) as (at, there), at.browser() as browser:
        there.claims["preferred_username"] = "quan.tri"
        answer = await through(browser)
        kept = await at.box.hub.store.read(lambda c: accounts_changes.known(c, "quan.tri"))

    assert answer.status_code == 403
    assert kept.subject is None
    assert kept.password is not None


async def test_who_was_disabled_stays_out(tmp_path: Path) -> None:
    async with ground(tmp_path) as (at, _), at.browser() as browser:
        await through(browser)
        await accounts_changes.change(at.box.hub, "lan.nguyen", "operator:test", disabled=True)
        assert (await through(browser)).status_code == 403


async def test_a_provider_that_is_down_leaves_the_password(tmp_path: Path) -> None:
    async with ground(tmp_path) as (at, there):
        issuer = there.issuer
    oidc = OidcSettings(
        issuer=issuer, client_id="x", secret_file=Path("oidc.secret"), redirect=REDIRECT, roles=ROLES
    )
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "oidc.secret").write_text("x")
    async with desk(tmp_path / "other", config=replace(settings(tmp_path / "other"), oidc=oidc)) as at:
        async with at.browser() as browser:
            answer = await browser.get("/console/oidc/start")
            assert answer.status_code == 502
            assert 'name="password"' in answer.text
        async with at.signed_in("van.hanh") as browser:
            assert (await browser.get("/console/")).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "http://provider.example"},
        {"client_id": ""},
        {"secret_file": None},
        {"secret_file": Path("missing")},
        {"redirect": "https://hub.example/elsewhere"},
        {"roles": {}},
        {"roles": {"x": "king"}},
    ],
)
async def test_settings_that_cannot_work_are_said_at_the_start(tmp_path: Path, wrong: dict[str, Any]) -> None:
    (tmp_path / "oidc.secret").write_text("x")
    good = OidcSettings(
        issuer="https://provider.example",
        client_id="edochub",
        secret_file=Path("oidc.secret"),
        redirect="https://hub.example/console/oidc",
        roles=ROLES,
    )
    async with hub_in_a_box(tmp_path, config=replace(settings(tmp_path), oidc=good), clock=utc_now) as box:
        assert Client.of(box.hub) is not None
        box.hub.config = replace(box.hub.config, oidc=replace(good, **wrong))
        with pytest.raises(Misconfigured):
            Client.of(box.hub)
