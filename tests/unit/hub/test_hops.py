"""Hops as a header: what was written is read back, and what a stranger wrote does no harm."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hub.hops import LONGEST, MOST_HOPS, Hop, read, written

AT = datetime(2026, 11, 22, 1, 2, 3, 456000, tzinfo=UTC)
HOP = Hop("trục; một, hai", "01M8108973GBDXFTWH024ZJEVJ", AT)


def test_what_is_written_is_read_back_and_is_ascii() -> None:
    hops = (HOP, Hop("b", "01M810897306J4CSC9E37D3VHX", AT))
    assert written(hops).isascii()
    assert read(written(hops)) == hops


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "?",
        "a;b;c",
        "a;01M8108973GBDXFTWH024ZJEVJ;2026-11-22",
        f"%ff;01M8108973GBDXFTWH024ZJEVJ;{AT.isoformat()}",
        "x" * (LONGEST + 1),
    ],
)
def test_what_cannot_be_read_is_as_if_it_had_not_been_said(text: str | None) -> None:
    assert read(text) == ()


def test_more_than_the_limit_is_still_seen_to_be_more() -> None:
    assert len(read(written([HOP] * (MOST_HOPS + 9)))) == MOST_HOPS + 1
