"""The tree of RFC 6962: the published reference tree, and the RFC's own recursive definition."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing import merkle
from signing.merkle import BadProof, Frontier

# The reference tree of certificate-transparency: eight entries, and the root after each of them.
ENTRIES = [
    bytes.fromhex(entry)
    for entry in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# Its published proofs: (entry, size) and (old size, new size).
PATHS = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
}
GROWTHS = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}

LEAVES = [merkle.leaf_hash(entry) for entry in ENTRIES]
NODES = merkle.of_leaves(LEAVES)

SIZES = st.integers(1, 130)


def some_leaves(count: int) -> list[bytes]:
    return [merkle.leaf_hash(str(number).encode()) for number in range(count)]


MANY = some_leaves(130)
OF_MANY = merkle.of_leaves(MANY)


def defined_root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + defined_root(leaves[:k]) + defined_root(leaves[k:])).digest()


def defined_path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """RFC 6962, 2.1.1, word for word."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*defined_path(m, leaves[:k]), defined_root(leaves[k:])]
    return [*defined_path(m - k, leaves[k:]), defined_root(leaves[:k])]


def defined_growth(m: int, leaves: Sequence[bytes], b: bool = True) -> list[bytes]:
    """RFC 6962, 2.1.2, word for word."""
    if m == len(leaves):
        return [] if b else [defined_root(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*defined_growth(m, leaves[:k], b), defined_root(leaves[k:])]
    return [*defined_growth(m - k, leaves[k:], False), defined_root(leaves[:k])]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_reference_tree_has_the_published_roots(size: int) -> None:
    assert merkle.root_of(LEAVES[:size]).hex() == ROOTS[size - 1]
    assert merkle.root(size, NODES).hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("which", "path"), PATHS.items())
def test_the_reference_tree_has_the_published_paths(which: tuple[int, int], path: list[str]) -> None:
    assert [hash_.hex() for hash_ in merkle.inclusion(*which, NODES)] == path


@pytest.mark.parametrize(("which", "proof"), GROWTHS.items())
def test_the_reference_tree_has_the_published_consistency_proofs(
    which: tuple[int, int], proof: list[str]
) -> None:
    assert [hash_.hex() for hash_ in merkle.consistency(*which, NODES)] == proof


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert Frontier().root() == merkle.root(0, NODES) == hashlib.sha256(b"").digest()


@given(SIZES)
def test_every_way_to_a_root_is_the_definitions(size: int) -> None:
    assert merkle.root_of(MANY[:size]) == merkle.root(size, OF_MANY) == defined_root(MANY[:size])


@given(SIZES, st.data())
def test_paths_are_the_definitions_and_lead_to_the_root(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion(index, size, OF_MANY)
    assert list(path) == defined_path(index, MANY[:size])
    merkle.check_inclusion(index, size, MANY[index], path, defined_root(MANY[:size]))


@given(SIZES, st.data())
def test_growth_proofs_are_the_definitions_and_lead_to_both_roots(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    proof = merkle.consistency(old, size, OF_MANY)
    assert list(proof) == defined_growth(old, MANY[:size])
    merkle.check_consistency(old, size, defined_root(MANY[:old]), defined_root(MANY[:size]), proof)


@given(SIZES, st.data())
def test_a_path_for_another_place_leaf_or_tree_is_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path, root = list(merkle.inclusion(index, size, OF_MANY)), merkle.root(size, OF_MANY)
    other = data.draw(st.integers(0, 200).filter(lambda number: number != index))
    wrong = [
        (index, size, merkle.leaf_hash(b"other"), path, root),
        (other, size, MANY[index], path, root),
        (index, size, MANY[index], [*path, bytes(32)], root),
        (index, size, MANY[index], path, merkle.root_of(MANY[: size - 1])),
        (index, 0, MANY[index], path, root),
    ]
    if path:
        wrong += [
            (index, size, MANY[index], path[:-1], root),
            (index, size, MANY[index], [path[0][:31], *path[1:]], root),
        ]
    for arguments in wrong:
        with pytest.raises(BadProof):
            merkle.check_inclusion(*arguments)


@given(st.integers(2, 130), st.data())
def test_a_history_that_was_altered_has_no_proof(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size - 1))
    at = data.draw(st.integers(0, old - 1))
    forged = [*MANY[:at], merkle.leaf_hash(b"forged"), *MANY[at + 1 : size]]
    proof = merkle.consistency(old, size, merkle.of_leaves(forged))
    with pytest.raises(BadProof):
        merkle.check_consistency(old, size, merkle.root(old, OF_MANY), merkle.root_of(forged), proof)


@pytest.mark.parametrize(("old", "new"), [(0, 5), (6, 5), (-1, 5)])
def test_there_is_no_proof_from_nothing_or_backwards(old: int, new: int) -> None:
    with pytest.raises(BadProof):
        merkle.consistency(old, new, NODES)
    with pytest.raises(BadProof):
        merkle.check_consistency(old, new, bytes(32), bytes(32), [bytes(32)])


def test_growth_proofs_of_the_wrong_length_are_refused() -> None:
    old_root, new_root = bytes.fromhex(ROOTS[5]), bytes.fromhex(ROOTS[7])
    proof = list(merkle.consistency(6, 8, NODES))
    for wrong in ([], proof[:-1], [*proof, bytes(32)], [proof[0] + b"x", *proof[1:]]):
        with pytest.raises(BadProof):
            merkle.check_consistency(6, 8, old_root, new_root, wrong)
    with pytest.raises(BadProof):
        merkle.check_consistency(8, 8, new_root, new_root, proof)
    with pytest.raises(BadProof):
        merkle.check_consistency(8, 8, old_root, new_root, [])


def test_an_entry_outside_has_no_path() -> None:
    with pytest.raises(BadProof):
        merkle.inclusion(8, 8, NODES)
