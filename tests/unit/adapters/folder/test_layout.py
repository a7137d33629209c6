"""The folders below an address."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from adapters.folder.layout import FolderSettings, Layout
from hub.errors import Misconfigured, Unavailable


def test_making_it_twice_changes_nothing(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "sở" / "nội vụ")
    layout.make()
    (layout.inbox / "a.xml").write_bytes(b"<a/>")
    layout.make()
    layout.stand()
    assert (layout.inbox / "a.xml").read_bytes() == b"<a/>"
    assert sorted(path.name for path in layout.root.iterdir()) == [
        ".edochub",
        "accepted",
        "inbox",
        "outbox",
        "refused",
    ]


def test_what_is_the_hubs_own_is_nobody_elses_to_see(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "agency")
    layout.make()
    for folder in (layout.own, layout.ready, layout.journal, layout.working):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_is_missing_is_a_drive_that_is_not_mounted(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "agency")
    layout.make()
    layout.outbox.rmdir()
    with pytest.raises(Unavailable, match="outbox"):
        layout.stand()


def test_a_link_in_the_place_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "agency")
    layout.make()
    layout.outbox.rmdir()
    layout.outbox.symlink_to(tmp_path)
    with pytest.raises(Misconfigured, match="outbox"):
        layout.stand()


def test_the_pause_doubles_up_to_the_longest_and_is_as_long_as_asked_to() -> None:
    settings = FolderSettings(first_pause_seconds=1.0, longest_pause_seconds=60.0)
    assert [settings.pause_seconds(failures) for failures in (1, 2, 3, 7, 1000)] == [
        1.0,
        2.0,
        4.0,
        60.0,
        60.0,
    ]
    assert settings.pause_seconds(1, asked=30.0) == 30.0
    assert settings.pause_seconds(1, asked=9999.0) == 60.0
