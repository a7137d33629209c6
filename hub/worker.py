"""The worker: claims due deliveries, has them delivered, and writes down what came of it.

Each endpoint has a lane of its own (`hub/lane.py`), so one slow or dead endpoint never delays another.
Lanes are woken by the broker's tickets, by the clock when a retry is due, and by the sweep, which asks the database
for whatever nobody told us of and takes up what a node that died was sending.

What the worker must never do is forget an outcome: a settlement that the database does not take is offered again
until it does, and if the process dies first, the delivery is found SENDING and sent again under the same id.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import structlog

from hub.adapter import Adapter
from hub.broker.base import Broker
from hub.config import LimitSettings, RetrySettings, WorkerSettings
from hub.errors import Fault, Misconfigured, Refusal, Unavailable
from hub.lane import Lane
from hub.metrics import timed
from hub.model import Clock, Delivery, DeliveryState, Message, Parcel, Receipt, Routed
from hub.steps.acknowledge import Ending, acknowledge
from hub.steps.deliver import Outcome, deliver
from hub.store import deliveries as store
from hub.store.database import Store
from hub.store.deliveries import Claimed, Settlement
from hub.store.payloads import Payload, Payloads
from hub.store.writer import Transaction
from schemas.text import Text

log = structlog.get_logger()

SETTLE_AGAIN_SECONDS = 0.5
NO_BOUND = 1_000_000_000

Word = Callable[[Delivery, Message, Text], Awaitable[tuple[Routed, Payload] | None]]
AdapterFor = Callable[[str], Adapter]


class Worker:
    """Delivers whatever is due. `adapter_for` raises `Misconfigured`; `word` prepares a status 02 for a sender."""

    def __init__(
        self,
        *,
        node: str,
        store: Store,
        payloads: Payloads,
        broker: Broker,
        adapter_for: AdapterFor,
        word: Word,
        clock: Clock,
        settings: WorkerSettings,
        limits_of: Callable[[str], LimitSettings],
        retry: RetrySettings,
        alone: bool,
        chance: Callable[[], float] = random.random,
        lost: Callable[[], bool] = lambda: False,
        look_again: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        self.node = node
        self.store = store
        self.payloads = payloads
        self.broker = broker
        self.adapter_for = adapter_for
        self.word = word
        self.clock = clock
        self.settings = settings
        self.limits_of = limits_of
        self.retry = retry
        self.alone = alone
        self.chance = chance
        self.look_again = look_again  # at the directory, which another process may have changed
        self.lost = lost  # whether other nodes may have taken over what this one has claimed
        self.under_way: set[str] = set()  # delivery ids that this process has claimed and not settled
        # For lanes at work. Those whose endpoint fails have their own: they may hold them until a time-out.
        self.places = asyncio.Semaphore(settings.at_once or NO_BOUND)
        self.places_for_failing = asyncio.Semaphore(settings.at_once or NO_BOUND)
        self._lanes: dict[str, Lane] = {}
        self._claims = 0  # claims in progress: what they take is not yet in `under_way`
        self.swept: list[Callable[[], Awaitable[None]]] = []  # what else is to be done at each sweep

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow_tickets())
            group.create_task(self._sweep())

    async def close(self, patience_seconds: float = 10.0) -> None:
        """Claim nothing more; give deliveries under way a moment to end. What is cut off is sent again later."""
        lanes = list(self._lanes.values())
        tasks = [lane.stop() for lane in lanes]
        running = [task for task in tasks if task is not None]
        log.info("worker.stopping", delivering=len(running))
        if running:
            _, late = await asyncio.wait(running, timeout=patience_seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        try:
            await self._queue_again(lambda _: True)  # so that nobody has to wait until the lease runs out
        except Unavailable as error:
            log.warning("worker.left-sending", error=str(error))

    def wake(self, endpoint: str) -> None:
        """There is work for an endpoint."""
        lane = self._lanes.get(endpoint)
        if lane is None:
            lane = self._lanes[endpoint] = Lane(endpoint, self)
        lane.wake()

    def forgive(self, endpoint: str) -> None:
        """An operator says that an endpoint is well again: try at once."""
        if endpoint in self._lanes:
            self._lanes[endpoint].failures = 0
            self._lanes[endpoint].not_before = 0.0

    async def _follow_tickets(self) -> None:
        async for ticket in self.broker.tickets():
            for endpoint in ticket:
                self.wake(endpoint)

    async def _sweep(self) -> None:
        while True:
            try:
                await self._take_up_interrupted()
                for endpoint in await self.store.read(
                    lambda connection: store.endpoints_with_work(connection, self.clock())
                ):
                    self.wake(endpoint)
                for errand in self.swept:
                    await errand()
            except Unavailable as error:
                log.warning("sweep.unavailable", error=str(error))
            await asyncio.sleep(self.settings.sweep_seconds)

    async def _take_up_interrupted(self) -> None:
        if self._claims:
            return
        under_way = frozenset(self.under_way)
        found = await self.store.read(
            lambda connection: store.interrupted(
                connection, self.clock(), self.node, under_way, alone=self.alone
            )
        )
        ids = {delivery.id for delivery in found} - self.under_way
        if ids and not self._claims:
            await self._queue_again(lambda delivery: delivery.id in ids)

    async def _queue_again(self, which: Callable[[Delivery], bool]) -> None:
        """Queue what nobody is sending. Asked again in the unit: another node may have taken it up since."""
        actor = f"hub:{self.node}"

        def put_back(tx: Transaction) -> list[str]:
            found = store.interrupted(tx.connection, tx.now, self.node, frozenset(), alone=self.alone)
            again = [delivery for delivery in found if which(delivery)]
            for delivery in again:
                settlement = Settlement(
                    state=DeliveryState.QUEUED, event="delivery.interrupted", actor=actor, next_try_at=tx.now
                )
                store.settle(tx, delivery, settlement, [DeliveryState.SENDING])
                tx.wake(*filter(None, [delivery.endpoint]))
            return [delivery.id for delivery in again]

        for delivery in await self.store.write(put_back, "put_back"):
            log.info("delivery.interrupted", delivery=delivery)

    async def claim(self, endpoint: str, limit: int) -> list[Claimed]:
        """Take due deliveries of an endpoint."""
        lease = timedelta(seconds=self.settings.lease_seconds)
        self._claims += 1
        try:
            claimed = await self.store.write(
                lambda tx: store.claim(tx, endpoint, limit, self.node, lease), "claim"
            )
            self.under_way.update(each.delivery.id for each in claimed)
        finally:
            self._claims -= 1
        return claimed

    async def carry(self, claimed: Claimed, lane: Lane) -> None:
        """Deliver one claimed delivery and settle it."""
        try:
            started_at = self.clock()
            outcome = await self.attempt(claimed)
            retry_in = lane.note(outcome, claimed.attempt)
            ending = Ending(claimed=claimed, outcome=outcome, started_at=started_at, retry_in=retry_in)
            try:
                await self.settle(replace(ending, word=await self.word_of(claimed, outcome)))
            except Exception as error:  # it would be sent again and again: a person must look
                log.exception("acknowledge.fault", delivery=claimed.delivery.id)
                await self.settle(replace(ending, outcome=unplanned(error), retry_in=None))
        finally:
            self.under_way.discard(claimed.delivery.id)

    async def put_back(self, claimed: list[Claimed]) -> None:
        """Give up deliveries that were claimed and not tried: as if they had never been claimed."""
        actor = f"hub:{self.node}"

        def unclaim(tx: Transaction) -> None:
            for each in claimed:
                again = Settlement(
                    state=DeliveryState.QUEUED,
                    event="delivery.put-back",
                    actor=actor,
                    reason=each.delivery.reason,
                    next_try_at=tx.now,
                    untried=True,
                )
                store.settle(tx, each.delivery, again, [DeliveryState.SENDING], self.node)

        try:
            await self.store.write(unclaim, "put_back")
        finally:
            self.under_way.difference_update(each.delivery.id for each in claimed)

    async def attempt(self, claimed: Claimed) -> Outcome:
        """Try once."""
        delivery, message = claimed.delivery, claimed.message
        assert delivery.endpoint is not None
        try:
            adapter = await self._adapter(delivery.endpoint)
            looked = await self.store.read(lambda connection: self.payloads.look(connection, message.sha256))
            package = await self.payloads.opened(looked)
        except (Misconfigured, Unavailable, Fault) as error:
            return error
        except Exception as error:  # a stranger's adapter that cannot even be made
            log.exception("delivery.fault", delivery=delivery.id, endpoint=delivery.endpoint)
            return unplanned(error)
        parcel = Parcel(
            id=delivery.id,
            message=message,
            addressee=delivery.addressee,
            package=package,
            attempt=claimed.attempt,
        )
        return await deliver(parcel, adapter, self.retry.timeout_seconds)

    async def _adapter(self, endpoint: str) -> Adapter:
        """Return the adapter of an endpoint. One that we do not know may have been added since we last looked."""
        try:
            return self.adapter_for(endpoint)
        except Misconfigured:
            if self.look_again is None:
                raise
        await self.look_again()
        return self.adapter_for(endpoint)

    async def word_of(self, claimed: Claimed, outcome: Outcome) -> tuple[Routed, Payload] | None:
        """Prepare the word to the sender that a refusal calls for."""
        if not isinstance(outcome, Refusal):
            return None
        while True:
            try:
                return await self.word(claimed.delivery, claimed.message, outcome.message)
            except Unavailable as error:
                log.warning("refusal.unavailable", delivery=claimed.delivery.id, error=str(error))
                await asyncio.sleep(SETTLE_AGAIN_SECONDS)

    @timed("acknowledge", lambda _, ending: ending.claimed.message.sha256)
    async def settle(self, ending: Ending) -> None:
        """Write an outcome down, as often as it takes."""
        delivery = ending.claimed.delivery
        while True:
            try:
                ours = await self.store.write(lambda tx: acknowledge(tx, ending, self.node), "acknowledge")
            except Unavailable as error:
                log.warning("acknowledge.unavailable", delivery=delivery.id, error=str(error))
                await asyncio.sleep(SETTLE_AGAIN_SECONDS)
                continue
            break
        outcome = ending.outcome
        log.info(
            "delivery.attempted",
            delivery=delivery.id,
            message=delivery.message,
            endpoint=delivery.endpoint,
            attempt=ending.claimed.attempt,
            outcome=str(outcome.kind) if isinstance(outcome, Receipt) else outcome.code,
            counted=ours,
        )


def unplanned(error: Exception) -> Fault:
    """Return the fault that something nobody planned counts as."""
    what = type(error).__name__
    return Fault(Text(vi=f"Lỗi ngoài dự kiến của trục: {what}", en=f"An unplanned fault of the hub: {what}"))


def no_endpoint(endpoint: str) -> Misconfigured:
    """Return the fault of a delivery whose endpoint is gone or switched off."""
    return Misconfigured(
        Text(
            vi=f"Điểm kết nối {endpoint} không còn hoặc đang tắt",
            en=f"Endpoint {endpoint} is gone or switched off",
        )
    )


@contextlib.asynccontextmanager
async def working(worker: Worker) -> AsyncIterator[asyncio.Task[None]]:
    """Run a worker inside the block; stop it cleanly at its end."""
    task = asyncio.create_task(worker.run(), name="worker")
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await worker.close()
