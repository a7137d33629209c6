"""The connected systems: do documents get there, what waits, when were they heard of, whose certificates end."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from adapters.console.board import TONES
from adapters.console.overview import soon
from adapters.console.visit import Visit
from hub.board import HEALTH, Health
from hub.model import DeliveryState, Endpoint
from hub.store import certificates
from hub.store.certificates import Registered
from signing.keys import UnusableKey

AGENCIES_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one endpoint stands."""

    endpoint: Endpoint
    waiting: int  # in its inbox, or in the queue
    retrying: int
    stuck: int
    silent: bool  # the board says that it does not come for what is there
    reached: datetime | None
    heard: datetime | None

    @property
    def health(self) -> Health:
        """How it does, in the board's words."""
        if self.endpoint.disabled:
            return Health.OFF
        if self.stuck:
            return Health.STOPPED
        if self.retrying:
            return Health.FAILING
        return Health.SILENT if self.silent else Health.FINE

    @property
    def tone(self) -> str:
        """Its colour."""
        return TONES[self.health]


@dataclass(frozen=True, slots=True)
class Ending:
    """A certificate, whose it is, and when it ends."""

    whose: str
    subject: str
    not_after: datetime
    soon: bool


async def page(visit: Visit) -> Response:
    """Show every endpoint."""
    overview = visit.console.overview
    today, board, (reached, heard) = await asyncio.gather(
        overview.today.value(), overview.board.value(), overview.heard.value()
    )
    silent = {row.endpoint for row in board.rows if row.health is Health.SILENT}
    waiting: Counter[str] = Counter()
    retrying: Counter[str] = Counter()
    stuck: Counter[str] = Counter()
    for queue in today.queues:
        name = queue.endpoint or ""
        waiting[name] += queue.count
        if queue.state is DeliveryState.WAITING_FOR_RETRY:
            retrying[name] += queue.count
    for queue in today.stuck_counts:
        stuck[queue.endpoint or ""] += queue.count
    listed = [
        Standing(
            endpoint=each,
            waiting=waiting[each.id],
            retrying=retrying[each.id],
            stuck=stuck[each.id],
            silent=each.id in silent,
            reached=reached.get(each.id),
            heard=heard.get(each.id),
        )
        for each in visit.hub.directory.endpoints
    ]
    order = {"bad": 0, "warn": 1, "good": 2, "quiet": 3}
    listed.sort(key=lambda each: (order[each.tone], -each.waiting, each.endpoint.id))
    return visit.page(
        "endpoints.html",
        listed=listed,
        health=HEALTH,
        agencies_shown=AGENCIES_SHOWN,
        without_endpoint=stuck[""],
        endings=await _endings(visit),
    )


async def _endings(visit: Visit) -> list[Ending]:
    """Return the certificates that are registered, and the hub's own, the first to end first."""
    now, directory = visit.hub.clock(), visit.hub.directory

    registered: list[Registered] = await visit.hub.store.read(certificates.listed)
    names = {agency.id: agency.name for agency in directory.agencies}
    found = [
        Ending(names.get(each.agency, each.agency), each.subject, each.not_after, soon(each.not_after, now))
        for each in registered
    ]
    try:
        own = await asyncio.to_thread(visit.hub.keys.list)
    except UnusableKey:
        own = []
    found += [
        Ending(
            visit.hub.config.hub.name,
            str(key.certificate.subject),
            key.certificate.not_after,
            soon(key.certificate.not_after, now),
        )
        for key in own
    ]
    return sorted(found, key=lambda each: each.not_after)
