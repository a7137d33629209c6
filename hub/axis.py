"""What may be asked of an endpoint that is an axis itself: what it says it had from us, what waits there, who there is.

An adapter whose far side can tell these things has the methods of `Comparable` and `ListsAgencies`; `edochub axis`
asks them. Nothing here changes anything on the far side.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar, runtime_checkable

from hub.agencies_rows import AgencyRow
from hub.directory import Directory
from hub.errors import Misconfigured
from schemas.text import Sentence

if TYPE_CHECKING:
    from hub.app import Hub

Ability = TypeVar("Ability")

CANNOT = Sentence(
    vi="Điểm kết nối {endpoint} (bộ kết nối {adapter}) không trả lời được câu hỏi này; cần một trục, chẳng hạn vxp",
    en="Endpoint {endpoint} (adapter {adapter}) cannot be asked that; it has to be an axis, of the adapter vxp, say",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TheirSent:
    """What a far side says of one package of ours to one agency. `remote_id` is its own name for the package."""

    remote_id: str
    to: str
    at: datetime | None  # None: it says nothing that we can read
    refused: bool  # the receiving system said that it failed


@dataclass(frozen=True, slots=True, kw_only=True)
class TheirWaiting:
    """A package that waits at a far side for one of our agencies."""

    remote_id: str
    sender: str
    to: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TheirTaken:
    """A package that a far side says we took."""

    remote_id: str
    to: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Book:
    """A far side's lists: what it had from us of late, and what waits there for us."""

    sent: tuple[TheirSent, ...]
    waiting: tuple[TheirWaiting, ...]


@dataclass(frozen=True, slots=True)
class TheirAgencies:
    """A far side's list of agencies, as rows for the directory; and how many entries could not be used."""

    rows: tuple[AgencyRow, ...]
    unusable: int


@runtime_checkable
class Comparable(Protocol):
    """An adapter whose far side keeps a book that ours can be held against. Each raises `Unavailable`."""

    async def book(self) -> Book:
        """Return both lists as they stand now."""
        ...

    async def one_sent(self, remote_id: str) -> tuple[TheirSent, ...]:
        """Return what the far side says of one package, however old."""
        ...

    async def package(self, waiting: TheirWaiting) -> bytes:
        """Return a package that waits there. It goes on waiting."""
        ...


@runtime_checkable
class RemembersTaken(Protocol):
    """An adapter whose far side may remember what we took: the protocol has no such list, an edochub does."""

    async def taken(self, since: datetime, until: datetime) -> tuple[TheirTaken, ...] | None:
        """Return what the far side says that we took in a time; None if it cannot tell."""
        ...


@runtime_checkable
class ListsAgencies(Protocol):
    """An adapter whose far side knows who there is."""

    async def agencies(self, directory: Directory) -> TheirAgencies:
        """Return its agencies. What the directory knows of them and the far side does not say stays as it is."""
        ...


async def able(hub: Hub, endpoint_id: str, ability: type[Ability]) -> Ability:
    """Return an endpoint's adapter as something that it can do. Raises `NotFound` and `Misconfigured`."""
    endpoint = await hub.endpoint(endpoint_id)
    adapter = hub.connections.adapter_for(endpoint_id)
    if not isinstance(adapter, ability):
        raise Misconfigured(CANNOT.say(endpoint=endpoint.id, adapter=endpoint.adapter))
    return adapter
