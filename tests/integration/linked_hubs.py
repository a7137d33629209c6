"""Hubs in one process that are linked by the axis's protocol, each serving on a port of this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from adapters.vxp import VxpAdapter
from hub import web
from hub.config import HubSettings
from hub.model import Endpoint
from hub.routes import Route
from hub.store import routes as route_store
from hub.testing import Box, eventually, hub_in_a_box, settings
from hub.web_sockets import bound
from tests.integration.noon import from_noon
from tests.unit.adapters.vxp.ground import connect

OPERATOR = "operator:test"


@dataclass
class Linked:
    """The hubs by name, and where each answers."""

    boxes: dict[str, Box] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    serving: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def link(self, below: str, above: str, *, up: str = "", down: str = "") -> None:
        """Let one hub be a system of the other. `up` and `down` are options of the two addresses."""
        secret = f"bi-mat-{below}-{above}"
        down = down or f"trace={self.urls[below]}/vxp"
        await connect(
            self.boxes[above],
            f"from-{below}",
            secret=secret,
            address=VxpAdapter.settle(f"?systemid={below}&{down}"),
        )
        address = VxpAdapter.settle(f"{self.urls[above]}/vxp?systemid={below}&poll=0.02{up}")
        await connect(self.boxes[below], f"to-{above}", secret=secret, address=address, polls=False)

    async def route(self, hub: str, pattern: str, endpoint: str | None) -> None:
        """Add a route at a hub."""
        box = self.boxes[hub]
        await box.hub.store.write(lambda tx: route_store.add(tx, Route(pattern, endpoint), OPERATOR))
        await box.hub.refresh_directory()

    async def stop(self, hub: str) -> None:
        """Let a hub answer nothing any more."""
        task = self.serving.pop(hub)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def arrived(self, hub: str, endpoint: Endpoint) -> bytes:
        """Wait for the next package in an inbox, take it and return its bytes."""
        box = self.boxes[hub]
        await eventually(lambda: box.hub.waiting(endpoint))
        [first, *_] = await box.hub.waiting(endpoint)
        content = (await box.hub.fetch(endpoint, first.delivery.id)).content
        await box.hub.take(endpoint, first.delivery.id)
        return content


@asynccontextmanager
async def linked(folder: Path, names: Sequence[str]) -> AsyncIterator[Linked]:
    """Open and serve hubs with these names; nothing links them yet."""
    made = Linked()
    async with AsyncExitStack() as stack:
        for name in names:
            (folder / name).mkdir()
            config = replace(settings(folder / name), hub=HubSettings(name=f"Trục {name}", code=name))
            config = replace(config, retry=replace(config.retry, attempts=1_000))
            box = await stack.enter_async_context(
                hub_in_a_box(folder / name, config=config, running=True, clock=from_noon)
            )
            made.boxes[name] = box
            sockets = bound("127.0.0.1", 0)
            made.urls[name] = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
            ready: asyncio.Future[Sequence[str]] = asyncio.get_running_loop().create_future()
            serve = web.serve(box.hub, sockets=sockets, on_ready=ready.set_result)
            made.serving[name] = asyncio.create_task(serve)
            await ready
        try:
            yield made
        finally:
            for name in [*made.serving]:
                await made.stop(name)
