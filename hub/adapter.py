"""The contract of every way in and out, written as what the hub will do.

An adapter is a class, registered by name in the entry-point group `edochub.adapters`. The hub makes one object for
each endpoint that names it, and:

1. asks the class, once, when an operator adds the endpoint: `settle(address)`, then `polls` with what that returned;
2. calls `check()` when somebody asks whether a delivery can succeed at all (`edochub doctor`);
3. calls `deliver(parcel)` from its workers, perhaps several at once, perhaps again for a parcel that was delivered
   already: the power may have gone between the far side's answer and our note of it. `parcel.id` is the same each
   time, and the far side must end up with one document;
4. runs `listen(receive)` for as long as the hub serves, and hands every package that comes in to `receive`, which
   returns once the document is safe. Only then does the adapter tell the far side that it was taken;
5. mounts what `mount(hub)` returns on the hub's web server, once for each class, whichever endpoints there are;
6. calls `close()` when it stops.

What `deliver` raises says what happens next: `Unavailable` is tried again later, `Declined` is final and the sender
is told, `Fault` (and anything unplanned) is suspended until an operator looks. What `receive` raises: `Refusal` means
tell the far side why and never offer it again; `Unavailable` means offer it again; anything else is a fault of the
hub's, to be survived: wait a little, then offer it again. When `listen` itself raises, the hub calls it again.

`docs/writing-an-adapter.md` is the tour, `tests/conformance` the suite that any adapter can run.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from hub.errors import HubError, Misconfigured
from hub.hops import Hops
from hub.model import Accepted, Clock, Endpoint, Message, Parcel, Receipt
from schemas.text import Text

if TYPE_CHECKING:
    from hub.app import Hub


class Receive(Protocol):
    """Where a listener hands packages in: the bytes, and the hubs that they passed, if the far side is one and says."""

    def __call__(self, content: bytes, hops: Hops = ()) -> Awaitable[Accepted]:
        """Return once the document is safe. Raises `Refusal` and `Unavailable`."""
        ...


Follows = Callable[[Message], bool]

GROUP = "edochub.adapters"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """An ASGI application and the path prefix that it answers under, such as `/api/v1`.

    `unreadable` makes the JSON for a request under the prefix that is no HTTP, given its path: nobody else ever sees
    it, and clients of some protocols read one shape only.
    """

    prefix: str
    application: Any
    unreadable: Callable[[str, HubError], bytes] | None = None


async def _no_message(message: str) -> Message | None:  # noqa: ARG001
    return None


async def _no_hops(message: str) -> Hops:  # noqa: ARG001
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What an adapter may use of the hub: its clock, and the secret it shares with the far side, if there is one.

    `message` tells what the hub knows of a message, by its id: of the document that an answer is about, say. `hops` are
    the hubs that a message has passed, this one last: for a far side that is a hub too.
    """

    clock: Clock
    secret: Callable[[], Awaitable[str | None]]
    message: Callable[[str], Awaitable[Message | None]] = _no_message
    hops: Callable[[str], Awaitable[Hops]] = _no_hops


class Adapter(ABC):
    """One way to reach an endpoint. Subclass it, name it, implement `deliver`."""

    name: ClassVar[str]
    bearer: ClassVar[bool] = False  # its systems call the REST API, with their secret as the bearer token

    def __init__(self, endpoint: Endpoint, surroundings: Surroundings) -> None:
        self.endpoint = endpoint
        self.surroundings = surroundings

    @classmethod
    def polls(cls, address: str | None) -> bool:  # noqa: ARG003
        """Tell whether an endpoint with this address fetches its documents itself. Then `deliver` is not called."""
        return False

    @classmethod
    def settle(cls, address: str | None) -> str | None:
        """Return the address in the form to store, or raise `Misconfigured` if it can never work."""
        return address

    @classmethod
    def follows(cls, address: str | None) -> Follows | None:  # noqa: ARG003
        """Return what picks the documents whose answers an endpoint with this address hears of, though they are not
        its own; None if it hears of none. It is asked in the journey: no I/O.
        """
        return None

    @classmethod
    def mount(cls, hub: Hub) -> Sequence[Mount]:  # noqa: ARG003
        """Return what this way in puts on the hub's web server."""
        return ()

    async def check(self) -> None:
        """Return if a delivery can succeed now; raise `Misconfigured` or `Unavailable` if not."""

    @abstractmethod
    async def deliver(self, parcel: Parcel) -> Receipt:
        """Bring the parcel there, and return once the far side answers for it."""

    @property
    def listens(self) -> bool:
        """Tell whether `listen` has something to wait for."""
        return type(self).listen is not Adapter.listen

    async def listen(self, receive: Receive) -> None:
        """Wait for packages from the far side until cancelled; hand each to `receive`."""

    async def close(self) -> None:
        """Let go of connections."""


def adapter_class(name: str) -> type[Adapter]:
    """Return the adapter registered under a name, or raise `Misconfigured` naming those there are."""
    found = _registered(entry_points)
    if name not in found:
        known = ", ".join(sorted(found)) or "-"
        raise Misconfigured(
            Text(
                vi=f"Không có bộ kết nối “{name}”; hiện có: {known}",
                en=f"There is no adapter “{name}”; there are: {known}",
            )
        )
    try:
        loaded: type[Adapter] = found[name].load()
    except Exception as error:  # a stranger's code: whatever it is, it must not take the others down
        raise Misconfigured(
            Text(
                vi=f"Không nạp được bộ kết nối “{name}” đã cài: {type(error).__name__}: {error}",
                en=f"The adapter “{name}” is installed but cannot be loaded: {type(error).__name__}: {error}",
            )
        ) from error
    return loaded


def adapter_names() -> tuple[str, ...]:
    """Return the names of all registered adapters, sorted."""
    return tuple(sorted(_registered(entry_points)))


@cache
def _registered(look: Callable[..., Iterable[EntryPoint]]) -> dict[str, EntryPoint]:
    # Looking reads a file of every installed package, 20 ms; none comes or goes while the hub runs.
    return {entry.name: entry for entry in look(group=GROUP)}
