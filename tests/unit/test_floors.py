"""Imports only ever go down: cli > adapters > hub > signing > schemas."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

MAY_IMPORT = {
    "schemas": set[str](),
    "signing": {"schemas"},
    "hub": {"schemas", "signing"},
    "adapters": {"schemas", "signing", "hub"},
    "cli": {"hub", "schemas"},
}
OURS = set(MAY_IMPORT) | {"tests", "bench"}


def imported(source: str) -> Iterator[str]:
    """Yield the dotted name of everything that a module imports, wherever in the module it does."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            yield node.module or ""


def modules() -> list[Path]:
    """Return every module of the five floors."""
    found = [ROOT / "cli.py"]
    for floor in ("schemas", "signing", "hub", "adapters"):
        found += sorted((ROOT / floor).rglob("*.py"))
    return found


def upward(floor: str, source: str) -> list[str]:
    """Return the imports of a module that go up or sideways between floors."""
    return [
        name
        for name in imported(source)
        if (other := name.split(".")[0]) in OURS and other != floor and other not in MAY_IMPORT[floor]
    ]


@pytest.mark.parametrize("module", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_import_goes_up(module: Path) -> None:
    floor = module.relative_to(ROOT).parts[0].removesuffix(".py")
    assert upward(floor, module.read_text(encoding="utf-8")) == []


def test_the_command_line_knows_the_commands_and_the_language_only() -> None:
    ours = {name for name in imported((ROOT / "cli.py").read_text()) if name.split(".")[0] in OURS}
    assert all(name.startswith(("hub.commands", "schemas.text")) for name in ours), ours


def test_an_import_that_goes_up_would_be_found() -> None:
    assert upward("schemas", "def f():\n    from hub.model import Agency\n") == ["hub.model"]
    assert upward("hub", "import adapters.http") == ["adapters.http"]
    assert upward("hub", "import schemas.text") == []
