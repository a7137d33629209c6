"""A hub of a few agencies in a folder, and the command run in this process against it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.commands import run
from hub.testing import package
from schemas.text import Language, speaking
from tests.unit.hub.commands.door import AGENCIES, Command, Ran


@pytest.fixture
def edochub(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run `edochub` with the configuration of `tmp_path/hub`, in a language."""

    def command(*arguments: str | Path, language: Language = "en") -> Ran:
        capsys.readouterr()
        with speaking(language):
            code = run(["--config", str(tmp_path / "hub" / "edochub.toml"), *map(str, arguments)])
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return command


@pytest.fixture
def hub_folder(edochub: Command, tmp_path: Path) -> Path:
    """A new hub that knows some agencies; two of them are connected."""
    folder = tmp_path / "hub"
    assert edochub("init", folder).code == 0
    agencies = tmp_path / "agencies.csv"
    agencies.write_text(AGENCIES, encoding="utf-8")
    assert edochub("agencies", "import", agencies).code == 0
    for endpoint, code in (("so-noi-vu", "Z99.13"), ("xa-binh-thu", "Z99.61")):
        assert edochub("endpoints", "add", endpoint, "--adapter", "http", "--agency", code).code == 0
    return folder


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    """A good package from the department to the commune that is connected."""
    path = tmp_path / "letter.edxml"
    path.write_bytes(package(sender="Z99.13", to=["Z99.61"]))
    return path
