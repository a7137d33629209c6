"""Every string of the templates exists in both languages, and no template holds a word of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from adapters.console import rendering
from adapters.console.actions import ACTIONS
from adapters.console.words import SENTENCES, WORDS
from hub.accounts import ROLES
from schemas.text import speaking

TEMPLATES = sorted(rendering.TEMPLATES.glob("*.html"))
TAG = re.compile(r"<[^>]*>|&\w+;", re.DOTALL)
SPOKEN = re.compile(r'\b(?:aria-label|title|placeholder|alt)="([^"]*)"')
LETTERS = re.compile(r"[^\W\d_]{2,}")
# Names that are the same everywhere: languages in themselves, columns of the standard, commands.
NAMES = re.compile(
    r"Tiếng Việt|English|DocumentId|SHA-256|edochub accounts (add|set|password|remove)|--role \w+"
)
COMPUTED = (  # keys made of a value: w['outcome_' ~ …]
    *(f"outcome_{each}" for each in ("valid", "invalid", "undetermined", "absent")),
    *(f"result_{each}" for each in ("done", "already", "impossible")),
    *("taken", "waiting", "stopped", "failed"),
)


def tree(path: Path) -> nodes.Template:
    return Environment().parse(path.read_text(encoding="utf-8"))


def keys(path: Path) -> set[str]:
    """Return the words that a template asks for by name."""
    return {
        node.attr
        for node in tree(path).find_all(nodes.Getattr)
        if isinstance(node.node, nodes.Name) and node.node.name == "w"
    }


def sentences(path: Path) -> set[str]:
    """Return the sentences that a template fills in."""
    return {
        node.args[0].value
        for node in tree(path).find_all(nodes.Call)
        if isinstance(node.node, nodes.Name)
        and node.node.name == "say"
        and isinstance(node.args[0], nodes.Const)
    }


def bare_words(source: str) -> list[str]:
    """Return the words that stand in a template itself, in the text or in an attribute that people hear."""
    made = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", source, flags=re.DOTALL)
    spoken = " ".join([*SPOKEN.findall(made), TAG.sub(" ", made)])
    return LETTERS.findall(NAMES.sub(" ", spoken))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_asks_for_words_that_there_are(path: Path) -> None:
    assert keys(path) <= set(WORDS)
    assert sentences(path) <= set(SENTENCES)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_words_of_its_own(path: Path) -> None:
    assert bare_words(path.read_text(encoding="utf-8")) == []


def test_words_of_its_own_would_be_found() -> None:
    assert bare_words('<p title="Xem">{{ w.all }} Delete</p>') == ["Xem", "Delete"]


def test_no_word_is_kept_that_no_template_asks_for() -> None:
    python = "".join(path.read_text(encoding="utf-8") for path in rendering.TEMPLATES.parent.glob("*.py"))
    asked = {key for path in TEMPLATES for key in keys(path)} | set(COMPUTED)
    filled = {key for path in TEMPLATES for key in sentences(path)}

    assert {key for key in set(WORDS) - asked if f'WORDS["{key}"]' not in python} == set()
    assert {key for key in set(SENTENCES) - filled if f'say("{key}"' not in python} == set()
    assert set(COMPUTED) <= set(WORDS)


def test_the_languages_differ_wherever_there_are_words() -> None:
    same = {key for key, text in WORDS.items() if text.vi == text.en}
    assert same == set()
    assert all(action.button.vi != action.button.en for action in ACTIONS.values())
    assert all(role.vi != role.en for role in ROLES.values())


def test_a_filter_of_a_constant_is_spoken_anew_each_time() -> None:
    template = rendering._environment.from_string("{{ 'held' | state }}")
    with speaking("vi"):
        vietnamese = template.render()
    with speaking("en"):
        english = template.render()
    assert vietnamese != english


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_script_no_style_and_nothing_from_elsewhere(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:|https?://|\| *safe\b", source)
    assert source.count("<script") == (1 if path.name == "base.html" else 0)
