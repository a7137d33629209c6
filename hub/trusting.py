"""Keep the hub's trust up to date while it runs, beside the acceptance of documents and never in its path.

Each sweep of the worker calls `refresh_trust`. If a file of the trust folder changed, the folder is read anew and the
hub goes on with the new store. When lists and OCSP answers are due, a task of its own fetches them into the folder, as
long as it may take; the next sweep then sees the change. What fails is logged, and the old data goes on counting for as
long as it is good.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from cryptography import x509

from hub.config import Config
from hub.model import Clock
from signing import trust_folder
from signing.fetching import Fetching
from signing.refresh import Refreshed, refresh, remember
from signing.trust import TrustStore

log = structlog.get_logger()

SOON = timedelta(minutes=1)  # for signers seen for the first time


class HasTrust(Protocol):
    """What of the hub is kept up to date."""

    trust: TrustStore
    trusting: Trusting


async def refresh_trust(hub: HasTrust) -> bool:
    """Look at the trust folder, and let data be fetched when it is due; tell whether the hub has a new store."""
    found = await hub.trusting.look(hub.trust)
    changed = found is not hub.trust
    hub.trust = found
    return changed


class Trusting:
    """Reads and refreshes one trust folder."""

    def __init__(
        self, config: Config, clock: Clock, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self.settings = config.trust
        self.folder = config.path(config.trust.anchors)
        self.clock = clock
        self._pause = pause
        self._mark: tuple[object, ...] | None = None
        self._every = timedelta(seconds=config.trust.refresh_seconds)
        self._started: datetime | None = None
        self._asked: frozenset[x509.Certificate] = frozenset()
        self._task: asyncio.Task[None] | None = None

    def load(self) -> TrustStore:
        """Read the folder."""
        # The mark first: what changes while we read is then read again.
        self._mark = trust_folder.mark(self.folder)
        return TrustStore.from_folder(
            self.folder,
            require_revocation=self.settings.require_revocation,
            revocation_age=timedelta(seconds=self.settings.revocation_age_seconds),
        )

    async def look(self, store: TrustStore) -> TrustStore:
        """Return the store to go on with: the same, or a new one if a file changed. Start fetching when it is due."""
        self._start_if_due(store)
        try:
            if await asyncio.to_thread(trust_folder.mark, self.folder) == self._mark:
                return store
            await asyncio.to_thread(remember, self.folder, store.paths_found)  # the new store has seen nobody
            found = await asyncio.to_thread(self.load)
        except OSError as error:  # a file that went while we looked; the next sweep looks again
            log.warning("trust.unreadable", error=type(error).__name__)
            return store
        log.info("trust.loaded", anchors=len(found.anchors), problems=len(found.problems))
        return found

    async def fetch(self, store: TrustStore) -> Refreshed:
        """Fetch now what is to be fetched. Raises `OSError` if the folder cannot be written."""
        how = Fetching(
            hosts={name.lower(): instead for name, instead in self.settings.hosts.items()},
            timeout_seconds=self.settings.fetch_timeout_seconds,
            proxy=self.settings.proxy or None,
            pause=self._pause,
        )
        return await refresh(self.folder, store.paths_found, self.clock(), how)

    async def settled(self) -> None:
        """Wait until what is being fetched is there."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def close(self) -> None:
        """Stop fetching. A file is whole or not there, whenever that is."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def _start_if_due(self, store: TrustStore) -> None:
        if not self._every or (self._task is not None and not self._task.done()):
            return
        now = self.clock()
        signers = frozenset(chain.certificates[0] for chain in store.paths_found)
        # A signer whom nobody asked about yet is not left waiting for the next round.
        soon = self._started is not None and not signers <= self._asked and now >= self._started + SOON
        if self._started is None or soon or now >= self._started + self._every:
            self._started, self._asked = now, signers | self._asked
            self._task = asyncio.create_task(self._fetch(store), name="trust refresh")

    async def _fetch(self, store: TrustStore) -> None:
        try:
            done = await self.fetch(store)
        except Exception as error:
            # Whatever it is, documents go on being accepted, and the next refresh tries again.
            log.warning("trust.refresh-failed", error=type(error).__name__)
            return
        for failure in done.failures:
            log.warning("trust.not-fetched", url=failure.url, why=failure.message.en)
        log.info("trust.refreshed", updated=len(done.updated), failed=len(done.failures))
