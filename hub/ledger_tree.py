"""Does the ledger of today have the tree that its checkpoints and its hashes, ours and the published ones, tell of?

The events are gone through once. Wherever a checkpoint claims a root, the tree so far must have it; the first that does
not tells between which two checkpoints the ledger was altered. Stored or published tiles, where there are any, name
the very event: they hold the hash that it had when it was sealed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from hub.ledger import LedgerReport, Row
from schemas.text import Text
from signing import merkle
from signing.merkle import HASH_BYTES, Frontier
from signing.tiles import BYTES, parted

Tile = Callable[[int, int], bytes | None]  # level, number -> its hashes; None: not there to look at


@dataclass(frozen=True, slots=True)
class Claim:
    """What a checkpoint says: so many events have this root. Its signature was looked at before."""

    size: int
    root: bytes


@dataclass(slots=True)
class Source:
    """Where claims come from: the database, or what was published. `name` is what people read."""

    name: Text
    claims: list[Claim]
    tile: Tile | None = None
    tiled: int = 0  # events in its tiles
    held: int = 0  # size of the last claim that held
    broken: bool = False
    _levels: dict[int, tuple[int, bytearray]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.claims = sorted(self.claims, key=lambda claim: claim.size, reverse=True)  # the next one last

    def follow(self, leaf: bytes, frontier: Frontier, report: LedgerReport) -> None:
        """Hold what this source says against the tree, which has just got this event."""
        while self.claims and self.claims[-1].size <= frontier.size:
            claim = self.claims.pop()
            if claim.size == frontier.size and frontier.root() == claim.root:
                self.held, report.held = claim.size, report.held + 1
            elif not self.broken:
                self._complain(claim, report)
        if self.tile is not None and frontier.size <= self.tiled:
            self._add(0, leaf, report)

    def finish(self, events: int, report: LedgerReport) -> None:
        """Hold what is left against the end of the ledger."""
        for level in sorted(self._levels):
            number, hashes = self._levels[level]
            if hashes:
                self._compare(level, number, bytes(hashes), report)
        beyond = max([self.tiled, *(claim.size for claim in self.claims)])
        if beyond > events:
            report.complain(
                f"{self.name.vi}: sổ đã có ít nhất {beyond} sự kiện, nay chỉ còn {events}: trong các sự kiện "
                f"{self.held + 1}–{beyond} có {beyond - events} sự kiện đã bị xóa",
                f"{self.name.en}: the ledger had at least {beyond} events, it has {events} now: of the events "
                f"{self.held + 1}–{beyond}, {beyond - events} were removed",
            )

    def _complain(self, claim: Claim, report: LedgerReport) -> None:
        self.broken = True  # all later roots cover the same events and cannot fit either
        report.complain(
            f"{self.name.vi}: mã gốc của mốc niêm phong {claim.size} không khớp: trong các sự kiện "
            f"{self.held + 1}–{claim.size} có sự kiện đã bị sửa, xóa, thêm hoặc đổi chỗ",
            f"{self.name.en}: the root of checkpoint {claim.size} does not fit: among the events "
            f"{self.held + 1}–{claim.size} one was altered, removed, added or moved",
        )

    def _add(self, level: int, hash_: bytes, report: LedgerReport) -> None:
        number, hashes = self._levels.setdefault(level, (0, bytearray()))
        hashes += hash_
        if len(hashes) == BYTES:
            self._levels[level] = (number + 1, bytearray())
            self._compare(level, number, bytes(hashes), report)
            self._add(level + 1, merkle.root_of(parted(bytes(hashes))), report)

    def _compare(self, level: int, number: int, ours: bytes, report: LedgerReport) -> None:
        assert self.tile is not None
        theirs = self.tile(level, number)
        if theirs == ours:
            return
        if theirs is None or len(theirs) != len(ours):
            report.complain(
                f"{self.name.vi}: mảnh cây băm cấp {level} số {number} bị thiếu hoặc sai độ dài",
                f"{self.name.en}: the tile {number} of level {level} is missing or has the wrong length",
            )
            return
        pairs = zip(parted(ours), parted(theirs), strict=True)
        first = number * (BYTES // HASH_BYTES)
        wrong = [first + at for at, (one, other) in enumerate(pairs) if one != other]
        if level:
            report.complain(
                f"{self.name.vi}: mảnh cây băm cấp {level} số {number} không khớp",
                f"{self.name.en}: the tile {number} of level {level} does not fit",
            )
            return
        for entry in wrong[:10]:
            report.complain(
                f"{self.name.vi}: sự kiện {entry + 1} không còn như khi được niêm phong",
                f"{self.name.en}: event {entry + 1} is not what it was when it was sealed",
            )


def watched(rows: Iterable[Row], sources: Iterable[Source], report: LedgerReport) -> Iterator[Row]:
    """Pass the events on, first to last, and hold them against every source on the way."""
    frontier, asked = Frontier(), list(sources)
    for row in rows:
        leaf = merkle.leaf_hash(row.body.encode())
        frontier.append(leaf)
        for source in asked:
            source.follow(leaf, frontier, report)
        yield row
    for source in asked:
        source.finish(frontier.size, report)
    report.root = frontier.root().hex()
