"""Every adapter that can be named has a page: how it is added, the exact requests, and what each error means."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub.adapter import GROUP, adapter_names

DOCS = Path(__file__).resolve().parents[3] / "docs" / "adapters"
OURS = [
    name
    for name in adapter_names()
    if (DOCS.parents[1] / "adapters" / name).with_suffix(".py").exists()
    or (DOCS.parents[1] / "adapters" / name).is_dir()
]
ERRORS = re.compile(r"^#{2,3} .*(lỗi|sự cố).*$", re.MULTILINE | re.IGNORECASE)


def test_there_are_adapters() -> None:
    assert {"http", "folder", "lgsp"} <= set(OURS), GROUP


@pytest.mark.parametrize("name", OURS)
def test_its_page_adds_it_shows_requests_and_explains_errors(name: str) -> None:
    page = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    added = re.findall(rf"edochub endpoints add [^\n]*--adapter {name}\b", page)
    heading = ERRORS.search(page)
    assert added
    assert heading is not None
    after = page[heading.end() :]
    assert len(re.findall(r"^\|(?! *-)", after, re.MULTILINE)) >= 4, "a table of errors"
    assert page.count("```") >= 2


@pytest.mark.parametrize("name", OURS)
def test_it_is_in_the_list_and_speaks_both_languages(name: str) -> None:
    assert f"[{name}]({name}.md)" in (DOCS / "README.md").read_text(encoding="utf-8")
    page = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    assert re.search(r"[ăâđêôơư]", page)
    assert re.search(r"\bThe (hub|operator|adapter|address|secret|agency)|\bthe hub", page)
