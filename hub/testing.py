"""Factories, and a hub in a box: for our own tests, for the demo, and for those who write adapters.

    async with hub_in_a_box(folder) as box:
        sender = await box.connect("so-noi-vu", "H49.13")
        await box.connect("xa-hai-son", "H49.61")
        accepted = await box.hub.accept(sender, package(sender="H49.13", to=["H49.61"]))

The hub is a real one, on SQLite in a folder of the caller's. Codes of agencies are invented as they are named.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hub.agencies_file import AgencyRow
from hub.app import Hub
from hub.config import BrokerSettings, Config, RetrySettings, StorageSettings, WorkerSettings
from hub.model import AgencyCode, Clock, Endpoint, Level, SignatureRule, utc_now
from hub.store import directory as directory_store
from hub.store.writer import Writer
from hub.vault import Vault, new_secret
from schemas.edxml import writer
from schemas.edxml.codes import scheme_of
from schemas.edxml.envelope import (
    AttachmentInfo,
    Business,
    Envelope,
    Organization,
    PackageKind,
    Priority,
    Reference,
    StatusAnswer,
)

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"

_numbers = itertools.count(1)


@dataclass
class ManualClock:
    """A clock that stands still until it is told to go on."""

    now: datetime = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **amount: float) -> None:
        """Go on by a `timedelta` of these arguments."""
        self.now += timedelta(**amount)


def package(
    *,
    sender: str = "H49.13",
    to: Sequence[str] = ("H49.61",),
    kind: PackageKind = PackageKind.NEW,
    document_id: str | None = None,
    subject: str = "V/v kiểm thử liên thông văn bản",
    about: str = "",
    attachment: bytes = PDF,
    priority: Priority = Priority.NORMAL,
) -> bytes:
    """Return a document package. Without a `document_id` it gets one that no other package has."""
    number = str(next(_numbers))
    notation = f"CV-{sender.replace('.', '')}"[:30]
    named = document_id or f"{sender},2026/11/18,{number}/{notation}"
    business = None
    if kind is not PackageKind.NEW:
        business = Business(reason="Kiểm thử", document_id=about, content_changed=kind is PackageKind.UPDATE)
    info = AttachmentInfo(content_id=f"{number}", name="van-ban.pdf", content_type="application/pdf")
    return writer.write(
        Envelope(
            kind=kind,
            sender=organization(sender),
            receivers=tuple(organization(code) for code in to),
            document_id=named,
            number=number,
            notation=notation,
            place="Quảng Ninh",
            promulgated_on=date(2026, 11, 18),
            type_code="2",
            type_name="Công văn",
            subject=subject,
            content=subject,
            priority=priority,
            steering_type="0",
            business=business,
            attachments=(info,),
        ),
        [(info, attachment)],
    )


def status(
    *,
    sender: str,
    to: str,
    document_id: str,
    code: str,
    cited: str = "1/CV-H4913",
    description: str = "Kiểm thử",
    at: datetime = datetime(2026, 11, 20, 3, 0, tzinfo=UTC),
) -> bytes:
    """Return a status package: `sender` says `code` of the document to `to`."""
    number, _, notation = cited.partition("/")
    return writer.write(
        Envelope(
            kind=PackageKind.STATUS,
            sender=organization(sender),
            receivers=(Organization(code=to),),
            document_id=document_id,
            number=number,
            notation=notation,
            response_for=(
                Reference(organ_code=to, document_id=document_id, code=cited, promulgated_on="2026/11/18"),
            ),
            status=StatusAnswer(code=code, description=description, at=at),
        )
    )


def organization(code: str) -> Organization:
    """Return an organisation with an invented name."""
    return Organization(code=code, name=f"Cơ quan {code}", in_charge="UBND tỉnh Quảng Ninh")


@dataclass
class Box:
    """A hub, and short ways to fill it."""

    hub: Hub
    secrets: dict[str, str] = field(default_factory=dict)  # endpoint id -> its secret

    async def add_agencies(self, *codes: str, level: Level = Level.OTHER) -> None:
        """Put agencies with these codes into the directory; those that are there stay as they are."""
        rows = [
            AgencyRow(
                line=line,
                name=f"Cơ quan {code}",
                level=level,
                codes=(AgencyCode(value=code, scheme=scheme_of(code)),),
            )
            for line, code in enumerate(codes, 2)
            if not self.hub.directory.knows(code)
        ]
        await self.hub.store.write(lambda tx: directory_store.import_agencies(tx, rows, "operator:test"))
        await self.hub.refresh_directory()

    async def connect(
        self,
        endpoint_id: str,
        *codes: str,
        adapter: str = "http",
        address: str | None = None,
        polls: bool = True,
        signatures: SignatureRule = SignatureRule.DEFAULT,
    ) -> Endpoint:
        """Add an endpoint that speaks for agencies with these codes, and the agencies if need be."""
        await self.add_agencies(*codes)
        secret = self.secrets[endpoint_id] = new_secret()
        endpoint = Endpoint(
            id=endpoint_id,
            adapter=adapter,
            address=address,
            agencies=frozenset(codes),
            polls=polls,
            signatures=signatures,
        )
        lookup, sealed = self.hub.vault.lookup(secret), self.hub.vault.seal(secret)
        await self.hub.store.write(
            lambda tx: directory_store.add_endpoint(tx, endpoint, lookup, sealed, "operator:test")
        )
        return await self.hub.endpoint(endpoint_id)


def settings(folder: Path, database: str = "sqlite:///edochub.db", broker: str = "memory:") -> Config:
    """Return a configuration for a folder, with waits that suit a test; makes the keys that it names."""
    config = Config(
        folder=folder,
        storage=StorageSettings(database=database),
        broker=BrokerSettings(url=broker),
        retry=RetrySettings(first_seconds=0.02, longest_seconds=0.1, attempts=4, timeout_seconds=60.0),
        worker=WorkerSettings(sweep_seconds=0.05),
    )
    keys = config.path(config.keys.folder)
    keys.mkdir(parents=True, exist_ok=True)
    config.path(config.trust.anchors).mkdir(exist_ok=True)
    if not (keys / config.keys.master).exists():
        Vault.create(keys / config.keys.master)
    return config


@contextlib.asynccontextmanager
async def hub_in_a_box(
    folder: Path,
    *,
    config: Config | None = None,
    clock: Clock = utc_now,
    writer: type[Writer] = Writer,
    running: bool = False,
) -> AsyncIterator[Box]:
    """Open a hub in a folder; `running` starts its worker and listeners too."""
    async with contextlib.AsyncExitStack() as stack:
        hub = await stack.enter_async_context(
            Hub.open(config or settings(folder), clock=clock, writer=writer)
        )
        if running:
            await stack.enter_async_context(hub.running())
        yield Box(hub)


async def eventually(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until a condition (a function, perhaps async) holds; fail if it does not in time."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        holds = condition()
        if asyncio.iscoroutine(holds):
            holds = await holds
        if holds:
            return
        assert asyncio.get_running_loop().time() < deadline, f"not within {seconds} s: {condition}"
        await asyncio.sleep(0.01)
