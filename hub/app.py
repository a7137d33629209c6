"""The hub: the only place where the parts are put together.

`Hub.open` brings the database up to date and loads who there is and whom we trust; nothing runs yet, which is all
that a command of the shell needs. `Hub.running` adds the worker and the endpoints' listeners, for the server.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hmac
import os
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import timedelta, timezone
from difflib import get_close_matches
from functools import partial
from pathlib import Path

import sqlalchemy as sa
import structlog

from hub import answers, journey, metrics, overdue, resuming, trace
from hub.broker.base import Broker
from hub.broker.memory import MemoryBroker
from hub.calendar import Calendar
from hub.checkpoints import Notary, stamper_of
from hub.config import Config, LimitSettings
from hub.connections import Connections
from hub.deadlines import Kind
from hub.directory import Directory
from hub.duties import Duties, beating
from hub.errors import (
    Misconfigured,
    NotFound,
    Refusal,
    Sought,
    Unavailable,
)
from hub.finding import Criteria, Page, find, prepared
from hub.followers import Followers
from hub.forgiving import Forgiving
from hub.hops import Hop, Hops
from hub.inbox import Inbox, Waiting
from hub.indexing import Indexing
from hub.ledger import LedgerReport
from hub.limits import Gate
from hub.model import (
    Accepted,
    Clock,
    Delivery,
    DeliveryState,
    Endpoint,
    Message,
    Parcel,
    utc_now,
)
from hub.overdue import Overdue, Watch
from hub.published import Published
from hub.reconciling import Reconciling
from hub.running.alerts import Alerts
from hub.running.retention import Retention
from hub.settling import Settling
from hub.store import audit, deliveries, messages
from hub.store import directory as directory_store
from hub.store import ledger as ledger_store
from hub.store.database import Store
from hub.store.endpoints import sealed_secrets
from hub.store.payloads import Payloads
from hub.store.writer import Writer
from hub.trusting import Trusting, refresh_trust
from hub.vault import Vault
from hub.worker import Worker, working
from schemas.catalog import Catalog
from schemas.spooled import Package, size_of
from schemas.text import Text
from signing.keys import KeyFolder, SigningKey, UnusableKey
from signing.notes import VerifierKey

log = structlog.get_logger()

MOST_RELEASED = 10_000  # held deliveries that one new route lets go
LET_GO_MARGIN_SECONDS = 60.0  # what a delivery may take beside its adapter: reading a large package
SECRET_COUNTS_SECONDS = 1.0  # after it was last looked up


class Hub:
    """Everything that a way in, a command or a test needs of the hub."""

    zone = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")

    def __init__(self, config: Config, clock: Clock, writer: type[Writer] = Writer) -> None:
        self.config = config
        self.clock = clock
        self.catalog = Catalog.standard()
        self.keys = KeyFolder(config.path(config.keys.folder))
        self._signing: SigningKey | None = None
        self.vault = Vault.load(config.path(config.keys.folder) / config.keys.master)
        self.trusting = Trusting(config, clock)
        self.trust = self.trusting.load()
        self.payloads = Payloads.of(config)
        self.broker = open_broker(config.broker.url)
        own_days = config.calendar.holidays
        self.calendar = Calendar.load(config.path(own_days) if own_days else None)
        self.store = Store(config.database_url, clock, self._committed, writer)
        # Who claims a delivery. Each part is cut, never the end: two processes of one machine have to differ.
        self.node = f"{config.hub.code[:26]}-{socket.gethostname()[:26]}-{os.getpid()}"
        self.duties = Duties(
            node=self.node,
            store=self.store,
            clock=clock,
            patience_seconds=config.worker.silent_seconds,
            alone=config.embedded,
        )
        self._directory = Directory()
        self._trust_changed = False  # and nobody here has hastened yet what waits for that
        self.gate = Gate(config.limits)
        self._holders: dict[str, tuple[str, float]] = {}  # a secret's look-up -> its endpoint, until when
        self.inbox = Inbox(self.store, self.payloads, partial(answers.of_refusal, self))
        self.followers = Followers(self.store)
        self.connections = Connections(
            lambda: self._directory,
            self._secret_of,
            self.accept,
            clock,
            self._message,
            self.duties,
            self.hops,
            let_go_after=config.retry.timeout_seconds + LET_GO_MARGIN_SECONDS,
        )
        self.duties.changed = self.connections.listen_as_needed
        self.worker = Worker(
            node=self.node,
            store=self.store,
            payloads=self.payloads,
            broker=self.broker,
            adapter_for=self.connections.adapter_for,
            word=partial(answers.of_refusal, self),
            clock=clock,
            settings=config.worker,
            limits_of=self._limits_of,
            retry=config.retry,
            alone=config.embedded,
            lost=lambda: self.duties.lost,
            look_again=self.refresh_directory,
        )
        self.worker.swept.append(self._look_around)
        self.notary = Notary(config, self.store, self.node, stamper_of(config), self.duties)
        self.worker.swept.append(self.notary.sweep)
        self.forgiving = Forgiving(self.store, self.worker.forgive, self.worker.wake)
        self.worker.swept.append(self.forgiving.sweep)
        self.reconciling = Reconciling(self)
        self.worker.swept.append(self.reconciling.sweep)
        self.alerts = Alerts(self)
        self.worker.swept.append(self.alerts.sweep)
        self.retention = Retention(self)
        self.worker.swept.append(self.retention.sweep)
        self.settling = Settling(
            node=self.node,
            store=self.store,
            payloads=self.payloads,
            clock=clock,
            settings=config.policy,
            trust=lambda: self.trust,
            directory=lambda: self._directory,
        )
        self.worker.swept.append(self.settling.sweep)
        self.indexing = Indexing(self.store, self.duties)
        self.worker.swept.append(self.indexing.sweep)

    # --- opening and running --------------------------------------------------------------------------------------

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls, config: Config, *, clock: Clock = utc_now, writer: type[Writer] = Writer
    ) -> AsyncIterator[Hub]:
        """Open the hub that a configuration describes. Raises `Misconfigured` and `Unavailable`."""
        hub = cls(config, clock, writer)
        await asyncio.to_thread(hub.store.open)
        try:
            await hub.refresh_directory()
            yield hub
        finally:
            hub.inbox.bells.close()
            await hub.settling.close()
            await hub.indexing.close()
            await hub.connections.close()
            await hub.broker.close()
            await hub.store.close()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Task[None]]:
        """Deliver, and listen to the endpoints that hand in by themselves. At the end of the block, stop cleanly.

        Yields the worker's task, which ends only when the worker breaks. Raises `Unavailable` when another server
        works on this embedded database.
        """
        with only_server(self.config):
            await self.broker.start()
            await self._note("hub.started")
            self.connections.listen_as_needed()
            async with beating(self.duties), working(self.worker) as task:
                try:
                    yield task
                finally:
                    self.inbox.bells.close()
                    await self.connections.stop_listening()
                    await self.reconciling.close()
                    await self.alerts.close()
                    await self.retention.close()
                    await self.notary.close()
            await self._note("hub.stopped")

    async def _note(self, event: str) -> None:
        actor = f"hub:{self.node}"
        await self.store.write(lambda tx: tx.trace(event, actor=actor), "note")

    def _committed(self, endpoints: frozenset[str]) -> None:
        """After a commit: ring the inboxes here, and tell the workers everywhere."""
        pushed = []
        for endpoint in endpoints:
            known = self._directory.endpoint(endpoint)
            if known is not None and known.polls:
                self.inbox.bells.ring(endpoint)
            else:
                pushed.append(endpoint)
        if pushed:
            self.broker.announce(frozenset(pushed))

    async def _look_around(self) -> None:
        """With every sweep: has another process changed the directory, or put something into an inbox?"""
        await self.refresh_directory()
        self._trust_changed |= await refresh_trust(self)
        # By one node: each time it is asked, all that waits is judged anew. Whose duty it is may be told later.
        if self.duties.holds("signatures.hasten") and self._trust_changed:
            self._trust_changed = False
            await self.settling.hasten()
        self.connections.listen_as_needed()
        self.inbox.bells.ring_all()

    async def signing_key(self) -> SigningKey:
        """Return the key that signs for the hub today, loaded once. Raises `Misconfigured`."""

        def load() -> SigningKey:
            name = self.keys.name_at(self.config.keys.signing, self.clock())
            if self._signing is None or self._signing.name != name:
                self._signing = self.keys.load(name, _passphrase(self.config))
            return self._signing

        try:
            return await asyncio.to_thread(load)
        except UnusableKey as error:
            raise Misconfigured(error.text) from error

    # --- who there is ---------------------------------------------------------------------------------------------

    @property
    def directory(self) -> Directory:
        """The agencies and endpoints as last looked at: a snapshot that never changes."""
        return self._directory

    async def refresh_directory(self) -> bool:
        """Load the directory anew if it has changed; tell whether it had.

        Several may do so at once, and who began first may end last: an older snapshot never replaces a newer one.
        """
        before = self._directory

        def newer(connection: sa.Connection) -> Directory | None:
            if directory_store.version(connection) == self._directory.version:
                return None
            return directory_store.load(connection, self.clock).prepare()  # here, on the reader's thread

        found = await self.store.read(newer)
        if found is not None and (self._directory is before or found.version > self._directory.version):
            self._directory = found
        return self._directory is not before

    async def authenticate(self, secret: str) -> Endpoint | None:
        """Return the endpoint that holds this secret, unless it is unknown, expired or switched off."""
        lookup = self.vault.lookup(secret)
        holder = await self._holder_of(lookup)
        if holder is None:
            return None
        endpoint = self._directory.endpoint(holder)
        if endpoint is None and await self.refresh_directory():
            endpoint = self._directory.endpoint(holder)
        return endpoint if endpoint is not None and not endpoint.disabled else None

    async def holds(self, endpoint: Endpoint, secret: str) -> bool:
        """Tell whether a secret is this endpoint's, whoever chose it; while it is being replaced, the old one too."""
        presented = secret.encode("utf-8", "surrogatepass")
        return any(
            [hmac.compare_digest(presented, each.encode()) for each in await self.secrets_of(endpoint)]
        )

    async def secrets_of(self, endpoint: Endpoint) -> list[str]:
        """Return every secret of an endpoint that counts, for adapters that prove by them who calls."""
        now = self.clock()
        sealed = await self.store.read(lambda connection: sealed_secrets(connection, endpoint.id, now))
        return [self.vault.open(each) for each in sealed]

    async def _holder_of(self, lookup: str) -> str | None:
        """Return whose secret it is. What was found counts for a second, so that not every request asks again."""
        loop = asyncio.get_running_loop()
        known = self._holders.get(lookup)
        if known is not None and known[1] > loop.time():
            return known[0]
        now = self.clock()
        holder = await self.store.look(lambda connection: directory_store.credential(connection, lookup, now))
        if holder is None:
            self._holders.pop(lookup, None)
        else:
            self._holders[lookup] = (holder, loop.time() + SECRET_COUNTS_SECONDS)
        return holder

    async def _secret_of(self, endpoint_id: str) -> str | None:
        """Return an endpoint's newest secret. It is opened when asked for, and not kept."""
        now = self.clock()
        sealed = await self.store.read(
            lambda connection: directory_store.sealed_secret(connection, endpoint_id, now)
        )
        return self.vault.open(sealed) if sealed is not None else None

    async def _message(self, message: str) -> Message | None:
        """Return what is known of a message."""
        return await self.store.read(lambda connection: messages.get(connection, message))

    async def endpoint(self, endpoint_id: str) -> Endpoint:
        """Return an endpoint by its id. Raises `NotFound`, naming those there are."""
        await self.refresh_directory()
        found = self._directory.endpoint(endpoint_id)
        if found is None:
            known = [endpoint.id for endpoint in self._directory.endpoints]
            named = ", ".join(get_close_matches(endpoint_id, known) or known[:20])
            raise NotFound(
                Text(
                    vi=f"Không có điểm kết nối “{endpoint_id}”; "
                    + (f"hiện có: {named}" if named else "thêm bằng “edochub endpoints add”"),
                    en=f"There is no endpoint “{endpoint_id}”; "
                    + (f"there are: {named}" if named else "add it with “edochub endpoints add”"),
                ),
                Sought.ENDPOINT,
            )
        return found

    # --- the journey ----------------------------------------------------------------------------------------------

    async def accept(
        self, endpoint: Endpoint, content: Package, *, claimed_sha256: str | None = None, hops: Hops = ()
    ) -> Accepted:
        """Take a package that an endpoint hands in, with the hubs that it passed. See `journey.accept`.

        Raises `Busy`, before anything is looked at, when the endpoint is over its limits.
        """
        with metrics.taking(endpoint.adapter, content) as told:
            with self.gate.passing(endpoint.id, endpoint.limits, size_of(content)):
                told.accepted = await journey.accept(self, endpoint, content, claimed_sha256, hops)
            return told.accepted

    def knock(self, endpoint: Endpoint, announced: str | None) -> None:
        """Return if a package of so many octets, as its Content-Length says, would be let in now. Raises `Busy`."""
        size = int(announced) if announced and announced.isascii() and announced.isdigit() else 0
        self.gate.knock(endpoint.id, endpoint.limits, size)

    def _limits_of(self, endpoint_id: str) -> LimitSettings:
        endpoint = self._directory.endpoint(endpoint_id)
        return endpoint.limits.over(self.config.limits) if endpoint is not None else self.config.limits

    async def hops(self, message: str) -> Hops:
        """Return the hubs that a message has passed, this one last: what goes beside it to the next."""

        def ask(connection: sa.Connection) -> Hops:
            known = messages.get(connection, message)
            if known is None:
                return ()
            here = Hop(self.config.hub.code, known.id, known.accepted_at)
            return (*ledger_store.hops_of(connection, known.id), here)

        return await self.store.read(ask)

    async def refuse_unread(self, endpoint: Endpoint, refusal: Refusal, size: int) -> None:
        """Store the refusal of a package that was never read whole."""
        await journey.keep_refusal(self, endpoint, refusal, None, None, size)

    async def answer(
        self,
        endpoint: Endpoint,
        message: str,
        code: str,
        description: str = "",
        to: str | None = None,
        speaker: str | None = None,
    ) -> Accepted:
        """Write a status package for an addressee of a document (or for its sender: 13) and accept it.

        `to` names the addressee that a 13 asks, when the document has several; `speaker` the one that answers, when
        the endpoint speaks for several of them. Raises `Refusal` and `NotFound`.
        """
        accepted = await self.accepted(message, endpoint)
        said = await self.store.read(lambda connection: messages.statuses_of(connection, accepted.message.id))
        content = answers.for_endpoint(self, endpoint, accepted, code, description, to, speaker, said)
        return await self.accept(endpoint, content)

    # --- inboxes --------------------------------------------------------------------------------------------------

    async def waiting(
        self, endpoint: Endpoint, *, limit: int = 50, wait_seconds: float = 0.0
    ) -> list[Waiting]:
        """Return what an endpoint has to take; when that is nothing, wait for the first to come."""
        return await self.inbox.waiting(endpoint, limit, wait_seconds)

    async def fetch(self, endpoint: Endpoint | None, delivery: str) -> Parcel:
        """Return a delivery of this endpoint with its bytes. Raises `NotFound`."""
        return await self.inbox.fetch(endpoint, delivery)

    async def take(self, endpoint: Endpoint, delivery: str) -> Delivery:
        """The endpoint has a delivery. Raises `NotFound` and `NotAnswerable`."""
        return await self.inbox.take(endpoint, delivery)

    async def decline(self, endpoint: Endpoint, delivery: str, reason: str) -> Delivery:
        """The endpoint refuses a delivery. Raises `NotFound` and `NotAnswerable`."""
        return await self.inbox.decline(endpoint, delivery, reason)

    # --- looking, and putting right -------------------------------------------------------------------------------

    async def accepted(self, message: str, viewer: Endpoint | None = None) -> Accepted:
        """Return one document and its deliveries, by hub id or DocumentId. Raises `NotFound`.

        An endpoint sees what it sent and what is addressed to it; anything else is not there for it.
        """

        def ask(connection: sa.Connection) -> list[Accepted]:
            return [
                Accepted(
                    message=found, deliveries=deliveries.of_message(connection, found.id), duplicate=False
                )
                for found in messages.find(connection, message)
            ]

        for found in await self.store.read(ask):
            if viewer is None or concerns(found.message, found.deliveries, viewer):
                return found
        raise NotFound(Text(vi=f"Không tìm thấy văn bản {message}", en=f"Document {message} is not here"))

    async def trace(self, reference: str, viewer: Endpoint | None = None) -> list[trace.Trace]:
        """Return everything that is known of what a reference means; an endpoint sees only its own."""
        found = await self.store.read(lambda connection: trace.find(connection, reference))
        if viewer is None:
            return found
        return [
            each
            for each in found
            if (each.message and concerns(each.message, each.deliveries, viewer))
            or (each.refusal and each.refusal.endpoint == viewer.id)
        ]

    async def search(self, criteria: Criteria, *, after: int | None = None, limit: int = 50) -> Page:
        """Return the newest documents that fit what is known of them, from below a number on. Raises `NotFound`."""
        search = prepared(criteria, self._directory)
        return await self.store.read_alone(
            lambda connection: find(connection, search, after=after, limit=limit)
        )

    async def deliveries(self, state: DeliveryState | None, limit: int) -> list[Delivery]:
        """Return the newest deliveries, of one state or of all."""
        return await self.store.read(lambda connection: deliveries.in_state(connection, state, limit))

    async def overdue(
        self, *, agency: str | None = None, kind: Kind | None = None, limit: int = 100
    ) -> list[Overdue]:
        """Return what is late, what can still be mended first; of one agency's doing, or of everybody's.

        Raises `NotFound` when nobody bears the agency's code.
        """
        whose = self._directory.resolve(agency).agency if agency else None
        if agency and whose is None:
            raise NotFound(self._directory.resolve(agency).explanation, Sought.AGENCY)
        watch = Watch(now=self.clock(), calendar=self.calendar, settings=self.config.deadlines)
        return await self.store.read(
            lambda connection: overdue.overdue(
                connection, watch, agency=whose.id if whose else None, kind=kind, limit=limit
            )
        )

    async def resume(self, delivery: str, actor: str, to: str | None = None) -> Delivery:
        """Send a stopped delivery now; a held one to where the directory, or the person with `to`, says by now.

        Raises `NotFound`, and `Misconfigured` when there is no way there or nothing to resume.
        """
        await self.refresh_directory()
        stopped = await self._stopped(delivery)
        way = resuming.onward(stopped, to)
        if isinstance(way, Text):
            raise Misconfigured(way)
        await self.store.write(lambda tx: resuming.resume(tx, stopped.delivery, way, actor), "resume")
        self.worker.forgive(way.endpoint.id)
        resumed, _ = await self.inbox.delivery(None, delivery)
        return resumed

    async def _stopped(self, delivery: str) -> resuming.Stopped:
        found, message = await self.inbox.delivery(None, delivery)
        today = self.clock().astimezone(self.zone).date()
        return resuming.Stopped(found, message, self._directory, self.config.policy.successions, today)

    async def resume_held(self, endpoint: Endpoint | None, actor: str) -> list[Delivery]:
        """Let go what is held, for the agencies of an endpoint or for all, and needs no choice; return what it was."""

        def ask(connection: sa.Connection) -> list[Delivery]:
            if endpoint is not None:
                return deliveries.stuck_for_agencies(connection, endpoint.agencies)
            return deliveries.in_state(connection, DeliveryState.HELD, MOST_RELEASED)[::-1]

        held = await self.store.read(ask)
        await self.refresh_directory()
        return [
            await self.resume(delivery.id, actor)
            for delivery in held
            if not isinstance(resuming.onward(await self._stopped(delivery.id)), Text)
        ]

    async def verify_ledger(
        self,
        shown: Sequence[Published] = (),
        folder: Path | None = None,
        keys: tuple[VerifierKey, ...] | None = None,
    ) -> LedgerReport:
        """Recompute the ledger, and hold today's tables and payloads, and what was published, against it.

        `keys` are believed in place of those that this hub says are its ledger's.
        """
        beliefs = audit.Beliefs(keys or self.notary.log_keys(), self.trust, self.clock())
        return await self.store.read_alone(
            lambda connection: audit.verify(connection, self.payloads, beliefs, shown, folder)
        )


def concerns(message: Message, its_deliveries: tuple[Delivery, ...], viewer: Endpoint) -> bool:
    """Tell whether an endpoint may see a document: it speaks for the sender or an addressee, or carries it on."""
    return message.sender_agency in viewer.agencies or any(
        delivery.agency in viewer.agencies or delivery.endpoint == viewer.id for delivery in its_deliveries
    )


def open_broker(url: str) -> Broker:
    """Return the broker that a setting names."""
    if url == "memory:":
        return MemoryBroker()
    from hub.broker.amqp import AmqpBroker

    return AmqpBroker(url)


def _passphrase(config: Config) -> bytes | None:
    """Return what opens the hub's own key, None if it is not encrypted. Raises `Misconfigured`."""
    if config.keys.passphrase_file is None:
        return None
    file = config.path(config.keys.passphrase_file)
    try:
        return file.read_bytes().split(b"\n", 1)[0].rstrip(b"\r")
    except OSError as error:
        raise Misconfigured(
            Text(
                vi=f"Không đọc được tệp mật khẩu của khóa {file}: {error.strerror}",
                en=f"The key's passphrase file {file} cannot be read: {error.strerror}",
            )
        ) from error


@contextlib.contextmanager
def only_server(config: Config) -> Iterator[None]:
    """Hold the lock of an embedded database: one server alone may deliver from it. Released even by SIGKILL."""
    if not config.embedded:
        yield
        return
    lock = Path(config.database_url.removeprefix("sqlite:///") + ".lock")
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Unavailable(
                Text(
                    vi=f"Một tiến trình edochub khác đang phục vụ {lock.stem}",
                    en=f"Another edochub process is serving {lock.stem}",
                )
            ) from error
        yield
