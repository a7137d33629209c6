"""The way to one endpoint: a task that exists while there is work for it, and what has been learnt of its far side.

A lane claims a batch in one transaction and carries a few at once. Of an endpoint that fails, one delivery alone feels
the way, later each time; what is claimed and not to be tried any more is put back.
"""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from hub.errors import Fault, HubError, Unavailable
from hub.limits import Bucket, bucket_for
from hub.retry import exhausted, wait_seconds
from hub.steps.deliver import Outcome
from hub.store.deliveries import Claimed

if TYPE_CHECKING:
    from hub.worker import Worker

log = structlog.get_logger()


class Lane:
    """The way to one endpoint: what is under way there, and how it has been answering."""

    def __init__(self, endpoint: str, worker: Worker) -> None:
        self.endpoint = endpoint
        self.worker = worker
        self.failures = 0  # Unavailable, in a row
        self.not_before = 0.0  # event-loop time before which nothing is tried
        self._again = False
        self._task: asyncio.Task[None] | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._stopping = False
        self._trusted = False  # it has taken one since it last failed
        self._bucket: Bucket | None = None  # what may still be tried this minute

    def wake(self) -> None:
        """Start working, or look once more before ending."""
        self._again = True
        if self._stopping or (self._task is not None and not self._task.done()):
            return
        loop = asyncio.get_running_loop()
        if loop.time() < self.not_before:
            self._wake_at(self.not_before)
            return
        self._task = loop.create_task(self._run(), name=f"lane:{self.endpoint}")

    def stop(self) -> asyncio.Task[None] | None:
        """Claim nothing more; return the task that is still delivering."""
        self._stopping = True
        if self._alarm is not None:
            self._alarm.cancel()
        return self._task if self._task is not None and not self._task.done() else None

    def note(self, outcome: Outcome, attempts: int) -> timedelta | None:
        """Learn from an outcome; return when to try this delivery again, None for never."""
        if not isinstance(outcome, Unavailable):
            if not isinstance(outcome, Fault):
                self.failures, self.not_before, self._trusted = 0, 0.0, True
            return None
        self._trusted = False
        loop = asyncio.get_running_loop()
        retry = self.worker.retry
        if loop.time() >= self.not_before:  # of several that failed together, the first one counts
            self.failures += 1
            wait = wait_seconds(retry, self.failures, self.worker.chance(), outcome.retry_after)
            self.not_before = loop.time() + wait
        if exhausted(retry, attempts):
            return None
        return timedelta(seconds=max(0.0, self.not_before - loop.time()))

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._again and not self._stopping:
                # A place first: what is claimed must not wait for one while its lease runs out.
                places = self.worker.places_for_failing if self.failures else self.worker.places
                async with places:
                    self._again = False
                    allowed = 0 if self._stopping or loop.time() < self.not_before else self._limit()
                    if allowed == 0:
                        break
                    claimed = await self.worker.claim(self.endpoint, allowed)
                    await self._carry_all(claimed, places)
                self._again = self._again or bool(claimed)
        except HubError as error:
            log.warning("lane.unavailable", endpoint=self.endpoint, error=str(error))
            self.not_before = loop.time() + self.worker.settings.sweep_seconds
        except Exception:
            log.exception("lane.fault", endpoint=self.endpoint)
            self.not_before = loop.time() + self.worker.settings.sweep_seconds
        if loop.time() < self.not_before and not self._stopping:
            self._wake_at(self.not_before)

    async def _carry_all(self, claimed: list[Claimed], places: asyncio.Semaphore) -> None:
        """Deliver what was claimed, as many at once as there are places; put back what is not to be tried now.

        Once one has failed nothing more is tried: the next claim feels the way with one alone.
        """
        failures = self.failures
        too_late = asyncio.get_running_loop().time() + self.worker.settings.lease_seconds / 2
        left = deque(claimed)

        async def carry() -> None:
            while left and self.failures <= failures and self._may_try(too_late):
                if self._bucket is not None:
                    self._bucket.take(1)
                await self.worker.carry(left.popleft(), self)

        async def carry_too() -> None:
            if left and not places.locked():
                async with places:
                    await carry()

        others = min(self._at_once(), len(claimed)) - 1
        ended = await asyncio.gather(carry(), *(carry_too() for _ in range(others)), return_exceptions=True)
        if left:
            await self.worker.put_back(list(left))
        for each in ended:
            if each is not None:
                raise each

    def _may_try(self, too_late: float) -> bool:
        now = asyncio.get_running_loop().time()
        return not (self._stopping or now < self.not_before or now > too_late or self.worker.lost())

    def _limit(self) -> int:
        """Say how many to claim: one to feel the way while the endpoint fails, a few until it has taken one.

        Never more than may still be tried this minute; when that is none, work goes on as soon as it is one.
        """
        now = asyncio.get_running_loop().time()
        self._bucket = bucket_for(
            self.worker.limits_of(self.endpoint).deliveries_per_minute, self._bucket, now
        )
        wanted = self.worker.settings.batch if self._trusted else self._at_once()
        if self.failures:
            wanted = 1
        if self._bucket is None:
            return wanted
        wait = self._bucket.wait(1, now)
        if wait > 0:
            self._wake_at(now + wait)
            return 0
        return min(wanted, int(self._bucket.left))

    def _at_once(self) -> int:
        return self.worker.limits_of(self.endpoint).deliveries_at_once or self.worker.settings.batch

    def _wake_at(self, moment: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        loop = asyncio.get_running_loop()
        self._alarm = loop.call_at(moment + 0.001, self.wake)
