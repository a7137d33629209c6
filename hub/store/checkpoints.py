"""The Merkle tree over the events, kept as tiles, and the checkpoints over it.

The tree is built from events that are committed already, a part at a time (`grow`), so that appending an event costs
the same with or without it. Everything here runs inside the one writer's transactions or on a reader's connection.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hub import ledger
from hub.errors import Fault
from hub.store.tables import checkpoints, events, ledger_tiles
from schemas.text import Text
from signing import merkle
from signing.merkle import HASH_BYTES
from signing.tiles import BYTES, WIDTH, Tiles, parted

CHUNK = 1_000  # checkpoints read at once: each may have a time stamp of some kilobytes


class LedgerAltered(Fault):
    """The ledger is not as it was written. Nothing is sealed before a person has looked."""

    code = "ledger.altered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A checkpoint as it is kept. `timestamp` is the DER of a TimeStampToken over the note."""

    size: int
    root: str
    at: datetime
    note: str
    timestamp: bytes | None = None
    published_at: datetime | None = None


def tiles(connection: sa.Connection) -> Tiles:
    """Return the nodes of the tree, read from its tiles as they are asked for."""
    query = sa.select(ledger_tiles.c.hashes).where(
        ledger_tiles.c.level == sa.bindparam("level"), ledger_tiles.c.number == sa.bindparam("number")
    )

    def read(level: int, number: int) -> bytes:
        found = connection.execute(query, {"level": level, "number": number}).scalar()
        return bytes(found or b"")

    return Tiles(read)


def tiled(connection: sa.Connection) -> int:
    """Return how many events are in the tree."""
    number, hashes = _last_tile(connection, 0)
    return number * WIDTH + len(hashes) // HASH_BYTES


def events_there(connection: sa.Connection) -> int:
    """Return the number of the newest event."""
    return connection.execute(sa.select(sa.func.max(events.c.seq))).scalar() or 0


def grow(connection: sa.Connection, most: int) -> int:
    """Take up to `most` more events into the tree; return how many there were. Raises `LedgerAltered`.

    Their numbers and their chain are checked: what does not continue the ledger does not get into the tree.
    """
    start = tiled(connection)
    head = ledger.GENESIS
    if start:
        last = connection.execute(
            sa.select(events.c.body, events.c.hash).where(events.c.seq == start)
        ).first()
        if last is None:
            raise missing(start)
        if _last_tile(connection, 0)[1][-HASH_BYTES:] != merkle.leaf_hash(last.body.encode()):
            raise _unchained(start)  # others were written in place of those that were sealed
        head = last.hash
    query = sa.select(events.c.seq, events.c.body, events.c.hash).where(events.c.seq > start)
    growing = _Growing(connection)
    seq = start
    for row in connection.execute(query.order_by(events.c.seq).limit(most)):
        seq += 1
        if row.seq != seq:
            raise missing(seq)
        head = ledger.chained(head, row.body)
        if row.hash != head:
            raise _unchained(seq)
        growing.add(0, merkle.leaf_hash(row.body.encode()))
    growing.store()
    return seq - start


class _Growing:
    """The tiles that change while the tree grows."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._open: dict[int, tuple[int, bytearray]] = {}  # level -> its last tile
        self._changed: dict[tuple[int, int], bytes | bytearray] = {}

    def add(self, level: int, hash_: bytes) -> None:
        """Put a hash at the end of a level; a tile that is full with it has its root put into the level above."""
        number, hashes = self._open.get(level) or self._last(level)
        hashes += hash_
        self._open[level] = (number, hashes)
        self._changed[level, number] = hashes
        if len(hashes) == BYTES:
            self._open[level] = (number + 1, bytearray())
            self.add(level + 1, merkle.root_of(parted(bytes(hashes))))

    def _last(self, level: int) -> tuple[int, bytearray]:
        number, hashes = _last_tile(self._connection, level)
        return (number + 1, bytearray()) if len(hashes) == BYTES else (number, bytearray(hashes))

    def store(self) -> None:
        """Write what has changed."""
        rows = [
            {"level": level, "number": number, "hashes": bytes(hashes)}
            for (level, number), hashes in self._changed.items()
        ]
        for row in rows:
            self._connection.execute(
                sa.delete(ledger_tiles).where(
                    ledger_tiles.c.level == row["level"], ledger_tiles.c.number == row["number"]
                )
            )
        if rows:
            self._connection.execute(sa.insert(ledger_tiles), rows)


def _last_tile(connection: sa.Connection, level: int) -> tuple[int, bytes]:
    query = sa.select(ledger_tiles.c.number, ledger_tiles.c.hashes).where(ledger_tiles.c.level == level)
    row = connection.execute(query.order_by(ledger_tiles.c.number.desc()).limit(1)).first()
    return (row.number, bytes(row.hashes)) if row else (0, b"")


def newest(connection: sa.Connection) -> Sealed | None:
    """Return the newest checkpoint."""
    row = connection.execute(sa.select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)).first()
    return _sealed(row) if row else None


def first_over(connection: sa.Connection, seq: int) -> Sealed | None:
    """Return the first checkpoint whose tree holds an event."""
    query = sa.select(checkpoints).where(checkpoints.c.size >= seq).order_by(checkpoints.c.size).limit(1)
    row = connection.execute(query).first()
    return _sealed(row) if row else None


def every(connection: sa.Connection) -> Iterator[Sealed]:
    """Yield the checkpoints by size, without holding them all in memory."""
    after = -1
    query = sa.select(checkpoints).order_by(checkpoints.c.size).limit(CHUNK)
    while True:
        chunk = [_sealed(row) for row in connection.execute(query.where(checkpoints.c.size > after))]
        yield from chunk
        if len(chunk) < CHUNK:
            return
        after = chunk[-1].size


def unpublished(connection: sa.Connection) -> list[Sealed]:
    """Return the first checkpoints that the folder of the settings has not, or not whole: at most a chunk of them."""
    query = sa.select(checkpoints).where(checkpoints.c.published_at.is_(None))
    return [_sealed(row) for row in connection.execute(query.order_by(checkpoints.c.size).limit(CHUNK))]


def insert(connection: sa.Connection, made: Sealed) -> None:
    """Keep a new checkpoint. One of that size can be kept once."""
    connection.execute(
        sa.insert(checkpoints).values(size=made.size, root=made.root, at=made.at, note=made.note)
    )


def set_timestamp(connection: sa.Connection, size: int, token: bytes) -> None:
    """Keep the time stamp of a checkpoint, and have it published again with it."""
    connection.execute(
        sa.update(checkpoints).where(checkpoints.c.size == size).values(timestamp=token, published_at=None)
    )


def set_published(connection: sa.Connection, these: list[Sealed], at: datetime) -> None:
    """Note that these checkpoints were written, unless they have got a time stamp meanwhile."""
    statement = sa.update(checkpoints).where(checkpoints.c.size == sa.bindparam("of"))
    unchanged = statement.where(checkpoints.c.timestamp.is_(None))
    for each in these:
        chosen = unchanged if each.timestamp is None else statement
        connection.execute(chosen.values(published_at=at), {"of": each.size})


def _sealed(row: sa.Row[tuple[object, ...]]) -> Sealed:
    known = row._mapping
    stamp = known["timestamp"]
    return Sealed(
        size=known["size"],
        root=known["root"],
        at=known["at"],
        note=known["note"],
        timestamp=bytes(stamp) if stamp is not None else None,
        published_at=known["published_at"],
    )


def missing(seq: int) -> LedgerAltered:
    """Return the alarm for an event that was there."""
    return LedgerAltered(
        Text(vi=f"Sự kiện {seq} đã bị xóa khỏi sổ nhật ký", en=f"Event {seq} was removed from the ledger")
    )


def _unchained(seq: int) -> LedgerAltered:
    return LedgerAltered(
        Text(
            vi=f"Sự kiện {seq} không khớp chuỗi băm của sổ nhật ký",
            en=f"Event {seq} does not fit the hash chain of the ledger",
        )
    )
