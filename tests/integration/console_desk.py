"""A hub with a console, people of every role, and documents in every state: what the console's tests look at."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import sqlalchemy as sa
from argon2 import PasswordHasher

from hub import accounts as people
from hub import accounts_changes, acting, web
from hub.accounts import Role
from hub.acting import Order
from hub.config import Config, ConsoleSettings
from hub.model import Accepted, Clock, Level, utc_now
from hub.store.tables import events
from hub.testing import Box, hub_in_a_box, package, settings
from signing.keys import KeyFolder, generate

PASSWORD = "tám con trâu qua sông"
PEOPLE: dict[str, Role] = {
    "quan.tri": Role.ADMINISTRATOR,
    "van.hanh": Role.OPERATOR,
    "quan.ly": Role.MANAGER,
    "kiem.toan": Role.AUDITOR,
    "hai.son": Role.AGENCY,  # of H49.61
}
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


@dataclass
class Desk:
    """A hub, and a way to ask its console."""

    box: Box
    app: Any
    url: str = "http://127.0.0.1:8080"
    documents: dict[str, Accepted] = field(default_factory=dict)

    def browser(self, address: str = "127.0.0.1", **headers: str) -> httpx.AsyncClient:
        """Return a browser with no cookies."""
        transport = httpx.ASGITransport(self.app, client=(address, 40_000))
        return httpx.AsyncClient(transport=transport, base_url=self.url, headers=headers)

    @contextlib.asynccontextmanager
    async def signed_in(self, name: str) -> AsyncIterator[httpx.AsyncClient]:
        """Give a browser in which somebody is signed in."""
        async with self.browser() as browser:
            answer = await sign_in(browser, name)
            assert answer.status_code == 303, answer.text
            yield browser

    async def send(self, key: str, *to: str, **words: Any) -> Accepted:
        """Hand a document in as the department of home affairs."""
        sender = await self.box.hub.endpoint("so-noi-vu")
        self.documents[key] = await self.box.hub.accept(sender, package(to=to, **words))
        return self.documents[key]


async def csrf(browser: httpx.AsyncClient, path: str = "/console/directory") -> str:
    """Return what a form of a page sends back."""
    found = CSRF.search((await browser.get(path)).text)
    assert found is not None
    return found[1]


async def sign_in(browser: httpx.AsyncClient, name: str, password: str = PASSWORD) -> httpx.Response:
    """Fill in the sign-in page."""
    form = {"csrf": await csrf(browser, "/console/login"), "name": name, "password": password}
    return await browser.post("/console/login", data=form)


async def post(browser: httpx.AsyncClient, path: str, **form: Any) -> httpx.Response:
    """Send a form of the console's."""
    return await browser.post(path, data={"csrf": await csrf(browser), **form})


@contextlib.asynccontextmanager
async def desk(
    folder: Path,
    *,
    clock: Clock = utc_now,
    config: Config | None = None,
    running: bool = False,
    **console: Any,
) -> AsyncIterator[Desk]:
    """Open a hub with people and a handful of documents."""
    made = replace(config or settings(folder), console=ConsoleSettings(**console))
    KeyFolder(made.path(made.keys.folder)).save(generate("hub", "Trục kiểm thử", clock()), None)
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(mock.patch.object(people, "_hasher", CHEAP))
        box = await stack.enter_async_context(hub_in_a_box(folder, config=made, clock=clock, running=running))
        await box.add_agencies("H49.13", level=Level.PROVINCE)
        await box.add_agencies("H49.61", "H49.62", "H49.63", level=Level.COMMUNE)
        await box.connect("so-noi-vu", "H49.13")
        await box.connect("xa-hai-son", "H49.61")
        await box.connect("xa-khac", "H49.63")
        for name, role in PEOPLE.items():
            agency = "H49.61" if role is Role.AGENCY else None
            await accounts_changes.add(
                box.hub, name, f"Người {name}", role, PASSWORD, "operator:test", agency
            )
        opened = Desk(box, web.application(box.hub))
        await opened.send("ours", "H49.61", subject="V/v chuyển đổi số của xã Hải Sơn")
        await opened.send("theirs", "H49.63", subject="Văn bản của người khác")
        await opened.send("all", "H49.61", "H49.62", "H49.63", subject="Thông báo chung")  # H49.62: held
        stopped = await opened.send("stopped", "H49.63", subject="Tạm dừng theo yêu cầu")
        order = Order(by="operator:test", why="chờ xác minh")
        await acting.hold(box.hub, [stopped.deliveries[0].id], order)
        await box.hub.indexing.catch_up(10_000)
        yield opened


def path_of(way: Any, at: Desk) -> str:
    """Return an address of a way, of the document that an agency's account may see."""
    filled = way.path.replace("{message}", at.documents["ours"].message.id)
    for blank, value in (("{code}", "H49.61"), ("{name}", "quan.ly"), ("{form}", "csv")):
        filled = filled.replace(blank, value)
    return f"/console{filled}"


async def told(at: Desk) -> list[tuple[str, str]]:
    """Return kind and actor of every event."""
    query = sa.select(events.c.kind, events.c.actor).order_by(events.c.seq)
    return await at.box.hub.store.read(lambda c: [tuple(row) for row in c.execute(query)])
