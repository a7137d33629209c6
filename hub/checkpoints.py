"""The notary: seals the ledger with signed checkpoints, has them time-stamped, and publishes them.

Of several nodes one has the duty at a time, and a dead one's falls to another (`hub.duties`). Should two seal all the
same, sealing is a unit of the one writer, so they never make two checkpoints that differ: what one has committed the
other sees, and a size is a primary key. Before a new checkpoint is signed, the last one must carry our signature and
the tree must be its continuation (`merkle.check_consistency`), and that of what the folder of the settings shows.
Otherwise somebody altered history, or put back an old database: nothing is signed, an event `hub.ledger-alarm` says
so, and so it stays until a person has looked.

Events get into the tree a few thousand at a time, each time as a unit of its own, so that a hub with a long past does
not keep senders waiting. Time stamps come later, in a task of their own: a slow authority holds nothing up. The whole
tree is covered by each stamp, so only the newest checkpoint asks for one.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Awaitable, Callable
from itertools import islice
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
import structlog

from hub import ledger_key, published
from hub.config import Config
from hub.duties import Duties
from hub.errors import Fault, HubError, Misconfigured, Unavailable
from hub.store import checkpoints as store
from hub.store.checkpoints import LedgerAltered, Sealed
from hub.store.database import Store
from hub.store.writer import Transaction
from schemas.text import Text
from signing import merkle, notes
from signing.merkle import BadProof
from signing.notes import BadNote, Checkpoint, NoteKey, VerifierKey
from signing.tiles import BrokenTile
from signing.timestamp import TimeStampAuthority
from signing.timestamp_client import HttpTimeStamper, NoTimeStamp

DUTY = "ledger.checkpoint"
GROWTH = 2_000  # events that one unit takes into the tree: some ten milliseconds

Written = TypeVar("Written")

log = structlog.get_logger()


class Notary:
    """Seals one hub's ledger. `sweep` is called every second or so and returns at once."""

    def __init__(
        self, config: Config, store: Store, node: str, stamper: TimeStampAuthority | None, duties: Duties
    ) -> None:
        self.settings = config.ledger
        self.store = store
        self.node = node
        self.stamper = stamper
        self.duties = duties
        self.origin = ledger_key.origin_of(config)
        self.key_file = config.path(config.keys.folder) / ledger_key.FILE_NAME
        self.folder = config.path(config.ledger.publish) if config.ledger.publish else None
        self.former = tuple(ledger_key.verifier("former_keys", key) for key in self.settings.former_keys)
        self.witnesses = tuple(ledger_key.verifier("witnesses", key) for key in self.settings.witnesses)
        self._key: NoteKey | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._alarmed: str | None = None
        self._closed = False

    # --- whom to believe ------------------------------------------------------------------------------------------

    def key(self) -> NoteKey | None:
        """Return the ledger's key, None if there is none yet. Raises `Misconfigured`."""
        if self._key is None and (private := ledger_key.load(self.key_file)) is not None:
            self._key = NoteKey(self.origin, private)
        return self._key

    def log_keys(self) -> tuple[VerifierKey, ...]:
        """Return the keys that sign, or signed, this ledger's checkpoints."""
        key = self.key()
        return (*((key.verifier,) if key else ()), *self.former)

    # --- sealing --------------------------------------------------------------------------------------------------

    async def sweep(self) -> None:
        """Start what is due, on one node of the installation. The first checkpoint comes after one interval."""
        if not self._closed and await self.duties.due(DUTY, self.settings.checkpoint_seconds):
            self._start("seal", self._seal_and_publish)

    async def close(self) -> None:
        """Let go of what is under way; the next start takes it up."""
        self._closed = True
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._tasks.clear()

    async def seal(self) -> Sealed | None:
        """Take all committed events into the tree and sign a checkpoint over it; return the newest one.

        Makes none, and returns the one there is, when nothing has happened since; None for an empty ledger. Raises
        `LedgerAltered`, `Misconfigured` and `Unavailable`.
        """
        there, last = await self.store.read(lambda c: (store.events_there(c), store.newest(c)))
        if last is not None and last.size == there:
            return last
        if not there:
            return None
        key = await asyncio.to_thread(self._key_for_sealing, last)
        while await self.store.write(lambda tx: _grow(tx), "grow_tree") == GROWTH:
            pass
        keys, folder = self.log_keys(), self.folder
        if folder is not None:  # a database put back from a backup may be behind what others hold already
            await self.store.read(lambda c: published.check(folder, store.tiles(c), keys))
        return await self.store.write(lambda tx: _seal(tx, key, keys), "checkpoint")

    def _key_for_sealing(self, last: Sealed | None) -> NoteKey:
        key = self.key()
        if key is None and (last is None or self._is_former(last)):
            self._key = key = NoteKey(self.origin, ledger_key.create(self.key_file))
        if key is None:
            raise Misconfigured(
                Text(
                    vi=f"Không có khóa của sổ nhật ký {self.key_file}; hãy chép lại từ bản sao lưu hoặc nút khác",
                    en=f"The ledger's key {self.key_file} is missing; copy it from a backup or from another node",
                )
            )
        return key

    def _is_former(self, last: Sealed) -> bool:
        """Tell whether the operator said that the key which signed this one is used no more."""
        try:
            checked(last, self.former)
        except BadNote:
            return False
        return True

    # --- what follows ---------------------------------------------------------------------------------------------

    async def stamp(self) -> bool:
        """Have the newest checkpoint time-stamped; tell whether that was done. Raises `NoTimeStamp`."""
        last = await self.store.read(store.newest)
        if self.stamper is None or last is None or last.timestamp is not None:
            return False
        token = await self.stamper.stamp(hashlib.sha256(last.note.encode()).digest())
        size = last.size
        await self.store.write(lambda tx: store.set_timestamp(tx.connection, size, token), "timestamp")
        return True

    async def publish(self) -> int:
        """Write what the folder of the settings lacks; return how many checkpoints. Raises `LedgerAltered`."""
        folder, keys = self.folder, self.log_keys()
        if folder is None:
            return 0

        def write(connection: sa.Connection) -> list[Sealed]:
            these = store.unpublished(connection)
            published.write(folder, these, store.tiles(connection), keys)
            return these

        count = 0
        while these := await self._written(self.store.read(write), folder):
            await self._note_published(these)
            count += len(these)
        return count

    async def _note_published(self, these: list[Sealed]) -> None:
        await self.store.write(lambda tx: store.set_published(tx.connection, these, tx.now), "published")

    async def publish_to(self, folder: Path) -> int:
        """Write every checkpoint that a folder lacks, and its hashes. Raises `LedgerAltered`."""
        keys = self.log_keys()

        def write(connection: sa.Connection) -> int:
            every = store.every(connection)
            count = 0
            while these := list(islice(every, store.CHUNK)):
                count += published.write(folder, these, store.tiles(connection), keys)
            return count

        return await self._written(self.store.read(write), folder)

    async def _written(self, work: Awaitable[Written], folder: Path) -> Written:
        try:
            return await work
        except OSError as error:
            raise Unavailable(
                Text(
                    vi=f"Không ghi được vào thư mục công bố {folder}: {error.strerror}",
                    en=f"The folder {folder} for publishing cannot be written: {error.strerror}",
                )
            ) from error

    async def _seal_and_publish(self) -> None:
        await self.seal()
        await self.publish()
        if self.stamper is not None:
            self._start("stamp", self._stamp_and_publish)

    async def _stamp_and_publish(self) -> None:
        if await self.stamp():
            await self.publish()

    # --- tasks and alarms -----------------------------------------------------------------------------------------

    def _start(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Start a task unless the last of its name is still at it."""
        running = self._tasks.get(name)
        if running is None or running.done():
            self._tasks[name] = asyncio.create_task(self._watched(name, work), name=f"ledger:{name}")

    async def _watched(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Unavailable as error:
            log.warning("ledger.unavailable", task=name, error=str(error))
        except NoTimeStamp as error:
            log.warning("ledger.no-timestamp", error=str(error))
        except Fault as error:
            log.critical("ledger.alarm", task=name, code=error.code, error=str(error))
            await self._alarm(error)
        except Exception:  # whatever it is: deliveries go on, and the next interval tries again
            log.exception("ledger.fault", task=name)
        else:
            self._alarmed = None

    async def _alarm(self, error: Fault) -> None:
        """Write the alarm down, once for each cause: it is an event too, and would call for the next checkpoint."""
        if self._alarmed == error.message.en:
            return
        self._alarmed = error.message.en
        actor, reason = f"hub:{self.node}", error.message.as_json()
        with contextlib.suppress(HubError):
            await self.store.write(
                lambda tx: tx.trace("hub.ledger-alarm", actor=actor, reason=reason), "alarm"
            )


def stamper_of(config: Config) -> TimeStampAuthority | None:
    """Return who stamps, None if the settings name nobody."""
    settings = config.timestamps
    return HttpTimeStamper(settings.urls, settings.timeout_seconds) if settings.urls else None


def _grow(tx: Transaction) -> int:
    return store.grow(tx.connection, GROWTH)


def _seal(tx: Transaction, key: NoteKey, keys: tuple[VerifierKey, ...]) -> Sealed:
    """Sign a checkpoint over the tree as it is in this transaction, if it continues the last one."""
    size, last = store.tiled(tx.connection), store.newest(tx.connection)
    if store.events_there(tx.connection) < size:
        raise store.missing(size)
    if last is not None and last.size == size:
        return last
    nodes = store.tiles(tx.connection)
    try:
        root = merkle.root(size, nodes)
        if last is not None:
            head = checked(last, keys)
            proof = merkle.consistency(head.size, size, nodes)
            merkle.check_consistency(head.size, size, head.root, root, proof)
    except (BadProof, BadNote, BrokenTile) as error:
        raise _rewritten(last.size if last else 0, error.text) from error
    note = key.sign(str(Checkpoint(key.name, size, root)))
    made = Sealed(size=size, root=root.hex(), at=tx.now, note=str(note))
    store.insert(tx.connection, made)
    log.info("ledger.sealed", size=size, root=made.root)
    return made


def checked(sealed: Sealed, keys: tuple[VerifierKey, ...]) -> Checkpoint:
    """Return the head that a stored checkpoint signs. Raises `BadNote` unless one of the keys did, and it fits."""
    note = notes.parse(sealed.note.encode())
    notes.verify(note, keys)
    head = Checkpoint.parse(note.text)
    if (head.size, head.root.hex()) != (sealed.size, sealed.root):
        raise BadNote(notes.MALFORMED.say(detail=f"{sealed.size}, {sealed.root}"))
    return head


def _rewritten(size: int, why: Text) -> LedgerAltered:
    return LedgerAltered(
        Text(
            vi=f"Sổ nhật ký không khớp mốc niêm phong ở {size} sự kiện: {why.vi}",
            en=f"The ledger does not fit its checkpoint at {size} events: {why.en}",
        )
    )
