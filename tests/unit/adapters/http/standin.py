"""A hub that answers the API as it is told to, without a database; and a client that talks to it in this process."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import cast

import httpx
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from adapters.http.routes import mounted
from hub.app import Hub
from hub.config import Config, ServerSettings
from hub.directory import Directory
from hub.errors import NotFound, Refusal
from hub.inbox import Waiting
from hub.model import (
    Accepted,
    Agency,
    AgencyCode,
    Delivery,
    DeliveryState,
    Endpoint,
    Level,
    Message,
    Parcel,
    StoredRefusal,
)
from hub.trace import Trace
from schemas.edxml.codes import Scheme
from schemas.edxml.envelope import PackageKind
from schemas.text import Text

NOW = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
ENDPOINT = Endpoint(id="xa-vi-du", adapter="http", address=None, agencies=frozenset({"A"}), polls=True)
SECRET = "a-secret-of-the-endpoint"
BEARER = {"Authorization": f"Bearer {SECRET}"}
MESSAGE_ID = "01KJN4T5W0MMMMMMMMMMMMMMMM"
DELIVERY_ID = "01KJN4T5W0DDDDDDDDDDDDDDDD"


def message(content: bytes = b"<edXML/>", message_id: str = MESSAGE_ID) -> Message:
    """Return a message about some bytes."""
    return Message(
        id=message_id,
        kind=PackageKind.NEW,
        sender="000.00.01.X99",
        sender_name="Xã Ví Dụ",
        sender_agency="A",
        endpoint=ENDPOINT.id,
        document_id="000.00.01.X99,2026/03/02,7/VD-CV",
        code="7/VD-CV",
        subject="V/v ví dụ",
        priority=0,
        promulgated_on=date(2026, 3, 2),
        due_on=None,
        status_code=None,
        about=None,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        findings=(),
        verdicts=(),
        accepted_at=NOW,
    )


def delivery(state: DeliveryState = DeliveryState.AVAILABLE, reason: str | None = None) -> Delivery:
    """Return a delivery of that message."""
    return Delivery(
        id=DELIVERY_ID,
        message=MESSAGE_ID,
        addressee="000.00.02.X99",
        agency="B",
        endpoint=ENDPOINT.id,
        state=state,
        attempts=0,
        next_try_at=None,
        reason=Text(vi=reason, en=reason) if reason else None,
        remote_id=None,
        created_at=NOW,
        updated_at=NOW,
    )


AGENCY = Agency(
    id="A",
    name="Ủy ban nhân dân xã Ví Dụ",
    level=Level.COMMUNE,
    codes=(AgencyCode(value="000.00.01.X99", scheme=Scheme.QD20, valid_from=date(2025, 7, 1)),),
    parent="000.00.00.X99",
)
REFUSAL = StoredRefusal(
    id="01KJN4T5W0RRRRRRRRRRRRRRRR",
    at=NOW,
    endpoint=ENDPOINT.id,
    code="document.invalid",
    message=Text(vi="Thiếu số", en="No number"),
    findings=(),
    sha256=None,
    size=7,
    sender=None,
    document_id=None,
)


@dataclass
class StandInHub:
    """Does what a test tells it; remembers what it was asked."""

    config: Config
    error: Exception | None = None
    seen: list[object] = field(default_factory=list)
    content: bytes = b"<edXML/>"
    known: set[bytes] = field(default_factory=set)
    directory: Directory = field(default_factory=lambda: Directory(agencies=(AGENCY,), clock=lambda: NOW))
    wait: asyncio.Event | None = None
    traces: list[Trace] = field(default_factory=lambda: [Trace(message=message())])

    def clock(self) -> datetime:
        return NOW

    def _ask(self, *asked: object) -> None:
        self.seen.append(asked)
        if self.error is not None:
            raise self.error

    async def authenticate(self, secret: str) -> Endpoint | None:
        return ENDPOINT if secret == SECRET else None

    def knock(self, endpoint: Endpoint, announced: str | None) -> None:
        """Let everybody in."""

    async def accept(
        self, endpoint: Endpoint, content: bytes, *, claimed_sha256: str | None = None
    ) -> Accepted:
        self._ask("accept", endpoint.id, content, claimed_sha256)
        if self.wait is not None:
            await self.wait.wait()
        duplicate = content in self.known
        self.known.add(content)
        return Accepted(message=message(content), deliveries=(delivery(),), duplicate=duplicate)

    async def refuse_unread(self, endpoint: Endpoint, refusal: Refusal, size: int) -> None:
        self._ask("refuse_unread", refusal.code, size)
        refusal.id = REFUSAL.id

    async def waiting(self, endpoint: Endpoint, *, limit: int, wait_seconds: float) -> list[Waiting]:
        self._ask("waiting", limit, wait_seconds)
        if self.wait is not None:
            await self.wait.wait()
        return [Waiting(delivery(), message(self.content))]

    async def fetch(self, endpoint: Endpoint, delivery: str) -> Parcel:
        self._ask("fetch", delivery)
        return Parcel(id=delivery, message=message(self.content), addressee="B", package=self.content)

    async def take(self, endpoint: Endpoint, delivery_id: str) -> Delivery:
        self._ask("take", delivery_id)
        return delivery(DeliveryState.DELIVERED)

    async def decline(self, endpoint: Endpoint, delivery_id: str, reason: str) -> Delivery:
        self._ask("decline", delivery_id, reason)
        return delivery(DeliveryState.REFUSED, reason)

    async def answer(
        self,
        endpoint: Endpoint,
        reference: str,
        code: str,
        description: str,
        to: str | None = None,
        speaker: str | None = None,
    ) -> Accepted:
        self._ask("answer", reference, code, description, to, speaker)
        return Accepted(message=replace(message(), status_code=code), deliveries=(), duplicate=False)

    async def accepted(self, reference: str, viewer: Endpoint) -> Accepted:
        self._ask("accepted", reference)
        if reference == "nowhere":
            raise NotFound(Text(vi="Không có", en="Not here"))
        return Accepted(message=message(), deliveries=(delivery(),), duplicate=False)

    async def trace(self, reference: str, viewer: Endpoint) -> list[Trace]:
        self._ask("trace", reference)
        return self.traces


def stand_in(folder: Path, **server: float) -> StandInHub:
    """Return a hub whose web server has these settings."""
    settings = ServerSettings(**server)  # type: ignore[arg-type]
    return StandInHub(Config(server=settings, folder=folder))


@asynccontextmanager
async def client(hub: StandInHub, **options: object) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of the API that a hub mounts."""
    application = mounted(cast(Hub, hub)).application
    transport = httpx.ASGITransport(_under("/api/v1", application), raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://hub/api/v1",
        headers=BEARER,
        **options,  # type: ignore[arg-type]
    ) as opened:
        yield opened


def _under(prefix: str, application: ASGIApp) -> Starlette:
    """Return the application as the hub's web server mounts it."""
    return Starlette(routes=[Mount(prefix, application)])
