"""Accounts at the console: added, changed, given a password, switched off, removed; and everybody's own password."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from hub.accounts import Account, Role
from hub.store import accounts as store
from tests.integration.console_desk import PASSWORD, Desk, desk, post, sign_in, told

OTHER = "bảy con mèo ngủ trưa"
NEW = {
    "name": "moi.vao",
    "person": "Người Mới Vào",
    "role": "operator",
    "agency": "",
    "password": OTHER,
    "password_again": OTHER,
}


async def kept(at: Desk, name: str) -> Account | None:
    return await at.box.hub.store.read(lambda connection: store.get(connection, name))


async def signed_out(browser: httpx.AsyncClient) -> bool:
    """Tell whether the session of a browser has ended."""
    return (await browser.get("/console/directory")).status_code == 303


async def test_an_account_is_added_signs_in_and_is_in_the_ledger_with_who_added_it(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.signed_in("quan.tri") as browser:
        answer = await post(browser, "/console/accounts/+new", **NEW)
        listed = (await browser.get("/console/accounts")).text
        async with at.browser() as theirs:
            welcome = await sign_in(theirs, "moi.vao", OTHER)
        made = await kept(at, "moi.vao")
        events = await told(at)

    assert (answer.status_code, welcome.status_code) == (303, 303)
    assert "Người Mới Vào" in listed
    assert made is not None
    assert (made.role, made.agency, made.disabled) == (Role.OPERATOR, None, False)
    assert ("account.added", "account:quan.tri") in events


async def test_an_account_of_an_agency_is_bound_to_the_agency_of_its_code(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.signed_in("quan.tri") as browser:
        answer = await post(
            browser, "/console/accounts/+new", **{**NEW, "role": "agency", "agency": "H49.62"}
        )
        made = await kept(at, "moi.vao")
        resolved = at.box.hub.directory.resolve("H49.62").agency

    assert answer.status_code == 303
    assert made is not None
    assert resolved is not None
    assert made.agency == resolved.id


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name": "van.hanh"}, "Đã có tài khoản"),
        ({"name": "Có Dấu"}, "chữ thường không dấu"),
        ({"password": "ngắn", "password_again": "ngắn"}, "từ 12 đến"),
        ({"password": "moi.vao moi.vao", "password_again": "moi.vao moi.vao"}, "không được chứa tên"),
        ({"password_again": "một câu khác hẳn"}, "không giống nhau"),
        ({"role": "boss"}, "chọn một vai trò"),
        ({"role": "agency"}, "cần mã của một cơ quan"),
        ({"role": "agency", "agency": "H99.99"}, "H99.99"),
    ],
)
async def test_a_form_that_is_wrong_says_so_keeps_what_was_typed_and_never_a_password(
    tmp_path: Path, wrong: dict[str, str], says: str
) -> None:
    async with desk(tmp_path) as at, at.signed_in("quan.tri") as browser:
        before = await told(at)
        answer = await post(browser, "/console/accounts/+new", **{**NEW, **wrong})
        after = await told(at)

    assert answer.status_code == 422
    assert says in answer.text
    assert "Người Mới Vào" in answer.text
    assert "edochub" not in answer.text.partition("<main")[2]
    assert {**NEW, **wrong}["password"] not in answer.text
    assert after == before


async def test_another_role_ends_the_sessions_and_counts_at_the_next_sign_in(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.signed_in("quan.tri") as browser, at.signed_in("quan.ly") as theirs:
        form = {"person": "Kiểm Toán Viên", "role": "auditor", "agency": ""}
        answer = await post(browser, "/console/accounts/quan.ly", **form)
        out = await signed_out(theirs)
        await sign_in(theirs, "quan.ly")
        audit = await theirs.get("/console/audit")
        events = await told(at)

    assert (answer.status_code, out, audit.status_code) == (303, True, 200)
    assert "Kiểm Toán Viên" in audit.text
    assert ("account.changed", "account:quan.tri") in events


async def test_a_role_moves_between_an_agency_and_everything(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.signed_in("quan.tri") as browser:
        same = {"person": "Hải Sơn", "role": "agency", "agency": "H49.61"}
        kept_it = await post(browser, "/console/accounts/hai.son", **same)
        moved = await post(browser, "/console/accounts/hai.son", **{**same, "agency": "H49.62"})
        second = await kept(at, "hai.son")
        freed = await post(browser, "/console/accounts/hai.son", **{**same, "role": "manager"})
        last = await kept(at, "hai.son")

    assert {each.status_code for each in (kept_it, moved, freed)} == {303}
    assert second is not None
    assert last is not None
    assert second.agency == at.box.hub.directory.resolve("H49.62").agency.id  # type: ignore[union-attr]
    assert (last.role, last.agency) == (Role.MANAGER, None)


async def test_a_new_password_counts_at_once_and_ends_the_sessions(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.signed_in("quan.tri") as browser, at.signed_in("van.hanh") as theirs:
        both = {"password": OTHER, "password_again": OTHER}
        answer = await post(browser, "/console/accounts/van.hanh/password", **both)
        out = await signed_out(theirs)
        old, new = await sign_in(theirs, "van.hanh"), await sign_in(theirs, "van.hanh", OTHER)
        events = await told(at)

    assert (answer.status_code, out, old.status_code, new.status_code) == (303, True, 401, 303)
    assert ("account.password-set", "account:quan.tri") in events


@pytest.mark.parametrize("wish", ["disable", "remove"])
async def test_what_takes_the_way_in_is_asked_about_and_ends_the_sessions(tmp_path: Path, wish: str) -> None:
    async with desk(tmp_path) as at, at.signed_in("quan.tri") as browser, at.signed_in("van.hanh") as theirs:
        path = "/console/accounts/van.hanh/state"
        asked = await post(browser, path, wish=wish)
        still = not await signed_out(theirs)
        done = await post(browser, path, wish=wish, sure="1")
        out, refused = await signed_out(theirs), await sign_in(theirs, "van.hanh")
        left = await kept(at, "van.hanh")

    assert (asked.status_code, still) == (200, True)
    assert (done.status_code, out, refused.status_code) == (303, True, 401)
    assert (left is None) == (wish == "remove")


async def test_who_is_switched_off_is_switched_on_again(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.signed_in("quan.tri") as browser, at.browser() as theirs:
        path = "/console/accounts/van.hanh/state"
        await post(browser, path, wish="disable", sure="1")
        off = await sign_in(theirs, "van.hanh")
        answer = await post(browser, path, wish="enable")
        on = await sign_in(theirs, "van.hanh")

    assert (off.status_code, answer.status_code, on.status_code) == (401, 303, 303)


@pytest.mark.parametrize("path", ["", "/password", "/state"])
async def test_nobody_changes_the_account_that_is_signed_in_with(tmp_path: Path, path: str) -> None:
    async with desk(tmp_path) as at, at.signed_in("quan.tri") as browser:
        form = {"role": "manager", "wish": "disable", "sure": "1", "password": OTHER, "password_again": OTHER}
        answer = await post(browser, f"/console/accounts/quan.tri{path}", **form)
        mine = await kept(at, "quan.tri")

    assert answer.status_code == 422
    assert mine is not None
    assert (mine.role, mine.disabled) == (Role.ADMINISTRATOR, False)


async def test_no_form_of_accounts_counts_without_its_token(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.signed_in("quan.tri") as browser:
        before = await told(at)
        for path in ("/+new", "/van.hanh", "/van.hanh/password", "/van.hanh/state"):
            bare = await browser.post(f"/console/accounts{path}", data={**NEW, "wish": "remove", "sure": "1"})
            assert bare.status_code == 403, path
        own = await browser.post("/console/password", data={"old": PASSWORD, **NEW})
        assert (own.status_code, await told(at)) == (403, before)


async def test_an_account_that_is_not_there_is_said_to_be_not_there(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.signed_in("quan.tri") as browser:
        answer = await browser.get("/console/accounts/khong.co")

    assert answer.status_code == 404
    assert "edochub" not in answer.text.partition("<main")[2]


# --- one's own password -------------------------------------------------------------------------------------------


async def test_everybody_changes_the_own_password_and_signs_in_anew(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.signed_in("hai.son") as browser:
        form = {"old": PASSWORD, "password": OTHER, "password_again": OTHER}
        answer = await post(browser, "/console/password", **form)
        out = await signed_out(browser)
        old, new = await sign_in(browser, "hai.son"), await sign_in(browser, "hai.son", OTHER)
        events = await told(at)

    assert (answer.status_code, out, old.status_code, new.status_code) == (303, True, 401, 303)
    assert ("account.password-set", "account:hai.son") in events


async def test_the_old_password_is_asked_for_and_cannot_be_guessed_for_long(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.signed_in("hai.son") as browser:
        form = {"old": "không phải câu này", "password": OTHER, "password_again": OTHER}
        answers = [(await post(browser, "/console/password", **form)).status_code for _ in range(6)]
        right = await post(browser, "/console/password", **{**form, "old": PASSWORD})

    assert answers == [422] * 5 + [429]
    assert right.status_code == 429
