"""One run: begin, kill, heal, wait until nothing is under way, stop, and judge."""

from __future__ import annotations

import asyncio
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg

from bench.chaos import checks, ground
from bench.chaos.checks import Verdict
from bench.chaos.journals import CLIENTS, KILLS, RECEIVER, Journal, Tail
from bench.chaos.killing import Killing, Pace
from bench.chaos.nodes import Nodes
from bench.chaos.outside import Outside
from bench.chaos.services import START_SECONDS, Postgres, RabbitMq, ServiceProblem

LIVE_SECONDS = 5.0
STUCK_SECONDS = 120.0  # of quiet in which not one delivery ends
OPEN = (
    "SELECT count(*) FROM deliveries WHERE state IN ('queued', 'sending', 'waiting_for_retry', 'available')"
)


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is to do. It ends when there were enough kills and documents, or after `seconds`."""

    seed: int = 1
    nodes: int = 3
    clients: int = 16
    per_second: float = 30.0  # documents handed in
    kills: int = 2_000
    documents: int = 20_000
    seconds: float | None = None
    pace: Pace = field(default_factory=Pace)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did and what was found. `seconds` are those in which processes were killed."""

    options: Options
    folder: Path
    seconds: float
    kills: Counter[str]
    freezes: int
    left: Counter[int]  # exit codes of nodes that ended by themselves
    stopped: list[int]  # exit codes of the nodes at the end
    dry_seconds: float
    verdict: Verdict
    versions: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Tell whether all that must hold did."""
        return not self.verdict.wrong


async def run(options: Options, *, keep: bool = False) -> Outcome:
    """Run once. The folder stays when something was wrong, or when asked to."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(
        signal.SIGTERM, task.cancel
    )  # whoever is told to end, cleans up
    folder = Path(tempfile.mkdtemp(prefix="edochub-chaos-"))
    folder.chmod(0o755)  # PostgreSQL is another user
    async with Battlefield.laid_out(folder, options) as battlefield:
        outcome = await battlefield.play()
    if outcome.good and not keep:
        await asyncio.to_thread(shutil.rmtree, folder)
    return outcome


class Battlefield:
    """Everything that runs, put together."""

    def __init__(self, folder: Path, options: Options) -> None:
        self.options = options
        self.folder = folder
        self.hub = folder / "hub"
        self.postgres = Postgres(folder / "postgresql")
        self.rabbitmq = RabbitMq(folder / "rabbitmq")
        self.outside = Outside(folder)
        self.nodes = Nodes(self.hub / "edochub.toml", options.nodes)
        self.killing = Killing(
            options.seed,
            options.pace,
            Journal(folder / KILLS),
            nodes=self.nodes,
            postgres=self.postgres,
            rabbitmq=self.rabbitmq,
            outside=self.outside,
        )

    @classmethod
    @asynccontextmanager
    async def laid_out(cls, folder: Path, options: Options) -> AsyncIterator[Battlefield]:
        """Start everything; at the end of the block, end whatever is left."""
        self = cls(folder, options)
        try:
            await self._begin()
            yield self
        finally:
            await self.outside.close()
            await self.nodes.close()
            for service in (self.postgres, self.rabbitmq):
                if service.process is not None:
                    await service.kill()
            self.rabbitmq.bury()

    async def _begin(self) -> None:
        self.postgres.create()
        self.postgres.start()
        self.rabbitmq.create()
        self.rabbitmq.start()
        await self.postgres.ready()
        await asyncio.to_thread(self.postgres.create_database)
        settings = ground.TOML.format(database=self.postgres.url, broker=self.rabbitmq.url)
        config = ground.make_hub(self.hub, settings)
        secrets = await ground.connect(config, self.outside.port)
        self.outside.start_receiver()
        await self.rabbitmq.ready()
        await self.nodes.open()
        await self.nodes.ready(START_SECONDS)
        ports = [node.port for node in self.nodes.all]
        plan = ground.Plan(
            folder=str(self.folder),
            seed=self.options.seed,
            clients=self.options.clients,
            per_second=self.options.per_second,
            ports=ports,
            secrets=secrets,
        )
        await self.outside.start_clients(plan.write())

    async def play(self) -> Outcome:
        """Kill until it is enough, heal, wait, stop, judge."""
        began = time.monotonic()
        enough = asyncio.Event()
        watching = asyncio.create_task(self._watch(began, enough))
        await self.killing.run(enough)
        await watching
        killed_for = time.monotonic() - began
        problem = await self._heal()
        dry = time.monotonic() - began - killed_for
        stopped = [] if problem else await self.nodes.stop()
        await self.outside.close()
        verdict = await checks.judge(self.folder, self.hub / "edochub.toml")
        if problem:
            verdict = replace(verdict, wrong={problem: 1, **verdict.wrong})
        if any(stopped):
            verdict = replace(verdict, wrong={f"nodes stopped with {stopped}": 1, **verdict.wrong})
        return Outcome(
            options=self.options,
            folder=self.folder,
            seconds=killed_for,
            kills=self.killing.kills,
            freezes=self.killing.freezes,
            left=self.nodes.left,
            stopped=stopped,
            dry_seconds=dry,
            verdict=verdict,
            versions=(self.postgres.version(), self.rabbitmq.version()),
        )

    async def _watch(self, began: float, enough: asyncio.Event) -> None:
        """Say every few seconds how far it is; set `enough` when it is, or when the clients broke."""
        clients, receiver = Tail(self.folder / CLIENTS), Tail(self.folder / RECEIVER)
        counts: Counter[str] = Counter()
        accepted: set[int] = set()
        options, shown = self.options, 0.0
        while not enough.is_set():
            await asyncio.sleep(0.5)
            for line in (*clients.new(), *receiver.new()):
                counts[line["what"]] += 1
                if line["what"] == "accepted":
                    accepted.add(line["number"])
            passed = time.monotonic() - began
            done = self.killing.kills.total() >= options.kills and len(accepted) >= options.documents
            late = options.seconds is not None and passed >= options.seconds
            if done or late or not self.outside.clients_alive():
                enough.set()
            if passed - shown >= LIVE_SECONDS or enough.is_set():
                shown = passed
                print(
                    f"{passed:6.0f} s  {len(accepted):6} accepted, {counts['took']:6} taken, {counts['again']} again,"
                    f" {counts['refused']} refused, {counts['problem'] + counts['damaged']} problems;"
                    f" kills {dict(self.killing.kills)}, frozen {self.killing.freezes}",
                    flush=True,
                )

    async def _heal(self) -> str | None:
        """Bring everything up, let every sender have its answer, and wait until nothing is under way.

        Return what did not come to its end.
        """
        try:
            await self.postgres.ready()
            await self.rabbitmq.ready()
            await self.nodes.ready(START_SECONDS)
            await self.outside.stop_sending()
            await self._dry()
        except ServiceProblem as error:
            return str(error)
        return None

    async def _dry(self) -> None:
        """Wait until no delivery is open. Raises `ServiceProblem` when they stop becoming fewer."""
        fewest, since = float("inf"), time.monotonic()
        while left := await self._open():
            if left < fewest:
                fewest, since = left, time.monotonic()
            if time.monotonic() - since > STUCK_SECONDS:
                raise ServiceProblem(f"{left} deliveries do not end")
            await asyncio.sleep(0.2)

    async def _open(self) -> int:
        async with await psycopg.AsyncConnection.connect(self.postgres.address()) as connection:
            row = await (await connection.execute(OPEN)).fetchone()
        assert row is not None
        return int(row[0])
