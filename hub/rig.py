"""What the conformance suite needs of an adapter and its far side, and the hub that stands in for the real one.

An author of an adapter writes a `Rig`; `hub.conformance` says what the tests do with it.
"""

from __future__ import annotations

import asyncio
import hashlib
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from hub.adapter import Adapter, Surroundings
from hub.hops import Hop
from hub.model import Accepted, Endpoint, Message, Parcel
from schemas.edxml.envelope import PackageKind

NOW = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)

# The hub checks packages; an adapter must not. Whatever bytes it is given are the bytes that come out.
CONTENTS = {
    "a package": '<?xml version="1.0"?>\n<edXML>Ủy ban nhân dân xã Đồng Mẫu</edXML>\n'.encode(),
    "carriage returns": b"<a>\r\n<b/>\r\n\r\n</a>\r\n",
    "a byte order mark": b"\xef\xbb\xbf<a/>",
    "two bytes a letter": "<a>ế</a>".encode("utf-16"),
    "every byte there is": bytes(range(256)) * 3,
    "lines that look like the end of a mail": b"<a>\n.\n..\nFrom x\n\n</a>",
    "no line end": b"<a/>",
    "one byte": b"\x00",
    "white space around": b" \t\n<a/>\n\n \x1a",
}

HOSTILE_WORDS = (
    "../../../../tmp/edochub-stray",
    "/etc/cron.d/edochub-stray",
    "..\\..\\edochub-stray",
    "C:\\edochub-stray",
    "a\r\nX-Stray: yes\r\n\r\nstray",
    "a\x00b\x1b[2Jc",
    "$(touch edochub-stray) `id` ; id | id",
    "%2e%2e%2f%00",
    "'\"<&>--",
    "x" * 5000,
    "\u202egpj.exe",
    "",
)


class Rig(ABC):
    """An adapter and the far side that it reaches. The far side is real, or behaves as the real one does."""

    bad_addresses: ClassVar[tuple[str | None, ...]] = (None, "")  # that `settle` must refuse

    @abstractmethod
    def open(self) -> Adapter:
        """Return a new adapter to this far side, as the hub makes one each time it starts."""

    @abstractmethod
    async def documents(self) -> list[bytes]:
        """Return every document that the far side holds, once for each time that it holds it."""

    @abstractmethod
    async def go_down(self) -> None:
        """Let the far side not answer any more."""

    @abstractmethod
    async def come_back(self) -> None:
        """Let it answer again, with everything that it held."""

    async def strays(self) -> list[str]:
        """Return what has appeared where no document belongs: files outside a folder, headers nobody set."""
        return []


class RefusingRig(Rig):
    """A far side that can refuse a document."""

    @abstractmethod
    async def refuse(self) -> None:
        """Let the far side refuse what comes from now on."""


class ListeningRig(Rig):
    """A far side that hands documents in."""

    @abstractmethod
    async def hand_in(self, content: bytes) -> None:
        """Hand a document in, as the far side would."""

    @abstractmethod
    async def told_accepted(self) -> list[bytes]:
        """Return the documents that the far side was told are taken."""

    @abstractmethod
    async def told_refused(self) -> list[bytes]:
        """Return the documents that the far side was told are refused."""


def endpoint(adapter: str, address: str | None) -> Endpoint:
    """Return an endpoint with that adapter and address, for a rig to open its adapter with."""
    return Endpoint(
        id="ep-conformance", adapter=adapter, address=address, agencies=frozenset({"ag-conformance"})
    )


def surroundings(secret: str | None = "a-shared-secret") -> Surroundings:  # noqa: S107
    """Return surroundings whose clock stands still."""

    async def tell() -> str | None:
        return secret

    return Surroundings(clock=lambda: NOW, secret=tell)


def message(content: bytes, *, number: int = 1, words: str = "Về việc kiểm tra bộ kết nối") -> Message:
    """Return a message about those bytes. `words` is everything in it that a stranger wrote."""
    return Message(
        id=_id("M", number),
        kind=PackageKind.NEW,
        sender=words or "000.00.01.H99",
        sender_name=words,
        sender_agency="ag-sender",
        endpoint="ep-sender",
        document_id=words,
        code=words,
        subject=words,
        priority=0,
        promulgated_on=None,
        due_on=None,
        status_code=None,
        about=None,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        findings=(),
        verdicts=(),
        accepted_at=NOW + timedelta(seconds=number),
    )


def parcel(content: bytes, *, number: int = 1, words: str = "Về việc kiểm tra bộ kết nối") -> Parcel:
    """Return a parcel of those bytes. The same number is the same delivery."""
    about = message(content, number=number, words=words)
    return Parcel(id=_id("D", number), message=about, addressee=words or "000.00.02.H99", package=content)


class StandInHub:
    """Takes documents as the hub does: after a while, after errors, or never."""

    def __init__(self, *, errors: list[Exception] | None = None, slow: asyncio.Event | None = None) -> None:
        self.errors, self.slow = list(errors or ()), slow
        self.taken: list[bytes] = []
        self.asked = 0

    async def receive(self, content: bytes, hops: tuple[Hop, ...] = ()) -> Accepted:  # noqa: ARG002
        """Answer as the hub's `accept` does."""
        self.asked += 1
        if self.slow is not None:
            await self.slow.wait()
        if self.errors:
            raise self.errors.pop(0)
        self.taken.append(content)
        return Accepted(message=message(content, number=len(self.taken)), deliveries=(), duplicate=False)

    def go_on(self) -> None:
        """Let those wait no longer who wait for an answer."""
        assert self.slow is not None
        self.slow.set()


ENDED = "listen goes on until it is cancelled"


@asynccontextmanager
async def opened(rig: Rig) -> AsyncIterator[Adapter]:
    """Open an adapter to the rig's far side for the length of a block."""
    adapter = rig.open()
    try:
        yield adapter
    finally:
        await adapter.close()


@asynccontextmanager
async def listening(adapter: Adapter, hub: StandInHub) -> AsyncIterator[None]:
    """Let the adapter listen for the length of a block."""
    assert adapter.listens
    test = asyncio.current_task()
    assert test is not None
    task = asyncio.create_task(adapter.listen(hub.receive))
    # Whatever the block waits for will not come any more: it need not find out by running out of patience.
    task.add_done_callback(lambda ended: None if ended.cancelled() else test.cancel(ENDED))
    try:
        yield
    except asyncio.CancelledError:
        if not task.done():
            raise
    finally:
        ended = task.done()
        task.cancel()
        if not ended:
            with suppress(asyncio.CancelledError):
                await task
    if ended:
        raise AssertionError(ENDED) from task.exception()


def _id(kind: str, number: int) -> str:
    return f"01CONFORMANCE{kind}{number:012d}"
