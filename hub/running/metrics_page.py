"""What Prometheus gets: what was counted (`hub.metrics`), and what is looked up when it comes.

The page has an address of its own (`[metrics] listen`), so that it is not on the public port. Whoever answers says the
same about the installation (queues, ledger, duties), which is looked up at most every few seconds; disks, certificates
and the clock are this machine's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from hub import metrics
from hub.running import clock, vitals
from hub.store import vitals as store
from hub.store.vitals import LedgerState, Queue

if TYPE_CHECKING:
    from hub.app import Hub

FRESH = timedelta(seconds=5)
CLOCK_EVERY = timedelta(seconds=60)
OTHERS = "(others)"  # the endpoints beyond those that are named; no endpoint's id has brackets
MOST_DUTIES = 1_000

log = structlog.get_logger()

# name -> what it is, and its labels
LOOKED_UP: dict[str, tuple[str, tuple[str, ...]]] = {
    "edochub_build_info": ("The version that runs", ("version",)),
    "edochub_queue_deliveries": ("Deliveries that are not done", ("endpoint", "state")),
    "edochub_queue_oldest_age_seconds": ("Since when the oldest of them waits", ("endpoint", "state")),
    "edochub_endpoint_failing_deliveries": ("Deliveries that failed and are tried again", ("endpoint",)),
    "edochub_ledger_events": ("Events in the ledger", ()),
    "edochub_ledger_sealed_events": ("Events under the newest checkpoint", ()),
    "edochub_ledger_checkpoint_age_seconds": ("How old the newest checkpoint is", ()),
    "edochub_ledger_unsealed_age_seconds": ("How old the first event is that no checkpoint covers", ()),
    "edochub_duty_held": ("Which node has which duty", ("duty", "node")),
    "edochub_nodes": ("Nodes that live", ()),
    "edochub_database_bytes": ("Size of the database", ()),
    "edochub_disk_free_bytes": ("Free space where the hub writes", ("place",)),
    "edochub_disk_bytes": ("Size of the disk where the hub writes", ("place",)),
    "edochub_certificate_days_left": ("Days until a certificate of the hub's own ends", ("kind", "name")),
    "edochub_clock_offset_seconds": ("How far the clock is ahead, as its source knows", ("source",)),
    "edochub_under_way_deliveries": ("Deliveries that the process which answers is sending", ()),
}


@dataclass(slots=True)
class Seen:
    """What the database said, and when."""

    at: datetime
    queues: list[Queue] = field(default_factory=list)
    failing: list[store.Failing] = field(default_factory=list)
    ledger: LedgerState = field(default_factory=lambda: LedgerState(0, 0, None, None))
    duties: dict[str, str | None] = field(default_factory=dict)
    nodes: int = 1
    bytes: int = 0


class Page:
    """Makes the page for one hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._seen: Seen | None = None
        self._offset: clock.Offset | None = None
        self._offset_at: datetime | None = None
        self._one = asyncio.Lock()

    async def text(self) -> bytes:
        """Return the page. Raises `Unavailable` when the database does not answer."""
        async with self._one:  # who comes together is answered together
            now = self._hub.clock()
            if self._seen is None or not timedelta() <= now - self._seen.at < FRESH:
                self._seen = await self._look(now)
            if self._offset_at is None or not timedelta() <= now - self._offset_at < CLOCK_EVERY:
                self._offset_at = now
                self._offset = await clock.offset(self._hub.config.alerts.clock_url, self._hub.clock)
            return await asyncio.to_thread(self._write, self._seen, now)

    async def _look(self, now: datetime) -> Seen:
        def ask(connection: sa.Connection) -> Seen:
            return Seen(
                now,
                store.queues(connection),
                store.failing(connection),
                store.ledger_state(connection),
                store.holders(connection),
                len(store.nodes_seen(connection)) or 1,  # one that is alone does not count itself
                store.bytes_of(connection),
            )

        return await self._hub.store.read_alone(ask)

    def _write(self, seen: Seen, now: datetime) -> bytes:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Told(self._families(seen, now)))
        return generate_latest(metrics.counted()) + generate_latest(registry)

    def _families(self, seen: Seen, now: datetime) -> list[Metric]:
        made = {
            name: GaugeMetricFamily(name, about, labels=labels) for name, (about, labels) in LOOKED_UP.items()
        }

        def add(name: str, value: float, *labels: str) -> None:
            made[name].add_metric(labels, value)

        add("edochub_build_info", 1, version("edochub"))
        named = _named(seen.queues, self._hub.config.metrics.endpoints)
        for (endpoint, state), (count, oldest) in _together(seen.queues, named).items():
            add("edochub_queue_deliveries", count, endpoint, state)
            add("edochub_queue_oldest_age_seconds", _age(now, oldest), endpoint, state)
        for each in seen.failing:
            if each.endpoint in named:
                add("edochub_endpoint_failing_deliveries", each.count, each.endpoint)
        add("edochub_ledger_events", seen.ledger.events)
        add("edochub_ledger_sealed_events", seen.ledger.sealed)
        if seen.ledger.sealed_at is not None:
            add("edochub_ledger_checkpoint_age_seconds", _age(now, seen.ledger.sealed_at))
        add("edochub_ledger_unsealed_age_seconds", _age(now, seen.ledger.unsealed_since))
        for duty, node in sorted(seen.duties.items())[:MOST_DUTIES]:
            add("edochub_duty_held", 1 if node else 0, duty, node or "")
        add("edochub_nodes", seen.nodes)
        add("edochub_database_bytes", seen.bytes)
        for disk in vitals.disks(self._hub.config):
            add("edochub_disk_free_bytes", disk.free, disk.place)
            add("edochub_disk_bytes", disk.total, disk.place)
        for ending in vitals.own_certificates(self._hub.config, now):
            days = (ending.ends - now).total_seconds() / 86_400
            add("edochub_certificate_days_left", round(days, 2), ending.kind, ending.name)
        if self._offset is not None:
            add("edochub_clock_offset_seconds", self._offset.seconds, self._offset.source)
        add("edochub_under_way_deliveries", len(self._hub.worker.under_way))
        return [each for each in made.values() if each.samples]


class _Told(Collector):
    """Families that were made already, for a registry."""

    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        """Return them."""
        return self._families


def names() -> set[str]:
    """Return the names of everything that the page may have of the hub."""
    return metrics.names() | set(LOOKED_UP)


def application(hub: Hub) -> Starlette:
    """Return the application that answers `/metrics`."""
    page = Page(hub)

    async def show(request: Request) -> Response:  # noqa: ARG001
        try:
            return Response(await page.text(), media_type=CONTENT_TYPE_LATEST)
        except Exception as error:  # whoever scrapes sees that it is down; why is in the log
            log.warning("metrics.unavailable", error=str(error))
            return PlainTextResponse("503", status_code=503)

    return Starlette(routes=[Route("/metrics", show)])


def _named(queues: Iterable[Queue], most: int) -> set[str]:
    """Return the endpoints that are named: those with the longest queues."""
    lengths: dict[str, int] = {}
    for each in queues:
        lengths[each.endpoint] = lengths.get(each.endpoint, 0) + each.count
    return set(sorted(lengths, key=lambda endpoint: (-lengths[endpoint], endpoint))[:most])


def _together(queues: Iterable[Queue], named: set[str]) -> dict[tuple[str, str], tuple[int, datetime]]:
    """Return count and oldest by endpoint and state, those that are not named as one."""
    made: dict[tuple[str, str], tuple[int, datetime]] = {}
    for each in queues:
        key = (each.endpoint if each.endpoint in named else OTHERS, each.state)
        count, oldest = made.get(key, (0, each.oldest))
        made[key] = (count + each.count, min(oldest, each.oldest))
    return made


def _age(now: datetime, since: datetime | None) -> float:
    return max(0.0, (now - since).total_seconds()) if since is not None else 0.0
