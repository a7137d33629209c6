"""docs/logs.md names every event that the program logs, with its fields, and none that it does not."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "logs.md").read_text(encoding="utf-8")
LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}
SAID = {"alert.started", "alert.ended"}  # put together in hub/running/telling.py
NAME = re.compile(r"[a-z]+\.[a-z]+(-[a-z]+)*")  # part.what-happened
FIELD = re.compile(r"[a-z]+(_[a-z]+)*")
OF_THE_LIBRARY = {"exc_info"}


def calls() -> Iterator[tuple[str, set[str]]]:
    """Yield the name and the fields of every event that is logged."""
    for floor in ("schemas", "signing", "hub", "adapters"):
        for path in sorted((ROOT / floor).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (
                    not isinstance(node, ast.Call)
                    or not isinstance(node.func, ast.Attribute)
                    or not node.args
                ):
                    continue
                logger = node.func.value
                of_a_call = isinstance(logger, ast.Call) and getattr(logger.func, "attr", "") == "get_logger"
                if node.func.attr not in LEVELS or not (of_a_call or getattr(logger, "id", "") == "log"):
                    continue
                fields = {each.arg for each in node.keywords if each.arg} - OF_THE_LIBRARY
                for each in ast.walk(node.args[0]):
                    if isinstance(each, ast.Constant) and isinstance(each.value, str):
                        yield each.value, fields


def rows() -> dict[str, str]:
    """Return the row of the page that each event stands in."""
    found = {}
    for line in PAGE.splitlines():
        if line.startswith("| `"):
            found.update(dict.fromkeys(re.findall(r"`([^`]+)`", line.split("|")[1]), line))
    return found


def test_every_event_is_on_the_page_and_no_other() -> None:
    logged = {name for name, _ in calls()} | SAID
    assert len(logged) > 80
    assert sorted(logged - set(rows())) == []
    assert sorted(set(rows()) - logged) == []


def test_every_field_is_in_the_row_of_its_event_or_means_the_same_everywhere() -> None:
    everywhere = set(
        re.findall(r"`([a-z_]+)`", PAGE.split("Những trường ở đâu cũng có cùng nghĩa")[1].split("|")[0])
    )
    for name, fields in calls():
        told = set(re.findall(r"`([a-z_]+)`", rows()[name])) | everywhere
        assert fields <= told, (name, fields - told)


def test_names_have_one_form() -> None:
    assert [name for name, _ in calls() if not NAME.fullmatch(name)] == []
    assert [name for name in rows() if not NAME.fullmatch(name)] == []
    assert [field for _, fields in calls() for field in fields if not FIELD.fullmatch(field)] == []
