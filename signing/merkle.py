"""The Merkle tree of RFC 6962, 2.1 (RFC 9162, 2.1): roots, proofs that an entry is in it, proofs that it only grew.

    leaf = SHA-256(0x00 || entry)
    node = SHA-256(0x01 || left || right)

Everything here works on hashes. What proofs are built of is asked of a `Nodes`: the hash of the whole subtree of
2**level leaves that is the `index`-th of its kind, from a list (`of_leaves`) or from stored tiles. A proof that does
not hold raises `BadProof`; nothing returns a bare yes or no.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

from schemas.text import Sentence, Text

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

Nodes = Callable[[int, int], bytes]

NOT_IN_TREE = Sentence(
    vi="Mục số {index} không có trong cây {size} mục: chứng minh không khớp mã gốc.",
    en="Entry {index} is not in the tree of {size} entries: the proof does not lead to its root.",
)
NOT_CONSISTENT = Sentence(
    vi="Cây {new} mục không phải là cây {old} mục được viết tiếp: chứng minh không khớp mã gốc.",
    en="The tree of {new} entries does not continue the tree of {old}: the proof does not lead to their roots.",
)


class BadProof(Exception):
    """A proof does not show what it is to show. `text` says what, in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of what is above two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a tree: all that is needed to append. One hash for each bit that is set in `size`."""

    __slots__ = ("_peaks", "size")

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []  # of the largest whole subtree first

    def append(self, leaf: bytes) -> None:
        """Add the hash of an entry. Costs two hashes on average, at any size."""
        self.size += 1
        carried = self.size
        while not carried & 1:
            leaf = node_hash(self._peaks.pop(), leaf)
            carried >>= 1
        self._peaks.append(leaf)

    def root(self) -> bytes:
        """Return the hash of the whole tree."""
        if not self._peaks:
            return EMPTY_ROOT
        *rest, above = self._peaks
        for peak in reversed(rest):
            above = node_hash(peak, above)
        return above


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root over these leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def of_leaves(leaves: Sequence[bytes]) -> Nodes:
    """Return the nodes of a tree whose leaf hashes are all at hand."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        pairs = zip(below[::2], below[1::2], strict=False)  # an odd one at the end has no node above it yet
        levels.append([node_hash(left, right) for left, right in pairs])
    return lambda level, index: levels[level][index]


def root(size: int, nodes: Nodes) -> bytes:
    """Return the root of the first `size` entries."""
    return _range_hash(0, size, nodes) if size else EMPTY_ROOT


def inclusion(index: int, size: int, nodes: Nodes) -> tuple[bytes, ...]:
    """Return the audit path of the entry `index`, from 0, in the first `size` entries (RFC 6962, 2.1.1)."""
    if not 0 <= index < size:
        raise BadProof(NOT_IN_TREE.say(index=index, size=size))
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_hash(middle, end, nodes))
            end = middle
        else:
            path.append(_range_hash(start, middle, nodes))
            start = middle
    return tuple(reversed(path))


def consistency(old: int, new: int, nodes: Nodes) -> tuple[bytes, ...]:
    """Return the proof that the first `old` entries begin the first `new` (RFC 6962, 2.1.2). Needs 0 < old <= new."""
    if not 0 < old <= new:
        raise BadProof(NOT_CONSISTENT.say(old=old, new=new))
    proof: list[bytes] = []
    start, end, known = 0, new, True  # known: whoever checks has the hash of this very subtree
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(_range_hash(middle, end, nodes))
            end = middle
        else:
            proof.append(_range_hash(start, middle, nodes))
            start, known = middle, False
    if not known:
        proof.append(_range_hash(start, end, nodes))
    return tuple(reversed(proof))


def check_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> None:
    """Raise `BadProof` unless the path leads from the leaf to the root (RFC 9162, 2.1.3.2)."""
    wrong = BadProof(NOT_IN_TREE.say(index=index, size=size))
    if not 0 <= index < size:
        raise wrong
    fn, sn, above = index, size - 1, leaf
    for hash_ in path:
        if sn == 0 or len(hash_) != HASH_BYTES:
            raise wrong
        if fn & 1 or fn == sn:
            above = node_hash(hash_, above)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            above = node_hash(above, hash_)
        fn, sn = fn >> 1, sn >> 1
    if sn or above != root:
        raise wrong


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raise `BadProof` unless the proof leads to both roots (RFC 9162, 2.1.4.2)."""
    wrong = BadProof(NOT_CONSISTENT.say(old=old, new=new))
    if not 0 < old <= new:
        raise wrong
    if old == new:
        if proof or old_root != new_root:
            raise wrong
        return
    hashes = list(proof)
    if not old & (old - 1):  # a whole subtree of the new tree: its hash is the old root
        hashes.insert(0, old_root)
    if not hashes or any(len(hash_) != HASH_BYTES for hash_ in hashes):
        raise wrong
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    above_old = above_new = hashes[0]
    for hash_ in hashes[1:]:
        if sn == 0:
            raise wrong
        if fn & 1 or fn == sn:
            above_old, above_new = node_hash(hash_, above_old), node_hash(hash_, above_new)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            above_new = node_hash(above_new, hash_)
        fn, sn = fn >> 1, sn >> 1
    if sn or above_old != old_root or above_new != new_root:
        raise wrong


def _split(count: int) -> int:
    """Return the largest power of two below `count`, which is at least 2."""
    return 1 << ((count - 1).bit_length() - 1)


def _range_hash(start: int, end: int, nodes: Nodes) -> bytes:
    """Return the hash over the entries from `start` to before `end`: a subtree as RFC 6962 parts them."""
    count = end - start
    if not count & (count - 1):
        level = count.bit_length() - 1
        return nodes(level, start >> level)
    middle = start + _split(count)
    return node_hash(_range_hash(start, middle, nodes), _range_hash(middle, end, nodes))
