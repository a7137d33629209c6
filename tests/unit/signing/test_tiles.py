"""A tree as tiles: where they lie, which a tree needs, and that every node can be made of them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing import merkle, tiles
from signing.tiles import BrokenTile, Tiles


def tiles_of(leaves: Sequence[bytes]) -> dict[tuple[int, int], bytes]:
    """Return the tiles of a tree, as the specification defines them."""
    made = {}
    level, hashes = 0, list(leaves)
    while hashes:
        for number in range(-(-len(hashes) // 256)):
            made[level, number] = b"".join(hashes[number * 256 : number * 256 + 256])
        full = len(hashes) // 256
        level, hashes = (
            level + 1,
            [merkle.root_of(hashes[at * 256 : at * 256 + 256]) for at in range(full)],
        )
    return made


LEAVES = [merkle.leaf_hash(number.to_bytes(4, "big")) for number in range(70_000)]
STORED = tiles_of(LEAVES)


def stored() -> Tiles:
    return Tiles(lambda level, number: STORED.get((level, number), b""))


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ((0, 0), "tile/0/000"),
        ((0, 999, 5), "tile/0/999.p/5"),
        ((1, 1000), "tile/1/x001/000"),
        ((0, 1234067), "tile/0/x001/x234/067"),
        ((63, 1234067, 255), "tile/63/x001/x234/067.p/255"),
    ],
)
def test_a_tile_lies_where_the_specification_says(where: tuple[int, ...], expected: str) -> None:
    assert tiles.path(*where) == expected


def test_the_specifications_example_of_70_000_entries() -> None:
    wanted = list(tiles.since(0, 70_000))
    assert sum(level == 0 and width == 256 for level, _, width in wanted) == 273
    assert list(tiles.last_of(70_000)) == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    assert [each for each in wanted if each[2] < 256] == list(tiles.last_of(70_000))
    assert {each[:2] for each in wanted} == set(STORED)


def test_a_tree_of_256_has_a_full_tile_and_one_of_width_one_above() -> None:
    assert list(tiles.since(0, 256)) == [(0, 0, 256), (1, 0, 1)]


@given(st.integers(0, 1500), st.integers(0, 1500))
def test_only_what_changed_is_named(one: int, other: int) -> None:
    old, new = sorted((one, other))
    before = set(tiles.since(0, old))
    assert set(tiles.since(old, new)) == set(tiles.since(0, new)) - before


@given(st.integers(1, 70_000), st.data())
def test_proofs_from_tiles_hold(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    nodes = stored()
    root = merkle.root(size, nodes)
    merkle.check_inclusion(index, size, LEAVES[index], merkle.inclusion(index, size, nodes), root)
    proof = merkle.consistency(old, size, nodes)
    merkle.check_consistency(old, size, merkle.root(old, nodes), root, proof)


@pytest.mark.parametrize("size", [1, 255, 256, 257, 65_536, 65_537, 70_000])
def test_the_root_from_tiles_is_the_root_of_the_leaves(size: int) -> None:
    assert merkle.root(size, stored()) == merkle.root_of(LEAVES[:size])


def test_a_tile_that_is_missing_or_short_is_named() -> None:
    for hashes in (b"", bytes(31), bytes(32 * 255)):
        stored_like_this = {(0, 0): hashes}
        with pytest.raises(BrokenTile, match="0"):
            Tiles(lambda level, number, of=stored_like_this: of[level, number])(7, 1)  # type: ignore[misc]
    with pytest.raises(BrokenTile):
        stored().part(0, 273, 113)
