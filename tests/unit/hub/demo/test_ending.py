"""How the demo tells the reader what to type next."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.config import Config
from hub.demo import cast
from hub.demo.ending import program, shown
from hub.demo.ground import Ground
from schemas.text import speaking
from signing.keys import generate


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    stamping = generate("tsa", "TSA thử", datetime(2026, 11, 20, tzinfo=UTC))
    return Ground(Config(folder=tmp_path / "một thư mục"), cast.load(), {}, stamping)


def typed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(sys, "argv", [name, "demo"])
    monkeypatch.setenv("PATH", "/nowhere")


def test_a_path_below_where_the_reader_stands_is_shown_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(tmp_path / "demo") == "demo"
    assert shown(Path("/elsewhere/demo")) == "/elsewhere/demo"


def test_the_command_is_the_one_that_the_reader_typed(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, ".venv/bin/edochub")
    monkeypatch.chdir(ground.folder.parent)
    assert program(ground) == ".venv/bin/edochub --config 'một thư mục/edochub.toml'"


def test_a_command_that_is_on_the_path_needs_no_folder(
    ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = tmp_path / "edochub"
    command.write_text("#!/bin/sh")
    command.chmod(0o755)
    typed(monkeypatch, str(command))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert program(ground).startswith("edochub --config ")


def test_who_reads_english_gets_commands_that_answer_in_english(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "edochub")
    with speaking("en"):
        assert program(ground).startswith("edochub --lang en --config ")
