"""The page for integrators names every parameter of an address, in both languages, and quotes what is really said."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.sftp import words
from adapters.sftp.address import KNOWN
from schemas.text import Sentence

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "adapters" / "sftp.md").read_text(encoding="utf-8")
HALVES = PAGE.partition("\n# Through SFTP")[::2]


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_every_parameter_is_in_both_halves(name: str) -> None:
    assert all(f"| `{name}` |" in half for half in HALVES)


@pytest.mark.parametrize(
    ("said", "vi", "en"),
    [
        (
            words.NOT_THE_SERVER,
            "khóa của máy chủ SFTP không phải khóa đã ghim",
            "key is not the one that is pinned",
        ),
        (words.MISSING, "ổ đĩa có thể chưa được gắn", "a drive may not be mounted"),
        (words.FULL, "hết chỗ chứa", "no room is left"),
    ],
)
def test_what_the_page_quotes_is_what_is_said(said: Sentence, vi: str, en: str) -> None:
    assert vi in said.vi
    assert vi in HALVES[0]
    assert en in said.en
    assert en in HALVES[1]
