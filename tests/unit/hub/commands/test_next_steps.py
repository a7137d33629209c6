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
        ("routes remove Z98.*", 1, "edochub routes list"),
        ("trace 99/KHONG-CO", 1, "edochub search"),
        ("why 99/KHONG-CO", 1, "edochub search"),
        ("search --from khong-co", 1, "edochub agencies list"),
        ("deliveries --agency Z98", 1, "edochub agencies list"),
        ("resend 99/KHONG-CO --to Z99", 1, "edochub search"),
        ("take 01M7NOSUCH", 1, "edochub deliveries"),
        ("report --agency Z98", 1, "edochub agencies list"),
        ("accounts remove ai-do", 1, "edochub accounts list"),
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


def test_restoring_without_a_configuration_names_that_of_the_backup(edochub: Command, tmp_path: Path) -> None:
    backup = tmp_path / "backup" / "20261122T020000Z"
    backup.mkdir(parents=True)
    (backup / "edochub.toml").write_text("", encoding="utf-8")

    ran = edochub("restore", backup)
    assert ran.code == 2
    assert str(backup / "edochub.toml") in ran.err
    assert f"restore {backup}" in ran.err
    assert "init" not in ran.err


def test_a_folder_in_place_of_the_configuration_is_told_apart(edochub: Command, hub_folder: Path) -> None:
    ran = edochub("--config", hub_folder, "board", "--once")
    assert (ran.code, f"{hub_folder}/edochub.toml" in ran.err) == (2, True)


def test_a_database_that_is_gone_is_not_taken_for_an_empty_one(edochub: Command, hub_folder: Path) -> None:
    (hub_folder / "edochub.db").unlink()

    ran = edochub("board", "--once")
    assert (ran.code, "edochub restore" in ran.err) == (2, True)
    assert not (hub_folder / "edochub.db").exists()
