"""A hub that speaks the protocol on a port of this machine, with the two systems of the captured calls."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from hub import web
from hub.config import ServerSettings
from hub.model import Clock, Endpoint, utc_now
from hub.store import directory as directory_store
from hub.testing import Box, hub_in_a_box, settings
from tests.unit.adapters.vxp.sdk import Sdk, Version
from tests.unit.adapters.vxp.vectors import SECRETS, A, B


async def connect(
    box: Box, endpoint_id: str, *codes: str, secret: str, address: str | None = None, polls: bool = True
) -> Endpoint:
    """Add an endpoint of the vxp adapter with a secret of one's own."""
    await box.add_agencies(*codes)
    made = Endpoint(id=endpoint_id, adapter="vxp", address=address, agencies=frozenset(codes), polls=polls)
    lookup, sealed = box.hub.vault.lookup(secret), box.hub.vault.seal(secret)
    await box.hub.store.write(
        lambda tx: directory_store.add_endpoint(tx, made, lookup, sealed, "operator:test")
    )
    return await box.hub.endpoint(endpoint_id)


@asynccontextmanager
async def serving(box: Box) -> AsyncIterator[str]:
    """Serve a hub on any free port for the length of a block."""
    ready: asyncio.Future[Sequence[str]] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(web.serve(box.hub, port=0, on_ready=ready.set_result))
    try:
        yield (await ready)[0]
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@dataclass
class Ground:
    """The hub, where it answers, and service objects of the SDK for each system."""

    box: Box
    url: str
    clients: dict[str, Sdk] = field(default_factory=dict)

    def sdk(self, system: str, version: Version = "2.0.1", secret: str | None = None) -> Sdk:
        """Return a new service object."""
        return Sdk(f"{self.url}/vxp", system, secret or SECRETS[system], version)

    @property
    def a(self) -> Sdk:
        """The service object of hub.test.a, one for the life of its application."""
        return self.clients.setdefault(A, self.sdk(A))

    @property
    def b(self) -> Sdk:
        """The same for hub.test.b."""
        return self.clients.setdefault(B, self.sdk(B))

    @property
    def port(self) -> int:
        """Where the hub listens."""
        return int(self.url.rpartition(":")[2])


@asynccontextmanager
async def ground(folder: Path, *, clock: Clock = utc_now, **server: int | float) -> AsyncIterator[Ground]:
    """Open a hub with both systems and serve it."""
    config = replace(settings(folder), server=ServerSettings(**server))  # type: ignore[arg-type]
    async with hub_in_a_box(folder, config=config, clock=clock, running=True) as box:
        for system, secret in SECRETS.items():
            await connect(box, system, system, secret=secret)
        async with serving(box) as url:
            yield Ground(box, url)
