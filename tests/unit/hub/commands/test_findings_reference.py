"""`docs/findings.md` tells the truth."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
DOCUMENT = ROOT / "docs" / "findings.md"


def made() -> str:
    """Return what the program would write, asked in a process of its own: tests declare kinds too."""
    command = [sys.executable, "-m", "hub.commands._findings_reference"]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, check=True, text=True, encoding="utf-8"
    ).stdout


def test_the_document_is_what_the_program_says_today() -> None:
    # Not equal? python -m hub.commands._findings_reference > docs/findings.md
    assert DOCUMENT.read_text(encoding="utf-8") == made()


def declared() -> set[str]:
    """Return the code of every Kind that is written down anywhere in the program."""
    found = set()
    for floor in ("schemas", "signing", "hub", "adapters"):
        for path in (ROOT / floor).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Kind" and node.args:
                    first = node.args[0]
                    if isinstance(first, ast.Constant):
                        found.add(str(first.value))
    return found


def test_every_kind_of_finding_is_in_it_once() -> None:
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    codes = [line.split("`")[1] for line in lines if line.startswith("| `")]
    assert len(codes) == len(set(codes))
    assert declared() <= set(codes)
    assert "\n## Khác" not in DOCUMENT.read_text(encoding="utf-8"), "every kind belongs to a chapter"
