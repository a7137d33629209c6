"""Paths are what people read: names without prefixes, positions only where they are needed."""

from __future__ import annotations

from lxml import etree

from schemas.paths import line_of, local_name, path_of, place_of

TREE = etree.fromstring(b'<r xmlns:x="u">\n<x:a/>\n<x:b/><x:b><c/></x:b></r>')


def test_a_path_leaves_prefixes_out() -> None:
    assert path_of(TREE[0]) == "/r/a"
    assert local_name(TREE[0]) == "a"


def test_a_path_counts_siblings_of_the_same_name() -> None:
    assert path_of(TREE[2][0]) == "/r/b[2]/c"
    assert path_of(TREE[1]) == "/r/b[1]"


def test_a_place_is_line_and_path() -> None:
    assert place_of(TREE[0]) == (2, "/r/a") == (line_of(TREE[0]), path_of(TREE[0]))


def test_a_stranger_cannot_make_a_path_endless() -> None:
    tree = etree.fromstring(b"<" + b"a" * 10_000 + b"/>")
    assert len(path_of(tree)) == 81
