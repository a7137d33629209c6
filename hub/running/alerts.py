"""The duty that looks what is wrong, over all nodes once, and tells it once: when it starts and when it is over.

What does not last as long as `[alerts] patience_seconds` is not told; in quiet hours only what cannot wait is, and the
rest after them if it is still so. What cannot be told now, because the mail server is away too, is told later.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import time, timedelta
from typing import TYPE_CHECKING

import structlog

from hub.errors import HubError
from hub.running.conditions import conditions
from hub.running.telling import Teller
from hub.store import alerts as store
from hub.store.alerts import Bundle
from hub.store.writer import Transaction

if TYPE_CHECKING:
    from hub.app import Hub

log = structlog.get_logger()

DUTY = "alerts"


class Alerts:
    """Looks every `[alerts] every_seconds`, beside everything else."""

    def __init__(self, hub: Hub, teller: Teller | None = None) -> None:
        self._hub = hub
        self._settings = hub.config.alerts
        self._quiet = hours(self._settings.quiet)
        self._task: asyncio.Task[None] | None = None
        self.teller = teller or Teller(hub.config, hub.clock)

    async def sweep(self) -> None:
        """Begin a round, if it is time and this node's to do."""
        if self._task is not None and not self._task.done():
            return
        if await self._hub.duties.due(DUTY, self._settings.every_seconds):
            self._task = asyncio.create_task(self._watched(), name=DUTY)

    async def close(self) -> None:
        """End a round that is under way; what was not noted is told again, under the same key."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def round(self) -> None:
        """Look, note, tell. Raises `Unavailable` when the database does not answer."""
        hub = self._hub
        already = await hub.store.read(store.open_keys)
        found, unknown = await conditions(hub, already.keys())
        patience = timedelta(seconds=self._settings.patience_seconds)
        quiet = self.is_quiet()

        def note(tx: Transaction) -> None:
            store.note(tx, found, unknown)
            store.make_notices(tx, self.teller.channels, patience, quiet=quiet)

        await hub.store.write(note, "alerts")
        waiting: dict[str, list[Bundle]] = {}
        for bundle in await hub.store.read(store.untold):
            waiting.setdefault(bundle.channel, []).append(bundle)
        ended = await asyncio.gather(*map(self._tell_all, waiting.values()), return_exceptions=True)
        for error in ended:
            if error is not None:
                raise error

    def is_quiet(self) -> bool:
        """Tell whether it is in the quiet hours."""
        if self._quiet is None:
            return False
        now = self._hub.clock().astimezone(self._hub.zone).time()
        begins, ends = self._quiet
        return begins <= now < ends if begins <= ends else now >= begins or now < ends

    async def _tell_all(self, bundles: list[Bundle]) -> None:
        """Tell what waits for one channel, oldest first, beside the others; one that does not answer rests a round."""
        for bundle in bundles:
            if not await self._tell(bundle):
                return

    async def _tell(self, bundle: Bundle) -> bool:
        """Tell a bundle, and note that; return whether it makes sense to go on with the channel."""
        if bundle.channel in self.teller.channels:  # the settings may have changed since
            try:
                await self.teller.tell(bundle)
            except HubError as error:
                log.warning("alerts.not-told", channel=bundle.channel, bundle=bundle.id, error=str(error))
                return False
            except Exception:  # whatever is wrong with this one, the others are told
                log.exception("alerts.not-told", channel=bundle.channel, bundle=bundle.id)
                return True
        await self._hub.store.write(lambda tx: store.told(tx, bundle), "alerts_told")
        return True

    async def _watched(self) -> None:
        try:
            await self.round()
        except HubError as error:
            log.warning("alerts.unavailable", error=str(error))
        except Exception:  # whatever it is: deliveries go on, and the next round tries again
            log.exception("alerts.fault")


def hours(written: str) -> tuple[time, time] | None:
    """Return the two times of a setting such as 21:00-06:00, which `hub.config` has checked."""
    begins, dash, ends = written.partition("-")
    return (time.fromisoformat(begins.strip()), time.fromisoformat(ends.strip())) if dash else None
