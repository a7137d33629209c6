"""The published ledger: a folder of static files that other people's tools and witnesses read (C2SP tlog-tiles).

    checkpoint                  the newest checkpoint
    checkpoints/SIZE            every checkpoint, and SIZE.tsr, the RFC 3161 answer over exactly that file
    tile/LEVEL/NUMBER[.p/W]     the tree's hashes

Hashes only, no event: events name people. Files are written whole and durably, and `checkpoint` comes last: whoever
reads it finds every hash that it needs. A writer that was interrupted goes on where it stood.

What is published already is held against the ledger first. If the ledger is not its continuation, nothing is written.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from asn1crypto import cms, tsp

from hub.durable import write_durably
from hub.errors import Misconfigured
from hub.store.checkpoints import LedgerAltered, Sealed
from schemas.text import Text
from signing import merkle, notes, tiles
from signing.notes import NUMBER, BadNote, Checkpoint, VerifierKey
from signing.tiles import WIDTH, Tiles

NEWEST = "checkpoint"
ALL = "checkpoints"
STAMP = ".tsr"
LARGEST_STAMP = 256 * 1024  # octets; real ones have five thousand


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A checkpoint as it was found. `signed` are the keys of ours, and of witnesses, whose signatures hold."""

    source: str
    note: bytes
    head: Checkpoint
    signed: tuple[notes.Signed, ...]
    stamp: bytes | None = None  # TimeStampToken


def write(folder: Path, these: Iterable[Sealed], nodes: Tiles, keys: Collection[VerifierKey]) -> int:
    """Write checkpoints and every hash that they need; return how many. Blocks.

    Raises `LedgerAltered` if the ledger does not continue what lies there, and `OSError`.
    """
    todo = sorted(these, key=lambda each: each.size)
    if not todo:
        return 0
    there = _newest_there(folder, keys)
    before = there.head.size if there else 0
    if there is not None:
        _continues(there, nodes)
    now = max(before, todo[-1].size)
    _write_tiles(folder, before, now, [each.size for each in todo], nodes)
    (folder / ALL).mkdir(parents=True, exist_ok=True)
    for each in todo:
        _put(folder / ALL / str(each.size), each.note.encode())
        if each.timestamp is not None:
            _put(folder / ALL / f"{each.size}{STAMP}", answer_of(each.timestamp))
    if todo[-1].size > before:
        write_durably(folder / NEWEST, todo[-1].note.encode())
        for level, number, width in tiles.since(before, now):
            if width == WIDTH:  # nobody needs its parts any more
                shutil.rmtree(folder / (tiles.path(level, number) + ".p"), ignore_errors=True)
    return len(todo)


def check(folder: Path, nodes: Tiles, keys: Collection[VerifierKey]) -> None:
    """Raise `LedgerAltered` unless the ledger continues what lies in the folder, if anything does."""
    there = _newest_there(folder, keys)
    if there is not None:
        _continues(there, nodes)


def read(
    path: Path, keys: Collection[VerifierKey], witnesses: Collection[VerifierKey] = ()
) -> list[Published]:
    """Return the checkpoints of a file, or of a published folder, by size.

    Raises `BadNote` for one that none of the keys signed or that a witness's signature does not fit, and
    `Misconfigured` if there is nothing to read.
    """
    files = [path]
    if path.is_dir():
        numbered = [file for file in (path / ALL).glob("*") if NUMBER.fullmatch(file.name)]
        files = sorted(numbered, key=lambda file: int(file.name))
        if (path / NEWEST).is_file():
            files.append(path / NEWEST)
    if not files or not all(file.is_file() for file in files):
        raise Misconfigured(
            Text(vi=f"Không có mốc niêm phong nào ở {path}", en=f"There is no checkpoint at {path}")
        )
    found = [_read(file, keys, witnesses) for file in files]
    return sorted(found, key=lambda each: each.head.size)


def tile_of(folder: Path, size: int, level: int, number: int) -> bytes | None:
    """Return a tile of the published tree of that size; None if the file is not there."""
    entries = size // WIDTH**level
    width = min(WIDTH, entries - number * WIDTH)
    for name in (tiles.path(level, number), tiles.path(level, number, width)):
        file = folder / name
        if width > 0 and file.is_file():
            return _beginning(file, tiles.BYTES)[: width * merkle.HASH_BYTES]
    return None


def answer_of(token: bytes) -> bytes:
    """Return a time stamp as the answer of a TSA holds it, which `openssl ts -verify -in` reads (RFC 3161, 2.4.2)."""
    status = tsp.PKIStatusInfo({"status": "granted"})
    answer = tsp.TimeStampResp({"status": status, "time_stamp_token": cms.ContentInfo.load(token)})
    octets: bytes = answer.dump()
    return octets


def token_of(answer: bytes) -> bytes | None:
    """Return the time stamp in an answer, None if it holds none."""
    try:
        token: bytes = tsp.TimeStampResp.load(answer, strict=True)["time_stamp_token"].dump()
    except (ValueError, TypeError, KeyError):
        return None
    return token or None


def _read(file: Path, keys: Collection[VerifierKey], witnesses: Collection[VerifierKey] = ()) -> Published:
    octets = _beginning(file, notes.LARGEST + 1)
    note = notes.parse(octets)
    notes.verify(note, keys)  # one of these at least; the witnesses come on top
    stamp = file.with_name(file.name + STAMP)
    return Published(
        source=str(file),
        note=octets,
        head=Checkpoint.parse(note.text),
        signed=notes.verify(note, [*keys, *witnesses]),
        stamp=token_of(_beginning(stamp, LARGEST_STAMP)) if stamp.is_file() else None,
    )


def _beginning(file: Path, most: int) -> bytes:
    with file.open("rb") as stream:
        return stream.read(most)


def _newest_there(folder: Path, keys: Collection[VerifierKey]) -> Published | None:
    file = folder / NEWEST
    if not file.is_file():
        return None
    try:
        return _read(file, keys)
    except BadNote as error:
        raise LedgerAltered(
            Text(
                vi=f"{file} không phải mốc niêm phong do sổ này ký: {error.text.vi}",
                en=f"{file} is not a checkpoint that this ledger signed: {error.text.en}",
            )
        ) from error


def _continues(there: Published, nodes: Tiles) -> None:
    size = there.head.size
    try:
        same = merkle.root(size, nodes) == there.head.root
    except tiles.BrokenTile:
        same = False
    if not same:
        raise LedgerAltered(
            Text(
                vi=f"Sổ nhật ký không còn là bản viết tiếp của mốc đã công bố ở {size} sự kiện ({there.source})",
                en=f"The ledger does not continue what was published at {size} events ({there.source})",
            )
        )


def _write_tiles(folder: Path, before: int, now: int, sizes: list[int], nodes: Tiles) -> None:
    wanted = dict.fromkeys(tiles.since(before, now))
    full = {(level, number) for level, number, width in wanted if width == WIDTH}
    for size in sizes:  # the smaller checkpoints need their own parts of tiles that are not full even now
        if size > before:
            wanted |= dict.fromkeys(part for part in tiles.last_of(size) if part[:2] not in full)
    for level, number, width in wanted:
        file = folder / tiles.path(level, number, width)
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            write_durably(file, nodes.part(level, number, width))


def _put(file: Path, content: bytes) -> None:
    """Write a file that never changes, unless it is there."""
    if not (file.is_file() and file.read_bytes() == content):
        write_durably(file, content)
