from __future__ import annotations

import pytest

from adapters.http.language import preferred


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "vi"),
        ("", "vi"),
        ("vi", "vi"),
        ("en", "en"),
        ("en-US,en;q=0.9", "en"),
        ("vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        ("en;q=0.8, vi;q=0.9", "vi"),
        ("EN ; Q=0.9", "en"),
        ("fr, de;q=0.5", "vi"),
        ("fr, en;q=0.1", "en"),
        ("*", "vi"),
        ("*, vi;q=0.1", "en"),
        ("vi;q=0, *", "en"),
        ("vi;q=0", "vi"),
        ("vi;q=0, en;q=0", "vi"),
        ("english", "vi"),
    ],
)
def test_the_highest_weight_wins_and_vietnamese_is_the_default(header: str | None, language: str) -> None:
    assert preferred(header) == language


@pytest.mark.parametrize(
    "header", ["en;q=nan", "en;q=2", "en;q=-1", "en;q=", "en;level=1", ";;;,,,", "en" * 9_999]
)
def test_what_is_not_a_list_of_languages_is_vietnamese(header: str) -> None:
    assert preferred(header) == "vi"
