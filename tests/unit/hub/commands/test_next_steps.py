"""Whoever is told no is told what to do next, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.text import LANGUAGES, Language
from tests.unit.hub.commands.door import Command


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("words", "code", "next_step"),
    [
        ("trcae x", 2, "'trace'"),
        ("endpoints lst", 2, "'list'"),
        ("trace --jso x", 2, "--json"),
        ("why", 2, "edochub why --help"),
        ("deliveries --state lost", 2, "waiting_for_retry"),
        ("inbox so-noi-vv", 1, "so-noi-vu"),
        ("endpoints show khac-han", 1, "so-noi-vu, xa-binh-thu"),
        ("endpoints add x --adapter htpp --agency Z99", 2, "http"),
        ("endpoints add x --adapter http --agency Z98", 2, "edochub agencies list"),
        ("endpoints add so-noi-vu --adapter http --agency Z99", 2, "so-noi-vu"),
        ("routes add Z98.* --endpoint xa-la", 2, "edochub endpoints add"),
        ("routes remove Z98.*", 1, "edochub trace"),
        ("trace 99/KHONG-CO", 1, "edochub trace"),
        ("rules NO-SUCH", 2, "edochub rules"),
    ],
)
def test_a_complaint_names_the_next_step(
    words: str, code: int, next_step: str, language: Language, edochub: Command, hub_folder: Path
) -> None:
    ran = edochub(*words.split(), language=language)

    assert (ran.code, next_step in ran.err) == (code, True), ran.err


def test_without_a_configuration_one_is_told_how_to_make_it(edochub: Command) -> None:
    assert "edochub init" in edochub("endpoints", "list").err
