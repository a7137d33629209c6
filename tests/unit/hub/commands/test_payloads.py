"""The commands that look after the stored packages."""

from __future__ import annotations

import os
import secrets
import sqlite3
from pathlib import Path

import pytest

from hub.commands._exits import Exit
from hub.store.payloads.folder import Folder
from hub.testing import package
from tests.unit.hub.commands.door import Command


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A package that is too large for the database."""
    path = tmp_path / "large.edxml"
    noise = b"%PDF-1.7\n" + secrets.token_bytes(100_000) + b"\n%%EOF\n"
    path.write_bytes(package(sender="Z99.13", to=["Z99.61"], attachment=noise))
    return path


def test_a_damaged_package_is_named_with_whom_it_concerns(
    edochub: Command, hub_folder: Path, letter: Path, large: Path
) -> None:
    for path in (letter, large):
        edochub("send", path, "--as", "so-noi-vu")
    whole = edochub("payloads", "scrub", "--json")
    assert (whole.code, whole.json) == (Exit.YES, {"checked": 2, "damaged": []})
    (held,) = Folder(hub_folder / "payloads").held()
    (hub_folder / "payloads" / held.name).write_bytes(b"cut")
    with sqlite3.connect(hub_folder / "edochub.db") as database:
        database.execute("UPDATE payloads SET content = x'00' WHERE content IS NOT NULL")
    ran = edochub("payloads", "scrub", "--json")
    assert ran.code == Exit.NO
    assert ran.json["checked"] == len(ran.json["damaged"]) == 2
    for damage in ran.json["damaged"]:
        (message,) = damage["messages"]
        assert (message["from"], message["to"], message["open"]) == ("Z99.13", ["Z99.61"], ["Z99.61"])
    assert "Z99.61" in edochub("payloads", "scrub").out
    assert "gói tin hỏng" in edochub("payloads", "scrub", language="vi").out


def test_only_old_files_that_no_package_names_are_removed(
    edochub: Command, hub_folder: Path, large: Path
) -> None:
    edochub("send", large, "--as", "so-noi-vu")
    folder = Folder(hub_folder / "payloads")
    for content in (b"old", b"young"):
        folder.put(content, content.hex().rjust(64, "0"))
    (hub_folder / "payloads" / ".0123.tmp").write_bytes(b"half")
    (hub_folder / "payloads" / "README").write_bytes(b"an operator's own")
    for path in (hub_folder / "payloads").rglob("*"):
        if path.is_file() and path.name != folder.path(b"young".hex().rjust(64, "0")).name:
            os.utime(path, (0, 0))
    dry = edochub("payloads", "sweep", "--json")
    assert dry.code == Exit.YES
    assert (dry.json["orphans"], dry.json["unfinished"], dry.json["removed"]) == (1, 1, 0)
    assert edochub("payloads", "sweep", "--delete", "--older-than", "0.5").code == Exit.USAGE
    assert edochub("payloads", "sweep", "--delete", "--json").json["removed"] == 2
    assert edochub("payloads", "sweep", "--older-than", "0", "--json").json["orphans"] == 1
    assert "0" in edochub("payloads", "sweep", language="vi").out
    assert edochub("payloads", "scrub", "--json").json == {"checked": 1, "damaged": []}
    assert (hub_folder / "payloads" / "README").exists()
