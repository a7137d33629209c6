"""A Merkle tree as tiles of 256 hashes, the form in which logs are published (C2SP tlog-tiles).

The tile `number` of level 0 holds the hashes of the entries from number * 256 on; each hash of a level above is the
root over a full tile of the level below. Only the last tile of a level is not full. Entries are numbered from 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from schemas.text import Sentence, Text
from signing import merkle
from signing.merkle import HASH_BYTES

WIDTH = 256
HEIGHT = 8  # levels of the tree in one tile
BYTES = WIDTH * HASH_BYTES

TOO_SHORT = Sentence(
    vi="Mảnh cây băm cấp {level} số {number} thiếu mã băm.",
    en="The tile {number} of level {level} lacks hashes.",
)

Read = Callable[[int, int], bytes]  # level, number -> the hashes there are


class BrokenTile(Exception):
    """A tile does not hold what a tree of that size has there."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


class Tiles:
    """The nodes of a tree (`merkle.Nodes`), from its tiles. Each tile is read once."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._known: dict[tuple[int, int], bytes] = {}

    def __call__(self, level: int, index: int) -> bytes:
        """Return the hash over the `index`-th 2**level entries. Raises `BrokenTile`."""
        tiled, height = divmod(level, HEIGHT)
        number, offset = divmod(index << height, WIDTH)
        hashes = self.tile(tiled, number)[offset * HASH_BYTES : (offset + (1 << height)) * HASH_BYTES]
        if len(hashes) != HASH_BYTES << height:
            raise BrokenTile(TOO_SHORT.say(level=tiled, number=number))
        return merkle.root_of(parted(hashes))

    def tile(self, level: int, number: int) -> bytes:
        """Return the hashes of a tile, as many as there are."""
        if (level, number) not in self._known:
            self._known[level, number] = self._read(level, number)
        return self._known[level, number]

    def part(self, level: int, number: int, width: int) -> bytes:
        """Return the first `width` hashes of a tile. Raises `BrokenTile`."""
        hashes = self.tile(level, number)[: width * HASH_BYTES]
        if len(hashes) != width * HASH_BYTES:
            raise BrokenTile(TOO_SHORT.say(level=level, number=number))
        return hashes


def parted(hashes: bytes) -> Iterator[bytes]:
    """Yield each hash of a tile."""
    return (hashes[start : start + HASH_BYTES] for start in range(0, len(hashes), HASH_BYTES))


def since(old: int, new: int) -> Iterator[tuple[int, int, int]]:
    """Yield level, number and width of each tile of a tree of `new` entries that the tree of `old` had not so."""
    level, before, now = 0, old, new
    while now:
        for number in range(before // WIDTH, -(-now // WIDTH)):
            width = min(WIDTH, now - number * WIDTH)
            if before < number * WIDTH + width:
                yield level, number, width
        level, before, now = level + 1, before // WIDTH, now // WIDTH


def last_of(size: int) -> Iterator[tuple[int, int, int]]:
    """Yield level, number and width of the tiles of a tree that are not full."""
    level = 0
    while size:
        number, width = divmod(size, WIDTH)
        if width:
            yield level, number, width
        level, size = level + 1, number


def path(level: int, number: int, width: int = WIDTH) -> str:
    """Return where a tile is published: `tile/0/x001/x234/067`, and `.p/N` behind one of N hashes."""
    digits = f"{number:d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    *above, last = (digits[start : start + 3] for start in range(0, len(digits), 3))
    name = "/".join([*(f"x{part}" for part in above), last])
    return f"tile/{level}/{name}" + (f".p/{width}" if width < WIDTH else "")
