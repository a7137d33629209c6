"""A new hub: everything that it needs, and nothing written over."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from hub.config import Config, load
from signing.keys import KeyFolder
from tests.unit.hub.commands.door import Command


def test_a_new_hub_has_its_configuration_database_keys_and_trust_folder(
    edochub: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "new"

    ran = edochub("init", folder)

    assert ran.code == 0
    assert load(folder / "edochub.toml") == Config(folder=folder)
    assert (folder / "edochub.db").stat().st_size > 0
    assert (folder / "trust" / "intermediates").is_dir()
    assert [key.name for key in KeyFolder(folder / "keys").list()] == ["hub"]
    assert KeyFolder(folder / "keys").load("hub", None).certificate is not None


def test_keys_are_for_the_hub_alone(edochub: Command, tmp_path: Path) -> None:
    edochub("init", tmp_path / "new")

    keys = tmp_path / "new" / "keys"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in keys.iterdir()} == {0o600}


def test_documents_are_for_the_hub_alone(edochub: Command, tmp_path: Path) -> None:
    edochub("init", tmp_path / "new")

    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "new" / "edochub.db").stat().st_mode) == 0o600


@pytest.mark.parametrize("there", ["edochub.toml", "edochub.db", "keys/master.key", "keys/hub.pem"])
def test_what_is_there_is_not_written_over(edochub: Command, tmp_path: Path, there: str) -> None:
    file = tmp_path / "old" / there
    file.parent.mkdir(parents=True)
    file.write_text("dear to somebody")

    ran = edochub("init", tmp_path / "old")

    assert ran.code == 1
    assert str(file) in ran.err
    assert file.read_text() == "dear to somebody"
    assert [path for path in (tmp_path / "old").rglob("*") if path.is_file()] == [file]
