"""The hub's side of every connected system: one adapter object for each endpoint, and the tasks that listen.

Adapters are made when first needed and made anew when their endpoint has changed in the directory; the old one is
closed once nothing that it was delivering can be under way any more. Each far side is
listened to by one node of the installation at a time: it is a duty (`hub.duties`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog

from hub.adapter import Adapter, Surroundings, adapter_class
from hub.directory import Directory
from hub.duties import Duties
from hub.errors import HubError, Misconfigured, Unavailable
from hub.hops import Hops
from hub.model import Accepted, Clock, Endpoint, Message
from hub.worker import no_endpoint
from schemas.text import Text

log = structlog.get_logger()

LISTEN_AGAIN_SECONDS = 5.0  # after a listener broke
REACHED_FOR = timedelta(minutes=5)  # a far side that could be reached is not tried again

SecretOf = Callable[[str], Awaitable[str | None]]
HopsOf = Callable[[str], Awaitable[Hops]]
MessageOf = Callable[[str], Awaitable[Message | None]]


class AcceptFrom(Protocol):
    """Where what comes in goes."""

    def __call__(self, endpoint: Endpoint, content: bytes, *, hops: Hops = ()) -> Awaitable[Accepted]:
        """Take a package that an endpoint hands in."""
        ...


class Connections:
    """The adapters of the endpoints. `accept` is where what comes in goes."""

    def __init__(
        self,
        directory: Callable[[], Directory],
        secret_of: SecretOf,
        accept: AcceptFrom,
        clock: Clock,
        message: MessageOf,
        duties: Duties,
        hops: HopsOf,
        let_go_after: float = 0.0,
    ) -> None:
        self._directory = directory
        self._secret_of = secret_of
        self._accept = accept
        self._clock = clock
        self._message = message
        self._duties = duties
        self._hops = hops
        self._let_go_after = let_go_after  # seconds: longer than a delivery under way may still take
        self._replaced: dict[asyncio.Task[None], Adapter] = {}
        self._adapters: dict[str, tuple[Endpoint, Adapter]] = {}
        self._listeners: dict[str, tuple[Endpoint, asyncio.Task[None]]] = {}
        self._reached: dict[str, tuple[Endpoint, datetime]] = {}  # when `try_fetching` came through
        self._stopped = False

    def adapter_for(self, endpoint_id: str) -> Adapter:
        """Return the adapter of an endpoint. Raises `Misconfigured` if it is gone, switched off or of no known kind."""
        endpoint = self._directory().endpoint(endpoint_id)
        if endpoint is None or endpoint.disabled:
            raise no_endpoint(endpoint_id)
        known = self._adapters.get(endpoint_id)
        if known is not None and known[0] == endpoint:
            return known[1]
        adapter = adapter_class(endpoint.adapter)(endpoint, self._surroundings(endpoint_id))
        self._adapters[endpoint_id] = (endpoint, adapter)
        if known is not None:
            self._let_go(*known)
        return adapter

    def _let_go(self, endpoint: Endpoint, adapter: Adapter) -> None:
        """Close an adapter whose endpoint has changed, once what it may still be delivering has ended."""

        async def later() -> None:
            await asyncio.sleep(self._let_go_after)
            del self._replaced[task]
            await _closed(endpoint, adapter)

        task = asyncio.create_task(later(), name=f"let-go:{endpoint.id}")
        self._replaced[task] = adapter

    def _surroundings(self, endpoint_id: str) -> Surroundings:
        return Surroundings(
            clock=self._clock,
            secret=lambda: self._secret_of(endpoint_id),
            message=self._message,
            hops=self._hops,
        )

    def listen_as_needed(self) -> None:
        """Have a listener for every endpoint that hands in by itself, as the directory has it now, and that is ours."""
        if self._stopped:
            return
        wanted = {e.id: e for e in self._directory().endpoints if not e.disabled}
        for endpoint_id, (endpoint, task) in list(self._listeners.items()):
            if wanted.get(endpoint_id) != endpoint or not self._duties.holds(duty_of(endpoint_id)):
                del self._listeners[endpoint_id]
                task.add_done_callback(partial(self._ended, endpoint_id))
                task.cancel()
        for endpoint_id in wanted.keys() - self._listeners.keys():
            self._start_listening(wanted[endpoint_id])

    def _ended(self, endpoint_id: str, _task: asyncio.Task[None]) -> None:
        """Leave a far side to the others, once nobody here listens to it."""
        if endpoint_id not in self._listeners:
            self._duties.give_up(duty_of(endpoint_id))

    def _start_listening(self, endpoint: Endpoint) -> None:
        try:
            adapter = self.adapter_for(endpoint.id)
        except Misconfigured as error:
            log.warning("listen.misconfigured", endpoint=endpoint.id, error=str(error))
            return
        except Exception:  # a stranger's adapter that cannot be made must not take the others down
            log.exception("listen.fault", endpoint=endpoint.id)
            return
        if adapter.listens and self._duties.holds(duty_of(endpoint.id)):
            task = asyncio.create_task(self._listen(endpoint, adapter), name=f"listen:{endpoint.id}")
            self._listeners[endpoint.id] = (endpoint, task)

    async def _listen(self, endpoint: Endpoint, adapter: Adapter) -> None:
        async def receive(content: bytes, hops: Hops = ()) -> Accepted:
            if not self._duties.holds(duty_of(endpoint.id)):
                raise taken_over(endpoint.id)
            current = self._directory().endpoint(endpoint.id) or endpoint
            return await self._accept(current, content, hops=hops)

        while True:
            try:
                await adapter.listen(receive)
                return
            except HubError as error:
                log.warning("listen.broke", endpoint=endpoint.id, error=str(error))
            except Exception:  # one endpoint's adapter must not take the others down
                log.exception("listen.fault", endpoint=endpoint.id)
            await asyncio.sleep(LISTEN_AGAIN_SECONDS)

    async def try_fetching(self, endpoint: Endpoint) -> None:
        """Return if an endpoint's far side, from which packages are fetched, can be reached, or if none are fetched.

        It is tried on a connection of its own, unless it could be reached a moment ago: mail servers count log-ins.
        Raises `Misconfigured` or `Unavailable`.
        """
        known, at = self._reached.get(endpoint.id, (None, None))
        if known == endpoint and at is not None and self._clock() - at < REACHED_FOR:
            return
        adapter = adapter_class(endpoint.adapter)(endpoint, self._surroundings(endpoint.id))
        try:
            if adapter.listens:
                await adapter.check()
            self._reached[endpoint.id] = (endpoint, self._clock())
        finally:
            await _closed(endpoint, adapter)

    async def stop_listening(self) -> None:
        """End every listener, each after the package that it is handing in; start no more."""
        self._stopped = True
        tasks = [task for _, task in self._listeners.values()]
        self._listeners.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self) -> None:
        """Let go of every connection."""
        replaced, self._replaced = self._replaced, {}
        for waiting in replaced:
            waiting.cancel()
        for adapter in [*replaced.values(), *(adapter for _, adapter in self._adapters.values())]:
            await _closed(adapter.endpoint, adapter)


async def _closed(endpoint: Endpoint, adapter: Adapter) -> None:
    try:
        await adapter.close()
    except Exception:  # the others, and the store behind them, have to be closed all the same
        log.exception("close.fault", endpoint=endpoint.id)


def duty_of(endpoint_id: str) -> str:
    """Return the name of the duty to listen to an endpoint."""
    return f"listen:{endpoint_id}"


def taken_over(endpoint_id: str) -> Unavailable:
    """Return what a listener is told that this node no longer has to run."""
    return Unavailable(
        Text(
            vi=f"Nút khác đã nhận việc lấy văn bản của {endpoint_id}",
            en=f"Another node has taken over fetching from {endpoint_id}",
        )
    )
