"""The agencies' own document systems. What the hub does for them they see from outside only.

Each takes what is for it, in its own way, and tells the scene (`Notice`) of every package once the hub knows that it
was taken. What it hands in goes through the same door: HTTP, or the folder.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from hub.demo.cast import Connected
from hub.demo.receiver import Push, Receiver
from schemas.edxml import reader
from schemas.edxml.envelope import Envelope
from schemas.xml import parse

POLL_SECONDS = 20
LOOK_SECONDS = 0.05  # how often a folder is looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A package as it reached a system, and what that system reads in it."""

    delivery: str
    message: str  # the hub's id; "" where the way does not tell it
    to: str  # the addressee that it is for: a system may serve several
    content: bytes
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Reply:
    """The hub's answer to a package that was handed in. `status` is that of HTTP."""

    status: int
    body: dict[str, Any]


Notice = Callable[["System", Arrival], Awaitable[None]]


class System(ABC):
    """One system, for one agency or several."""

    def __init__(self, connected: Connected, notice: Notice) -> None:
        self.connected = connected
        self.notice = notice
        self.arrivals: list[Arrival] = []
        self.refuses: dict[str, str] = {}  # DocumentId -> why it will not take that document

    async def close(self) -> None:  # noqa: B027
        """Let go of connections."""

    @abstractmethod
    async def run(self) -> None:
        """Take what comes, until cancelled."""

    @abstractmethod
    async def hand_in(self, name: str, content: bytes) -> Reply:
        """Hand a package to the hub. `name` is what a file of it is called."""

    async def took(self, delivery: str, message: str, to: str, content: bytes) -> None:
        """Keep a package and tell of it."""
        arrival = Arrival(
            delivery=delivery, message=message, to=to, content=content, envelope=reader.read(parse(content))
        )
        self.arrivals.append(arrival)
        await self.notice(self, arrival)


class OnApi(System):
    """A system that speaks to the hub's REST API, with its secret."""

    def __init__(self, connected: Connected, notice: Notice, hub: str, secret: str) -> None:
        super().__init__(connected, notice)
        self.client = httpx.AsyncClient(
            base_url=f"{hub}/api/v1",
            headers={"Authorization": f"Bearer {secret}"},
            timeout=POLL_SECONDS + 10,
            trust_env=False,  # a proxy of the environment has nothing to do with this machine
        )

    async def close(self) -> None:
        """Close the connections."""
        await self.client.aclose()

    async def hand_in(self, name: str, content: bytes) -> Reply:  # noqa: ARG002
        """POST /documents, with the digest of what we mean to send."""
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        headers = {"Content-Type": "application/xml", "Content-Digest": f"sha-256=:{digest}:"}
        answer = await self.client.post("/documents", content=content, headers=headers)
        return Reply(answer.status_code, answer.json())

    async def answer(self, message: str, code: str, description: str) -> Reply:
        """POST /documents/{id}/statuses: let the hub write the status package."""
        body = {"code": code, "description": description}
        answer = await self.client.post(f"/documents/{message}/statuses", json=body)
        return Reply(answer.status_code, answer.json())

    async def see(self, message: str) -> dict[str, Any]:
        """GET /documents/{id}: how a document stands."""
        answer = await self.client.get(f"/documents/{message}")
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    async def inbox(self, wait_seconds: int) -> list[dict[str, Any]]:
        """GET /inbox: what waits for us."""
        answer = await self.client.get("/inbox", params={"wait": wait_seconds})
        found: list[dict[str, Any]] = answer.raise_for_status().json()["deliveries"]
        return found


class Polling(OnApi):
    """A system that asks for what is for it."""

    async def run(self) -> None:
        """Long-poll, and take or refuse each document."""
        while True:
            for each in await self.inbox(POLL_SECONDS):
                await self._take(each)

    async def _take(self, waiting: dict[str, Any]) -> None:
        delivery = waiting["id"]
        reason = self.refuses.get(waiting["document_id"])
        if reason is not None:
            refused = await self.client.post(f"/inbox/{delivery}/refuse", json={"reason": reason})
            refused.raise_for_status()
            return
        answer = await self.client.get(f"/inbox/{delivery}/document")
        content = answer.raise_for_status().content
        (await self.client.post(f"/inbox/{delivery}/ack")).raise_for_status()
        await self.took(delivery, waiting["message"], waiting["to"], content)


class Absent(OnApi):
    """A system that nobody has switched on yet: its documents wait in the hub."""

    async def run(self) -> None:
        """Do nothing."""
        await asyncio.Event().wait()


class Pushed(OnApi):
    """A system that the hub pushes to."""

    def __init__(
        self, connected: Connected, notice: Notice, hub: str, secret: str, pushes: asyncio.Queue[Push]
    ) -> None:
        super().__init__(connected, notice, hub, secret)
        self.pushes = pushes

    async def run(self) -> None:
        """Take what the web server was given."""
        while True:
            push = await self.pushes.get()
            await self.took(push.delivery, push.message, push.to, push.content)


class InFolder(System):
    """A system that knows nothing of HTTP: it writes and reads files."""

    def __init__(self, connected: Connected, notice: Notice, folder: Path) -> None:
        super().__init__(connected, notice)
        self.folder = folder

    async def run(self) -> None:
        """Read each file of the outbox and delete it."""
        while True:
            for file in sorted((self.folder / "outbox").glob("*.edxml")):
                content = file.read_bytes()
                file.unlink()
                await self.took(file.stem, "", self.connected.codes[0], content)
            await asyncio.sleep(LOOK_SECONDS)

    async def hand_in(self, name: str, content: bytes) -> Reply:
        """Drop a file into the inbox, whole, and wait for the hub's answer in accepted/ or refused/."""
        part = self.folder / "inbox" / f"{name}.edxml.tmp"  # renamed when it is whole
        part.write_bytes(content)
        part.rename(part.with_suffix(""))
        while True:
            for place, status in (("accepted", 201), ("refused", 422)):
                for file in (self.folder / place).glob("*.json"):
                    body: dict[str, Any] = json.loads(file.read_bytes())
                    if body["file"] == f"{name}.edxml":
                        return Reply(status, body)
            await asyncio.sleep(LOOK_SECONDS)


def pushes_into(queue: asyncio.Queue[Push], loop: asyncio.AbstractEventLoop) -> Receiver:
    """Return a web server whose pushes go into a queue of the loop."""

    def took(push: Push) -> None:
        loop.call_soon_threadsafe(queue.put_nowait, push)

    return Receiver(took)
