"""The daily comparison with each far side that keeps a book of its own: once a day, by one node, and kept.

After `[axis] reconcile_at` the book of the day before is held against the far side's (`hub/comparing.py`). What does
not agree is logged by name, and kept until the next comparison: `edochub axis compared` and `edochub doctor` show it. A
far side that does not answer is asked again later the same day.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog

from hub.axis import Comparable
from hub.comparing import Comparison, compare
from hub.errors import HubError, Unavailable
from hub.store.tables import settings
from hub.store.writer import Transaction

if TYPE_CHECKING:
    from hub.app import Hub

log = structlog.get_logger(__name__)

DUTY = "axis.reconcile"
AGAIN_SECONDS = 900.0  # after a far side did not answer
KEY = "axis.compared."
MOST_KEPT = 1_000  # differences of one comparison


@dataclass(frozen=True, slots=True)
class Kept:
    """The last comparison with one far side, as it was kept."""

    endpoint: str
    day: date
    differences: tuple[dict[str, Any], ...]
    more: int  # differences beyond those that are kept

    def as_json(self) -> dict[str, Any]:
        """Return the shape that is kept and that `--json` publishes."""
        return {
            "endpoint": self.endpoint,
            "day": self.day.isoformat(),
            "differences": list(self.differences),
            "more": self.more,
        }


class Reconciling:
    """Compares once a day, beside everything else."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._at = time.fromisoformat(hub.config.axis.reconcile_at) if hub.config.axis.reconcile_at else None
        self._task: asyncio.Task[None] | None = None
        self._not_before = 0.0  # of the loop's clock

    async def sweep(self) -> None:
        """Begin the comparison of the day, if it is time and this node's to do."""
        now = asyncio.get_running_loop().time()
        under_way = self._task is not None and not self._task.done()
        if self._at is None or under_way or now < self._not_before:
            return
        local = self._hub.clock().astimezone(self._hub.zone)
        if local.time() < self._at or not self._hub.duties.holds(DUTY):
            return
        self._not_before = now + AGAIN_SECONDS
        self._task = asyncio.create_task(self._all(local.date() - timedelta(days=1)), name=DUTY)

    async def close(self) -> None:
        """End a comparison that is under way; it is made again."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _all(self, day: date) -> None:
        done = {each.endpoint for each in await self._hub.store.read(every) if each.day >= day}
        for endpoint in self._hub.directory.endpoints:
            if endpoint.disabled or endpoint.polls or endpoint.id in done:
                continue
            try:
                await self._one(endpoint.id, day)
            except (HubError, Unavailable) as error:
                log.warning("axis.not-compared", endpoint=endpoint.id, day=day.isoformat(), error=str(error))
            except Exception:  # one far side must not keep the others from being compared
                log.exception("axis.fault", endpoint=endpoint.id)

    async def _one(self, endpoint: str, day: date) -> None:
        far = self._hub.connections.adapter_for(endpoint)
        if not isinstance(far, Comparable):
            return
        compared = await compare(self._hub, endpoint, far, day)
        for each in compared.differences:
            log.warning("axis.difference", endpoint=endpoint, day=day.isoformat(), **each.as_json())
        await self._hub.store.write(lambda tx: keep(tx, compared), "keep_comparison")
        log.info(
            "axis.compared", endpoint=endpoint, day=day.isoformat(), differences=len(compared.differences)
        )


def keep(tx: Transaction, compared: Comparison) -> None:
    """Keep a comparison in place of the one before."""
    told = tuple(each.as_json() for each in compared.differences)
    kept = Kept(compared.endpoint, compared.day, told[:MOST_KEPT], max(0, len(told) - MOST_KEPT))
    key = KEY + hashlib.sha256(compared.endpoint.encode()).hexdigest()[:32]
    tx.flush()
    tx.execute(sa.delete(settings).where(settings.c.key == key))
    tx.insert(settings, {"key": key, "value": json.dumps(kept.as_json(), ensure_ascii=False)})


def every(connection: sa.Connection) -> list[Kept]:
    """Return the last comparison with each far side."""
    query = sa.select(settings.c.value).where(settings.c.key.startswith(KEY, autoescape=True))
    return sorted(
        (_read(json.loads(row.value)) for row in connection.execute(query)), key=lambda each: each.endpoint
    )


def _read(told: dict[str, Any]) -> Kept:
    return Kept(told["endpoint"], date.fromisoformat(told["day"]), tuple(told["differences"]), told["more"])
