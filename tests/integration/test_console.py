"""The console's pages: who may see what, what a form needs, how sign-in is limited, what browsers are told."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from starlette.datastructures import UploadFile

from adapters.console import documents
from adapters.console.routes import WAYS
from adapters.console.server import Console
from hub import accounts_changes, acting, evidence, finding
from hub.accounts import RIGHTS, Right, Role
from hub.acting import Order
from hub.app import Hub
from hub.testing import ManualClock, settings
from tests.integration.console_desk import PASSWORD, PEOPLE, csrf, desk, path_of, post, sign_in, told

PAGES = [way for way in WAYS if way.method == "GET" and way.signed_in]
ORDERS = [way for way in WAYS if way.method == "POST" and way.signed_in]


@pytest.fixture(autouse=True)
def a_database_at_its_newest_shape(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "edochub.db")


# --- who sees what ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PEOPLE)
async def test_each_role_has_its_pages_and_no_other(tmp_path: Path, name: str) -> None:
    async with desk(tmp_path) as at, at.signed_in(name) as browser:
        for way in PAGES:
            answer = await browser.get(path_of(way, at))
            allowed = way.right is None or way.right in RIGHTS[PEOPLE[name]]
            first = 303 if way.path == "/" and name == "hai.son" else 200  # on to its documents
            assert answer.status_code == (first if allowed else 403), (way.path, answer.status_code)


@pytest.mark.parametrize("name", PEOPLE)
async def test_each_role_has_its_orders_and_no_other(tmp_path: Path, name: str) -> None:
    async with desk(tmp_path) as at, at.signed_in(name) as browser:
        for way in ORDERS:
            if way.right is not None and way.right not in RIGHTS[PEOPLE[name]]:
                answer = await post(browser, path_of(way, at), action="withdraw", disabled="1")
                assert answer.status_code == 403, way.path
        assert all(
            kind.split(".")[0] != "document" or kind == "document.accepted" for kind, _ in await told(at)
        )


async def test_nobody_sees_a_page_without_signing_in(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.browser() as browser:
        for way in PAGES:
            answer = await browser.get(path_of(way, at))
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/console/login")
        for way in ORDERS:
            assert (await browser.post(path_of(way, at), data={"csrf": "0" * 64})).status_code == 401


async def test_an_agency_sees_its_own_documents_only(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.signed_in("hai.son") as browser:
        theirs = at.documents["theirs"].message
        listed = (await browser.get("/console/documents")).text
        for hidden in (
            f"/console/documents/{theirs.id}",
            f"/console/documents?q={theirs.id}",
            f"/console/documents?q={theirs.code}",
            "/console/documents?q=van+ban+cua+nguoi+khac",
            f"/console/documents?q={at.documents['theirs'].deliveries[0].id}",
            "/console/documents?to=H49.63",
        ):
            answer = await browser.get(hidden)
            assert theirs.subject not in answer.text, hidden
            assert answer.status_code in {200, 404}
        for paper in ("package", "evidence"):
            assert (await post(browser, f"/console/documents/{theirs.id}/{paper}")).status_code == 404

    assert at.documents["ours"].message.subject in listed
    assert theirs.subject not in listed


async def test_an_agency_does_not_see_how_others_stand_with_a_document_that_it_shares(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        shared = f"/console/documents/{at.documents['all'].message.id}"
        async with at.signed_in("hai.son") as browser:
            own = (await browser.get(shared)).text
        async with at.signed_in("quan.ly") as browser:
            whole = (await browser.get(shared)).text

    assert "H49.61" in own
    assert "H49.62" not in own
    assert "H49.62" in whole
    assert "Mức hoàn thành" in whole


async def test_an_agency_that_sent_a_document_sees_all_its_addressees(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await accounts_changes.add(
            at.box.hub,
            "noi.vu",
            "Sở Nội vụ",
            Role.AGENCY,
            "chín con trâu qua sông",
            "operator:test",
            "H49.13",
        )
        async with at.browser() as browser:
            await sign_in(browser, "noi.vu", "chín con trâu qua sông")
            page = (await browser.get(f"/console/documents/{at.documents['all'].message.id}")).text
            listed = (await browser.get("/console/documents")).text

    assert all(code in page for code in ("H49.61", "H49.62", "H49.63"))
    assert all(each.message.subject in listed for each in at.documents.values())


async def test_what_strangers_wrote_does_nothing_on_a_page(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.signed_in("van.hanh") as browser:
        sent = await at.send("bad", "H49.62", subject='<script>alert(1)</script>" onmouseover="x')
        await at.box.hub.indexing.catch_up(10_000)
        for path in (
            f"/documents/{sent.message.id}",
            "/documents",
            "/documents?q=%3Cscript%3E",
            "/stuck",
            "/",
        ):
            answer = await browser.get(f"/console{path}")
            assert answer.status_code == 200
            assert "<script>alert" not in answer.text
            assert '" onmouseover' not in answer.text


# --- papers -----------------------------------------------------------------------------------------------------------


async def test_package_and_evidence_come_as_they_are_kept_and_that_is_told(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.signed_in("kiem.toan") as browser:
        message = at.documents["ours"].message
        package = await post(browser, f"/console/documents/{message.id}/package")
        made = await post(browser, f"/console/documents/{message.id}/evidence")
        kept = await at.box.hub.fetch(None, at.documents["ours"].deliveries[0].id)
        verified = await browser.post(
            "/console/audit",
            data={"csrf": await csrf(browser)},
            files={"file": ("bang-chung.asice", made.content)},
        )
        kinds = [kind for kind, actor in await told(at) if actor == "account:kiem.toan"]

    assert package.content == kept.content
    assert package.headers["content-disposition"].startswith("attachment; ")
    assert made.content[:2] == b"PK"
    assert verified.status_code == 200
    assert "bang-chung.asice" in verified.text
    assert "document.downloaded" in kinds
    assert "document.evidenced" in kinds


async def test_evidence_that_was_changed_is_told_apart(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.signed_in("kiem.toan") as browser:
        made = await evidence.make(at.box.hub, at.documents["ours"].message.id)
        broken = made.content.replace(b"package.edxml", b"package.edxmk")
        answer = await browser.post(
            "/console/audit", data={"csrf": await csrf(browser)}, files={"file": ("x.asice", broken)}
        )

    assert answer.status_code == 200
    assert re.search(r'<span class="pill bad">không hợp lệ</span>\s*</h2>', answer.text)


async def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.signed_in("kiem.toan") as browser:
        answer = await browser.post("/console/audit", content=b"x", headers={"Content-Length": "999999999"})

    assert answer.status_code == 422


async def test_of_files_to_verify_one_at_a_time_is_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, made = UploadFile.read, Console.__init__
    alone: list[bool] = []
    opened: list[Console] = []

    def remembered(console: Console, hub: Hub) -> None:
        made(console, hub)
        opened.append(console)

    async def watched(file: UploadFile, size: int = -1) -> bytes:
        alone.append(opened[0].verifying.locked())
        return await read(file, size)

    monkeypatch.setattr(Console, "__init__", remembered)
    monkeypatch.setattr(UploadFile, "read", watched)
    async with desk(tmp_path) as at, at.signed_in("kiem.toan") as browser:
        files = {"file": ("x.asice", b"nothing of the kind")}
        answer = await browser.post("/console/audit", data={"csrf": await csrf(browser)}, files=files)

    assert answer.status_code == 200
    assert alone == [True]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "1899-12-31", "2201-01-01"])
async def test_a_day_of_another_age_counts_as_none(tmp_path: Path, day: str) -> None:
    async with desk(tmp_path) as at, at.signed_in("quan.ly") as browser:
        for path in (f"documents?since={day}", f"documents?until={day}", f"reports?last={day}&first={day}"):
            answer = await browser.get(f"/console/{path}")
            assert answer.status_code == 200, path
        listed = (await browser.get(f"/console/documents?since={day}")).text

    assert at.documents["ours"].message.subject in listed


async def test_questions_are_answered_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = []
    async with desk(tmp_path) as at, at.signed_in("quan.ly") as browser:
        (console,) = [each.app for each in at.app.routes if each.path == "/console"]

        def watched(*given: Any, **more: Any) -> Any:
            alone.append(console.searching.locked())
            return finding.find(*given, **more)

        monkeypatch.setattr(documents, "find", watched)
        assert (await browser.get("/console/documents?q=chuyen+doi")).status_code == 200

    assert alone == [True]


# --- what browsers are told -------------------------------------------------------------------------------------------


async def test_every_answer_carries_the_policy_and_is_not_kept(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.signed_in("quan.tri") as browser:
        paths = [path_of(way, at) for way in PAGES] + [
            "/console/login",
            "/console/nothing",
            "/console/stuck/x",
        ]
        for path in paths:
            headers = (await browser.get(path)).headers
            policy = headers["content-security-policy"]
            assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'"), path
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert headers["x-frame-options"] == "DENY"
            assert headers["referrer-policy"] == "same-origin"
            assert headers["cache-control"] == "no-store"
            assert headers["x-content-type-options"] == "nosniff"


async def test_files_are_kept_under_addresses_that_change_with_them(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.browser() as browser:
        page = (await browser.get("/console/login")).text
        for path in re.findall(r'(?:href|src)="(/console/static/[^"]+)"', page):
            answer = await browser.get(path)
            assert answer.status_code == 200
            assert "immutable" in answer.headers["cache-control"]
        assert (await browser.get("/console/static/..%2fserver.py")).status_code in {303, 404}


async def test_a_page_that_has_not_changed_is_not_sent_again(tmp_path: Path) -> None:
    async with desk(tmp_path, clock=ManualClock()) as at, at.signed_in("van.hanh") as browser:
        refresh = {"X-Console-Refresh": "1"}
        first = await browser.get("/console/stuck", headers=refresh)
        again = await browser.get(
            "/console/stuck", headers={**refresh, "If-None-Match": first.headers["etag"]}
        )

    assert "<html" not in first.text
    assert 'data-live="stuck"' in first.text
    assert again.status_code == 304


@pytest.mark.parametrize("chosen", ["vi", "en"])
async def test_a_page_speaks_the_language_that_was_chosen(tmp_path: Path, chosen: str) -> None:
    async with desk(tmp_path) as at, at.signed_in("quan.tri") as browser:
        back = await browser.get(f"/console/set?lang={chosen}&back=/console/stuck%3Fstate=held")
        page = (await browser.get("/console/stuck")).text
        evil = await browser.get("/console/set?lang=vi&back=https://elsewhere.example/")

    assert back.headers["location"] == "/console/stuck?state=held"
    assert evil.headers["location"] == "/console/"
    assert f'<html lang="{chosen}"' in page
    assert ("Vướng mắc" in page) is (chosen == "vi")
    assert ("tạm giữ" in page) is (chosen == "vi")


async def test_a_fault_is_a_page_with_a_number_and_a_line_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(tmp_path) as at, at.signed_in("van.hanh") as browser:
        monkeypatch.setattr(at.box.hub.directory.__class__, "search", None)
        answer = await browser.get("/console/directory?q=x")

    assert answer.status_code == 500
    assert re.search(r"số sự cố [0-9A-Z]{26}", answer.text)
    assert "Traceback" not in answer.text


def test_every_right_guards_something() -> None:
    assert {way.right for way in WAYS} >= set(Right)


# --- the other database -----------------------------------------------------------------------------------------------


@pytest.mark.services
async def test_every_page_and_order_works_on_postgresql(tmp_path: Path, postgresql: str) -> None:
    config = settings(tmp_path, database=postgresql)
    async with desk(tmp_path, config=config) as at:
        async with at.signed_in("quan.tri") as browser:
            for way in PAGES:
                assert (await browser.get(path_of(way, at))).status_code == 200, way.path
            found = await browser.get("/console/documents?q=chuyen+doi&from=H49.13&state=available")
            delivery = at.documents["stopped"].deliveries[0].id
            done = await post(browser, "/console/stuck/do", action="release", delivery=delivery)
        async with at.signed_in("hai.son") as browser:
            own = (await browser.get("/console/documents")).text

    assert at.documents["ours"].message.subject in found.text
    assert "Đã thực hiện 1 trên 1" in done.text
    assert at.documents["ours"].message.subject in own
    assert at.documents["theirs"].message.subject not in own


async def test_what_is_stuck_alike_is_one_line_of_the_first_page(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.signed_in("van.hanh") as browser:
        for number in range(3):
            await at.send(f"more{number}", "H49.62", subject="Cùng một nơi nhận chưa kết nối")
        home = (await browser.get("/console/")).text
        alike = (await browser.get("/console/stuck?state=held&agency=H49.62")).text
        others = (await browser.get("/console/stuck?state=held&agency=H49.61")).text

    assert "4 lượt chuyển" in home, "one of the desk's own, and three more"
    assert home.count("Cơ quan H49.62") == 1
    assert alike.count('name="delivery"') == 4
    assert others.count('name="delivery"') == 0


async def test_two_consoles_in_one_process_wait_for_nothing_of_each_other(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    async with desk(tmp_path / "one") as one, desk(tmp_path / "other") as other:
        first, second = Console(one.box.hub), Console(other.box.hub)
        for name in ("searching", "evidencing", "verifying", "hashing"):
            assert getattr(first, name) is not getattr(second, name)


async def test_the_sending_agency_reads_who_withdrew_its_document_and_why(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await accounts_changes.add(
            at.box.hub, "noi.vu", "Văn thư", Role.AGENCY, PASSWORD, "operator:test", "H49.13"
        )
        document = at.documents["ours"]
        order = Order(by="account:van.hanh", why="gửi nhầm nơi nhận")
        await acting.withdraw(at.box.hub, [document.deliveries[0].id], order)
        async with at.signed_in("noi.vu") as browser:
            page = (await browser.get(f"/console/documents/{document.message.id}")).text

    assert "Người vận hành trục (van.hanh) rút lượt chuyển trước khi giao: gửi nhầm nơi nhận" in page


async def test_a_document_id_that_is_used_twice_is_noticed_on_the_documents_page(tmp_path: Path) -> None:
    async with desk(tmp_path) as at, at.signed_in("quan.ly") as browser:
        name = at.documents["ours"].message.document_id
        again = await at.send("again", "H49.61", document_id=name, subject="Nội dung khác")
        page = (await browser.get(f"/console/documents/{again.message.id}")).text

    assert f"DocumentId {name} đã được bên gửi dùng" in page
    assert "document.id-reused" in page
