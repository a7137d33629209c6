"""The hub's side of every connected system: one adapter object for each endpoint, and the tasks that listen.

Adapters are made when first needed and made anew when their endpoint has changed in the directory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from hub.adapter import Adapter, Surroundings, adapter_class
from hub.directory import Directory
from hub.errors import HubError, Misconfigured
from hub.model import Accepted, Clock, Endpoint, Message
from hub.worker import no_endpoint

log = structlog.get_logger()

LISTEN_AGAIN_SECONDS = 5.0  # after a listener broke

SecretOf = Callable[[str], Awaitable[str | None]]
AcceptFrom = Callable[[Endpoint, bytes], Awaitable[Accepted]]
MessageOf = Callable[[str], Awaitable[Message | None]]


class Connections:
    """The adapters of the endpoints. `accept` is where what comes in goes."""

    def __init__(
        self,
        directory: Callable[[], Directory],
        secret_of: SecretOf,
        accept: AcceptFrom,
        clock: Clock,
        message: MessageOf,
    ) -> None:
        self._directory = directory
        self._secret_of = secret_of
        self._accept = accept
        self._clock = clock
        self._message = message
        self._adapters: dict[str, tuple[Endpoint, Adapter]] = {}
        self._listeners: dict[str, tuple[Endpoint, asyncio.Task[None]]] = {}

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
        return adapter

    def _surroundings(self, endpoint_id: str) -> Surroundings:
        return Surroundings(
            clock=self._clock, secret=lambda: self._secret_of(endpoint_id), message=self._message
        )

    def listen_as_needed(self) -> None:
        """Have a listener for every endpoint that hands in by itself, as the directory has it now."""
        wanted = {e.id: e for e in self._directory().endpoints if not e.disabled}
        for endpoint_id, (endpoint, task) in list(self._listeners.items()):
            if wanted.get(endpoint_id) != endpoint:
                task.cancel()
                del self._listeners[endpoint_id]
        for endpoint_id in wanted.keys() - self._listeners.keys():
            self._start_listening(wanted[endpoint_id])

    def _start_listening(self, endpoint: Endpoint) -> None:
        try:
            adapter = self.adapter_for(endpoint.id)
        except Misconfigured as error:
            log.warning("listen.misconfigured", endpoint=endpoint.id, error=str(error))
            return
        except Exception:  # a stranger's adapter that cannot be made must not take the others down
            log.exception("listen.fault", endpoint=endpoint.id)
            return
        if adapter.listens:
            task = asyncio.create_task(self._listen(endpoint, adapter), name=f"listen:{endpoint.id}")
            self._listeners[endpoint.id] = (endpoint, task)

    async def _listen(self, endpoint: Endpoint, adapter: Adapter) -> None:
        async def receive(content: bytes) -> Accepted:
            current = self._directory().endpoint(endpoint.id) or endpoint
            return await self._accept(current, content)

        while True:
            try:
                await adapter.listen(receive)
                return
            except HubError as error:
                log.warning("listen.broke", endpoint=endpoint.id, error=str(error))
            except Exception:  # one endpoint's adapter must not take the others down
                log.exception("listen.fault", endpoint=endpoint.id)
            await asyncio.sleep(LISTEN_AGAIN_SECONDS)

    async def stop_listening(self) -> None:
        """End every listener, each after the package that it is handing in."""
        tasks = [task for _, task in self._listeners.values()]
        self._listeners.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self) -> None:
        """Let go of every connection."""
        for endpoint, adapter in self._adapters.values():
            try:
                await adapter.close()
            except Exception:  # the others, and the store behind them, have to be closed all the same
                log.exception("close.fault", endpoint=endpoint.id)
