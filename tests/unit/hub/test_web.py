"""The web server around the adapters' mounts: its own answers, its headers, and how it stops."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import httpx
import pytest
import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route, Router

from hub import web
from hub.adapter import Adapter, Mount, adapter_class
from hub.app import Hub
from hub.errors import Misconfigured, NotFound, Unavailable
from hub.model import Parcel, Receipt
from hub.testing import eventually, hub_in_a_box
from schemas.text import Text

PATIENCE_SECONDS = 60.0


async def plain(request: Request) -> PlainTextResponse:
    return PlainTextResponse("ok", headers={"Cache-Control": "max-age=60"})


async def breaks(request: Request) -> PlainTextResponse:
    raise RuntimeError("secret inside")


async def is_missing(request: Request) -> PlainTextResponse:
    raise NotFound(Text(vi="Không có", en="Not here"))


async def waits(request: Request) -> JSONResponse:
    Strange.asked.append("waits")
    await web.stopping(request.scope).wait()
    return JSONResponse({"stopped": True})


async def slow(request: Request) -> JSONResponse:
    Strange.asked.append("slow")
    await Strange.may_finish.wait()
    return JSONResponse({"finished": True})


class Strange(Adapter):
    """A stranger's adapter with something on the web server."""

    name = "strange"
    prefixes: Sequence[str] = ("/strange", "/strange/inner")
    asked: ClassVar[list[str]] = []
    may_finish: ClassVar[asyncio.Event] = asyncio.Event()

    @classmethod
    def mount(cls, hub: Hub) -> Sequence[Mount]:
        routes = [Route(f"/{answer.__name__}", answer) for answer in (plain, breaks, is_missing, waits, slow)]
        return [Mount(prefix=prefix, application=Router(routes)) for prefix in cls.prefixes]

    async def deliver(self, parcel: Parcel) -> Receipt:
        return Receipt()


@pytest.fixture(autouse=True)
def only_the_strange_adapter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "adapter_names", lambda: ("strange",))
    monkeypatch.setattr(web, "adapter_class", lambda name: Strange)
    monkeypatch.setattr(Strange, "asked", [])
    monkeypatch.setattr(Strange, "may_finish", asyncio.Event())


@asynccontextmanager
async def client(folder: Path) -> AsyncIterator[tuple[httpx.AsyncClient, Hub]]:
    async with hub_in_a_box(folder) as box:
        transport = httpx.ASGITransport(web.application(box.hub), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://hub") as opened:
            yield opened, box.hub


@asynccontextmanager
async def served(folder: Path, **options: Any) -> AsyncIterator[tuple[str, asyncio.Task[None]]]:
    async with hub_in_a_box(folder) as box:
        ready: asyncio.Future[Sequence[str]] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(web.serve(box.hub, port=0, on_ready=ready.set_result, **options))
        try:
            yield (await ready)[0], task
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def test_the_root_says_who_this_is_and_where_to_go_on(tmp_path: Path) -> None:
    async with client(tmp_path) as (http, hub):
        said = (await http.get("/")).json()
    assert said["name"] == hub.config.hub.name
    assert set(said["links"]) == {"/console", "/healthz", "/readyz", "/strange", "/strange/inner"}


async def test_alive_and_ready(tmp_path: Path) -> None:
    async with client(tmp_path) as (http, _):
        for path in ("/healthz", "/readyz"):
            answer = await http.get(path)
            assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("slowly", [False, True])
async def test_without_a_database_the_hub_is_alive_but_not_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slowly: bool
) -> None:
    async def read(ask: Any) -> None:
        if slowly:
            await asyncio.Event().wait()
        raise Unavailable(Text(vi="Không kết nối được", en="Cannot connect"), 7.0)

    monkeypatch.setattr(web, "READY_SECONDS", 0.05)
    async with client(tmp_path) as (http, hub):
        monkeypatch.setattr(hub.store, "read", read)
        assert (await http.get("/healthz")).status_code == 200
        answer = await http.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "unavailable"
    assert int(answer.headers["retry-after"]) >= 0


async def test_ready_asks_the_database_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    async with client(tmp_path) as (http, hub):
        real = hub.store.read

        async def read(ask: Any) -> Any:
            def spied(connection: sa.Connection) -> Any:
                asked.append(connection.dialect.name)
                return ask(connection)

            return await real(spied)

        monkeypatch.setattr(hub.store, "read", read)
        await http.get("/readyz")
    assert asked == ["sqlite"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not-found"),
        ("GET", "/strange/nothing", 404, "not-found"),
        ("POST", "/healthz", 405, "method.not-allowed"),
        ("GET", "/strange/is_missing", 404, "not-found"),
        ("GET", "/strange/breaks", 500, "fault"),
    ],
)
async def test_the_servers_own_errors_have_the_shape_of_the_api(
    tmp_path: Path, method: str, path: str, status: int, code: str
) -> None:
    async with client(tmp_path) as (http, _):
        answer = await http.request(method, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert set(answer.json()["error"]["message"]) == {"vi", "en"}
    assert answer.json()["findings"] == []
    assert "secret inside" not in answer.text


async def test_every_answer_keeps_browsers_from_harm_and_a_mount_may_say_otherwise(tmp_path: Path) -> None:
    async with client(tmp_path) as (http, _):
        for path in ("/", "/nothing", "/strange/plain"):
            headers = (await http.get(path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert "strict-transport-security" not in headers
        assert headers.get_list("cache-control") == ["max-age=60"]


async def test_the_longest_prefix_answers(tmp_path: Path) -> None:
    async with client(tmp_path) as (http, _):
        assert (await http.get("/strange/inner/plain")).text == "ok"


async def test_two_adapters_cannot_answer_at_one_prefix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Strange, "prefixes", ("/same", "/same"))
    async with hub_in_a_box(tmp_path) as box:
        with pytest.raises(Misconfigured):
            web.application(box.hub)


def _fails(*_: object) -> None:
    raise AttributeError("it has no such thing")


async def test_an_adapter_that_does_not_load_takes_no_other_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = SimpleNamespace(name="broken", load=_fails)
    monkeypatch.setattr("hub.adapter.entry_points", lambda group: [broken])
    with pytest.raises(Misconfigured, match="it has no such thing"):
        adapter_class("broken")

    monkeypatch.setattr(web, "adapter_names", lambda: ("broken", "strange"))
    monkeypatch.setattr(
        web, "adapter_class", lambda name: Strange if name == "strange" else adapter_class(name)
    )
    async with client(tmp_path) as (http, _):
        assert (await http.get("/strange/plain")).status_code == 200


async def test_nor_does_one_that_cannot_be_mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Strange, "mount", _fails)
    async with client(tmp_path) as (http, _):
        assert (await http.get("/healthz")).status_code == 200
        assert (await http.get("/strange/plain")).status_code == 404


async def test_serving_tells_its_address_and_stops_when_it_is_cancelled(tmp_path: Path) -> None:
    async with (
        served(tmp_path) as (url, task),
        httpx.AsyncClient(base_url=url, timeout=PATIENCE_SECONDS) as http,
    ):
        assert url.startswith("http://127.0.0.1:")
        answer = await http.get("/healthz")
        assert answer.status_code == 200
        assert "server" not in answer.headers
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(httpx.ConnectError):
            await httpx.AsyncClient(base_url=url, timeout=PATIENCE_SECONDS).get("/healthz")


async def test_serving_ends_by_itself_when_it_is_told_to_stop(tmp_path: Path) -> None:
    stop = asyncio.Event()
    async with served(tmp_path, stop=stop) as (_, task):
        stop.set()
        await asyncio.wait_for(task, PATIENCE_SECONDS)


async def test_stopping_ends_long_polls_at_once_and_lets_requests_finish(tmp_path: Path) -> None:
    stop = asyncio.Event()
    async with (
        served(tmp_path, stop=stop) as (url, task),
        httpx.AsyncClient(base_url=url, timeout=PATIENCE_SECONDS) as http,
    ):
        polling = asyncio.create_task(http.get("/strange/waits"))
        working = asyncio.create_task(http.get("/strange/slow"))
        await eventually(lambda: sorted(Strange.asked) == ["slow", "waits"])
        assert not polling.done()
        stop.set()
        assert (await polling).json() == {"stopped": True}
        assert not working.done()
        Strange.may_finish.set()
        assert (await working).json() == {"finished": True}
        await asyncio.wait_for(task, PATIENCE_SECONDS)


async def test_a_port_that_is_taken_is_said_in_a_sentence(tmp_path: Path) -> None:
    async with served(tmp_path / "a") as (url, _), hub_in_a_box(tmp_path / "b") as box:
        with pytest.raises(Unavailable) as caught:
            await web.serve(box.hub, port=int(url.rsplit(":", 1)[1]))
    assert "127.0.0.1" in caught.value.message.vi


def test_the_loop_to_serve_on_is_a_loop() -> None:
    loop = web.new_event_loop()
    assert loop.run_until_complete(asyncio.sleep(0, "ran")) == "ran"
    loop.close()
