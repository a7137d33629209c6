"""What the console's pages cost on a database of years: `python -m bench.console --database edochub_search`.

The database is one that `bench.search --keep` or `bench.scale` has left. A manager signs in, in this process, without
a network, and asks for each page. What the console keeps for a few seconds is asked for once with nothing kept (the
first visit after a start) and then as it is met.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import re
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import median

import httpx

from bench.scale import SERVER
from hub import accounts_changes, board, log, web
from hub.accounts import Role
from hub.errors import Misconfigured
from hub.testing import hub_in_a_box, settings
from signing.keys import KeyFolder, generate

URL = "http://127.0.0.1:8080"
NAME, PASSWORD = "quan.ly.do.hieu.nang", "mười hai con giáp đo hiệu năng"
PAGES = (
    "/console/",
    "/console/stuck",
    "/console/documents",
    "/console/board",
    "/console/endpoints",
    "/console/directory",
)
TIMES = 9


def main() -> None:
    """Ask each page, print the table."""
    options = argparse.ArgumentParser(prog="python -m bench.console", description=__doc__)
    options.add_argument("--server", default=SERVER, help="without a database")
    options.add_argument("--database", default="edochub_search")
    chosen = options.parse_args()
    log.silence()
    asyncio.run(measure(f"{chosen.server}/{chosen.database}"))


async def measure(url: str) -> None:
    """Sign in and ask."""
    print(f"{'page':<32} {'first':>10} {'half of the later':>18}")
    for path in PAGES:
        async with visiting(url) as browser:
            took = [await seconds(browser, path) for _ in range(TIMES)]
        print(f"{path:<32} {took[0] * 1e3:>7.0f} ms {median(took[1:]) * 1e3:>15.0f} ms", flush=True)
    with tempfile.TemporaryDirectory() as name:
        async with hub_in_a_box(Path(name), config=settings(Path(name), url)) as box:
            began = time.perf_counter()
            seen = await board.look(box.hub)
            took_ms = (time.perf_counter() - began) * 1e3
    print(f"{'edochub board --once':<32} {took_ms:>7.0f} ms   {len(seen.rows):,} agencies, {seen.totals}")


@contextlib.asynccontextmanager
async def visiting(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Open a hub that has kept nothing yet, and sign a manager in."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = settings(folder, url)
        async with hub_in_a_box(folder, config=config) as box:
            KeyFolder(config.path(config.keys.folder)).save(
                generate("hub", "Đo hiệu năng", box.hub.clock()), None
            )
            with contextlib.suppress(Misconfigured):  # an earlier run added it
                await accounts_changes.add(
                    box.hub, NAME, "Người đo", Role.MANAGER, PASSWORD, "operator:bench", None
                )
            transport = httpx.ASGITransport(web.application(box.hub), client=("127.0.0.1", 40_000))
            async with httpx.AsyncClient(transport=transport, base_url=URL) as browser:
                form = await browser.get("/console/login")
                found = re.search(r'name="csrf" value="([0-9a-f]{64})"', form.text)
                assert found is not None
                given = {"csrf": found[1], "name": NAME, "password": PASSWORD}
                answer = await browser.post("/console/login", data=given)
                assert answer.status_code == 303, answer.text
                yield browser


async def seconds(browser: httpx.AsyncClient, path: str) -> float:
    """Ask for a page; return how long that took."""
    began = time.perf_counter()
    answer = await browser.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
