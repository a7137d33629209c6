"""A person's browser without its pictures: a page is what it says, its links are followed, its forms filled in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
from lxml import html
from lxml.html import FormElement, HtmlElement

from adapters.console.words import WORDS
from schemas.text import Language, Text, speaking
from tests.integration.console_desk import PASSWORD

PATIENCE_SECONDS = 60.0


def text_of(part: HtmlElement) -> str:
    """Return what a part of a page says, in one line."""
    return " ".join(" ".join(part.itertext()).split())


@dataclass
class Window:
    """A window with one page in it, in one language."""

    browser: httpx.AsyncClient
    language: Language
    page: HtmlElement = field(default_factory=lambda: html.fromstring("<html></html>"))

    def words(self, text: Text | str) -> str:
        """Return words, or those of the console under a key, in the language of the window."""
        with speaking(self.language):
            return str(WORDS[text] if isinstance(text, str) else text)

    @property
    def says(self) -> str:
        """What the main part of the page says."""
        (main,) = self.page.xpath("//main")
        return text_of(main)

    async def open(self, path: str = "/console/") -> None:
        """Type an address."""
        await self._show("GET", path, {})

    async def sign_in(self, name: str) -> None:
        """Open the first page, choose the language, and sign in as the page asks."""
        await self.open()
        (choice,) = self.page.xpath(f"//a[@hreflang='{self.language}']")
        await self.follow(choice)
        (form,) = [each for each in self.page.forms if "password" in each.fields]
        await self.fill(form, name=name, password=PASSWORD)
        assert name in text_of(self.page.xpath("//header")[0]), "the page says who is signed in"

    async def tab(self, key: str) -> None:
        """Choose one of the pages at the top."""
        links = self.page.xpath("//nav[@class='tabs']/a")
        (link,) = [each for each in links if text_of(each) == self.words(key)]
        await self.follow(link)

    async def follow(self, link: HtmlElement) -> None:
        """Follow a link."""
        await self._show("GET", link.get("href"), {})

    def within(self, heading: str) -> HtmlElement:
        """Return the section under a heading, by its key."""
        words = self.words(heading)
        (found,) = [
            each for each in self.page.xpath("//section[h2]") if text_of(each.find("h2")).startswith(words)
        ]
        return found

    def rows(self, *words: str) -> list[HtmlElement]:
        """Return the rows of tables that say all of some words."""
        rows: list[HtmlElement] = self.page.xpath("//main//tbody/tr")
        return [each for each in rows if all(word in text_of(each) for word in words)]

    def cell(self, row: HtmlElement, column: str) -> str:
        """Return what a row says under a heading, by its key."""
        (found,) = row.xpath("td[@data-name=$name]", name=self.words(column))
        return text_of(found)

    async def press(self, within: HtmlElement, button: Text, **fields: str) -> None:
        """Fill in the form of the only button of this name in a part of a page, and press the button."""
        wanted = self.words(button)
        (found,) = [each for each in within.iter("button") if text_of(each).rstrip("…") == wanted]
        assert found.get("disabled") is None, text_of(within)
        (form,) = found.iterancestors("form")
        pressed = {found.get("name"): found.get("value")} if found.get("name") else {}
        await self.fill(form, pressed, **fields)

    async def fill(self, form: FormElement, pressed: dict[str, str] | None = None, **fields: str) -> None:
        """Fill in a form and send it as a browser does: with what was in it, and what stands in it unseen."""
        for name, value in fields.items():
            form.fields[name] = value
        sent: dict[str, list[str]] = {}
        for name, value in form.form_values():
            sent.setdefault(name, []).append(value)
        for name, value in (pressed or {}).items():
            sent[name] = [value]
        await self._show(form.method, form.action, sent)

    async def until(self, holds: Callable[[], object]) -> None:
        """Load the page anew, as one who watches, until it says what is waited for."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not holds():
                await asyncio.sleep(0.02)
                await self._show("GET", self._address, {})

    async def _show(self, method: str, address: str, sent: dict[str, list[str]]) -> None:
        if method == "GET":
            answer = await self.browser.get(address, params=sent or None, follow_redirects=True)
        else:
            answer = await self.browser.request(method, address, data=sent, follow_redirects=True)
        assert answer.status_code == 200, answer.text
        self._address = str(answer.url)
        self.page = html.fromstring(answer.text)
