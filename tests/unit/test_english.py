"""English says one delivery and two deliveries: no sentence has a number before a noun that has one form only."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.text import so_many

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("hub/commands", "hub/report", "hub/running")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).glob("*.py")) + sorted(
    (ROOT / "hub").glob("why*.py")
)
NOUNS = (
    "agencies",
    "addressees",
    "certificates",
    "checkpoints",
    "deliveries",
    "differences",
    "documents",
    "endpoints",
    "events",
    "files",
    "lines",
    "packages",
    "roots",
)
# What stands right after a blank: perhaps an adjective, then a noun in its plural.
AFTER = re.compile(rf"^ (?:[a-z]+ )?({'|'.join(NOUNS)})\b")
SEVERAL = frozenset({"_act_page.py", "_trust_look.py", "resend.py"})  # what they say is said of several alone


def plurals(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the words of each English sentence that says "1 deliveries"."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.keyword) or node.arg != "en":
            continue
        for part in ast.walk(node.value):
            if isinstance(part, ast.JoinedStr):
                yield from _after_blanks(part)
            elif isinstance(part, ast.Constant) and isinstance(part.value, str):
                for said in re.findall(r"\{(?:count|more|number)\}([^{]*)", part.value):
                    if AFTER.match(said):
                        yield part.lineno, said.strip()


def _after_blanks(said: ast.JoinedStr) -> Iterator[tuple[int, str]]:
    for blank, words in zip(said.values, said.values[1:], strict=False):
        if not isinstance(blank, ast.FormattedValue) or not isinstance(words, ast.Constant):
            continue
        if AFTER.match(str(words.value)):
            yield said.lineno, str(words.value).strip()


@pytest.mark.parametrize(
    "path",
    [each for each in FILES if each.name not in SEVERAL],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_sentence_says_1_deliveries(path: Path) -> None:
    assert list(plurals(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source", ['Text(vi="", en=f"{len(x)} held deliveries go")', 'Sentence(vi="", en="{count} documents")']
)
def test_it_would_be_noticed(source: str) -> None:
    assert len(list(plurals(source))) == 1


def test_a_number_has_the_form_of_its_noun() -> None:
    assert [so_many(count, "delivery waits", "deliveries wait") for count in (0, 1, 2)] == [
        "0 deliveries wait",
        "1 delivery waits",
        "2 deliveries wait",
    ]
    assert so_many(12_345, "event", "events", ",") == "12,345 events"
