"""`docs/commands.md` tells the truth."""

from __future__ import annotations

from pathlib import Path

from hub.commands import COMMANDS
from hub.commands._exits import Exit
from hub.commands._reference import CODES, reference

DOCUMENT = Path(__file__).resolve().parents[4] / "docs" / "commands.md"


def test_the_document_is_what_the_commands_say_today() -> None:
    # Not equal? python -m hub.commands._reference > docs/commands.md
    assert DOCUMENT.read_text(encoding="utf-8") == reference()


def test_every_command_and_exit_code_is_in_it() -> None:
    made = reference()

    for name in COMMANDS:
        assert f"\n## edochub {name}\n" in made
    assert set(CODES) == {int(code) for code in Exit}
