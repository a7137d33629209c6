"""The console in a real browser: every page in both languages and colours, every action, no complaint, nothing a person
with a keyboard or a screen reader could not use.

Chromium is the system's; Playwright drives it, axe-core judges accessibility. Marker `programs`.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, Page, Request, async_playwright

from hub import web
from hub.model import DeliveryState
from tests.integration.console_desk import PASSWORD, Desk, desk

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PAGES = (
    "/",
    "/documents",
    "/documents?q=thong+bao&kind=new",
    "/documents/{all}",
    "/documents/{stopped}",
    "/stuck",
    "/stuck?state=held",
    "/board",
    "/late",
    "/endpoints",
    "/directory",
    "/directory?q=co+quan",
    "/directory/H49.61",
    "/reports",
    "/audit",
    "/accounts",
    "/accounts/+new",
    "/accounts/van.hanh",
    "/password",
)
LOOKS = (
    ("vi", "light", 1280, True),
    ("en", "dark", 390, True),
    ("vi", "dark", 1280, False),
    ("en", "light", 390, False),
)

pytestmark = [pytest.mark.programs, pytest.mark.usefixtures("a_database_at_its_newest_shape")]


@pytest.fixture
def a_database_at_its_newest_shape(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "edochub.db")


@dataclass
class Window:
    """A browser's window on a served console, and what the browser complained about."""

    at: Desk
    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    async def open(self, path: str) -> None:
        """Go to a page of the console."""
        ids = {name: accepted.message.id for name, accepted in self.at.documents.items()}
        answer = await self.page.goto(f"{self.url}/console{path.format(**ids)}")
        assert answer is not None
        assert answer.status == 200, path
        if path == "/":  # a part of it comes after it
            await self.page.locator("[data-load] .items, [data-load] .empty").first.wait_for()

    async def sign_in(self, name: str) -> None:
        """Sign in by keyboard alone."""
        await self.open("/login")
        await self.page.keyboard.type(name)
        await self.page.keyboard.press("Tab")
        await self.page.keyboard.type(PASSWORD)
        await self.page.keyboard.press("Enter")
        await self.page.wait_for_url(f"{self.url}/console/")


@contextlib.asynccontextmanager
async def served(at: Desk) -> AsyncIterator[str]:
    """Serve a hub on any free port for the length of a block."""
    ready: asyncio.Future[Sequence[str]] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(web.serve(at.box.hub, port=0, on_ready=ready.set_result))
    try:
        yield (await ready)[0]
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@contextlib.asynccontextmanager
async def window(folder: Path) -> AsyncIterator[Window]:
    """Open a hub, serve it, and open a browser."""
    assert CHROMIUM is not None, "expected Chromium on this machine; install it with apt-get install chromium"
    async with desk(folder) as at, served(at) as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            context = await browser.new_context(viewport={"width": 1280, "height": 900}, locale="vi-VN")
            opened = Window(at, await context.new_page(), url)
            opened.page.on(
                "console",
                lambda said: (
                    opened.complaints.append(said.text) if said.type in {"error", "warning"} else None
                ),
            )
            opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
            opened.page.on("requestfailed", lambda request: _failed(opened, request))
            opened.page.on("request", lambda request: _must_be_ours(opened, request.url))
            yield opened
        finally:
            await browser.close()


def _failed(opened: Window, request: Request) -> None:
    if request.failure != "net::ERR_ABORTED":  # what becomes a download, or is left for another page
        opened.complaints.append(f"{request.url}: {request.failure}")


def _must_be_ours(opened: Window, url: str) -> None:
    if not url.startswith((opened.url, "blob:", "data:")):
        opened.complaints.append(f"asked elsewhere: {url}")


async def looks(context: BrowserContext, url: str, language: str, theme: str) -> None:
    """Choose language and colours."""
    await context.add_cookies(
        [
            {"name": "edochub_lang", "value": language, "url": url},
            {"name": "edochub_theme", "value": theme, "url": url},
        ]
    )


async def test_every_page_is_whole_readable_and_within_reach(tmp_path: Path) -> None:
    axe = Axe()
    async with window(tmp_path) as opened:
        await opened.sign_in("quan.tri")
        found: list[str] = []
        for language, theme, width, judged in LOOKS:
            await looks(opened.page.context, opened.url, language, theme)
            await opened.page.set_viewport_size({"width": width, "height": 900})
            for path in PAGES:
                await opened.open(path)
                wider = await opened.page.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                if wider > 0:
                    found.append(f"{path} {width}: {wider} px wider than the window")
                violations = (await axe.run(opened.page)).response["violations"] if judged else []
                found += [
                    f"{path} {language} {theme} {width}: {each['id']}: {each['nodes'][0]['html'][:100]}"
                    for each in violations
                    if each["impact"] in {"serious", "critical"}
                ]

        assert found == []
        assert opened.complaints == []


async def test_what_is_stuck_is_chosen_confirmed_and_done(tmp_path: Path) -> None:
    async with window(tmp_path) as opened:
        page = opened.page
        await opened.sign_in("van.hanh")
        await opened.open("/stuck?state=suspended")
        release = page.locator("button[name=action][value=release]")
        assert await release.is_disabled()
        await page.check("input[name=delivery]")
        await release.click()
        await page.fill("#reason", "đã xác minh xong")
        await page.click("form[action$='/stuck/do'] button")
        await page.wait_for_url("**/stuck/do")
        told = await page.inner_text("main")
        delivery, _ = await opened.at.box.hub.inbox.delivery(
            None, opened.at.documents["stopped"].deliveries[0].id
        )

        assert "1 trên 1" in told
        assert delivery.state is DeliveryState.AVAILABLE
        assert opened.complaints == []


@pytest.mark.parametrize("action", ["resend", "hold", "withdraw", "expire"])
async def test_each_action_works_from_the_documents_page(tmp_path: Path, action: str) -> None:
    async with window(tmp_path) as opened:
        page = opened.page
        await opened.sign_in("van.hanh")
        await opened.open("/documents/{ours}" if action == "hold" else "/documents/{stopped}")
        if action == "hold":
            await page.click("details.more-acts summary")
        await page.click(f"button[name=action][value={action}]")
        await page.fill("#reason", "kiểm thử thao tác")
        await page.click("form[action$='/stuck/do'] button")
        await page.wait_for_url("**/stuck/do")

        assert "1 trên 1" in await page.inner_text("main")
        assert opened.complaints == []


async def test_a_new_document_appears_without_loading_the_page_anew(tmp_path: Path) -> None:
    async with window(tmp_path) as opened:
        await opened.sign_in("quan.ly")
        await opened.open("/documents")
        await opened.page.evaluate("window.same = true")
        await opened.at.send("new", "H49.61", subject="Văn bản vừa đến")
        await opened.page.get_by_text("Văn bản vừa đến").wait_for(timeout=30_000)

        assert await opened.page.evaluate("window.same")
        assert opened.complaints == []


async def test_papers_are_downloaded_and_a_file_is_verified(tmp_path: Path) -> None:
    async with window(tmp_path) as opened:
        page = opened.page
        await opened.sign_in("kiem.toan")
        await opened.open("/documents/{ours}")
        async with page.expect_download() as waiting:
            await page.click("form[action$='/evidence'] button")
        download = await waiting.value
        kept = tmp_path / download.suggested_filename
        await download.save_as(kept)
        await opened.open("/audit")
        await page.set_input_files("#file", kept)
        await page.click("form[enctype] button")
        await page.locator("#report").wait_for()

        assert kept.suffix == ".asice"
        assert kept.name in await page.inner_text("#report")
        assert opened.complaints == []


async def test_an_account_is_added_by_keyboard_alone_and_switched_off_after_a_question(
    tmp_path: Path,
) -> None:
    async with window(tmp_path) as opened:
        page, keys = opened.page, opened.page.keyboard
        await opened.sign_in("quan.tri")
        await opened.open("/accounts/+new")
        for words in (
            "moi.vao",
            "Người Mới",
            None,
            None,
            PASSWORD,
            PASSWORD,
        ):  # role and agency stay as they are
            if words is not None:
                await keys.type(words)
            await keys.press("Tab")
        await keys.press("Enter")
        await page.wait_for_url("**/accounts?done=added")
        added = await page.inner_text("main")
        await page.click("a[href$='/accounts/moi.vao']")
        await page.click("button[value=disable]")
        await page.get_by_role("heading", name="moi.vao").wait_for()
        await page.click("form[action$='/state'] button")
        await page.wait_for_url("**/accounts?done=changed")
        row = await page.inner_text("tr:has-text('moi.vao')")

        assert "Người Mới" in added
        assert "đã khóa" in row
        assert opened.complaints == []


async def test_a_keyboard_finds_the_content_first_and_sees_where_it_is(tmp_path: Path) -> None:
    async with window(tmp_path) as opened:
        page = opened.page
        await opened.sign_in("van.hanh")
        await opened.open("/stuck")
        await page.keyboard.press("Tab")
        skip = await page.evaluate(
            "[document.activeElement.className, document.activeElement.getBoundingClientRect().top >= 0]"
        )
        await page.keyboard.press("Enter")
        landed = await page.evaluate("document.activeElement.id")
        outlines = []
        for _ in range(8):
            await page.keyboard.press("Tab")
            outlines.append(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))

        assert skip == ["skip", True]
        assert landed == "main"
        assert set(outlines) == {"solid"}


async def test_a_finger_hits_every_button_of_a_phone(tmp_path: Path) -> None:
    async with window(tmp_path) as opened:
        await opened.sign_in("quan.tri")
        await opened.page.set_viewport_size({"width": 390, "height": 844})
        for path in PAGES:
            await opened.open(path)
            small = await opened.page.evaluate(
                """() => [...document.querySelectorAll("button, .button, summary, select, input:not([type=hidden])")]
                    .filter((each) => each.checkVisibility())
                    .map((each) => [each.outerHTML.slice(0, 80), each.getBoundingClientRect().height])
                    .filter(([, height]) => height < 24)"""
            )
            assert small == [], path


async def test_the_search_box_is_a_key_away(tmp_path: Path) -> None:
    async with window(tmp_path) as opened:
        page = opened.page
        await opened.sign_in("quan.ly")
        await page.keyboard.press("/")
        await page.keyboard.type(opened.at.documents["ours"].message.code)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/console/documents/*")

        assert opened.at.documents["ours"].message.subject in await page.inner_text("main")
